"""Linux and macOS: what only Linux has may be missing, and elsewhere one line says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import albconn as ac
from albconn import platforms
from albconn.platforms import processors, require_platform

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data/sample"
TRUTH = json.loads((SAMPLE / "truth.json").read_text())

_AS_ON_A_MAC = """
import os, sys, warnings
warnings.simplefilter("ignore")
for name in ("sched_getaffinity", "posix_fadvise", "process_cpu_count"):
    if hasattr(os, name):
        delattr(os, name)
sys.modules["fcntl"] = None  # an import of it fails
read_text = __import__("pathlib").Path.read_text

def no_proc(path, *given, **named):
    if str(path).startswith("/proc/"):
        raise FileNotFoundError(path)
    return read_text(path, *given, **named)

__import__("pathlib").Path.read_text = no_proc
import albconn as ac
import json
rows = len(ac.read_connections(sys.argv[1]))
done = ac.convert(sys.argv[1], sys.argv[2])
again = ac.convert(sys.argv[1], sys.argv[2])
faults = list(ac.check(sys.argv[2], sys.argv[1]).faults)
print(json.dumps([rows, done.rows, again.files, faults]))
"""


def test_it_reads_and_converts_without_what_only_linux_has(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _AS_ON_A_MAC, str(SAMPLE), str(tmp_path / "dataset")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [TRUTH["rows"], TRUTH["rows"], 0, []]


def test_processors_are_counted_anyway(monkeypatch: pytest.MonkeyPatch) -> None:
    assert processors() >= 1
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    assert processors() >= 1
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert processors() == 1


@pytest.mark.parametrize("platform", ["win32", "emscripten", "freebsd14"])
def test_elsewhere_one_line_says_so(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platforms.sys, "platform", platform)
    for work in (
        lambda: ac.read_connections(SAMPLE),
        lambda: ac.convert(SAMPLE, tmp_path / "new"),
        lambda: ac.read_dataset(tmp_path),
        require_platform,
    ):
        with pytest.raises(ac.AlbconnError, match=rf"on Linux and macOS, and this is {platform};"):
            work()
    assert list(tmp_path.iterdir()) == []


def test_the_package_says_where_it_runs() -> None:
    classifiers = (ROOT / "pyproject.toml").read_text()
    assert '"Operating System :: POSIX :: Linux"' in classifiers
    assert '"Operating System :: MacOS"' in classifiers
