"""Slices of a source add up: every selected row once, whatever the order of the runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
from hypothesis import given, strategies as st

from albconn.dataset.commits.extent import covers, extend, is_covered, wanted_rows
from albconn.logs.find.selection import EVERYTHING, Selection, make_selection
from albconn.schema.connections import CONNECTIONS
from albconn.schema.kind import CATEGORY, INSTANT

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)
HOURS = [NOON + timedelta(hours=n) for n in range(6)]
ELBS = ["app/api/0123456789abcdef", "app/shop/0123456789abcdef"]
ROWS = [(hour, elb) for hour in HOURS for elb in ELBS]
TABLE = pa.table(
    {
        "timestamp": pa.array([hour for hour, _ in ROWS], INSTANT),
        "elb": pa.array([elb for _, elb in ROWS]).cast(CATEGORY),
        "account_id": pa.array(["1"] * len(ROWS)).cast(CATEGORY),
        "region": pa.array([None] * len(ROWS), pa.string()).cast(CATEGORY),
    }
)

bounds = st.none() | st.sampled_from(HOURS)
balancers = st.sampled_from([None, "api", "shop", "*", ("api", "shop")])


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    start, end = draw(bounds), draw(bounds)
    if start is not None and end is not None and start >= end:
        start, end = (end, start) if start > end else (start, None)
    return make_selection(start=start, end=end, load_balancer=draw(balancers))


def selected(selection: Selection) -> set[int]:
    """Return the rows that a selection selects, by plain comparison."""
    names = set(selection.load_balancer) or {"*"}
    return {
        n
        for n, (hour, elb) in enumerate(ROWS)
        if (selection.start is None or hour >= selection.start)
        and (selection.end is None or hour < selection.end)
        and ("*" in names or elb.split("/")[1] in names)
    }


def rows(mask: np.ndarray | None) -> set[int]:
    return set(range(len(ROWS))) if mask is None else set(np.flatnonzero(mask).tolist())


@given(st.lists(selections(), min_size=1, max_size=6))
def test_runs_in_any_order_write_each_selected_row_once(runs: list[Selection]) -> None:
    coverage: tuple[Selection, ...] = ()
    written: list[int] = []
    for selection in runs:
        if not is_covered(selection, coverage):
            written += rows(wanted_rows(TABLE, CONNECTIONS, (selection,), coverage))
        coverage = extend(coverage, [selection])
    assert sorted(written) == sorted(set().union(*map(selected, runs)))
    assert rows(wanted_rows(TABLE, CONNECTIONS, coverage, ())) == set(written)


@given(selections(), selections())
def test_what_is_covered_adds_nothing(wide: Selection, narrow: Selection) -> None:
    if covers(wide, narrow):
        assert selected(narrow) <= selected(wide)
    assert covers(EVERYTHING, narrow)
    assert covers(wide, wide)


def test_a_moving_window_stays_one_selection() -> None:
    coverage: tuple[Selection, ...] = ()
    for n in range(5):
        coverage = extend(coverage, [make_selection(start=HOURS[n], end=HOURS[n + 1])])
    assert coverage == (make_selection(start=HOURS[0], end=HOURS[5]),)


def test_windows_apart_stay_apart() -> None:
    first = make_selection(start=HOURS[0], end=HOURS[1])
    second = make_selection(start=HOURS[2], end=HOURS[3])
    coverage = extend((), [first, second])
    assert coverage == (first, second)
    assert not is_covered(make_selection(start=HOURS[0], end=HOURS[3]), coverage)
    assert extend(coverage, [EVERYTHING]) == (EVERYTHING,)
