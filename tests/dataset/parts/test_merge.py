"""Merging sorted parts is sorting, and opens each part when its time comes."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings, strategies as st

from albconn.dataset.parts.merge import Run, gathered, slices
from albconn.schema.connections import CONNECTIONS

ORDER = ["timestamp", "source_file", "line_number"]


def table_of(rows: list[tuple[int, str, int]]) -> pa.Table:
    frame = pd.DataFrame(rows, columns=ORDER)
    instants = pa.array(frame["timestamp"], pa.int64()).cast(
        CONNECTIONS.memory_schema.field("timestamp").type
    )
    files = pa.array(frame["source_file"], pa.string()).dictionary_encode()
    arrays = {"timestamp": instants, "source_file": files,
              "line_number": pa.array(frame["line_number"], pa.int64())}  # fmt: skip
    return pa.table(
        [arrays.get(f.name, pa.nulls(len(rows), f.type)) for f in CONNECTIONS.memory_schema],
        schema=CONNECTIONS.memory_schema,
    )


def in_pieces(rows: list[tuple[int, str, int]], size: int) -> Iterator[pa.Table]:
    for start in range(0, len(rows), size):
        yield table_of(rows[start : start + size])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=12), min_size=1, max_size=6),
    st.integers(1, 4),
    st.integers(1, 30),
)
def test_merging_is_sorting(stamps: list[list[int]], piece: int, gather: int) -> None:
    world = [
        sorted((stamp, f"file-{n}", i) for i, stamp in enumerate(part))
        for n, part in enumerate(stamps)
    ]
    sorted_runs = [Run(rows[0][0], in_pieces(rows, piece)) for rows in world]
    tables = list(gathered(slices(sorted_runs, CONNECTIONS), CONNECTIONS, gather))
    found = [row for table in tables for row in identities(table)]
    assert found == sorted(row for rows in world for row in rows)
    assert all(len(table) >= gather for table in tables[:-1])


def identities(table: pa.Table) -> list[tuple[int, str, int]]:
    return list(
        zip(
            table["timestamp"].cast(pa.int64()).to_pylist(),
            table["source_file"].to_pylist(),
            table["line_number"].to_pylist(),
            strict=True,
        )
    )


def test_a_part_is_opened_when_its_time_comes() -> None:
    opened: list[int] = []

    def run(n: int) -> Iterator[pa.Table]:
        opened.append(n)
        yield from in_pieces([(100 * n + i, "file", 100 * n + i) for i in range(50)], 10)

    first_of_each = {}
    runs = [Run(100 * n, run(n)) for n in reversed(range(5))]
    for slice_pieces in slices(runs, CONNECTIONS):
        for n in {
            identity // 100 for piece in slice_pieces for identity, _, _ in identities(piece)
        }:
            first_of_each.setdefault(n, tuple(opened))
    assert first_of_each == {n: tuple(range(n + 1)) for n in range(5)}
