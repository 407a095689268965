"""The answer of ``incidents``: the same columns always, whatever holds or lacks the connections."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from albconn import TableError, convert, incidents, read_connections
from albconn.analysis.outages.answer import COLUMNS, answer_of
from worlds.lines import API, SHOP, line
from worlds.rows import BEGIN, SOURCES, Row, connection, frame_of, table_of
from worlds.trees import write_log

NODE = "10.0.0.9"
STRUCK = (60, 90)  # minutes
SCANNER = "192.0.2.66"


def rows() -> list[Row]:
    """Return three hours of 40 clients on two nodes; one node fails for half an hour."""
    connections = []
    for minute in range(180):
        for n in range(8):
            node = NODE if n % 2 else "10.0.0.8"
            fails = n % 2 and STRUCK[0] <= minute < STRUCK[1]
            connections.append(
                connection(
                    minute * 60 + n,
                    "UnmappedConnectionError" if fails else None,
                    client_ip=f"203.0.{(minute * 8 + n) % 40}.7",
                    ip_address=node,
                    elb=SHOP,
                )
            )
        if minute % 3 == 0:
            connections.append(
                connection(minute * 60 + 30, "UnmappedConnectionError", client_ip=SCANNER, elb=API)
            )
    return connections


def frame() -> pd.DataFrame:
    return frame_of(rows())


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return incidents(frame())


def told(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return what is told of each incident; times as minutes."""
    return [
        (row["kind"], *((row[at] - BEGIN) / timedelta(minutes=1) for at in ("start", "end")),
         row["clients"], row["failures"], row["connections"])
        for row in table.to_dict("records")
    ]  # fmt: skip


# Of the 40 clients, the odd numbered fall on the node: 20. Four lines a minute, for 30 minutes.
EXPECTED = [("one node", 60, 90, 20, 120, 120)]


def test_the_node_is_found_with_plain_counts(found: pd.DataFrame) -> None:
    assert told(found) == EXPECTED
    assert found["value"].tolist() == [NODE]
    assert found["usual"].tolist() == [0.0]
    assert found["failure_rate"].tolist() == [1.0]


def test_notes_say_what_was_looked_at(found: pd.DataFrame) -> None:
    notes = found.attrs
    failed = [row for row in rows() if row["outcome"] == "failed"]
    scanned = [row for row in failed if row["client_ip"] == SCANNER]
    assert (notes["connections"], notes["failures"]) == (len(rows()), len(failed))
    assert notes["clients"] == len({row["client_ip"] for row in rows()})
    assert notes["failures_without_client"] == 0
    assert notes["background"] == {
        "clients": 1, "failures": len(scanned), "source": SCANNER, "source_failures": len(scanned),
    }  # fmt: skip
    stamps = [row["timestamp"] for row in rows()]
    assert [datetime.fromisoformat(notes[end]) for end in ("start", "end")] == [
        min(stamps), max(stamps)
    ]  # fmt: skip
    json.dumps(notes)


