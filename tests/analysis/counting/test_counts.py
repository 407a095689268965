"""The rules of counting, each for itself."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from albconn.analysis.counting.counts import (
    LISTENER_COLUMNS,
    Bare,
    Counting,
    Listeners,
    Uncounted,
    classify,
    open_counting,
)
from worlds.lines import API, SHOP
from worlds.rows import (
    BEGIN,
    SOURCES,
    Row,
    bare,
    connection,
    frame_of,
)


@pytest.mark.parametrize("kind", SOURCES)
def test_a_time_range_is_half_open(kind: str, tmp_path: Path) -> None:
    rows = [connection(n) for n in range(10)]
    source = SOURCES[kind](rows, tmp_path)
    start, end = BEGIN + timedelta(seconds=2), BEGIN + timedelta(seconds=5)
    for first, last, count in ((start, end, 3), (start, None, 8), (None, end, 5), (end, start, 0)):
        with open_counting(source, columns=["timestamp"], start=first, end=last) as counting:
            assert counting.table("SELECT count(*) AS n FROM connections")["n"].to_pylist() == [
                count
            ]


def counting_of(rows: list[Row], columns: list[str]) -> AbstractContextManager[Counting]:
    return open_counting(frame_of(rows), columns=columns)


def test_lines_without_an_outcome_are_told_apart_by_their_listener() -> None:
    rows = [
        connection(0),
        bare(1, listener_port=443),  # this listener speaks TLS: unclassified
        bare(2, listener_port=80),
        bare(3, listener_port=80),
        bare(4, listener_port=8080, tls_verify_status="Maybe"),  # a status, but neither
    ]
    columns = ["outcome", *LISTENER_COLUMNS]
    with counting_of(rows, columns) as counting:
        assert counting.uncounted() == counting.uncounted(4) == (2, 2)
        assert counting.uncounted(0) == (0, 0)
        assert counting.listeners() == {(SHOP, 443), (None, 443)}
        assert counting.lines() == 5
    with counting_of(rows, ["outcome", "elb"]) as counting:
        assert counting.uncounted() is None
        assert counting.listeners() == set()


def test_lines_that_name_no_load_balancer_go_by_the_port() -> None:
    listeners: Listeners = {(SHOP, 443), (None, 443)}
    lines: Bare = [(None, 443, 3, 0), (SHOP, 443, 2, 0), (API, 443, 4, 1), (None, 80, 5, 0)]
    assert classify(lines, listeners) == Uncounted(unclassified=6, not_tls=8)
    assert classify([], listeners) == (0, 0)


def test_the_span_is_of_all_lines() -> None:
    rows = [bare(-5), connection(0), connection(9)]
    ends = (BEGIN - timedelta(seconds=5), BEGIN + timedelta(seconds=9))
    with counting_of(rows, ["timestamp"]) as counting:
        assert counting.span() == ends
        assert counting.span(BEGIN, BEGIN) == ends
    with counting_of([], ["timestamp"]) as counting:
        assert counting.span() == (None, None)
    with counting_of(rows, ["outcome"]) as counting:
        assert counting.span() == (None, None)
