"""Measure the README's claims: ``make bench``.

Every comparison runs both sides in turn, each as a whole process, imports included, and quotes
the median of the pairwise ratios of their times: the machine's mood touches both alike. Prints
the table as Markdown and exits 1 where a goal is missed. ``--smoke`` runs everything once on
tiny worlds, to see that it still works; its figures say nothing.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from worlds import SHAPES, SMOKE, Shape, make_world

HERE = Path(__file__).parent
VERSIONS = ("polars", "duckdb", "pandas", "pyarrow", "isal", "numpy")


class Goal(NamedTuple):
    """One row of the table: our side, a peer, and the ratio that is wanted."""

    work: str
    ours: str
    peer: str
    shape: str
    at_least: float | None = None  # times the peer's rows a second
    at_most: float | None = None  # times the peer's time


GOALS = (
    Goal("convert, large files", "albconn_convert", "polars_convert", "large", at_least=1.4),
    Goal("convert, large files", "albconn_convert", "duckdb_convert", "large", at_least=2.0),
    Goal("convert, large files", "albconn_convert", "floor_convert", "large", at_most=1.3),
    Goal("convert, small files", "albconn_convert", "polars_convert", "small", at_least=1.6),
    Goal("convert, small files", "albconn_convert", "duckdb_convert", "small", at_least=1.7),
    Goal("convert, small files", "albconn_convert", "floor_convert", "small", at_most=1.3),
    Goal("read, large files", "albconn_read", "polars_read", "large", at_least=1.4),
    Goal("read, large files", "albconn_read", "duckdb_read", "large", at_least=2.5),
    Goal("read, large files", "albconn_read", "pandas_read", "large", at_least=4.0),
    Goal("read, small files", "albconn_read", "polars_read", "small", at_least=1.4),
    Goal("read, small files", "albconn_read", "duckdb_read", "small", at_least=2.5),
    Goal("read, small files", "albconn_read", "pandas_read", "small", at_least=4.0),
)


class Run(NamedTuple):
    """One whole process."""

    seconds: float
    peak_bytes: int
    rows: int


def run_side(side: str, source: Path, work: Path) -> Run:
    """Run one side in a process of its own, into an empty folder."""
    out = work / "out"
    shutil.rmtree(out, ignore_errors=True)
    began = perf_counter()
    process = subprocess.Popen(
        [sys.executable, str(HERE / "sides.py"), side, str(source), str(out)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=HERE,
        env={k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - began
    if status:
        raise SystemExit(f"{side} failed with status {status}")
    process.returncode = 0
    return Run(seconds, _peak_bytes(usage), int(printed.split()[-1]))


def _peak_bytes(usage: resource.struct_rusage) -> int:
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def measure(goal: Goal, source: Path, work: Path, runs: int, rows: int) -> tuple[list[str], bool]:
    """Run both sides in turn; return the table's cells and whether the goal is reached."""
    pairs = []
    for number in range(runs + 1):
        pair = (run_side(goal.ours, source, work), run_side(goal.peer, source, work))
        if any(run.rows != rows for run in pair):
            raise SystemExit(f"{goal}: {[run.rows for run in pair]} rows of {rows}")
        if number:  # the first pair warms the caches
            pairs.append(pair)
    times = median(ours.seconds / peer.seconds for ours, peer in pairs)
    if goal.at_least is not None:
        ratio, wanted, reached = 1 / times, f"≥ {goal.at_least:g} ×", 1 / times >= goal.at_least
    else:
        limit = goal.at_most or 0.0
        ratio, wanted, reached = times, f"≤ {limit:g} × its time", times <= limit
    cells = [
        goal.work,
        goal.peer.partition("_")[0],
        f"{_speed(pairs, 0, rows)} / {_speed(pairs, 1, rows)}",
        f"{ratio:.2f} ×",
        wanted,
        "yes" if reached else "**no**",
        f"{max(ours.peak_bytes for ours, _ in pairs) / 1e6:.0f} MB",
    ]
    return cells, reached


def _speed(pairs: list[tuple[Run, Run]], side: int, rows: int) -> str:
    return f"{rows / median(pair[side].seconds for pair in pairs) / 1e6:.2f}"


def main() -> None:
    """Run the benchmarks and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--smoke", action="store_true", help="tiny worlds, one run")
    arguments.add_argument("--runs", type=int, default=3, help="counted pairs per row")
    arguments.add_argument("--worlds", type=Path, help="keep the log files here")
    given = arguments.parse_args()
    shapes: dict[str, Shape] = SMOKE if given.smoke else SHAPES
    runs = 1 if given.smoke else given.runs
    with tempfile.TemporaryDirectory(prefix="albconn-bench-") as scratch:
        work = Path(scratch)
        sources = {n: make_world((given.worlds or work) / n, s) for n, s in shapes.items()}
        for source in sources.values():
            # In a process of its own: what this one holds would count as its children's peak.
            subprocess.run([sys.executable, HERE / "floor.py", source], check=True)
        _print_header()
        reached = True
        for goal in GOALS:
            shape = shapes[goal.shape]
            cells, good = measure(goal, sources[goal.shape], work, runs, shape.files * shape.lines)
            print("| " + " | ".join(cells) + " |", flush=True)
            reached &= good
    sys.exit(0 if reached or given.smoke else 1)


def _print_header() -> None:
    versions = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}\n")
    print("| work | against | M rows/s, ours / theirs | ratio | goal | reached | our peak |")
    print("|---|---|---|---|---|---|---|")


if __name__ == "__main__":
    main()
