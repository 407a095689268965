"""SIGKILL at any moment: what is committed stays true, and the next run makes it whole."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from albconn import convert
from albconn.dataset import check
from albconn.dataset.commits.ledger import load_state
from albconn.storage.store import open_dest
from tests.dataset.on_disk import rows_on_disk
from worlds.lines import line
from worlds.trees import log_path, moments, write_log

_WRITER = """
import sys
import albconn.dataset.converting.convert as converting
import albconn.dataset.parts.write as parts
import albconn.logs.scan, isal, pyarrow.parquet
import pandas  # pyarrow loads it at its first use; here it must not hide the moment
converting.BATCH_LIMITS = (3, 1 << 30)
parts.ROWS_PER_PART = 1000
print("ready", flush=True)
sys.stdin.readline()
converting.convert(sys.argv[1], sys.argv[2], refresh="replace")
"""
FILES, LINES = 24, 800


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of half of the files, two of which have changed since, one of them shorter."""
    root = tmp_path_factory.mktemp("kill")
    for n in range(FILES):
        if n == FILES // 2:
            convert(root / "logs", root / "out")
        write(root, n, LINES)
    write(root, 3, LINES - 300)
    write(root, 7, LINES + 200)
    return root


def write(root: Path, n: int, lines: int) -> None:
    stamps = moments(f"2026-09-{21 + n % 3}T23:50:00Z", lines, step_seconds=1.5)
    bad = [f"bad line {n}"] * (n % 4)
    write_log(log_path(root / "logs", f"202609{22 + n % 3}T0005Z", n=n), [*bad, *map(line, stamps)])


EXPECTED = LINES * FILES - 300 + 200


def run_writer(begun: Path, dest: Path, kill_after: float | None) -> float:
    """Run a writer, kill it after some seconds [s], return how long it ran [s]."""
    command = [sys.executable, "-c", _WRITER, str(begun / "logs"), str(dest)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        began = time.perf_counter()
        process.stdin.write(b"\n")
        process.stdin.flush()
        if kill_after is None:
            assert process.wait() == 0
        else:
            time.sleep(kill_after)
            process.kill()
        return time.perf_counter() - began


def kill_and_recover(begun: Path, dest: Path, kill_after: float) -> bool:
    """Kill a writer, convert again, prove the result; return whether it was killed midway."""
    shutil.copytree(begun / "out", dest)
    run_writer(begun, dest, kill_after)
    midway = (dest / "lock.json").exists()
    state = load_state(open_dest(dest))
    assert state is not None
    # Files of a batch that is not committed may lie about; all that is claimed is true.
    told = [fault for fault in check(dest).faults if "no record claims it" not in fault]
    assert told == []
    convert(begun / "logs", dest, refresh="replace")
    assert check(dest, begun / "logs").faults == ()
    rows = rows_on_disk(dest)
    assert len(rows) == len(set(rows)) == EXPECTED
    there = {p.name for p in dest.iterdir()} - {"ledger"}  # it comes with the first fold
    assert there == {"connections", "manifest", "rejected"}
    shutil.rmtree(dest)
    return midway


@pytest.mark.parametrize(
    "points", [3, pytest.param(30, marks=[pytest.mark.long, pytest.mark.timeout(600)])]
)
def test_killed_at_random_points(points: int, begun: Path, tmp_path: Path) -> None:
    duration = run_writer(begun, Path(shutil.copytree(begun / "out", tmp_path / "whole")), None)
    chance = random.Random(points)
    midway = [
        kill_and_recover(begun, tmp_path / f"out{n}", chance.uniform(0, duration))
        for n in range(points)
    ]
    assert sum(midway) >= points // 3  # else the test kills nobody at work
