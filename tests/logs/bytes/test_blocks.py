"""However a file is cut into pieces, its lines are whole and keep their numbers."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from albconn.logs.bytes import blocks, unpack
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
    monkeypatch.setattr(blocks, "LONGEST_LINE", 1000)
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
