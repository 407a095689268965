"""Three small log files, one across midnight, one with a bad line; and their rows."""

from __future__ import annotations

from pathlib import Path

from worlds.lines import line
from worlds.trees import log_path, moments, write_log

MIDNIGHT = "2026-09-23T23:59:58Z"


def write_three_files(root: Path) -> Path:
    """Write ten lines on the 23rd, four across midnight, and three of which one is bad."""
    write_log(
        log_path(root, "20260923T1005Z"), [line(m) for m in moments("2026-09-23T10:00:00Z", 10)]
    )
    write_log(log_path(root, "20260924T0000Z"), [line(m) for m in moments(MIDNIGHT, 4)])
    good = [line(m, elb="api") for m in moments("2026-09-24T08:00:00Z", 2)]
    write_log(log_path(root, "20260924T0805Z", elb="api"), [good[0], "not a line", good[1]])
    return root


def all_rows(root: Path) -> list[tuple[str, int]]:
    paths = sorted(str(path) for path in root.rglob("*.log.gz"))
    counts = {"T1005Z": [*range(1, 11)], "T0000Z": [1, 2, 3, 4], "T0805Z": [1, 3]}
    return sorted(
        (path, n) for path in paths for end, lines in counts.items() if end in path for n in lines
    )
