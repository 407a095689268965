"""Rows of a file whose proof fails at its end are taken back: all is read again without it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from albconn.logs.bytes.proof import Local, Unread
from albconn.logs.find.selection import Selection
from albconn.logs.find.sources import list_log_files
from albconn.logs.proven import scan_proven
from albconn.logs.reading import Reading
from albconn.schema.connections import CONNECTIONS
from tests.logs.scanning import NOON
from worlds import trees


def test_what_is_unread_leaves_no_row_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = trees.plant(tmp_path, {f"{n}.log.gz": trees.content(NOON) for n in range(4)})
    proven = Local.prove

    def prove(raw: Local) -> None:
        if "2.log" in raw._log_file.url:
            raise Unread("its bytes are not its own", "run again")
        proven(raw)

    monkeypatch.setattr(Local, "prove", prove)
    given_up: list[list[pa.Table]] = []
    made: list[list[pa.Table]] = []

    def make() -> list[pa.Table]:
        made.append([])
        return made[-1]

    books, tables = scan_proven(
        list_log_files(folder, selection=Selection()).log_files,
        Reading(CONNECTIONS),
        make,
        lambda taken: taken.append,
        abandon=given_up.append,
    )
    assert (len(made), given_up, tables) == (2, made[:1], made[1])
    rows = [row for table in tables for row in table["source_file"].to_pylist()]
    assert sorted(set(rows)) == [str(folder / f"{n}.log.gz") for n in (0, 1, 3)]
    assert [(b.rows, b.lines, b.unread) for b in books.files] == [
        (3, 3, None), (3, 3, None), (0, 0, "its bytes are not its own"), (3, 3, None),
    ]  # fmt: skip


def test_where_all_is_proven_nothing_is_read_twice(tmp_path: Path) -> None:
    folder = trees.plant(tmp_path, {f"{n}.log.gz": trees.content(NOON) for n in range(2)})
    made: list[int] = []
    books, tables = scan_proven(
        list_log_files(folder, selection=Selection()).log_files,
        Reading(CONNECTIONS),
        lambda: made.append(1) or list[pa.Table](),
        lambda taken: taken.append,
    )
    assert (made, sum(map(len, tables)), books.unread) == ([1], 6, [])
