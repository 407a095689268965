"""Totals: every row is in one count; what is unclassified and what is not TLS."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings

from albconn import TableError, outcome_totals
from worlds.lines import API, UNMAPPED
from worlds.rows import BEGIN, Row, bare, connection, first_case, frame_of
from worlds.strategies import many_rows


def test_first_case() -> None:
    totals = outcome_totals(frame_of(first_case())).iloc[0]
    counts = ["rows", "connections", "successes", "failures", "unmapped_failures"]
    assert totals[counts].tolist() == [8, 8, 1, 7, 7]
    assert totals["failure_rate"] == 7 / 8
    assert totals["top_reason"] == UNMAPPED
    assert totals["first_timestamp"] == BEGIN - pd.Timedelta("12min")
    assert totals["last_timestamp"] == BEGIN + pd.Timedelta("34.3s")


@pytest.mark.parametrize(
    ("line", "unclassified"),
    [
        (bare(), 0),  # an HTTP listener
        (bare(listener_port=443), 1),
        (bare(listener_port=443, elb=API), 0),  # another load balancer's 443 may be anything
        (bare(listener_port=443, elb=None), 1),  # too old to say whose
        (bare(elb=None), 0),
        (bare(listener_port=None), 0),
        (bare(tls_verify_status="Postponed"), 1),  # a status, so it is TLS
    ],
)
def test_a_line_without_an_outcome(line: Row, unclassified: int) -> None:
    totals = outcome_totals(frame_of([connection(), line])).iloc[0]
    assert (totals["unclassified"], totals["not_tls"]) == (unclassified, 1 - unclassified)


def test_nothing() -> None:
    totals = outcome_totals(frame_of([]))
    assert len(totals) == 1
    assert totals.iloc[0, :7].tolist() == [0] * 7
    missing = ["failure_rate", "rate_low", "rate_high", "first_timestamp", "last_timestamp"]
    assert totals[[*missing, "top_reason"]].isna().to_numpy().all()
    full = outcome_totals(frame_of([connection()]))
    assert [str(kind) for kind in totals.dtypes] == [str(kind) for kind in full.dtypes]
    assert list(totals) == [
        "rows", "connections", "successes", "failures", "unmapped_failures", "unclassified",
        "not_tls", "failure_rate", "rate_low", "rate_high", "first_timestamp", "last_timestamp",
        "top_reason",
    ]  # fmt: skip


def test_the_columns_that_tell_are_required() -> None:
    table = frame_of(first_case()).drop(columns=["elb", "tls_verify_status"])
    with pytest.raises(TableError) as caught:
        outcome_totals(table)
    assert caught.value.problems == (
        "connections: no column 'elb'; read it too (columns=)",
        "connections: no column 'tls_verify_status'; read it too (columns=)",
    )


@settings(max_examples=30, deadline=None)
@given(many_rows)
def test_every_row_is_in_one_count(rows: list[Row]) -> None:
    known = [row for row in rows if row["outcome"]]
    whose = {(row["elb"], row["listener_port"]) for row in known}
    ports = {port for _, port in whose}
    unclassified = sum(
        row["listener_port"] in ports
        if row["elb"] is None
        else (row["elb"], row["listener_port"]) in whose
        for row in rows
        if not row["outcome"]
    )
    totals = outcome_totals(frame_of(rows)).iloc[0]
    assert totals["connections"] == len(known)
    assert totals["unclassified"] == unclassified
    assert totals["not_tls"] == len(rows) - len(known) - unclassified
    assert totals["successes"] + totals["failures"] == len(known)
