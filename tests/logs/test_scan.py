"""The pipeline: books that balance, and one result whatever the crew, the blocks, the files."""

from __future__ import annotations

import gzip
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from albconn import LineError, SourceError, TableError
from albconn.logs.bytes import blocks
from albconn.logs.find.selection import Selection
from albconn.logs.find.sources import list_log_files
from albconn.logs.reading import Reading
from albconn.logs.scan import scan
from albconn.progress import Progress
from albconn.schema.connections import CONNECTIONS
from tests.logs.scanning import NOON, expected, mixed_text, of_the_line, scanned
from worlds import trees
from worlds.lines import line


@pytest.fixture
def small_files(tmp_path: Path) -> Path:
    members = {
        f"{n:03d}.log.gz": gzip.compress(mixed_text(n, 60 + n)) for n in range(30)
    }  # fmt: skip
    return trees.plant(tmp_path / "small", members)


@pytest.fixture
def huge_file(tmp_path: Path) -> Path:
    text = mixed_text(3, 4000)
    half = len(text) // 2  # the member ends in the middle of a line
    stored = gzip.compress(text[:half]) + gzip.compress(text[half:])
    return trees.plant(tmp_path / "huge", {"huge.log.gz": stored})


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("block_bytes", [1 << 22, 4096])
@pytest.mark.parametrize("world", ["small_files", "huge_file"])
def test_rows_and_books_are_those_of_a_plain_reader(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    world: str,
    block_bytes: int,
    threads: int,
) -> None:
    folder = request.getfixturevalue(world)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", block_bytes)
    rows, books = scanned(folder, threads=threads)
    right_rows, right_rejected = expected(folder)
    assert of_the_line(rows) == of_the_line(right_rows)
    assert [(r.source_file, r.line_number, r.raw_text) for r in books.rejected] == right_rejected
    in_file = Counter(row["source_file"] for row in right_rows)
    bad_in_file = Counter(name for name, _, _ in right_rejected)
    for book in books.files:
        assert (book.rows, book.rejected) == (
            in_file[book.source_file], bad_in_file[book.source_file]
        )  # fmt: skip
        assert book.lines == book.rows + book.rejected
        assert (book.damage, book.filtered) == (None, 0)
    assert books.wide_lines == sum(row["extra_fields"] is not None for row in right_rows)


def test_tables_have_the_fixed_types_whatever_is_asked(huge_file: Path) -> None:
    listing = list_log_files(huge_file, selection=Selection())
    for columns in (
        CONNECTIONS.columns,
        ("outcome", "line_number"),
        ("account_id",),
        ("cert_not_after",),
    ):
        tables: list[pa.Table] = []
        scan(listing.log_files, Reading(CONNECTIONS, columns=columns), tables.append)
        right = pa.schema([CONNECTIONS.memory_schema.field(name) for name in columns])
        assert {table.schema for table in tables} == {right}
        assert sum(len(table) for table in tables) == len(expected(huge_file)[0])


def test_selection_counts_what_it_leaves_out(small_files: Path) -> None:
    selection = Selection(start=NOON + timedelta(seconds=1), end=NOON + timedelta(seconds=2))
    rows, books = scanned(small_files, selection, columns=("source_file", "line_number"))
    right = [
        row
        for row in expected(small_files)[0]
        if NOON + timedelta(seconds=1) <= row["timestamp"] < NOON + timedelta(seconds=2)
    ]
    assert [(r["source_file"], r["line_number"]) for r in rows] == [
        (r["source_file"], r["line_number"]) for r in right
    ]
    assert sum(book.filtered for book in books.files) == len(expected(small_files)[0]) - len(right)
    assert all(book.lines == book.rows + book.rejected for book in books.files)


def test_error_in_the_sink_stops_all_and_is_raised(small_files: Path) -> None:
    def full(_: pa.Table) -> None:
        raise OSError(28, "No space left on device")

    listing = list_log_files(small_files, selection=Selection())
    before = threading.active_count()
    with pytest.raises(OSError, match="No space left on device"):
        scan(listing.log_files, Reading(CONNECTIONS), full, threads=4)
    assert threading.active_count() == before


def test_stop_ends_the_workers_early(huge_file: Path) -> None:
    stop = threading.Event()
    stop.set()
    rows, books = scanned(huge_file, stop=stop, threads=2)
    assert rows == []
    assert books.files[0].lines == 0


def test_raise_names_file_line_and_reason(tmp_path: Path) -> None:
    bad = line(NOON).replace(" 50000 ", " abc ")
    text = "\n".join([line(NOON), "", bad, "worse"])
    trees.plant(tmp_path, {"a.log": text.encode()})
    with pytest.raises(LineError) as caught:
        scanned(tmp_path, on_bad_line="raise")
    assert str(caught.value) == (
        f"{tmp_path}/a.log:3: client_port: 'abc' is not a port; expected 0–65535"
    )
    with pytest.raises(TableError, match=r"on_bad_line: 'skip'; expected 'quarantine' or 'raise'"):
        scanned(tmp_path, on_bad_line="skip")


def test_damaged_file_gives_what_can_be_salvaged(tmp_path: Path) -> None:
    stored = gzip.compress(mixed_text(0, 500).replace(b" abc ", b" 443 "))
    folder = trees.plant(tmp_path, {"cut.log.gz": stored[: len(stored) // 2], "fine.gz": stored})
    rows, books = scanned(folder)
    cut, fine = books.files
    salvaged = sum(row["source_file"] == cut.source_file for row in rows)
    assert fine.damage is None
    assert cut.damage == "the gzip stream is truncated"
    assert 0 < salvaged == cut.rows < fine.rows
    assert cut.lines == cut.rows + cut.rejected
    assert [(r.reason, r.value) for r in books.rejected] == [
        ("the line is cut off", "the gzip stream is truncated")
    ]
    with pytest.raises(SourceError, match=r"cut\.log\.gz: the gzip stream is truncated; fetch"):
        scanned(folder, on_bad_line="raise")


def test_file_that_vanishes_is_marked_and_the_rest_is_read(tmp_path: Path) -> None:
    folder = trees.plant(tmp_path, {f"{n}.log.gz": trees.content(NOON) for n in range(3)})
    listing = list_log_files(folder, selection=Selection())
    (folder / "1.log.gz").unlink()
    tables: list[pa.Table] = []
    books = scan(listing.log_files, Reading(CONNECTIONS), tables.append)
    assert [book.unread for book in books.files] == [
        None, "the file vanished between listing and reading", None,
    ]  # fmt: skip
    assert [book.rows for book in books.files] == [3, 0, 3]
    assert [book.damage for book in books.files] == [None, None, None]


def test_progress_is_told_every_stored_byte_once(tmp_path: Path) -> None:
    stored = gzip.compress(mixed_text(0, 500))
    broken = stored[:2000] + b"\xff" * 50 + stored[2050:]
    folder = trees.plant(
        tmp_path, {"a.gz": stored, "b.gz": broken, "c.gz": b"", "d.gz": stored[:9]}
    )
    progress = Progress()
    rows, _ = scanned(folder, progress=progress)
    assert progress.bytes == len(stored) + len(broken) + 9
    assert progress.rows == len(rows)


def test_no_files_no_lines_no_error(tmp_path: Path) -> None:
    assert scanned(trees.plant(tmp_path, {"README.md": b"x"}))[0] == []
    trees.plant(tmp_path, {"empty.log.gz": b"", "member.gz": gzip.compress(b"")})
    rows, books = scanned(tmp_path)
    assert rows == []
    assert [(b.lines, b.damage) for b in books.files] == [(0, None), (0, None)]
