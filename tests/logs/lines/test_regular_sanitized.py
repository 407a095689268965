"""The compiled reader touches no memory that is not its own, whatever it is given."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from albconn.logs.lines import regular

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
_WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Werror"]
_SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1"]
# As it is on most machines, and as where there are no 16 bytes at once and no 128-bit integers.
_MACHINES = {"usual": [], "plain": ["-U__SSE2__", "-U__SIZEOF_INT128__"]}


def _compiler() -> tuple[str, str]:
    """Return gcc and its address sanitizer, or skip."""
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("no gcc")
    asked = [compiler, "-print-file-name=libasan.so"]
    library = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    if not Path(library).is_absolute():
        pytest.skip("gcc has no libasan")
    return compiler, library


@pytest.mark.parametrize("machine", _MACHINES)
def test_hostile_lines_and_arguments_under_sanitizers(machine: str, tmp_path: Path) -> None:
    compiler, library = _compiler()
    reader = tmp_path / "_regular.abi3.so"
    source = Path(regular.__file__).with_name("_regular.c")
    built = subprocess.run(
        [
            compiler, *_SANITIZERS, *_WARNINGS, *_MACHINES[machine], "-shared", "-fPIC",
            f"-I{sysconfig.get_path('include')}", "-include", HERE / "short_memory.h",
            source, "-o", reader,
        ],
        capture_output=True, text=True,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr[-3000:]
    done = subprocess.run(
        [sys.executable, "-m", "tests.logs.lines.hostile_lines", reader, "2000"],
        env=os.environ | {
            "LD_PRELOAD": library, "ASAN_OPTIONS": "detect_leaks=0", "PYTHONMALLOC": "malloc",
        },
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout)
    assert seen["taken"] > 12_000
    assert seen["left"] > 5_000
    assert seen["refused"] > 2_000
    assert seen["accepted"] > 100
    assert seen["short of memory"] > 20
