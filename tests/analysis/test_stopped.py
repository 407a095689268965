"""Who stopped working: by hand, and the same as told slowly in plain Python."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from albconn import TableError, convert, read_connections, stopped_working
from worlds.histories import LISTENER, SPOKEN, by_client, spoken, top_reason, worlds
from worlds.lines import API, SHOP, UNMAPPED, line
from worlds.rows import BEGIN, SOURCES, Row, bare, connection, frame_of, table_of
from worlds.trees import write_log

SINCE = BEGIN + timedelta(seconds=10)


def ok(client: str | None, at: float, **fields: Any) -> Row:
    return connection(at, client_ip=client, **fields)


def failed(client: str | None, at: float, reason: str = "A", **fields: Any) -> Row:
    return connection(at, reason, client_ip=client, **fields)


def told(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows with None for whatever is missing."""
    plain = table.astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def world() -> list[Row]:
    old = {"tls_protocol": "TLSv1.1", "tls_cipher": "ECDHE-RSA-AES128-SHA"}
    return [
        ok("10.0.0.1", 0, tls_protocol="TLSv1.3"),
        ok("10.0.0.1", 5, **old),
        failed("10.0.0.1", 7, "B"),
        failed("10.0.0.1", 10, UNMAPPED, tls_protocol="TLSv1.2"),
        failed("10.0.0.1", 12, UNMAPPED, tls_protocol="TLSv1.2"),
        failed("10.0.0.1", 14, "B"),
        ok("54.92.36.xxx", 9.999999, **old),
        failed("54.92.36.xxx", 11),
        ok("10.0.0.3", 1),  # falls silent
        failed("10.0.0.4", 1),
        failed("10.0.0.4", 11),  # never worked
        ok("10.0.0.5", 1),
        failed("10.0.0.5", 11),
        failed("10.0.0.5", 12),
        ok("10.0.0.5", 13),  # still works
        ok("10.0.0.6", 10),
        failed("10.0.0.6", 11),  # first succeeded at that moment
        ok(None, 1),
        failed(None, 11),
        bare(20, client_ip="10.0.0.1"),
    ]


def test_by_hand() -> None:
    table = stopped_working(frame_of(world()), since=SINCE)
    assert list(table["client_ip"]) == ["10.0.0.1", "54.92.36.xxx"]
    first, second = told(table)
    assert [first[f"last_{name}"] for name in SPOKEN] == [
        "TLSv1.1", "ECDHE-RSA-AES128-SHA", None, None,
    ]  # fmt: skip
    assert (first["elb"], first["listener_port"]) == (SHOP, 443)
    assert (first["failures"], first["top_reason"]) == (3, UNMAPPED)
    times = [first[name] for name in ("last_success", "first_failure", "last_failure")]
    assert times == [BEGIN + timedelta(seconds=n) for n in (5, 10, 14)]
    assert (second["failures"], second["top_reason"]) == (1, "A")
    assert table.attrs == {
        "by": "client_ip",
        "since": SINCE.isoformat(),
        "clients": 2,
        "failures": 4,
        "failures_of_others": 4,
        "failures_without_client": 1,
    }
    json.dumps(table.attrs)


def test_each_listener_is_told_by_the_nearest_success() -> None:
    rows = [
        ok("10.0.0.1", 1, tls_protocol="here", listener_port=443),
        ok("10.0.0.1", 2, tls_protocol="same load balancer", listener_port=8443),
        ok("10.0.0.1", 3, tls_protocol="elsewhere", elb=API),
        failed("10.0.0.1", 11, listener_port=443),
        failed("10.0.0.1", 12, listener_port=443),
        failed("10.0.0.1", 13, listener_port=9443),
        failed("10.0.0.1", 14, "B", elb="app/new/1"),
    ]
    table = stopped_working(frame_of(rows), since=SINCE)
    found = {
        (row["elb"], row["listener_port"]): (row["last_tls_protocol"], row["failures"])
        for row in told(table)
    }
    assert found == {
        (SHOP, 443): ("here", 2),
        (SHOP, 9443): ("same load balancer", 1),
        ("app/new/1", 443): ("elsewhere", 1),
    }
    assert (table.attrs["clients"], table.attrs["failures"]) == (1, 4)


def test_who_gets_through_elsewhere_has_not_stopped() -> None:
    rows = [
        ok("10.0.0.1", 1),
        failed("10.0.0.1", 11),
        ok("10.0.0.1", 12, elb=API),
    ]
    table = stopped_working(frame_of(rows), since=SINCE)
    assert len(table) == 0
    assert table.attrs["failures_of_others"] == 1
    shop = frame_of([row for row in rows if row["elb"] == SHOP])
    assert len(stopped_working(shop, since=SINCE)) == 1


@pytest.mark.parametrize("by", ["client_ip", "client_network"])
@pytest.mark.parametrize("kind", SOURCES)
def test_the_same_from_everywhere(kind: str, by: str, tmp_path: Path) -> None:
    expected = stopped_working(frame_of(world()), since=SINCE, by=by)
    assert expected.columns[0] == by
    found = stopped_working(SOURCES[kind](world(), tmp_path), since=SINCE.isoformat(), by=by)
    pd.testing.assert_frame_equal(found, expected)


