"""The durability matrix: every test that it names is there, and its page has the marks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.durability import NAME, figure_of, figure_of_tests
from benchmarks.marks import marks_of
from benchmarks.matrix import ROWS, Row

ROOT = Path(__file__).parents[2]
NODES = sorted({test for row in ROWS for test in row.tests})


def test_every_row_has_tests_and_every_test_is_there() -> None:
    assert all(row.tests for row in ROWS)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", *NODES],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-2000:]


def test_the_page_holds_every_row() -> None:
    begin, end = marks_of(NAME)
    page = (ROOT / "docs" / "durability.md").read_text()
    table = page.partition(begin)[2].partition(end)[0]
    assert [row.fault for row in ROWS if f"| {row.fault} | {row.promise} |" not in table] == []


def test_a_failing_test_is_no_kept_promise(tmp_path: Path) -> None:
    failing = tmp_path / "test_failing.py"
    failing.write_text("def test_a(): pass\n\ndef test_b(): assert False\n")
    figure = figure_of_tests((str(failing),))
    assert (figure.text, figure.is_kept) == ("1 cases, **1 failed**", False)


@pytest.mark.parametrize("measure", ["cuts", "flips"])
def test_a_measured_row(measure: str) -> None:
    figure = figure_of(Row("a", "b", (), measure), hours=1, most=40)
    assert figure.is_kept
    assert "0 silent" in figure.text


def test_one_row_is_counted_and_the_page_keeps_the_others(tmp_path: Path) -> None:
    page = tmp_path / "durability.md"
    before = (ROOT / "docs" / "durability.md").read_text()
    page.write_text(before)
    row = next(row for row in ROWS if row.measure == "cuts")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.durability", "--most", "20", "--only", row.fault,
         "--into", str(page)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "21 files, 21 marked as damaged, 0 silent |" in done.stderr
    changed = zip(before.splitlines(), page.read_text().splitlines(), strict=True)
    assert {one.split(" | ")[0] for one, other in changed if one != other} <= {f"| {row.fault}"}
