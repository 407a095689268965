"""The benchmarks still run: every row of the table, on tiny worlds. Their figures say nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.long
def test_smoke() -> None:
    run = subprocess.run(
        [sys.executable, BENCHMARKS / "run.py", "--smoke"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    rows = [line.split("|")[1:-1] for line in run.stdout.splitlines() if line.startswith("| ")]
    assert {len(row) for row in rows} == {7}
    peers = [row[1].strip() for row in rows[1:]]
    assert peers.count("polars") == 5
    assert peers.count("floor") == 2
    assert peers.count("report of 1a870e2") == 3
    assert {"duckdb", "pandas", "s3fs", "itself on 1/10"} < set(peers)
