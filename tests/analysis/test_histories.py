"""Client histories: every state by hand, and the same as told slowly in plain Python."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings

from albconn import TableError, client_histories, convert, read_connections
from albconn.analysis.histories import STATES
from worlds.histories import (
    LISTENER,
    SPOKEN,
    by_client,
    last_tenth,
    spoken,
    state_of,
    top_reason,
    worlds,
)
from worlds.lines import API, line
from worlds.rows import BEGIN, SOURCES, Row, bare, connection, frame_of, table_of
from worlds.strategies import many_rows
from worlds.trees import write_log


def life(client: str | None, outcomes: str, begin: float = 0.0, **fields: Any) -> list[Row]:
    """Return a client's connections, a second apart: s succeeds, any other letter is a reason."""
    return [
        connection(begin + n, None if letter == "s" else letter, client_ip=client, **fields)
        for n, letter in enumerate(outcomes)
    ]


def states(rows: list[Row], **given: Any) -> dict[str, str]:
    table = client_histories(frame_of(rows), **given)
    return dict(zip(table.iloc[:, 0], table["state"], strict=True))


def told(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows with None for whatever is missing."""
    plain = table.astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ("A", "never worked"),
        ("AAAA", "never worked"),
        ("sAA", "stopped working"),
        ("sAAsAAA", "stopped working"),
        ("sAAs", "came back"),
        ("AAs", "came back"),
        ("sAAssssA", "came back"),  # a stray failure at the end is no spell
        ("sA", "working"),
        ("sAsAsA", "working"),  # failures, but never two in a row
        ("s", "working"),
    ],
)
def test_states_by_hand(outcomes: str, state: str) -> None:
    rows = [*life("10.0.0.1", outcomes), connection(1000, client_ip="10.0.0.9")]
    assert states(rows)["10.0.0.1"] == state


def test_who_is_first_seen_late_is_new() -> None:
    rows = [
        *life("10.0.0.1", "s"),
        *life("10.0.0.2", "s", 90),
        *life("10.0.0.3", "sA", 89.9),
        *life("10.0.0.4", "AsA", 95),
        *life("10.0.0.5", "AA", 95),
        *life("10.0.0.6", "s", 100),
    ]
    late = {"10.0.0.2": "new", "10.0.0.4": "new", "10.0.0.6": "new"}
    assert states(rows) == {
        "10.0.0.5": "never worked", **late, "10.0.0.1": "working", "10.0.0.3": "working",
    }  # fmt: skip
    for since in (BEGIN, BEGIN.isoformat()):
        found = states(rows, since=since)
        assert found["10.0.0.1"] == found["10.0.0.3"] == "new"
    assert "new" not in states(rows, since=BEGIN + timedelta(days=1)).values()


def test_at_one_moment_the_success_is_the_later() -> None:
    together = [
        connection(5, "A", client_ip="10.0.0.1"),
        connection(5, client_ip="10.0.0.1"),
        connection(5, "A", client_ip="10.0.0.1"),
    ]
    assert states(together) == {"10.0.0.1": "came back"}
    parted = [
        connection(4, "A", client_ip="10.0.0.1"),
        connection(4, client_ip="10.0.0.1"),
        connection(5, "A", client_ip="10.0.0.1"),
    ]
    assert states([*life("10.0.0.1", "s"), *parted]) == {"10.0.0.1": "working"}


def test_what_it_spoke_is_of_its_last_success_alone() -> None:
    rows = [
        *life("10.0.0.1", "s", 0, tls_protocol="TLSv1.2", tls_keyexchange="secp256r1"),
        *life("10.0.0.1", "s", 1, tls_protocol="TLSv1.1", tls_keyexchange=None, elb=API),
        *life("10.0.0.1", "AAB", 2, tls_protocol="TLSv1.3", listener_port=8443),
    ]
    (row,) = told(client_histories(frame_of(rows)))
    assert [row[f"last_{name}"] for name in (*SPOKEN, *LISTENER)] == [
        "TLSv1.1", "TLS_AES_128_GCM_SHA256", None, None, API, 443,
    ]  # fmt: skip
    assert [row[name] for name in ("connections", "failures", "failures_since_success")] == [
        5, 3, 3,
    ]  # fmt: skip
    at = {name: (row[name] - BEGIN).total_seconds() for name in row if name.startswith("first_")}
    assert at == {"first_success": 0, "first_failure": 2}
    assert (row["last_success"], row["last_failure"]) == (
        BEGIN + timedelta(seconds=1), BEGIN + timedelta(seconds=4),
    )  # fmt: skip
    assert row["top_reason"] == "A"


def test_order_and_notes() -> None:
    rows = [
        *life("10.0.0.1", "ssssssssss"),
        *life("10.0.0.2", "sAA"),
        *life("10.0.0.3", "AAAA"),
        *life("10.0.0.4", "sAAA"),
        *life("10.0.0.5", "AAs"),
        *life(None, "sAA"),
        bare(20, client_ip="10.0.0.6"),
    ]
    table = client_histories(frame_of(rows), since=BEGIN + timedelta(hours=1))
    assert list(table["client_ip"]) == [f"10.0.0.{n}" for n in (4, 2, 3, 5, 1)]
    assert list(table["state"].cat.categories) == list(STATES)
    assert table.attrs == {
        "by": "client_ip",
        "states": {"stopped working": 2, "never worked": 1, "came back": 1, "new": 0, "working": 1},
        "since": (BEGIN + timedelta(hours=1)).isoformat(),
        "start": BEGIN.isoformat(),
        "end": (BEGIN + timedelta(seconds=20)).isoformat(),
        "connections_without_client": 3,
    }
    json.dumps(table.attrs)


def test_a_client_is_what_it_is_said_to_be() -> None:
    rows = [
        *life("10.0.0.1", "s", 0, leaf_client_cert_subject="CN=a"),
        *life("10.0.0.2", "AA", 1, leaf_client_cert_subject="CN=b"),
        *life("54.92.36.xxx", "s", 4, leaf_client_cert_subject="CN=a"),
        *life("2001:db8::1", "s", 5),
        *life("2001:db8::2", "AA", 6),
    ]
    assert states(rows, by="client_network") == {
        "10.0.0.0/24": "stopped working",
        "2001:db8::/64": "stopped working",
        "54.92.36.xxx": "working",
    }
    assert states(rows, by="leaf_client_cert_subject") == {
        "CN=b": "never worked",
        "CN=a": "working",
    }
    frame = frame_of(rows).assign(team=pd.Series([1, 1, 1, 2, 2, None, None]))
    found = client_histories(frame, by="team")
    assert list(found.columns[:2]) == ["team", "state"]
    assert found.attrs["connections_without_client"] == 2


@pytest.mark.parametrize("by", ["client_ip", "client_network"])
@pytest.mark.parametrize("kind", SOURCES)
def test_the_same_from_everywhere(kind: str, by: str, tmp_path: Path) -> None:
    rows = [*life("10.0.0.1", "sAAs"), *life("10.0.1.2", "sABB"), *life("54.92.36.xxx", "AA")]
    expected = client_histories(frame_of(rows), by=by)
    pd.testing.assert_frame_equal(client_histories(SOURCES[kind](rows, tmp_path), by=by), expected)


def test_log_files_and_a_datasets_path(tmp_path: Path) -> None:
    lines = [
        line(BEGIN + timedelta(seconds=n), client_ip=ip, tls_verify_status=status)
        for n, (ip, status) in enumerate(
            [
                ("203.0.113.7", "Success"),
                ("203.0.113.7", "Failed:ClientCertExpired"),
                ("203.0.113.7", "Failed:ClientCertExpired"),
                ("54.92.36.xxx", "Failed:UnmappedConnectionError"),
            ]
        )
    ]
    log = write_log(tmp_path / "some.log.gz", lines)
    convert(log, tmp_path / "out")
    expected = client_histories(read_connections(log))
    assert list(expected["state"]) == ["stopped working", "never worked"]
    for source in (log, tmp_path / "out"):
        pd.testing.assert_frame_equal(client_histories(source), expected)


def test_without_the_columns_of_what_it_spoke() -> None:
    full = client_histories(frame_of(life("10.0.0.1", "sAA")))
    few = table_of(life("10.0.0.1", "sAA")).select(
        ["timestamp", "client_ip", "outcome", "failure_reason"]
    )
    table = client_histories(few)
    assert list(table.columns) == list(full.columns)
    last = [f"last_{name}" for name in (*SPOKEN, *LISTENER)]
    assert table[last].isna().all(axis=None)
    assert str(table["last_listener_port"].dtype) == "Int32"
    pd.testing.assert_frame_equal(table.drop(columns=last), full.drop(columns=last))


def test_nothing_has_the_same_columns() -> None:
    full = client_histories(frame_of(life("10.0.0.1", "sA")))
    for rows in ([], [bare()], life(None, "sA")):
        empty = client_histories(frame_of(rows))
        assert len(empty) == 0
        assert {n: str(t) for n, t in empty.dtypes.items()} == {
            n: str(t) for n, t in full.dtypes.items()
        }
        assert sum(empty.attrs["states"].values()) == 0
    nothing = client_histories(frame_of([])).attrs
    assert nothing["since"] is nothing["start"] is nothing["end"] is None


def test_a_missing_time_is_in_no_history() -> None:
    rows = [*life("10.0.0.1", "sAA"), connection(0, "B", client_ip="10.0.0.1", timestamp=None),
            connection(0, client_ip="10.0.0.2", timestamp=None)]  # fmt: skip
    (row,) = told(client_histories(table_of(rows)))
    assert (row["client_ip"], row["connections"], row["failures"]) == ("10.0.0.1", 3, 2)


def test_missing_columns_are_all_named() -> None:
    with pytest.raises(TableError, match=r"(?s)'timestamp'.*'outcome'"):
        client_histories(pa.table({"client_ip": ["10.0.0.1"], "failure_reason": ["A"]}))
    with pytest.raises(TableError, match="no column 'team'"):
        client_histories(frame_of([]), by="team")


@pytest.mark.parametrize(
    "by", ["listener_port", "timestamp", "tls_cipher", "outcome", "failure_reason", "date"]
)
def test_what_names_no_client_is_refused(by: str) -> None:
    with pytest.raises(TableError, match=f"^by: '{by}' does not say who a client is; expected"):
        client_histories(frame_of([]), by=by)


def test_a_column_of_the_answer_is_refused() -> None:
    with pytest.raises(TableError, match=r"^by: 'state' is a column of the answer already"):
        client_histories(frame_of([]), by="state")


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(TableError, match=r"^since: 2026-09-23T10:00:00 has no time zone"):
        client_histories(frame_of([]), since=datetime(2026, 9, 23, 10))  # noqa: DTZ001


def compare(rows: list[Row]) -> None:
    table = client_histories(frame_of(rows))
    since, found = last_tenth(rows), {row["client_ip"]: row for row in told(table)}
    clients = by_client(rows, "client_ip")
    assert found.keys() == clients.keys()
    for client, mine in clients.items():
        ok = [row for row in mine if row["outcome"] == "success"]
        failed = [row for row in mine if row["outcome"] == "failed"]
        last = max((row["timestamp"] for row in ok), default=None)
        row = found[client]
        assert row["state"] == state_of(mine, since)
        assert (row["connections"], row["failures"]) == (len(mine), len(failed))
        assert row["failures_since_success"] == sum(
            last is None or r["timestamp"] > last for r in failed
        )
        for name, some in (("success", ok), ("failure", failed)):
            times = [r["timestamp"] for r in some]
            assert row[f"first_{name}"] == min(times, default=None)
            assert row[f"last_{name}"] == max(times, default=None)
        assert {n: row[f"last_{n}"] for n in (*SPOKEN, *LISTENER)} == spoken(ok)
        assert row["top_reason"] == top_reason(failed)
    order = [(STATES.index(r["state"]), -r["failures"], r["client_ip"]) for r in told(table)]
    assert order == sorted(order)
    assert table.attrs["connections_without_client"] == sum(
        row["outcome"] is not None and row["client_ip"] is None for row in rows
    )


@settings(max_examples=60, deadline=None)
@given(worlds)
def test_against_plain_python(rows: list[Row]) -> None:
    compare(rows)


@settings(max_examples=20, deadline=None)
@given(many_rows)
def test_against_plain_python_on_other_worlds(rows: list[Row]) -> None:
    compare(rows)
