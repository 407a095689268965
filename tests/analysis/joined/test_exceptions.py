"""What a policy would cut off is counted by what is asked for, users and crawlers apart."""

from __future__ import annotations

import pandas as pd
import pytest

import albconn as ac
from worlds.request_rows import request, requests_frame
from worlds.rows import connection, frame_of

POLICY = "ELBSecurityPolicy-TLS13-1-3-2021-06"
OLD = {"tls_protocol": "TLSv1.2", "tls_cipher": "ECDHE-RSA-AES128-GCM-SHA256"}
CONNECTIONS = [
    connection(0, client_ip="203.0.113.1", conn_trace_id="TID_1"),
    connection(1, client_ip="203.0.113.2", conn_trace_id="TID_2", **OLD),
    connection(2, client_ip="203.0.113.3", conn_trace_id="TID_3", **OLD),
    connection(3, "ClientCertExpired", client_ip="203.0.113.4", conn_trace_id="TID_4"),
]
REQUESTS = [
    request(0, "TID_1"),
    request(1, "TID_2", request_host="old.example.com"),
    request(2, "TID_2", request_host="old.example.com", request_path="/b"),
    request(3, "TID_3", user_agent="AhrefsBot"),
    request(4, "TID_9"),
]
COUNTS = ["requests", "requests_breaking", "clients", "clients_breaking", "users_breaking",
          "crawlers_breaking"]  # fmt: skip


def exceptions(**options: object) -> pd.DataFrame:
    return ac.policy_exceptions(
        frame_of(CONNECTIONS), requests_frame(REQUESTS), POLICY, **options  # type: ignore[arg-type]
    )  # fmt: skip


def test_by_host() -> None:
    rows = exceptions()
    assert rows[["request_host", *COUNTS]].astype(object).values.tolist() == [
        ["old.example.com", 2, 2, 1, 1, 1, 0],
        ["www.example.com", 2, 1, 2, 1, 0, 1],
    ]
    assert rows.attrs == {"policy": POLICY, "from_policy": None}


def test_by_host_and_path() -> None:
    rows = exceptions(by=["request_host", "request_path"])
    names = ["request_host", "request_path", "requests_breaking"]
    assert rows[names].astype(object).values.tolist() == [
        ["www.example.com", "/", 1],  # of two
        ["old.example.com", "/", 1],
        ["old.example.com", "/b", 1],
    ]
    whole = exceptions(by=())
    assert whole[COUNTS].values.tolist() == [[4, 3, 3, 2, 1, 1]]


def test_verdicts_are_those_of_policy_impact() -> None:
    impact = ac.policy_impact(frame_of(CONNECTIONS), POLICY, requests=requests_frame(REQUESTS))
    by_verdict = impact.groupby("verdict", observed=True)["clients"].sum()
    assert by_verdict["breaks"] == exceptions(by=())["clients_breaking"].sum()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": "tls_protocol"}, "by: 'tls_protocol' is no column of requests"),
        ({"by": "clients"}, "by: 'clients' is a column of the answer"),
        ({"from_policy": "Nope"}, "from_policy: 'Nope'"),
    ],
)
def test_what_is_wrong_is_said(options: dict[str, object], said: str) -> None:
    with pytest.raises(ac.TableError, match=said):
        exceptions(**options)
