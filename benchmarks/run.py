"""Measure the README's claims: ``make bench``.

Every comparison runs its sides in turn, each as a whole process, imports included, and quotes the
median of the ratios within a round: the machine's mood touches all sides alike. Prints the table as
Markdown and exits 1 where a goal is missed. ``--smoke`` runs everything once on tiny worlds, to see
that it still works; its figures say nothing.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import ExitStack, suppress
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from both import write_requests, write_tables
from shapes import SHAPES, SMOKE, Shape, make_world, more_files, one_file
from store import serve

HERE = Path(__file__).parent
VERSIONS = ("polars", "duckdb", "pandas", "pyarrow", "isal", "numpy", "s3fs")
TIMES = 10  # as much data, where memory is compared with itself
DATASET_TIMES = 10  # the large world's files, for the dataset of 20 M rows
SHORT_ROUNDS = 5
MEMORY_LIMIT, COUNTING_LIMIT = 700e6, 1e9  # [bytes]


class Goal(NamedTuple):
    """A peer, and the ratio that is wanted."""

    peer: str
    at_least: float | None = None  # times the peer's rows a second
    at_most: float | None = None  # times the peer's time


# A report's goals: the work, its side, its source, and how often as fast as the report before.
BEFORE = "1a870e2"
REPORTS = (
    ("report on the sample", "albconn_report", "sample", 3.0),
    ("report on 2 M rows", "albconn_report", "report", 2.5),
    ("finding in the terminal, the sample", "albconn_summary", "sample", 6.0),
)


class Work(NamedTuple):
    """A job of ours, on what, and the peers that do the same."""

    name: str
    ours: str
    source: str
    goals: tuple[Goal, ...]
    peak: float = MEMORY_LIMIT  # [bytes]
    rounds: int = 3  # more where they are short, and all within ten minutes


WORKS = (
    Work("convert, 40 files × 50,000 lines", "albconn_convert", "large", (
        Goal("polars_convert", at_least=1.4), Goal("duckdb_convert", at_least=2.0),
        Goal("floor_convert", at_most=1.3),
    ), rounds=SHORT_ROUNDS),
    Work("convert, 2,000 files × 500 lines", "albconn_convert", "small", (
        Goal("polars_convert", at_least=1.6), Goal("duckdb_convert", at_least=1.7),
        Goal("floor_convert", at_most=1.3),
    ), rounds=SHORT_ROUNDS),
    Work("read to a DataFrame, 40 files", "albconn_read", "large", (
        Goal("polars_read", at_least=1.4), Goal("duckdb_read", at_least=2.5),
        Goal("pandas_read", at_least=4.0),
    ), 2e9),
    Work("read to a DataFrame, 2,000 files", "albconn_read", "small", (
        Goal("polars_read", at_least=1.4), Goal("duckdb_read", at_least=2.5),
        Goal("pandas_read", at_least=4.0),
    ), 2e9),
    Work("failure_rate by protocol, 5 min, 20 M rows", "albconn_rate_protocol", "dataset", (
        Goal("duckdb_rate_protocol", at_most=1.3),
    ), COUNTING_LIMIT, rounds=SHORT_ROUNDS),
    Work("failure_rate by client, 5 min, 20 M rows", "albconn_rate_client", "dataset", (
        Goal("duckdb_rate_client", at_most=1.3),
    ), COUNTING_LIMIT, rounds=SHORT_ROUNDS),
    Work("convert access logs, 20 files × 50,000 lines", "albconn_requests", "requests", (
        Goal("polars_requests", at_least=1.0),
    ), rounds=SHORT_ROUNDS),
    Work("requests per connection, 2 M with 5 M", "albconn_join", "both", (
        Goal("duckdb_join", at_most=1.3),
    ), COUNTING_LIMIT * 2, rounds=SHORT_ROUNDS),
    Work("convert from S3, 2,000 objects", "albconn_convert", "s3", (
        Goal("s3fs_fetch", at_most=1.25),
    )),
    Work("import albconn", "albconn_import", "nothing", (Goal("pandas_import", at_most=1.15),)),
)  # fmt: skip


class Run(NamedTuple):
    """One whole process."""

    seconds: float
    peak_bytes: int
    printed: float


class Bench:
    """Runs sides in processes of their own; remembers whether a goal was missed."""

    def __init__(self, sources: dict[str, str], work: Path, at_most: int) -> None:
        self.sources, self.work, self.at_most = sources, work, at_most
        self.warm: set[str] = set()  # sources that were read; the first round on one is not counted
        self.reached = True

    def run(self, side: str, source: str) -> Run:
        """Run one side into an empty folder; it does not pay for what was written before it."""
        out = self.work / "out"
        shutil.rmtree(out, ignore_errors=True)
        os.sync()
        began = perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(HERE / "sides.py"), side, source, str(out)],
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
        return Run(seconds, _peak_bytes(usage), float(printed.split()[-1]))

    def compare(self, work: Work) -> None:
        """Run all sides of a work in turn, and print a row for each peer."""
        source = self.sources[work.source]
        sides = [work.ours, *(goal.peer for goal in work.goals)]
        first = 0 if source in self.warm else 1
        count = first + min(work.rounds, self.at_most)
        rounds = [[self.run(side, source) for side in sides] for _ in range(count)][first:]
        self.warm.add(source)
        said = {run.printed for runs in rounds for run in runs}
        if len(said) > 1:
            raise SystemExit(f"{work.name}: the sides do not agree on the rows: {said}")
        peak = max(runs[0].peak_bytes for runs in rounds)
        for place, goal in enumerate(work.goals, start=1):
            times = median(runs[0].seconds / runs[place].seconds for runs in rounds)
            seconds = [median(runs[side].seconds for runs in rounds) for side in (0, place)]
            if goal.at_least is not None:
                ratio, wanted = f"{1 / times:.2f} × as fast", f"≥ {goal.at_least:g} ×"
                reached = 1 / times >= goal.at_least
            else:
                limit = goal.at_most or 0.0
                ratio, wanted, reached = f"{times:.2f} × its time", f"≤ {limit:g} ×", times <= limit
            peer = goal.peer.partition("_")[0]
            told = f"{seconds[0]:.2f} s / {seconds[1]:.2f} s"
            reached &= peak < work.peak
            self.tell(work.name, peer, told, ratio, wanted, reached=reached, peak=peak)

    def compare_memory(self, shape: str) -> None:
        """Compare our peak with our own on ten times the data."""
        sources = [self.sources[name] for name in (f"{shape}{TIMES}", shape)]
        rounds = [
            [self.run("albconn_convert", source) for source in sources]
            for _ in range(min(SHORT_ROUNDS, self.at_most))
        ]
        ratio = median(large.peak_bytes / small.peak_bytes for large, small in rounds)
        peak = max(large.peak_bytes for large, _ in rounds)
        told = " / ".join(f"{run.printed / 1e6:g} M rows" for run in rounds[0])
        self.tell(
            f"memory of convert, {shape}", f"itself on 1/{TIMES}", told, f"{ratio:.2f} × its peak",
            "≤ 1.2 ×, < 700 MB", reached=ratio <= 1.2 and peak < MEMORY_LIMIT, peak=peak,
        )  # fmt: skip

    def compare_report(self, work: str, side: str, source: str, goal: float) -> None:
        """Compare a report, or its first sentences, with the report of an earlier albconn."""
        ours, theirs = self.sources[source], self.sources[f"{source}, before"]
        rounds = [
            (self.run(side, ours), self.run("before_report", theirs))
            for _ in range(min(SHORT_ROUNDS, self.at_most))
        ]
        if side == "albconn_report" and any(a.printed != b.printed for a, b in rounds):
            raise SystemExit(f"{work}: the sides do not agree on the connections")
        times = median(theirs.seconds / ours.seconds for ours, theirs in rounds)
        peak, theirs_peak = (max(pair[side].peak_bytes for pair in rounds) for side in (0, 1))
        seconds = [median(pair[side].seconds for pair in rounds) for side in (0, 1)]
        self.tell(
            work, f"report of {BEFORE}", f"{seconds[0]:.2f} s / {seconds[1]:.2f} s",
            f"{times:.2f} × as fast, {peak / theirs_peak:.2f} × its peak",
            f"≥ {goal:g} ×, ≤ 1 × its peak",
            reached=times >= goal and peak <= theirs_peak, peak=peak,
        )  # fmt: skip

    def tell(
        self, work: str, peer: str, told: str, ratio: str, wanted: str, *, reached: bool, peak: int
    ) -> None:
        """Print a row of the table."""
        self.reached &= reached
        cells = [work, peer, told, ratio, wanted, "yes" if reached else "**no**"]
        print(f"| {' | '.join(cells)} | {peak / 1e6:.0f} MB |", flush=True)


def _peak_bytes(usage: resource.struct_rusage) -> int:
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def make_sources(work: Path, shapes: dict[str, Shape]) -> dict[str, str]:
    """Make the worlds, and what is made of them; return where they are."""
    large, small = (make_world(work / name, shapes[name]) for name in ("large", "small"))
    for world in (large, small):
        # In a process of its own: what this one holds would count as its children's peak.
        subprocess.run([sys.executable, HERE / "floor.py", world], check=True)
    sources = {
        "large": large,
        "small": small,
        "one file": one_file(large, work / "one", 1),
        "one file10": one_file(large, work / "one10", TIMES),
        "many files": more_files(small, work / "many", 1),
        "many files10": more_files(small, work / "many10", TIMES),
        "requests": write_requests(work / "requests", shapes["requests"]),
        "both": write_tables(work / "both", shapes["large"].files * shapes["large"].lines),
        "dataset": work / "dataset",
        "report": work / "small_dataset",
        "report, before": work / "small_dataset_before",
        "sample": HERE.parent / "data/sample",
        "sample, before": HERE.parent / "data/sample",
        "nothing": work,
    }
    before = [sys.executable, HERE / "sides.py", "before_convert"]
    convert = [sys.executable, HERE / "sides.py", "albconn_convert"]
    for source, dest in (
        (more_files(large, work / "large10", DATASET_TIMES), sources["dataset"]),
        (large, sources["report"]),
    ):
        subprocess.run([*convert, source, dest], check=True, stdout=subprocess.DEVNULL)
    os.environ["ALBCONN_BEFORE"] = str(make_earlier(work / "before"))
    subprocess.run(
        [*before, large, sources["report, before"]], check=True, stdout=subprocess.DEVNULL
    )
    return {name: str(place) for name, place in sources.items()}


def make_earlier(folder: Path) -> Path:
    """Return a folder with albconn as it was, its compiled reader built where a compiler is."""
    folder.mkdir()
    packed = subprocess.run(
        ["git", "archive", BEFORE], cwd=HERE.parent, check=True, capture_output=True
    ).stdout
    subprocess.run(["tar", "-x", "-C", folder], input=packed, check=True)
    compiled = folder / "albconn/logs/_regular"  # as its setup.py builds it; optional there, too
    with suppress(OSError):
        subprocess.run(
            ["cc", "-O3", "-shared", "-fPIC", "-DPy_LIMITED_API=0x030b0000",
             f"-I{sysconfig.get_path('include')}", f"{compiled}.c", "-o", f"{compiled}.abi3.so"],
            check=False, capture_output=True,
        )  # fmt: skip
    return folder


def main() -> None:
    """Run the benchmarks and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--smoke", action="store_true", help="tiny worlds, one run")
    arguments.add_argument("--rounds", type=int, default=9, help="counted rounds, at most")
    given = arguments.parse_args()
    shapes = SMOKE if given.smoke else SHAPES
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="albconn-bench-")))
        sources = make_sources(work, shapes)
        sources["s3"] = stack.enter_context(serve(Path(sources["small"])))
        bench = Bench(sources, work, 1 if given.smoke else given.rounds)
        _print_header()
        for item in WORKS:
            bench.compare(item)
        bench.compare_memory("one file")
        bench.compare_memory("many files")
        for work, side, source, goal in REPORTS:
            bench.compare_report(work, side, source, goal)
    sys.exit(0 if bench.reached or given.smoke else 1)


def _print_header() -> None:
    versions = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}\n")
    print("| work | against | ours / theirs | ratio | goal | reached | our peak |")
    print("|---|---|---|---|---|---|---|", flush=True)


if __name__ == "__main__":
    main()
