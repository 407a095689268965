"""Who failed and came back is found as a person with both logs would find it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import albconn as ac
from albconn.analysis.joined.felt import parse_duration
from worlds.request_rows import request, requests_frame
from worlds.rows import BEGIN, Row, connection, frame_of

EXPIRED, UNTRUSTED = "ClientCertExpired", "ClientCertUntrusted"
A, B, C, D, E = (f"203.0.113.{n}" for n in range(1, 6))
CONNECTIONS = [
    # A fails three times, comes back, and asks by its second connection.
    connection(0, EXPIRED, client_ip=A),
    connection(10, UNTRUSTED, client_ip=A),
    connection(20, EXPIRED, client_ip=A),
    connection(120, client_ip=A, conn_trace_id="TID_A1", tls_protocol="TLSv1.2"),
    connection(130, client_ip=A, conn_trace_id="TID_A2"),
    # B comes back too late, C never, D before it failed.
    connection(0, EXPIRED, client_ip=B),
    connection(1801, client_ip=B, conn_trace_id="TID_B"),
    connection(0, EXPIRED, client_ip=C),
    connection(0, client_ip=D, conn_trace_id="TID_D"),
    connection(5, EXPIRED, client_ip=D),
    # E is a crawler, twice.
    connection(0, EXPIRED, client_ip=E),
    connection(1800, client_ip=E, conn_trace_id="TID_E1"),
    connection(2000, EXPIRED, client_ip=E),
    connection(2001, client_ip=E, conn_trace_id="TID_E2"),
]
REQUESTS = [
    request(140, "TID_A2", 503, request_path="/second", user_agent="curl/8"),
    request(131, "TID_A2", 200, request_path="/first"),
    request(1802, "TID_B"),
    request(1801, "TID_E1", user_agent="AhrefsBot"),
    request(1, "TID_D"),
]


def test_by_hand() -> None:
    rows = ac.felt_failures(frame_of(CONNECTIONS), requests_frame(REQUESTS))
    names = ["client_ip", "agent", "failures", "failure_reason", "seconds_to_return", "requests"]
    shown = rows[names].astype(object)
    assert shown.where(shown.notna(), None).values.tolist() == [
        [A, "user", 3, EXPIRED, 120.0, 2],
        [E, "crawler", 1, EXPIRED, 1800.0, 1],
        [E, None, 1, EXPIRED, 1.0, 0],
    ]
    first = rows.iloc[0]
    assert (first["request_path"], first["elb_status_code"]) == ("/first", 200)
    assert (first["tls_protocol"], first["back_at"]) == ("TLSv1.2", BEGIN + timedelta(seconds=120))
    assert rows.attrs == {
        "within": "0:30:00", "clients_failed": 5, "clients_back": 2, "users_back": 1,
        "clients_not_back": 3,
    }  # fmt: skip
    longer = ac.felt_failures(frame_of(CONNECTIONS), requests_frame(REQUESTS), within="31min")
    assert longer.attrs["clients_back"] == 3


def returns_of(rows: list[Row], within: int) -> list[tuple[Any, ...]]:
    """Return (client, failures, first failure, success) of each run, step by step."""
    found, running = [], {}
    for row in sorted(rows, key=lambda r: (r["timestamp"], r["outcome"] or "")):
        client = row["client_ip"]
        if row["outcome"] == "failed":
            running.setdefault(client, []).append(row["timestamp"])
        elif row["outcome"] == "success":
            run = running.pop(client, [])
            if run and row["timestamp"] - run[-1] <= timedelta(seconds=within):
                found.append((client, len(run), run[0], row["timestamp"]))
    return sorted(found)


_ROWS = st.lists(
    st.builds(
        lambda seconds, reason, client: connection(seconds, reason, client_ip=client),
        st.integers(0, 300),
        st.sampled_from([None, EXPIRED, UNTRUSTED]),
        st.sampled_from([A, B]),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=_ROWS, within=st.integers(1, 200))
def test_as_one_would_walk_through_the_log(rows: list[Row], within: int) -> None:
    found = ac.felt_failures(frame_of(rows), requests_frame([]), within=timedelta(seconds=within))
    names = ["client_ip", "failures", "first_failure", "back_at"]
    assert sorted(found[names].itertuples(index=False, name=None)) == returns_of(rows, within)


@pytest.mark.parametrize("within", ["soon", "", 5, None, "-1min", "0s", float("nan"), b"1h"])
def test_what_is_no_duration_is_said(within: Any) -> None:
    with pytest.raises(ac.TableError, match=r"within: .* is no duration; expected '30min'"):
        ac.felt_failures(frame_of([]), requests_frame([]), within=within)


def test_durations() -> None:
    assert parse_duration("within", np.timedelta64(90, "s")) == timedelta(seconds=90)
    assert parse_duration("within", pd.Timedelta("1D")) == timedelta(days=1)


def test_nothing_in_nothing_out() -> None:
    rows = ac.felt_failures(frame_of([]), requests_frame([]))
    assert len(rows) == 0
    full = ac.felt_failures(frame_of(CONNECTIONS), requests_frame(REQUESTS))
    assert list(rows.columns) == list(full.columns)
