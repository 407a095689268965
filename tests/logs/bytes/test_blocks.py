"""However a file is cut into pieces, its lines are whole and keep their numbers."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from albconn.logs.bytes import cutting, unpack
from tests.logs.bytes.packing import zipped
from tests.logs.scanning import NOON, expected, mixed_text, of_the_line, scanned
from worlds import trees
from worlds.lines import line


@pytest.mark.parametrize("step", [1, 3, 50, 511])
def test_line_cut_at_the_edge_of_a_piece_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    text = b"\xef\xbb\xbf" + mixed_text(1, 40).rstrip(b"\r\n")  # a BOM; no newline at the end
    pieces = [text[at : at + step] for at in range(0, len(text), step)]
    monkeypatch.setattr(unpack, "inflate", lambda _: iter(pieces))
    trees.plant(tmp_path, {"a.log.gz": gzip.compress(text)})
    rows, books = scanned(tmp_path, threads=1)
    right_rows, right_rejected = expected(tmp_path)
    assert of_the_line(rows) == of_the_line(right_rows)
    assert len(books.rejected) == len(right_rejected)


def test_line_number_is_physical(tmp_path: Path) -> None:
    text = f"\n\n{line(NOON)}\n   \nbad\n\r\n{line(NOON)}"
    trees.plant(tmp_path, {"a.log.gz": gzip.compress(text.encode())})
    rows, books = scanned(tmp_path)
    assert [row["line_number"] for row in rows] == [3, 7]
    assert [(r.line_number, r.reason, r.value, r.raw_text) for r in books.rejected] == [
        (5, "too few fields", "1", "bad")
    ]
    assert books.files[0].lines == 3


def test_line_without_end_is_one_rejected_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "LONGEST_LINE", 1000)
    monkeypatch.setattr(unpack, "inflate", lambda _: iter(pieces))
    good = line(NOON).encode() + b"\n"
    pieces = [good, *[b"x" * 600] * 5, b"xx\n" + good, good[:70], good[70:], *[b"y" * 600] * 5]
    trees.plant(tmp_path, {"a.log.gz": b""})
    rows, books = scanned(tmp_path)
    assert [row["line_number"] for row in rows] == [1, 3, 4]
    assert [(r.line_number, r.reason) for r in books.rejected] == [
        (2, "the line is longer than 1 MiB"),
        (5, "the line is longer than 1 MiB"),
    ]
    assert [len(r.raw_text or "") for r in books.rejected] == [1000, 1000]


@pytest.mark.parametrize("size", [998, 999, 1000, 1001, 1002, 2500])
def test_a_long_line_is_a_row_or_not_wherever_it_begins(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "LONGEST_LINE", 1000)
    good = line(NOON).encode()
    tailed = good + b" " + b"t" * (size - len(good) - 1)
    trees.plant(tmp_path, {"a.log.gz": b""})
    for start in range(0, 1010, 37):
        before = b"x" * start + b"\n"
        text = before + tailed + b"\n" + good + b"\n"
        for step in (1000, 333):
            pieces = [text[at : at + step] for at in range(0, len(text), step)]
            monkeypatch.setattr(unpack, "inflate", lambda _, pieces=pieces: iter(pieces))
            rows, books = scanned(tmp_path, threads=1)
            expected = [2, 3] if size <= 1000 else [3]
            assert [row["line_number"] for row in rows] == expected, (start, step)
            assert books.files[0].lines == 3 - (start == 0), (start, step)


def test_lines_of_an_archives_files_count_on(tmp_path: Path) -> None:
    first, second = f"{line(NOON)}\nbad\n{line(NOON)}", f"{line(NOON)}\n\n{line(NOON)}\n"
    trees.plant(tmp_path, {"a.log.gz": zipped(first.encode(), second.encode())})
    rows, books = scanned(tmp_path)
    assert [row["line_number"] for row in rows] == [1, 3, 4, 6]
    assert [r.line_number for r in books.rejected] == [2]


def test_many_endless_lines_do_not_fill_the_memory(tmp_path: Path) -> None:
    """Each is told when it is met, not when the file ends."""
    text = (b"x" * (2 << 20) + b"\n") * 40
    trees.plant(tmp_path, {"a.log.gz": gzip.compress(text, 1)})
    _, books = scanned(tmp_path)
    assert books.files[0].rejected == 40
    assert sum(len(r.raw_text or "") for r in books.rejected) <= 16 << 20