def test_log_files_and_a_datasets_path(tmp_path: Path) -> None:
    lines = [
        line(BEGIN, tls_protocol="TLSv1.1"),
        line(SINCE, tls_protocol="TLSv1.2", tls_verify_status=f"Failed:{UNMAPPED}"),
    ]
    log = write_log(tmp_path / "some.log.gz", lines)
    convert(log, tmp_path / "out")
    expected = stopped_working(read_connections(log), since=SINCE)
    assert list(expected["last_tls_protocol"]) == ["TLSv1.1"]
    for source in (log, tmp_path / "out"):
        pd.testing.assert_frame_equal(stopped_working(source, since=SINCE), expected)


def test_a_network_or_a_certificate_is_a_client_too() -> None:
    rows = [
        ok("10.0.0.1", 1, leaf_client_cert_subject="CN=a"),
        failed("10.0.0.2", 11, leaf_client_cert_subject="CN=a"),
    ]
    frame = frame_of(rows)
    assert len(stopped_working(frame, since=SINCE)) == 0
    assert list(stopped_working(frame, since=SINCE, by="client_network")["client_network"]) == [
        "10.0.0.0/24"
    ]
    (row,) = told(stopped_working(frame, since=SINCE, by="leaf_client_cert_subject"))
    assert row["leaf_client_cert_subject"] == row["last_leaf_client_cert_subject"] == "CN=a"


def test_without_listeners_and_what_it_spoke() -> None:
    full = stopped_working(frame_of(world()), since=SINCE)
    few = table_of(world()).select(["timestamp", "client_ip", "outcome", "failure_reason"])
    table = stopped_working(few, since=SINCE)
    missing = [*LISTENER, *(f"last_{name}" for name in SPOKEN)]
    assert table[missing].isna().all(axis=None)
    pd.testing.assert_frame_equal(table.drop(columns=missing), full.drop(columns=missing))


def test_nothing_has_the_same_columns() -> None:
    full = stopped_working(frame_of(world()), since=SINCE)
    for rows in ([], [bare()], [ok(None, 1), failed(None, 11)]):
        empty = stopped_working(frame_of(rows), since=SINCE)
        assert len(empty) == 0
        assert {n: str(t) for n, t in empty.dtypes.items()} == {
            n: str(t) for n, t in full.dtypes.items()
        }
        assert (empty.attrs["clients"], empty.attrs["failures_of_others"]) == (0, 0)


def test_a_missing_time_is_in_no_history() -> None:
    rows = [*world(), connection(0, "B", client_ip="10.0.0.1", timestamp=None),
            connection(0, client_ip="10.0.0.1", timestamp=None)]  # fmt: skip
    expected = stopped_working(frame_of(world()), since=SINCE)
    pd.testing.assert_frame_equal(stopped_working(table_of(rows), since=SINCE), expected)


def test_what_is_wrong_is_said() -> None:
    frame, nothing = frame_of([]), None
    with pytest.raises(TableError, match=r"(?s)'timestamp'.*'outcome'"):
        stopped_working(pa.table({"client_ip": ["a"], "failure_reason": ["A"]}), since=SINCE)
    with pytest.raises(TableError, match=r"^since: None is not a datetime; give the moment"):
        stopped_working(frame, since=nothing)  # type: ignore[arg-type]
    with pytest.raises(TableError, match=r"^since: 2026-09-23T10:00:00 has no time zone"):
        stopped_working(frame, since=datetime(2026, 9, 23, 10))  # noqa: DTZ001
    with pytest.raises(TableError, match=r"^by: 'elb' is a column of the answer already"):
        stopped_working(frame, since=SINCE, by="elb")
    with pytest.raises(TableError, match=r"^by: 'tls_protocol' does not say who a client is"):
        stopped_working(frame, since=SINCE, by="tls_protocol")


def listener(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in LISTENER)


def nearest(successes: list[Row], place: tuple[Any, ...]) -> list[Row]:
    """Return the successes that tell what a client spoke: there, at the load balancer, anywhere."""
    there = [row for row in successes if listener(row) == place]
    beside = [row for row in successes if row["elb"] == place[0]]
    some = there or beside or successes
    last = max(row["timestamp"] for row in some)
    latest = [row for row in some if row["timestamp"] == last]
    first = min(latest, key=lambda row: (row["elb"] is None, row["elb"], row["listener_port"]))
    return [row for row in latest if listener(row) == listener(first)]


@settings(max_examples=60, deadline=None)
@given(worlds, st.integers(-1, 13))
def test_against_plain_python(rows: list[Row], second: int) -> None:
    since = BEGIN + timedelta(seconds=second)
    table = stopped_working(frame_of(rows), since=since)
    found = {(row["client_ip"], *listener(row)): row for row in told(table)}
    others, keys = 0, set()
    for client, mine in by_client(rows, "client_ip").items():
        successes = [row for row in mine if row["outcome"] == "success"]
        late = [r for r in mine if r["outcome"] == "failed" and r["timestamp"] >= since]
        if not successes or any(row["timestamp"] >= since for row in successes):
            others += len(late)
            continue
        for place in {listener(row) for row in late}:
            there = [row for row in late if listener(row) == place]
            keys.add((client, *place))
            row = found[client, *place]
            told_by = nearest(successes, place)
            assert row["last_success"] == told_by[0]["timestamp"]
            assert {n: row[f"last_{n}"] for n in SPOKEN} == {n: spoken(told_by)[n] for n in SPOKEN}
            assert (row["failures"], row["top_reason"]) == (len(there), top_reason(there))
            assert row["first_failure"] == min(r["timestamp"] for r in there)
            assert row["last_failure"] == max(r["timestamp"] for r in there)
    assert found.keys() == keys
    assert table.attrs["failures_of_others"] == others
    assert table["failures"].is_monotonic_decreasing
