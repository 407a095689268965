"""A source is taken out of the files that hold something of it; all others stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from albconn.dataset.commits.record import Part
from albconn.dataset.parts.rejected import write_rejected
from albconn.dataset.parts.take_out import Leftover, without_sources
from albconn.dataset.parts.write import write_part
from albconn.logs.rejected import RejectedLine
from albconn.schema.connections import CONNECTIONS
from albconn.storage.store import Store, open_dest
from tests.dataset.on_disk import read_part
from worlds.rows import connection, table_of

DAY = "connections/date=2026-09-23"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_dest(tmp_path / "out")


def part_of(store: Store, name: str, *sources: str) -> Part:
    """Publish a part with a row of each source."""
    rows = [connection(n, source_file=url, line_number=n + 1) for n, url in enumerate(sources)]
    part = write_part(store, f"{DAY}/part-00000001-{name}.parquet", table_of(rows), CONNECTIONS)
    store.publish([part.path])
    return part


def test_rows_of_others_are_written_anew(store: Store) -> None:
    mixed = part_of(store, "mixed", "a", "b", "a", "c")
    other, own = part_of(store, "other", "b", "c"), part_of(store, "own", "a", "a")
    found = without_sources(store, CONNECTIONS, "00000002", ["a"], [mixed, other, own], [])
    assert found.removes == (mixed.path, own.path)
    (rest,) = found.parts
    assert rest.path.startswith(f"{DAY}/part-00000002-")
    store.publish([rest.path])
    table = read_part(store, rest.path)
    assert table["source_file"].to_pylist() == ["b", "c"]
    assert table["line_number"].to_pylist() == [2, 4]
    assert table.schema.equals(CONNECTIONS.memory_schema)
    assert set(store.sizes(DAY)) == {mixed.path, other.path, own.path, rest.path}


def test_rejected_lines_of_others_are_kept(store: Store) -> None:
    lines = [RejectedLine(url, n, "why", "text") for n, url in enumerate("aab", start=1)]
    kept = [
        *write_rejected(store, "00000001", lines),
        *write_rejected(store, "00000002", lines[2:]),
    ]
    store.publish([file.path for file in kept])
    found = without_sources(store, CONNECTIONS, "00000003", ["a"], [], kept)
    assert found.rejected == (lines[2],)
    assert found.removes == (kept[0].path,)


def test_nothing_of_it_is_nothing_to_do(store: Store) -> None:
    part = part_of(store, "other", "b")
    assert without_sources(store, CONNECTIONS, "00000002", ["a"], [part], []) == Leftover()
