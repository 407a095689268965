"""The command line in a process of its own, and the sample that it is given."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = str(ROOT / "data/sample")
TRUTH = json.loads((ROOT / "data/sample/truth.json").read_text())


def albconn(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from albconn.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
