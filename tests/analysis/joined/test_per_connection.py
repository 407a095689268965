"""Requests and connections joined: by hand, as pandas merges them, and as DuckDB's SQL says."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import albconn as ac
from albconn.analysis.joined.per_connection import ALONE, BOTH, STATUS
from worlds.lines import UNMAPPED, line
from worlds.request_lines import request_line
from worlds.request_rows import request, requests_frame, requests_table
from worlds.rows import BEGIN, Row, bare, connection, frame_of, table_of
from worlds.trees import ACCESS_LOG, key, packed, plant

HOUR = 3600.0
CONNECTIONS = [
    connection(0, conn_trace_id="TID_1", tls_protocol="TLSv1.3"),
    connection(1, conn_trace_id="TID_2", tls_protocol="TLSv1.2"),
    connection(2, UNMAPPED, conn_trace_id="TID_3", tls_protocol="TLSv1.2"),
    connection(3, conn_trace_id="TID_4", tls_protocol="TLSv1.2", client_ip="2001:db8::1"),
    bare(4, conn_trace_id="TID_5"),
    connection(5, conn_trace_id=None, tls_protocol="TLSv1.3"),
    connection(5 * HOUR, conn_trace_id="TID_6", tls_protocol="TLSv1.3"),
]
REQUESTS = [
    request(1, "TID_1"),
    request(2, "TID_1", 502, request_host="api.example.com"),
    request(3, "TID_1", 404),
    request(4, "TID_2", 301),
    request(5, "TID_5", 200, type="http", ssl_protocol=None),
    request(-60, "TID_0"),  # of a connection from before the log
    request(4 * HOUR, "TID_9"),  # of one that is missing
    request(4 * HOUR, None, 460),
    request(5.5 * HOUR, "TID_2", 101),
]


def counts_of(rows: pd.DataFrame, *names: str) -> list[tuple[Any, ...]]:
    shown = rows[list(names)].astype(object)
    return list(shown.where(shown.notna(), None).itertuples(index=False, name=None))


def test_by_hand() -> None:
    rows = ac.requests_per_connection(frame_of(CONNECTIONS), requests_frame(REQUESTS))
    names = ("half", "connections", "failures", "with_requests", "requests", "most_requests")
    assert counts_of(rows, *names) == [(BOTH, 7, 1, 3, 6, 3), (ALONE, 0, 0, 0, 3, 0)]
    assert counts_of(rows, *STATUS) == [(2, 1, 1, 1, 1), (2, 0, 1, 0, 0)]
    assert rows["requests_per_connection"].tolist()[0] == pytest.approx(6 / 7)
    assert rows.attrs == {
        "connections": 7,
        "requests": 9,
        "without_requests": 3,  # TID_4, the one without an id, TID_6
        "awaiting_requests": 1,  # TID_6
        "connections_without_trace_id": 1,
        "requests_alone": 3,
        "of_earlier_connections": 1,
        "requests_without_trace_id": 1,
        "counted_twice": 0,
    }


def test_by_columns_of_both() -> None:
    rows = ac.requests_per_connection(
        frame_of(CONNECTIONS), requests_frame(REQUESTS), by=["tls_protocol", "request_host"]
    )
    names = ("half", "tls_protocol", "request_host", "connections", "requests")
    www, api = "www.example.com", "api.example.com"
    assert counts_of(rows, *names) == [
        (BOTH, "TLSv1.2", www, 1, 2),
        (BOTH, "TLSv1.2", None, 1, 0),
        (BOTH, "TLSv1.3", api, 1, 1),
        (BOTH, "TLSv1.3", www, 1, 2),
        (BOTH, "TLSv1.3", None, 2, 0),
        (BOTH, None, www, 1, 1),  # plain HTTP
        (BOTH, None, None, 1, 0),  # unmapped: TLSv1.2 is not the client's
        (ALONE, None, www, 0, 3),
    ]


def test_by_network_certificate_and_group() -> None:
    rows = ac.requests_per_connection(
        frame_of(CONNECTIONS), requests_frame(REQUESTS), by="client_network"
    )
    assert counts_of(rows, "client_network", "connections", "requests") == [
        ("2001:db8::/64", 1, 0), ("203.0.113.0/24", 6, 6), (None, 0, 3),
    ]  # fmt: skip
    for name in ("leaf_client_cert_subject", "tls_keyexchange", "date", "user_agent"):
        split = ac.requests_per_connection(frame_of(CONNECTIONS), requests_frame(REQUESTS), by=name)
        assert split["requests"].sum() == 9


def test_a_trace_id_of_several_connections_is_told() -> None:
    twice = [*CONNECTIONS, connection(9, conn_trace_id="TID_1")]
    rows = ac.requests_per_connection(frame_of(twice), requests_frame(REQUESTS))
    assert rows.attrs["counted_twice"] == 3
    assert rows["requests"].sum() - rows.attrs["counted_twice"] == 9


@pytest.mark.parametrize("nothing", ["connections", "requests", "both"])
def test_where_a_log_is_empty(nothing: str) -> None:
    ours = [] if nothing != "requests" else CONNECTIONS
    theirs = [] if nothing != "connections" else REQUESTS
    rows = ac.requests_per_connection(frame_of(ours), requests_frame(theirs), by="tls_protocol")
    assert rows["connections"].sum() == len(ours)
    assert rows["requests"].sum() == len(theirs)
    full = ac.requests_per_connection(
        frame_of(CONNECTIONS), requests_frame(REQUESTS), by="tls_protocol"
    )
    assert list(rows.columns) == list(full.columns)


_TRACES = st.sampled_from(["TID_1", "TID_2", "TID_3", "TID_4", None])
_CONNECTIONS = st.lists(
    st.builds(
        lambda seconds, reason, trace, protocol: connection(
            seconds, reason, conn_trace_id=trace, tls_protocol=protocol
        ),
        st.integers(0, 30_000),
        st.sampled_from([None, None, UNMAPPED, "ClientCertExpired"]),
        _TRACES,
        st.sampled_from(["TLSv1.2", "TLSv1.3", None]),
    ),
    max_size=8,
    unique_by=lambda row: row["conn_trace_id"] or id(row),
)
_REQUESTS = st.lists(
    st.builds(
        lambda seconds, trace, status, host: request(seconds, trace, status, request_host=host),
        st.integers(-4_000, 40_000),
        _TRACES,
        st.sampled_from([200, 204, 301, 404, 502, 101, 600]),
        st.sampled_from(["a", "b", None]),
    ),
    max_size=12,
)
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(connections=_CONNECTIONS, requests=_REQUESTS)
def test_as_pandas_merges(connections: list[Row], requests: list[Row]) -> None:
    ours = pd.DataFrame(
        [[r["conn_trace_id"], r["failure_reason"], r["tls_protocol"], n]
         for n, r in enumerate(connections)],
        columns=["trace", "reason", "protocol", "place"],
    )  # fmt: skip
    ours["protocol"] = ours["protocol"].where(ours["reason"] != UNMAPPED, None)
    theirs = pd.DataFrame({"trace": [r["conn_trace_id"] for r in requests]}, dtype=object)
    # pandas joins missing ids to each other; a log does not.
    merged = ours.merge(theirs[theirs["trace"].notna()].assign(n=1), how="left", on="trace")
    expected = merged.fillna({"protocol": "-"}).groupby("protocol").agg(
        connections=("place", "nunique"), requests=("n", "sum")
    )  # fmt: skip
    rows = ac.requests_per_connection(
        frame_of(connections), requests_frame(requests), by="tls_protocol"
    )
    both = rows[rows["half"] == BOTH]
    protocols = both["tls_protocol"].astype(object).fillna("-").tolist()
    found = zip(both["connections"].tolist(), both["requests"].tolist(), strict=True)
    wanted = zip(expected["connections"].tolist(), expected["requests"].tolist(), strict=True)
    assert dict(zip(protocols, found, strict=True)) == dict(
        zip(expected.index.tolist(), wanted, strict=True)
    )
    matched = int(merged["n"].sum())
    assert rows.attrs["requests_alone"] == len(requests) - matched
    assert rows["connections"].sum() == len(connections)


@quick
@given(connections=_CONNECTIONS, requests=_REQUESTS)
def test_as_plain_sql_says(connections: list[Row], requests: list[Row]) -> None:
    database = duckdb.connect()
    database.register("c", table_of(connections))
    database.register("r", requests_table(requests))
    expected = database.execute(
        "SELECT request_host, count(DISTINCT c.conn_trace_id), count(*), "
        "count(*) FILTER (elb_status_code // 100 = 5) FROM c JOIN r USING (conn_trace_id) "
        "GROUP BY ALL"
    ).fetchall()
    rows = ac.requests_per_connection(
        table_of(connections), requests_table(requests), by="request_host"
    )
    found = rows[(rows["half"] == BOTH) & (rows["requests"] > 0)]
    names = ("request_host", "with_requests", "requests", "status_5xx")
    assert sorted(counts_of(found, *names), key=str) == sorted(expected, key=str)


def test_whatever_holds_them(tmp_path: Path) -> None:
    """Log files, one dataset of both, Arrow, and what was opened: the same answer."""
    end = BEGIN + timedelta(minutes=5)
    lines = [line(BEGIN + timedelta(seconds=n), conn_trace_id=f"TID_{n}") for n in range(4)]
    asked = [
        request_line(BEGIN + timedelta(seconds=n), conn_trace_id=f"TID_{n // 2}") for n in range(6)
    ]
    logs = plant(
        tmp_path / "logs",
        {key(end): packed(lines), key(end, begins=ACCESS_LOG): packed(asked)},
    )
    ac.convert(logs, tmp_path / "dataset")
    ac.convert(logs, tmp_path / "dataset", table="requests")
    expected = ac.requests_per_connection(ac.read_connections(logs), ac.read_requests(logs))
    assert counts_of(expected, "connections", "with_requests", "requests") == [(4, 3, 6)]
    dataset = tmp_path / "dataset"
    with ac.open_connections(dataset) as connections, ac.open_requests(dataset) as requests:
        for ours, theirs in (
            (logs, logs), (dataset, dataset), (connections, requests), (logs, dataset),
            (ac.open_dataset(dataset), ac.open_dataset(dataset, table="requests")),
        ):  # fmt: skip
            found = ac.requests_per_connection(ours, theirs)
            pd.testing.assert_frame_equal(found, expected)
            assert found.attrs == expected.attrs
        with pytest.raises(ac.TableError, match="requests: connections were opened; give what op"):
            ac.requests_per_connection(connections, connections)
    until = (BEGIN + timedelta(seconds=2)).isoformat()
    with ac.open_requests(dataset, end=until) as early:
        assert ac.requests_per_connection(dataset, early).attrs["requests"] == 2
    assert gzip.decompress((logs / key(end)).read_bytes()).count(b"\n") == 4


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("nothing", "by: 'nothing' is no column of connections or requests"),
        ("requests", "by: 'requests' is a column of the answer already"),
        (["elb", "elb"], "by: 'elb' is named twice"),
    ],
)
def test_what_cannot_split_is_said(by: Any, said: str) -> None:
    with pytest.raises(ac.TableError, match=said):
        ac.requests_per_connection(frame_of([]), requests_frame([]), by=by)


def test_missing_columns_are_named() -> None:
    with pytest.raises(ac.TableError, match="requests: no column 'status_class'; read it too"):
        ac.requests_per_connection(frame_of([]), requests_frame([]).drop(columns=["status_class"]))
