"""A connection is known again by its trace id and time, and nothing else is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from albconn.logs.twins import Known, count_twins, has_twins, keys_of, route_of, told_by_columns
from albconn.schema.connections import CONNECTIONS

ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.one_of(st.none(), st.text(max_size=3), st.just("TID_" * 99))),
    max_size=20,
)


def table_of(rows: list[tuple[int, str | None]], kind: Any = None) -> pa.Table:
    times = pa.array([time for time, _ in rows], pa.int64()).cast(pa.timestamp("us", "UTC"))
    ids = pa.array([trace for _, trace in rows], pa.string()).cast(kind or pa.string())
    return pa.table({"timestamp": times, "conn_trace_id": ids})


@given(ROWS, ROWS, st.integers(0, 5))
@settings(max_examples=200, deadline=None)
def test_as_a_set_of_pairs(one: list[Any], other: list[Any], skipped: int) -> None:
    """Beside Python's own set; of pieces and slices, as columns come."""
    rows = pa.concat_tables([table_of(one), table_of(other)]).slice(skipped)
    pairs = [*one, *other][skipped:]
    known = Known()
    known.add(table_of(other, pa.large_string()), CONNECTIONS)
    known.settle()
    there = {pair for pair in other if pair[1] is not None}
    assert known.has(rows, CONNECTIONS).tolist() == [pair in there for pair in pairs]
    told = [pair for pair in pairs if pair[1] is not None]
    assert count_twins(rows, CONNECTIONS) == len(told) - len(set(told))


def test_many_have_a_key_each() -> None:
    keys, there = keys_of(table_of([(n % 7, f"TID_{n:032x}") for n in range(50_000)]), CONNECTIONS)
    assert there.all()
    assert len(np.unique(keys)) == 50_000


@pytest.mark.parametrize(
    ("format", "route"),
    [("legacy", "legacy"), ("json", "vended"), ("legacy in aws logs tail", "vended"), (None, None)],
)
def test_routes(format: str | None, route: str | None) -> None:
    assert route_of(format) == route
    assert has_twins(CONNECTIONS)
    assert told_by_columns(CONNECTIONS) == ("timestamp", "conn_trace_id")
