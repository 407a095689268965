"""A client's history: who is in it, what it last spoke, and the names that are refused."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings

from albconn import TableError
from albconn.analysis.counting.counts import FAILED, OUTCOME_COLUMNS, open_counting
from albconn.analysis.counting.history import (
    LISTENER,
    SPOKEN,
    SUCCEEDED,
    check_client,
    count_without_client,
    follow,
    history_frame,
    rank_of,
    spoken_at,
)
from worlds.lines import API, SHOP, UNMAPPED
from worlds.rows import Row, bare, connection, frame_of
from worlds.strategies import many_rows

NEEDED = ["timestamp", "client_ip", *OUTCOME_COLUMNS]
LASTS = (
    f"(SELECT client, max(timestamp) AS last_success FROM history WHERE {SUCCEEDED} "
    "AND client IS NOT NULL GROUP BY client)"
)


def last_spoken(rows: list[Row], *missing: str, by: str = "client_ip") -> dict[Any, tuple]:
    """Return what was logged with each client's last success."""
    table = frame_of(rows).drop(columns=list(missing))
    with open_counting(table, columns=NEEDED, optional=[*LISTENER, *SPOKEN]) as counting:
        follow(counting, by)
        columns = ", ".join(f"last_{name}" for name in (*LISTENER, *SPOKEN))
        found = counting.database.sql(
            f"SELECT client, {columns} FROM ({spoken_at(LASTS, ['client'])})"
        ).fetchall()
    assert len(found) == len({client for client, *_ in found})
    return {client: tuple(values) for client, *values in found}


def plain_last(rows: list[Row]) -> dict[str, tuple]:
    """Return the same, row by row; of one moment the first by values, missing ones last."""
    moments: dict[str, list[tuple]] = {}
    for row in rows:
        if row["outcome"] == "success" and row["client_ip"]:
            values = [row.get(name) for name in (*SPOKEN, *LISTENER)]
            key = [(value is None, value or 0) for value in values]
            moments.setdefault(row["client_ip"], []).append((row["timestamp"], key, row))
    answer = {}
    for client, found in moments.items():
        last = max(moment for moment, *_ in found)
        first = min((each for each in found if each[0] == last), key=lambda each: each[1])[2]
        answer[client] = tuple(first.get(name) for name in (*LISTENER, *SPOKEN))
    return answer


@settings(max_examples=40, deadline=None)
@given(many_rows)
def test_what_was_spoken_is_that_of_plain_python(rows: list[Row]) -> None:
    assert last_spoken(rows) == plain_last(rows)
    # Several at one moment.
    still = [row | {"timestamp": rows[0]["timestamp"]} for row in rows]
    assert last_spoken(still) == plain_last(still)
    assert last_spoken(still[::-1]) == plain_last(still)


def test_a_failure_tells_nothing() -> None:
    old = {"tls_protocol": "TLSv1", "tls_cipher": "OLD", "elb": SHOP}
    rows = [
        connection(0, **old),
        connection(9, UNMAPPED, elb=API),
        connection(5, UNMAPPED, client_ip="::1"),
    ]
    assert last_spoken(rows) == {"203.0.113.7": (SHOP, 443, "TLSv1", "OLD", None, None)}
    assert last_spoken(rows, "elb", "listener_port", "tls_cipher") == {
        "203.0.113.7": (None, None, "TLSv1", None, None, None)
    }


def test_a_network_is_a_client_too() -> None:
    rows = [connection(0), connection(1, client_ip="203.0.113.9", tls_protocol="TLSv1.2")]
    found = last_spoken(rows, by="client_network")
    assert {client: values[2] for client, values in found.items()} == {"203.0.113.0/24": "TLSv1.2"}


def test_who_has_no_client_is_counted() -> None:
    rows = [connection(0), connection(1, client_ip=None), connection(2, "A", client_ip=None),
            bare(3, client_ip=None)]  # fmt: skip
    with open_counting(frame_of(rows), columns=NEEDED) as counting:
        assert count_without_client(counting, "client_ip") == 2
        assert count_without_client(counting, "client_network") == 2
        assert count_without_client(counting, "client_ip", FAILED) == 1


def test_a_frame_of_a_query_has_the_types_of_the_table() -> None:
    with open_counting(frame_of([connection(0), connection(1, "A")]), columns=NEEDED) as counting:
        follow(counting, "client_ip")
        query = (
            "SELECT client, max(timestamp) AS last, count(*) AS connections, "
            "any_value(failure_reason) AS reason FROM history GROUP BY client"
        )
        found = history_frame(counting, query, "client_ip", ["reason", "last", "connections"])
    assert found.columns.tolist() == ["client_ip", "reason", "last", "connections"]
    assert [str(kind) for kind in found.dtypes] == [
        "category", "category", "datetime64[us, UTC]", "int64",
    ]  # fmt: skip
    assert found.iloc[0].tolist() == [
        "203.0.113.7", "A", pd.Timestamp("2026-09-23 10:00:01Z"), 2,
    ]  # fmt: skip


def test_rank_orders_by_known_texts() -> None:
    with open_counting(frame_of([connection(0)]), columns=NEEDED) as counting:
        ranks = counting.database.sql(
            f"SELECT {rank_of('x', ['b', 'its', 'a'])} FROM (VALUES ('a'), ('b'), ('c')) AS t(x)"
        ).fetchall()
    assert [rank for (rank,) in ranks] == [3, 1, None]


@pytest.mark.parametrize("by", ["client_ip", "client_network", "conn_trace_id", "tenant"])
def test_a_column_of_text_may_say_who_a_client_is(by: str) -> None:
    assert check_client(by, ["state", "last_success"]) == by


@pytest.mark.parametrize(
    ("by", "problem"),
    [
        ("state", "by: 'state' is a column of the answer already"),
        ("tls_protocol", "by: 'tls_protocol' does not say who a client is"),
        ("outcome", "by: 'outcome' does not say who a client is"),
        ("listener_port", "by: 'listener_port' does not say who a client is"),
        (7, "by:"),
    ],
)
def test_other_names_are_refused(by: Any, problem: str) -> None:
    with pytest.raises(TableError, match=f"^{problem}"):
        check_client(by, ["state"])
