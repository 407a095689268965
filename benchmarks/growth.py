"""What a run costs that adds one file, at 10 batches and at 100,000: ``make growth``.

The datasets are made up (see ``made_up``); what is measured is real. A process converts one new log
file with ``--start`` again and again, and opens one day; imports are not counted. Time, bytes and
memory are of a disk, requests of an S3 server of our own. Prints the table as Markdown, and puts it
between the marks of a file with ``--into README.md``. Exits 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.counted_s3 import CountedS3
from benchmarks.made_up import END, FILES, FIVE_MINUTES, MadeUp, make_up, new_file
from benchmarks.marks import replace_block

DEST = "s3://out/dataset"
SIZES = (10, 1_000, 10_000, 100_000)  # batches
LATE = END.replace(hour=23)  # of the last row: a day that is nearly over
RUNS = 25  # of which three fold
OPENINGS = 50
MOST_REQUESTS = 40
SLOWER = 1.2  # at most, than with ten batches


@dataclass(frozen=True)
class Cost:
    """What runs cost: seconds [s] of each, bytes read in all [bytes], peak memory [bytes]."""

    convert: tuple[float, ...]
    opening: tuple[float, ...]
    read: int
    memory: int


@dataclass(frozen=True)
class Row:
    """The costs at one size; ``requests`` of each run, ``opening_requests`` of one."""

    made: MadeUp
    cost: Cost
    requests: tuple[int, ...]
    opening_requests: int


def measure_here(dest: Path, logs: Path, end: datetime) -> Cost:
    """Convert new files and open a day in this process; what it has imported is not counted."""
    from albconn import convert, open_dataset
    from albconn.storage.local import LocalStore

    read = Counter[str]()
    whole = LocalStore.read

    def counted(store: LocalStore, path: str) -> bytes:
        content = whole(store, path)
        read["bytes"] += len(content)
        return content

    LocalStore.read = counted  # type: ignore[method-assign]
    seconds = []
    for n in range(RUNS + 1):
        key, content = new_file(end + (n + 1) * FIVE_MINUTES)
        (logs / key).parent.mkdir(parents=True, exist_ok=True)
        (logs / key).write_bytes(content)
        began = perf_counter()
        done = convert(logs, dest, start=end)
        seconds.append(perf_counter() - began)
        if done.written != 3:
            raise SystemExit(f"{done} is not one file more")
        if n == 0:
            read.clear()
    total = read["bytes"]
    opening = []
    for _ in range(OPENINGS):
        began = perf_counter()
        open_dataset(dest, start=end - timedelta(minutes=50), end=end)
        opening.append(perf_counter() - began)
    # The first of each imports what it needs.
    return Cost(tuple(seconds[1:]), tuple(opening[1:]), total // RUNS, _peak())


def measure(batches: int, files: int, end: datetime) -> Row:
    """Make a dataset up and measure it, in a process of its own, and on S3."""
    with tempfile.TemporaryDirectory(prefix="albconn-growth-") as folder:
        made = make_up(Path(folder, "out"), batches, files, end)
        requests, opening = requests_on_s3(made)
        command = [sys.executable, "-m", "benchmarks.growth", "--measure", folder, end.isoformat()]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        told: dict[str, Any] = json.loads(said)
    cost = Cost(tuple(told["convert"]), tuple(told["opening"]), told["read"], told["memory"])
    return Row(made, cost, requests, opening)


def requests_on_s3(made: MadeUp, runs: int = RUNS) -> tuple[tuple[int, ...], int]:
    """Return how many requests each of some runs makes to the dataset, and opening a day."""
    from albconn import convert, open_dataset

    with CountedS3() as server:
        server.upload(made.dest, "out/dataset")
        counts, options = [], server.storage_options
        for n in range(runs):
            key, content = new_file(made.end + (n + 1) * FIVE_MINUTES)
            server.put("logs", key, content)
            server.seen.clear()
            until = made.end + timedelta(hours=9)
            convert("s3://logs", DEST, start=made.end, end=until, storage_options=options)
            counts.append(server.count("out"))
        server.seen.clear()
        start = made.end - timedelta(minutes=50)
        open_dataset(DEST, start=start, end=made.end, storage_options=options)
        return tuple(counts), server.count("out")


def told(rows: Sequence[Row]) -> str:
    """Return the table of the rows as Markdown."""
    lines = [
        "| batches | log files | time of day | one file more: time, usual and most | "
        "requests, usual and most | bytes read | peak memory | open a day | requests |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [_line(row) for row in rows]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    cost = row.cost
    cells = (
        f"{row.made.batches:,}",
        f"{row.made.sources:,}",
        f"{row.made.end:%H:%M}",
        f"{_ms(median(cost.convert))}, {_ms(max(cost.convert))}",
        f"{median(row.requests):.0f}, {max(row.requests)}",
        f"{cost.read / 1e3:,.0f} kB",
        f"{cost.memory / 1e6:,.0f} MB",
        _ms(median(cost.opening), 1),
        str(row.opening_requests),
    )
    return f"| {' | '.join(cells)} |"


def missed(rows: Sequence[Row]) -> list[str]:
    """Return which goals are missed: of the requests of all, of the time beside ten batches."""
    few = rows[0].cost
    goals: list[str] = []
    for row in rows:
        at = f"{row.made.batches:,} batches"
        if max(row.requests) > MOST_REQUESTS:
            goals.append(f"{at}: {max(row.requests)} requests; at most {MOST_REQUESTS}")
        if row.made.end != rows[0].made.end:
            continue
        for name in ("convert", "opening"):
            took, first = (quick(getattr(cost, name)) for cost in (row.cost, few))
            if took > SLOWER * first:
                goals.append(f"{at}: {name} {_ms(took, 1)}; {_ms(first, 1)} at 10")
    return goals


def quick(seconds: Sequence[float]) -> float:
    """Return what a tenth of the runs were quicker than: all that disturbs makes them slower."""
    return sorted(seconds)[len(seconds) // 10]


def _ms(seconds: float, digits: int = 0) -> str:
    return f"{seconds * 1e3:,.{digits}f} ms"


def _peak() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return 1024 * int(line.split()[1])
    raise SystemExit("/proc/self/status has no VmHWM")


def main() -> None:
    """Measure all sizes, and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--into", type=Path, help="a file with marks, as README.md")
    options.add_argument("--files", type=int, default=FILES, help="log files of a batch")
    options.add_argument("--measure", nargs=2, metavar=("FOLDER", "END"), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measure:
        folder, end = given.measure
        cost = measure_here(Path(folder, "out"), Path(folder, "logs"), datetime.fromisoformat(end))
        print(json.dumps(asdict(cost)))
        return
    rows = []
    for batches, end in (*((size, END) for size in SIZES), (SIZES[-1], LATE)):
        rows.append(measure(batches, given.files, end))
        print(f"{batches:,} batches done", file=sys.stderr, flush=True)
    print(told(rows), end="", flush=True)
    if given.into:
        replace_block(given.into, "growth", told(rows))
    for goal in missed(rows):
        print(f"missed: {goal}", file=sys.stderr)
    raise SystemExit(1 if missed(rows) else 0)


if __name__ == "__main__":
    main()
