"""Memory is bounded by the workers, never by the size of a file: by the process's own peak."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

import pyarrow.dataset as ds
import pytest

BOUND = 700_000_000  # [bytes]
SCRIPT = Path(__file__).parent / "endless.py"


def converted(size: int, dest: Path) -> dict[str, int]:
    command = [sys.executable, str(SCRIPT), str(size), str(dest)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    told = json.loads(run.stdout)
    assert told["rows"] == told["expected"]
    assert ds.dataset(dest / "connections", format="parquet").count_rows() == told["expected"]
    return told


def peaks(size: int, dest: Path) -> list[int]:
    """Return the peaks of three runs [bytes]: threads meet as they will, each time anew."""
    runs = [converted(size, dest / str(n)) for n in range(3)]
    assert all(run["lines_bytes"] >= size for run in runs)
    return [run["peak_bytes"] for run in runs]


@pytest.mark.long
def test_one_gzip_file_of_one_and_a_half_gigabytes_of_lines(tmp_path: Path) -> None:
    """What grew with the file would be three times as much, not a fifth more than happens."""
    third = peaks(500_000_000, tmp_path / "third")
    whole = peaks(1_500_000_000, tmp_path / "whole")
    assert max(whole) < BOUND
    assert median(whole) < 1.2 * max(third), (whole, third)
