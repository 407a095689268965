"""What swells costs time in proportion to its bytes, and memory that is bounded."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

BOUND = 500_000_000  # [bytes], of a process that has imported pandas, pyarrow and DuckDB
SCRIPT = """
import json, re, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
import albconn
loaded = albconn.load_connections(sys.argv[1])
peak = 1024 * int(re.findall(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[0])
told = {"rows": len(loaded.connections), "rejected": int(loaded.files["rejected"].sum()),
        "told": int(loaded.rejected["lines"].sum()), "entries": len(loaded.rejected), "peak": peak}
print(json.dumps(told))
"""


def swollen(tmp_path: Path, piece: bytes, times: int) -> dict[str, int]:
    """Read a gzip of a piece many times over, in a process of its own."""
    path = tmp_path / "swollen.log.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(times):
            file.write(piece)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told["told"] == told["rejected"]
    assert told["peak"] < BOUND, told
    return told


@pytest.mark.timeout(60)
def test_eight_megabytes_of_newlines(tmp_path: Path) -> None:
    """They took 97 s and 3.6 GB."""
    assert swollen(tmp_path, b"\n" * 1_000_000, 8)["rejected"] == 0


@pytest.mark.timeout(60)
def test_a_million_short_lines(tmp_path: Path) -> None:
    told = swollen(tmp_path, b"a\n" * 1_000_000, 1)
    assert (told["rejected"], told["entries"]) == (1_000_000, 10_001)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("line", [b"\n", b"\r\n", b"a\n"])
def test_a_gigabyte_of_nothing(line: bytes, tmp_path: Path) -> None:
    """It had no end."""
    lines = 1_000_000_000 // len(line)
    told = swollen(tmp_path, line * (lines // 1000), 1000)
    assert told["rejected"] == (lines if line == b"a\n" else 0)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_ten_million_bad_lines(tmp_path: Path) -> None:
    """They had no end either; each looks like a line until its port."""
    line = b"2026-09-23T00:00:00Z 203.0.113.7 abc 443 TLSv1.3 x 0.114 - - - Success\n"
    told = swollen(tmp_path, line * 10_000, 1000)
    assert (told["rejected"], told["entries"]) == (10_000_000, 10_001)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_gigabyte_without_a_line_end(tmp_path: Path) -> None:
    assert swollen(tmp_path, b"x" * 1_000_000, 1000)["rejected"] == 1