def test_clients_over_time_are_counted_once_a_bin(found: pd.DataFrame) -> None:
    over_time = found.attrs["over_time"]
    assert over_time["every"] == "5min"
    clients: dict[int, set[str]] = {n: set() for n in range(36)}
    scans = [0] * 36
    for row in rows():
        place = int((row["timestamp"] - BEGIN).total_seconds() // 300)
        if row["outcome"] == "failed" and row["client_ip"] == SCANNER:
            scans[place] += 1
        elif row["outcome"] == "failed":
            clients[place].add(row["client_ip"])
    assert over_time["clients"] == [len(clients[n]) for n in range(36)]
    assert over_time["background_failures"] == scans
    first = datetime.fromisoformat(over_time["bin_start"][0])
    assert first == datetime(2026, 9, 23, 10, tzinfo=UTC)


def test_the_columns_are_the_same_when_nothing_is_found(found: pd.DataFrame) -> None:
    for nothing in (frame().iloc[:0], frame().iloc[:1], frame_of([])):
        empty = incidents(nothing)
        assert len(empty) == 0
        assert dict(empty.dtypes) == dict(found.dtypes)
    assert list(found.columns) == list(COLUMNS)
    assert str(found["start"].dtype) == "datetime64[us, UTC]"
    assert found["going_on"].dtype == bool
    assert incidents(frame_of([])).attrs["start"] is None


def test_slow_handshakes_leave_counts_whole_numbers(found: pd.DataFrame) -> None:
    slow = answer_of([{"kind": "slow handshakes", "going_on": False, "clients": 3}])
    assert dict(slow.dtypes) == dict(found.dtypes)
    assert [slow[name].tolist() for name in ("clients", "failures", "subjects")] == [[3], [0], [0]]


@pytest.mark.parametrize("kind", SOURCES)
def test_whatever_holds_them_the_answer_is_the_same(
    kind: str, found: pd.DataFrame, tmp_path: Path
) -> None:
    again = incidents(SOURCES[kind](rows(), tmp_path))
    pd.testing.assert_frame_equal(again, found)
    assert again.attrs == found.attrs


def test_logs_and_their_dataset_answer_alike(tmp_path: Path) -> None:
    lines = [
        line(
            timestamp=f"{row['timestamp']:%Y-%m-%dT%H:%M:%S.%fZ}",
            client_ip=row["client_ip"],
            tls_verify_status="Success"
            if row["outcome"] == "success"
            else f"Failed:{row['failure_reason']}",
            ip_address=row.get("ip_address") or "10.0.0.1",
        )
        for row in rows()
    ]
    log = write_log(tmp_path / "log", lines)
    convert(log, tmp_path / "dataset")
    expected = incidents(read_connections(log))
    assert told(expected) == EXPECTED
    for source in (log, str(tmp_path / "dataset")):
        pd.testing.assert_frame_equal(incidents(source), expected)


@pytest.mark.parametrize(
    "lacking",
    ["elb", "listener_port", "tls_protocol", "tls_cipher", "tls_keyexchange",
     "tls_handshake_latency", "cert_not_after", "leaf_client_cert_subject"],
)  # fmt: skip
def test_what_a_source_may_lack(lacking: str) -> None:
    assert told(incidents(frame().drop(columns=lacking))) == EXPECTED


def test_the_fewest_columns_that_do() -> None:
    few = frame()[["timestamp", "outcome", "failure_reason", "client_ip"]]
    ((kind, start, end, clients, failures, _),) = told(incidents(few))
    assert (kind, start, end, clients, failures) == ("server-side everywhere", 60, 90, 20, 120)


def test_without_addresses_each_failure_counts_and_it_is_said() -> None:
    failures = sum(row["outcome"] == "failed" for row in rows())
    for without in (frame().drop(columns="client_ip"), frame().assign(client_ip=None)):
        found = incidents(without)
        assert told(found) == [("one node", 60, 90, 0, 120, 120)]
        assert found.attrs["failures_without_client"] == found.attrs["failures"] == failures


def test_pseudonyms_do(tmp_path: Path) -> None:
    named = frame()
    names = {address: f"{n:032x}" for n, address in enumerate(named["client_ip"].unique())}
    hidden = named.assign(client_ip=named["client_ip"].map(names))
    assert told(incidents(hidden)) == EXPECTED
    assert incidents(hidden).attrs["background"]["source"] == names[SCANNER]


def test_what_is_needed_is_named() -> None:
    with pytest.raises(TableError, match=r"no column 'timestamp'.*no column 'outcome'"):
        incidents(pa.table({"failure_reason": ["A"]}))
    naive = frame().assign(timestamp=lambda table: table["timestamp"].dt.tz_localize(None))
    with pytest.raises(TableError, match="time zone"):
        incidents(naive)


def test_the_source_is_left_as_it_was() -> None:
    given = table_of(rows())
    before = given.slice(0)
    incidents(given)
    assert given.equals(before)
