"""Failing clients: hand counts, networks, and sums that are the whole."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from pandas.testing import assert_frame_equal

from albconn import TableError, failing_clients
from albconn.analysis.clients import Listed, list_failing
from worlds.lines import UNMAPPED
from worlds.rows import BEGIN, Row, bare, connection, first_case, frame_of
from worlds.strategies import many_rows


def many(client: str | None, successes: int, *reasons: str) -> list[Row]:
    return [
        *(connection(n, client_ip=client) for n in range(successes)),
        *(connection(60 + n, reason, client_ip=client) for n, reason in enumerate(reasons)),
    ]


def counts(clients: pd.DataFrame) -> list[list[Any]]:
    names = clients["client_ip"].astype(object).where(clients["client_ip"].notna(), None)
    return [
        [name, *row]
        for name, row in zip(
            names, clients[["connections", "failures"]].values.tolist(), strict=True
        )
    ]


def test_first_case() -> None:
    clients = failing_clients(frame_of(first_case()))
    assert counts(clients) == [["54.92.36.xxx", 7, 7], ["other", 1, 0]]
    first = clients.iloc[0]
    assert first["top_reason"] == UNMAPPED
    assert first["unmapped_failures"] == 7
    assert first["share_of_failures"] == 1.0
    assert (first["first_failure"], first["last_failure"]) == (BEGIN, BEGIN + pd.Timedelta("34.3s"))
    assert clients.iloc[1][["top_reason", "first_failure", "last_failure"]].isna().all()


def test_order_and_other() -> None:
    rows = [
        *many("10.0.0.1", 8, "A", "A"),
        *many("10.0.0.2", 0, "A", "B"),
        *many("10.0.0.3", 5),
        *many("10.0.0.4", 0, "C"),
        *many("10.0.0.5", 0, "C"),
        *many(None, 0, "A", "B", "B"),
        bare(client_ip="10.0.0.6"),
    ]
    clients = failing_clients(frame_of(rows), top=4)
    assert counts(clients) == [
        [None, 3, 3], ["10.0.0.2", 2, 2], ["10.0.0.1", 10, 2], ["10.0.0.4", 1, 1], ["other", 6, 1],
    ]  # fmt: skip
    assert clients["top_reason"].tolist() == ["B", "A", "A", "C", "C"]
    assert clients["share_of_failures"].tolist() == pytest.approx(
        [3 / 9, 2 / 9, 2 / 9, 1 / 9, 1 / 9]
    )


def test_small_clients_are_others() -> None:
    rows = [*many("10.0.0.1", 0, "A"), *many("10.0.0.2", 9, "A")]
    clients = failing_clients(frame_of(rows), min_connections=2)
    assert counts(clients) == [["10.0.0.2", 10, 1], ["other", 1, 1]]


def test_without_others_there_is_no_other() -> None:
    assert counts(failing_clients(frame_of(many("10.0.0.1", 1, "A")))) == [["10.0.0.1", 2, 1]]


def test_without_failures_everyone_is_other() -> None:
    clients = failing_clients(frame_of(many("10.0.0.1", 2)))
    assert counts(clients) == [["other", 2, 0]]
    assert clients["share_of_failures"].isna().all()


def test_columns_and_types_also_of_nothing() -> None:
    for rows in (first_case(), []):
        clients = failing_clients(frame_of(rows), ipv4_prefix=24, ipv6_prefix=64)
        assert {name: str(kind) for name, kind in clients.dtypes.items()} == {
            "client_ip": "category",
            "connections": "int64",
            "failures": "int64",
            "unmapped_failures": "int64",
            "failure_rate": "float64",
            "rate_low": "float64",
            "rate_high": "float64",
            "share_of_failures": "float64",
            "top_reason": "category",
            "first_failure": "datetime64[us, UTC]",
            "last_failure": "datetime64[us, UTC]",
        }
    assert len(clients) == 0


def test_one_family_can_stay_whole() -> None:
    rows = [
        connection(0, "A", client_ip=ip) for ip in ("10.0.0.1", "::ffff:10.0.0.2", "2001:db8::1")
    ]
    by_ipv6 = failing_clients(frame_of(rows), ipv6_prefix=32)
    assert sorted(by_ipv6["client_ip"]) == ["10.0.0.1", "2001:db8::/32", "::ffff:10.0.0.2"]
    by_ipv4 = failing_clients(frame_of(rows), ipv4_prefix=8)
    assert counts(by_ipv4) == [["10.0.0.0/8", 2, 2], ["2001:db8::1", 1, 1]]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"top": 0}, "top: 0 is no good; expected a whole number, at least 1"),
        ({"ipv4_prefix": 33}, "ipv4_prefix: 33 is no good; expected a whole number, 0 to 32"),
        ({"ipv6_prefix": -1}, "ipv6_prefix: -1 is no good; expected a whole number, 0 to 128"),
        ({"min_connections": True}, "min_connections: True is no good"),
        ({"top": 2.5}, "top: 2.5 is no good"),
    ],
)
def test_arguments_out_of_range(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(TableError, match=message):
        failing_clients(frame_of([]), **wrong)


@settings(max_examples=30, deadline=None)
@given(many_rows, st.integers(1, 4), st.integers(1, 3), st.sampled_from([(32, 128), (24, 32)]))
def test_sums_are_the_whole_and_no_better_client_is_left_out(
    rows: list[Row], top: int, least: int, prefixes: tuple[int, int]
) -> None:
    clients = failing_clients(
        frame_of(rows),
        top=top,
        min_connections=least,
        ipv4_prefix=prefixes[0],
        ipv6_prefix=prefixes[1],
    )
    known = [row for row in rows if row["outcome"]]
    assert clients["connections"].sum() == len(known)
    assert clients["failures"].sum() == sum(row["outcome"] == "failed" for row in known)
    if prefixes == (32, 128):
        all_of = Counter(row["client_ip"] for row in known)
        failed = Counter(row["client_ip"] for row in known if row["outcome"] == "failed")
        best = sorted((n for ip, n in failed.items() if all_of[ip] >= least), reverse=True)[:top]
        listed = clients[clients["client_ip"] != "other"]
        assert listed["failures"].tolist() == best
        assert counts(listed) == [[ip, all_of[ip], failed[ip]] for ip, _, _ in counts(listed)]


@settings(max_examples=10, deadline=None)
@given(many_rows)
def test_several_lists_of_one_look(rows: list[Row]) -> None:
    source = frame_of(rows)
    lists, of_each = list_failing(source, Listed(2, 24, 64), Listed(3))
    assert_frame_equal(lists[0], failing_clients(source, top=2, ipv4_prefix=24, ipv6_prefix=64))
    assert_frame_equal(lists[1], failing_clients(source, top=3))
    known = [row for row in rows if row["outcome"]]
    failed = Counter(row["client_ip"] for row in known if row["outcome"] == "failed")
    clients = {row["client_ip"] for row in known}
    assert sorted(of_each.tolist()) == sorted(failed[client] for client in clients)
