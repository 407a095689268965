"""The command line, in a process of its own or in ours, and the sample that it is given."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from albconn.cli import app

ROOT = Path(__file__).parents[2]
SAMPLE = str(ROOT / "data/sample")
FIRST_CASE = str(ROOT / "data/sample/first_case.log")
TRUTH = json.loads((ROOT / "data/sample/truth.json").read_text())


def albconn(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from albconn.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def printed(*arguments: str) -> list[dict[str, str]]:
    """Return the rows that a command prints as CSV, run in this process."""
    done = CliRunner().invoke(app, [*arguments, "--format", "csv"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))
