"""The table of what a run costs, and which goals it misses."""

from __future__ import annotations

from pathlib import Path

from benchmarks.growth import Cost, Row, missed, told
from benchmarks.made_up import END, MadeUp


def row(batches: int, seconds: float, requests: int) -> Row:
    cost = Cost((seconds, seconds, 3 * seconds), (seconds / 100,) * 3, 40_400, 172_000_000)
    made = MadeUp(Path("out"), batches, 100 * batches, END)
    return Row(made, cost, (21, requests, 21), 5)


def test_a_line_for_each_size() -> None:
    header, rule, first, second = told([row(10, 0.1, 33), row(1_000, 0.11, 34)]).splitlines()
    assert header.count("|") == rule.count("|") == first.count("|") == second.count("|")
    assert second == (
        "| 1,000 | 100,000 | 00:50 | 110 ms, 330 ms | 21, 34 | 40 kB | 172 MB | 1.1 ms | 5 |"
    )


def test_goals_that_are_missed() -> None:
    assert missed([row(10, 0.1, 40), row(1_000, 0.119, 40)]) == []
    assert missed([row(10, 0.1, 40), row(1_000, 0.13, 41)]) == [
        "1,000 batches: 41 requests; at most 40",
        "1,000 batches: convert 130.0 ms; 100.0 ms at 10",
        "1,000 batches: opening 1.3 ms; 1.0 ms at 10",
    ]
