"""``make hits`` in small: it runs, and its text holds what it should."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.hits import MULTI, answer, chosen_kinds
from benchmarks.marks import marks_of
from worlds.traffic.making import KINDS

ROOT = Path(__file__).parents[2]
BEGIN, END = marks_of("hits")
MARKED = f"before\n{BEGIN}old\n{END}after\n"


def test_a_world_is_asked_and_judged() -> None:
    found = answer("node_broken", 3)
    assert [verdict.detected for verdict in found.verdicts] == [True]
    assert 0 < found.seconds < 60
    assert answer("tiny_traffic", 2).verdicts == ()


def test_all_kinds_are_asked_unless_some_are_chosen() -> None:
    assert sorted(chosen_kinds(None)) == sorted([*KINDS, MULTI])
    assert chosen_kinds("everywhere,multi") == ["everywhere", "multi"]
    with pytest.raises(SystemExit, match="no kinds: nowhere; known: fleet_certificate_expires, "):
        chosen_kinds("everywhere,nowhere")


def test_readme_has_the_marks() -> None:
    before, begin, rest = (ROOT / "README.md").read_text().partition(BEGIN)
    block, end, _ = rest.partition(END)
    assert begin
    assert end
    assert "`make hits`" in before
    assert "| incidents detected |" in block


@pytest.mark.long
def test_a_few_kinds_of_one_seed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(MARKED)
    command = [
        sys.executable, ROOT / "benchmarks" / "hits.py", "--seeds", "1", "--first", "3",
        "--kinds", "node_broken,two_apart,campaign,multi", "--into", page,
    ]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stderr[-3000:]
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    told = {cells[0].partition(":")[0]: cells[1:] for cells in lines}
    assert told["incidents detected"][0].endswith(" of 3")
    assert told["**node broken**"][0] == "1"
    assert told["**two apart**"][0] == "2"
    assert told["**node broken**"][1] == "1"  # detected
    assert told["**campaign**"][0] == "1"
    assert told["two causes, both named"][0].endswith(" of 5")
    ones = [n for name, (n, *_) in told.items() if name.startswith("one cause of")]
    assert sum(int(n.partition(" of ")[2]) for n in ones) == 5
    assert (run.returncode == 1) is ("**no**" in text)
    assert "3 of 3 worlds, campaign done" in run.stderr
