"""SIGKILL compact at any moment: each row counts once, and the next run makes it whole."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import albconn.dataset.converting.convert as converting
from albconn import convert, open_dataset
from albconn.dataset import check
from albconn.dataset.compacting import compact
from tests.dataset.on_disk import part_files, rows_on_disk
from worlds.lines import line
from worlds.trees import log_path, moments, write_log

# Small limits, so that one run has many steps: streamed parts, several jobs and commits.
_COMPACTER = """
import sys
import albconn.dataset.compacting as compacting, albconn.dataset.parts.merge as merge
import pandas
merge.WHOLE_ROWS, merge.PIECE_ROWS, compacting.ROW_GROUP_ROWS = 50, 200, 1500
compacting.WHOLE_ROWS, compacting.ROWS_AT_ONCE = 50, 400
print("ready", flush=True)
sys.stdin.readline()
compacting.compact(sys.argv[1])
"""
FILES, LINES = 24, 400


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Log files of three dates, each across midnight, converted in as many batches."""
    root = tmp_path_factory.mktemp("kill-compact")
    for n in range(FILES):
        stamps = moments(f"2026-09-{21 + n % 3}T23:5{n // 3}:00Z", LINES, step_seconds=1.5)
        path = log_path(root / "logs", f"202609{22 + n % 3}T0005Z", n=n)
        write_log(path, [*map(line, stamps), f"bad line {n}"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(converting, "BATCH_LIMITS", (1, 1 << 30))
        convert(root / "logs", root / "out")
    return root


def run_compacter(dest: Path, kill_after: float | None) -> float:
    """Run compact, kill it after some seconds [s], return how long it ran [s]."""
    command = [sys.executable, "-c", _COMPACTER, str(dest)]
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


def kill_and_recover(many: Path, dest: Path, kill_after: float) -> bool:
    """Kill compact, look, run it again, prove the result; return whether it died midway."""
    shutil.copytree(many / "out", dest)
    run_compacter(dest, kill_after)
    midway = (dest / "lock.json").exists()
    assert open_dataset(dest).count_rows() == FILES * LINES
    told = [fault for fault in check(dest).faults if "no record claims it" not in fault]
    assert told == []
    compact(dest)
    rows = rows_on_disk(dest)
    assert len(rows) == len(set(rows)) == FILES * LINES
    assert len(part_files(dest)) == 4
    assert check(dest, many / "logs").faults == ()
    there = {p.name for p in dest.iterdir()} - {"ledger"}  # it comes with the first fold
    assert there == {"connections", "manifest", "rejected"}
    shutil.rmtree(dest)
    return midway


@pytest.mark.parametrize(
    "points", [3, pytest.param(30, marks=[pytest.mark.long, pytest.mark.timeout(600)])]
)
def test_killed_at_random_points(points: int, many: Path, tmp_path: Path) -> None:
    duration = run_compacter(Path(shutil.copytree(many / "out", tmp_path / "whole")), None)
    chance = random.Random(points)
    midway = [
        kill_and_recover(many, tmp_path / f"out{n}", chance.uniform(0, duration))
        for n in range(points)
    ]
    assert sum(midway) >= points // 3  # else the test kills nobody at work


def test_two_writers_started_together(many: Path, tmp_path: Path) -> None:
    """Of convert and compact one wins; the other says who holds the lock, and exits with 1."""
    dest = shutil.copytree(many / "out", tmp_path / "out")
    stamps = moments("2026-09-24T10:00:00Z", LINES)
    write_log(log_path(tmp_path / "logs", "20260924T1005Z"), [line(m) for m in stamps])
    script = (
        "import sys; from albconn import DatasetError, convert; "
        "from albconn.dataset.compacting import compact; import pandas\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "try: {work}\n"
        "except DatasetError as error: sys.exit(str(error))"
    )
    works = [f"convert({str(tmp_path / 'logs')!r}, {str(dest)!r})", f"compact({str(dest)!r})"]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script.format(work=work)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for work in works
    ]  # fmt: skip
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    said = [(writer.communicate()[1], writer.returncode) for writer in writers]
    lost = [text for text, code in said if code]
    assert len(lost) < 2
    assert all("another writer" in text for text in lost)
    convert(tmp_path / "logs", dest)
    compact(dest)
    assert open_dataset(dest).count_rows() == (FILES + 1) * LINES
    assert check(dest, [many / "logs", tmp_path / "logs"]).faults == ()
