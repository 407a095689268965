"""Days of service at speed: deliveries, a run after each, nightly compaction, and kills.

Every five simulated minutes what ``worlds.deliveries`` says is put below a folder (late, doubled,
changed, cut off), and ``convert`` runs as a cron job would. At simulated midnight ``compact`` runs.
Some of the runs are killed by SIGKILL at a random moment; in between a reader counts what is
committed. In the end one more run, and DuckDB counts the bare folder: every line of every file
once, by a plain account that knows nothing of albconn.

    python -m benchmarks.soak --hours 24 --kill 0.2
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from worlds.deliveries import COPIES, FIRST, TICK, Deliveries, make_deliveries, put

TICKS_AN_HOUR = 12
_FORK = multiprocessing.get_context("forkserver")  # imports are paid once, not at every run
_PRELOADED = ["albconn.dataset.compacting", "albconn.dataset.converting.convert", "pandas"]
_LOOK_BACK = 2 * 24 * TICKS_AN_HOUR  # [ticks] of a usual run; README's cron job says two days
_PATIENCE = 120  # [s] for a run, after which it is said to hang


@dataclass
class Soak:
    """What came of it; ``faults`` is empty when all is well."""

    ticks: int
    runs: int = 0
    kills: int = 0
    killed_at_work: int = 0
    hung: int = 0
    looks: int = 0
    deliveries: Deliveries = field(default_factory=Deliveries)
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return one line for a table."""
        made = self.deliveries
        return (
            f"{self.ticks / TICKS_AN_HOUR:.0f} hours, {len(made.puts):,} deliveries "
            f"({made.late} late, {made.doubled} doubled, {made.changed} changed, {made.cut} cut "
            f"off), {self.runs:,} runs, {self.kills} killed ({self.killed_at_work} at work), "
            f"{sum(made.rows.values()):,} rows"
        )


def soak(folder: Path, *, ticks: int, kill: float, seed: int = 0) -> Soak:
    """Serve some ticks; ``kill`` is the share of runs that are killed [1]."""
    began = time.perf_counter()
    chance = random.Random(seed)
    done = Soak(ticks, deliveries=make_deliveries(ticks, seed=seed))
    logs, dest = folder / "logs", folder / "dataset"
    _FORK.set_forkserver_preload(_PRELOADED)
    last = max(delivery.tick for delivery in done.deliveries.puts)
    usual = 0.3  # [s] that a run takes; learnt below
    for tick in range(last + 1):
        for delivery in done.deliveries.at(tick):
            put(logs, delivery)
        start = (FIRST + TICK * max(0, tick - _LOOK_BACK)).isoformat()
        works: list[tuple[str, str | None]] = [("convert", start)]
        if tick and (FIRST + TICK * tick).time() == FIRST.min.time():
            works.append(("compact", None))
        for work, since in works:
            limit = chance.uniform(0, usual) if chance.random() < kill else None
            took = _run(done, work, logs, dest, since, limit)
            usual = 0.9 * usual + 0.1 * took if limit is None else usual
        _look(done, dest)
    _run(done, "convert", logs, dest, None, None)
    _run(done, "compact", logs, dest, None, None)
    done.faults += list(_untrue(done.deliveries, logs, dest))
    done.seconds = time.perf_counter() - began
    return done


def _run(
    done: Soak, work: str, logs: Path, dest: Path, since: str | None, limit: float | None
) -> float:
    """Run a job in a process of its own, killed after ``limit`` [s]; return how long it took."""
    done.runs += 1
    process = _FORK.Process(target=_work, args=(work, str(logs), str(dest), since))
    began = time.perf_counter()
    process.start()
    process.join(_PATIENCE if limit is None else limit)
    if process.exitcode is None:
        done.kills += limit is not None
        done.hung += limit is None
        done.killed_at_work += (dest / "lock.json").exists()
        process.kill()
        process.join()
        if limit is None:
            done.faults.append(f"{work} since {since}: did not end within {_PATIENCE} s")
    elif process.exitcode:
        done.faults.append(f"{work} since {since}: exit code {process.exitcode}")
    return time.perf_counter() - began


def _work(work: str, logs: str, dest: str, since: str | None) -> None:
    import warnings

    from albconn import convert
    from albconn.dataset.compacting import compact

    warnings.simplefilter("ignore")  # late, changed and damaged files are what this is about
    if work == "convert":
        convert(logs, dest, start=since, refresh="replace")
    else:
        compact(dest)


def _look(done: Soak, dest: Path) -> None:
    """See what a reader sees between two runs: no row twice, none that is not recorded."""
    from albconn import open_dataset

    if not (dest / "manifest").exists() or not any((dest / "manifest").iterdir()):
        return  # the first run was killed before it began
    done.looks += 1
    held = duckdb.from_arrow(open_dataset(dest).to_table(columns=["source_file", "line_number"]))
    count = "count(*), count(DISTINCT (source_file, line_number))"
    rows, distinct = held.aggregate(count).fetchall()[0]
    if rows != distinct:
        done.faults.append(f"a reader saw {rows} rows of {distinct} connections")


def _untrue(made: Deliveries, logs: Path, dest: Path) -> list[str]:
    """Return how a dataset's bare folder differs from what was delivered in the end."""
    from albconn.dataset import check

    bare = duckdb.read_parquet(f"{dest}/connections/*/*.parquet")
    counts = "source_file, count(*), count(DISTINCT line_number)"
    found = bare.aggregate(counts, "source_file").fetchall()
    rows, lines = Counter[str](), Counter[str]()
    for name, count, distinct in found:
        rows[_key_of(name, logs)] += count
        lines[_key_of(name, logs)] += distinct
    rejected = Counter[str]()
    for path in (dest / "rejected").glob("*.jsonl"):
        for text in path.read_text().splitlines():
            rejected[_key_of(json.loads(text)["source_file"], logs)] += 1
    return [
        *_differences("rows", rows, made.rows),
        *_differences("different rows", lines, made.rows),
        *_differences("rejected lines", rejected, made.rejected),
        *check(dest).faults,
    ]


def _key_of(url: str, logs: Path) -> str:
    """Return a file's key; a copy stands for the file that it is a copy of."""
    return url.removeprefix(f"{logs}/").replace(COPIES, "", 1)


def _differences(what: str, found: Counter[str], true: dict[str, int]) -> list[str]:
    return [
        f"{name}: {found[name]} {what}; delivered {true.get(name, 0)}"
        for name in sorted(found.keys() | true)
        if found[name] != true.get(name, 0)
    ]


def main() -> None:
    """Soak, say what came of it, and exit 1 where something is untrue."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hours", type=int, default=24)
    options.add_argument("--kill", type=float, default=0.2, help="share of runs [1]")
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        done = soak(
            Path(folder), ticks=given.hours * TICKS_AN_HOUR, kill=given.kill, seed=given.seed
        )
    print(f"{done.text}, in {done.seconds:.0f} s; {len(done.faults)} faults", flush=True)
    print("\n".join(done.faults[:20]), file=sys.stderr)
    raise SystemExit(1 if done.faults else 0)


if __name__ == "__main__":
    main()
