"""What can go wrong, what is promised, and what was counted: ``make durability``.

Each row of the matrix names a fault, the promise, and the tests that hold it. Its figure is
counted when this runs: by a measurement (every cut, every flipped bit, fuzzed lines, a day of
service with kills), or as the number of cases of the named tests that passed. The table goes to
stdout and between the marks of a page (``--into docs/durability.md``). Exits 1 where a promise was
not kept.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from benchmarks.broken import Broken, cuts, flips
from benchmarks.marks import replace_block
from benchmarks.matrix import ROWS, Row
from benchmarks.soak import TICKS_AN_HOUR, Soak, soak

ROOT = Path(__file__).parents[1]
NAME = "durability"


class Figure(NamedTuple):
    """What was counted, and whether the promise was kept."""

    text: str
    is_kept: bool


def broken_figure(measure: Callable[[int | None], Broken], most: int | None) -> Figure:
    """Count broken files."""
    found = measure(most)
    return Figure(found.text, found.silent == 0)


def soak_figure(hours: int) -> Figure:
    """Serve some hours at speed, a quarter of the runs killed."""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        done: Soak = soak(Path(folder), ticks=hours * TICKS_AN_HOUR, kill=0.25, seed=1)
    return Figure(f"{done.text}, {len(done.faults)} faults", not done.faults)


def figure_of_tests(tests: tuple[str, ...]) -> Figure:
    """Run tests, long ones too, and count their cases."""
    with tempfile.TemporaryDirectory(prefix="durability-") as folder:
        told = Path(folder, "told.xml")
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
             "--junitxml", str(told), *tests],
            cwd=ROOT, capture_output=True, check=False,
        )  # fmt: skip
        suite = ElementTree.parse(told).getroot()[0]
    cases, skipped = int(suite.attrib["tests"]), int(suite.attrib["skipped"])
    failed = int(suite.attrib["failures"]) + int(suite.attrib["errors"])
    said = [f"{cases - skipped - failed:,} cases"]
    said += [f"{skipped} skipped here"] * (skipped > 0) + [f"**{failed} failed**"] * (failed > 0)
    for case in suite.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            print(f"failed: {case.attrib['classname']}::{case.attrib['name']}", file=sys.stderr)
    return Figure(", ".join(said), run.returncode == 0 and cases > skipped)


def figure_of(row: Row, *, hours: int, most: int | None) -> Figure:
    """Count what a row claims."""
    measures: dict[str, Callable[[], Figure]] = {
        "cuts": lambda: broken_figure(cuts, most),
        "flips": lambda: broken_figure(flips, most),
        "soak": lambda: soak_figure(hours),
    }
    return measures[row.measure]() if row.measure else figure_of_tests(row.tests)


def main() -> None:
    """Count, and print the matrix."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hours", type=int, default=24, help="of service, simulated")
    options.add_argument("--most", type=int, help="broken files of a kind; default all")
    options.add_argument("--into", type=Path, help="a page with marks")
    options.add_argument("--only", help="rows whose fault holds this text; the page keeps others")
    given = options.parse_args()
    if given.only and not given.into:
        options.error("--only needs the page that has the other rows: --into")
    known = given.into.read_text().splitlines() if given.only else []
    lines = ["| fault | promise | tests | counted |", "|---|---|---|---|"]
    is_kept = True
    for row in ROWS:
        if given.only and given.only not in row.fault:
            lines.append(next(line for line in known if line.startswith(f"| {row.fault} |")))
            continue
        figure = figure_of(row, hours=given.hours, most=given.most)
        is_kept &= figure.is_kept
        tests = "<br>".join(f"`{test}`" for test in row.tests)
        lines.append(f"| {row.fault} | {row.promise} | {tests} | {figure.text} |")
        print(lines[-1], file=sys.stderr, flush=True)
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if given.into:
        replace_block(given.into, NAME, text)
    raise SystemExit(0 if is_kept else 1)


if __name__ == "__main__":
    main()
