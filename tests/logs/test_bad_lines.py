"""Bad lines are booked by file, called by one name where the file is none of ours, or raised."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from albconn import LineError
from tests.logs.scanning import NOON, scanned
from worlds import trees
from worlds.lines import line

ACCESS = (
    "https 2026-09-23T22:23:00.186641Z app/my-lb/50dc6c495c0c9188 192.168.131.39:2817 "
    '10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://example.com:443/ HTTP/1.1" "curl" '
)
GOOD = line(NOON)
BAD = GOOD.replace(" 443 ", " abc ")


def plant(tmp_path: Path, **files: str) -> Path:
    return trees.plant(
        tmp_path, {f"{n}.log.gz": gzip.compress(t.encode()) for n, t in files.items()}
    )


def test_lines_of_a_foreign_file_have_one_reason(tmp_path: Path) -> None:
    """Also in a block that holds other files: the small ones are joined."""
    folder = plant(
        tmp_path,
        a=f"{GOOD}\n{BAD}\n",
        b=f"{ACCESS}\n{ACCESS}\n\n{GOOD}\nshort\n",
        c='{"message": "x"}\n',
        d=f"{BAD}\n",
    )
    rows, books = scanned(folder)
    assert len(rows) == 2
    told = [(Path(r.source_file).name[0], r.line_number, r.reason, r.value) for r in books.rejected]
    port = "listener_port is not a port"
    assert told == [
        ("a", 2, port, "abc"),
        ("b", 1, "looks like an access log", None),
        ("b", 2, "looks like an access log", None),
        ("b", 5, "looks like an access log", None),
        ("c", 1, "looks like CloudWatch JSON", None),
        ("d", 1, port, "abc"),
    ]
    assert [r.raw_text for r in books.rejected if r.line_number == 5] == ["short"]
    assert [(f.lines, f.rows, f.rejected) for f in books.files] == [
        (2, 1, 1), (4, 1, 3), (1, 0, 1), (1, 0, 1),
    ]  # fmt: skip


def test_raising_says_what_the_file_looks_like(tmp_path: Path) -> None:
    folder = plant(tmp_path, b=f"\n{ACCESS}\n")
    with pytest.raises(LineError) as caught:
        scanned(folder, on_bad_line="raise")
    assert str(caught.value) == (
        f"{folder}/b.log.gz:2: looks like an access log; expected a connection log"
    )


def test_raising_names_a_line_that_is_cut_off(
    tmp_path: Path,
) -> None:
    folder = plant(tmp_path, a=f"{GOOD}\n{'x' * (1 << 20)}x\n")
    with pytest.raises(LineError, match=r"a\.log\.gz:2: the line is longer than 1 MiB$"):
        scanned(folder, on_bad_line="raise")


def test_a_million_bad_lines_are_counted_and_few_are_told(tmp_path: Path) -> None:
    folder = plant(tmp_path, a="not a line\n" * 1_000_000 + GOOD + "\n" + BAD + "\n")
    rows, books = scanned(folder)
    assert [row["line_number"] for row in rows] == [1_000_001]
    assert books.files[0].rejected == 1_000_001
    assert len(books.rejected) == 10_002
    assert sum(entry.lines for entry in books.rejected) == 1_000_001
    run, last = books.rejected[-2:]
    assert (run.line_number, run.last_line, run.lines, run.raw_text) == (
        10_001, 1_000_000, 990_000, None,
    )  # fmt: skip
    assert (last.line_number, last.reason, last.raw_text) == (
        1_000_002, "listener_port is not a port", None,
    )  # fmt: skip
