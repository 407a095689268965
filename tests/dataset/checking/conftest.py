"""Two log files, one with a bad line, and the dataset made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from albconn import convert
from worlds.lines import line
from worlds.trees import log_path, moments, write_log


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    root = tmp_path / "logs"
    good = [line(m) for m in moments("2026-09-23T10:00:00Z", 10)]
    write_log(log_path(root, "20260923T1005Z"), [*good, "bad"])
    write_log(log_path(root, "20260924T1005Z"), [line(m) for m in moments("2026-09-24T10:00Z", 5)])
    return root


@pytest.fixture
def dest(logs: Path, tmp_path: Path) -> Path:
    convert(logs, tmp_path / "out")
    return tmp_path / "out"
