"""The command line, in a process of its own or in ours, and the sample that it is given."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from albconn.cli import app

ROOT = Path(__file__).parents[2]
SAMPLE = str(ROOT / "data/sample")
FIRST_CASE = str(ROOT / "data/sample/first_case.log")
TRUTH = json.loads((ROOT / "data/sample/truth.json").read_text())


def albconn(*arguments: str, as_text: bool = True) -> subprocess.CompletedProcess[Any]:
    return subprocess.run(
        [sys.executable, "-c", "from albconn.cli import main; main()", *arguments],
        capture_output=True,
        text=as_text,
        check=False,
    )


def on_terminal(columns: int, *arguments: str) -> tuple[int, list[str]]:
    """Run a command on a terminal of that width; return its exit code and the lines that show.

    Both streams go there; colours are left out, and what was written over.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {name: text for name, text in os.environ.items() if name != "COLUMNS"}
    running = subprocess.Popen(
        [sys.executable, "-c", "from albconn.cli import main; main()", *arguments],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environment | {"TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    try:
        while piece := os.read(ours, 1 << 16):
            seen += piece
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(ours)
    shown = re.sub(r"\x1b\[[0-9;]*[mK]", "", seen.decode())
    lines = [line.rpartition("\r")[2] for line in shown.replace("\r\n", "\n").split("\n")]
    return running.wait(), lines


def printed(*arguments: str) -> list[dict[str, str]]:
    """Return the rows that a command prints as CSV, run in this process."""
    done = CliRunner().invoke(app, [*arguments, "--format", "csv"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))
