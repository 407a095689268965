"""A bar where somebody can see it, and counts for whoever asks."""

from __future__ import annotations

import io
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import albconn as ac
from albconn import progress
from worlds import trees

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Two nodes, six intervals of an hour, three connections in each file."""
    files = {
        trees.key(end, node=node): trees.content(end, elb="web")
        for node in ("10.0.0.1", "10.0.0.2")
        for end in (NOON + n * 5 * MINUTE for n in range(6))
    }
    return trees.plant(tmp_path / "logs", files)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal_only(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SILENT_SECONDS", 0.0)
    pipe, terminal = io.StringIO(), Terminal()
    monkeypatch.setattr(sys, "stderr", pipe)
    ac.read_connections(logs)
    assert pipe.getvalue() == ""
    monkeypatch.setattr(sys, "stderr", terminal)
    ac.read_connections(logs)
    assert "36 rows" in terminal.getvalue()
    assert "reading: 100%" in terminal.getvalue()


def test_counts_add_up_from_any_thread() -> None:
    told = progress.Progress()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: told.advance(size=n, rows=1), range(1000)))
    assert (told.bytes, told.rows) == (sum(range(1000)), 1000)


def test_steps_are_shown_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SILENT_SECONDS", 0.0)
    for stream, is_shown in ((io.StringIO(), False), (Terminal(), True)):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress.steps_bar(4, text="drawing") as said:
            said(1)
            said(4)
        assert ("drawing" in stream.getvalue()) is is_shown
        assert ("4/4" in stream.getvalue()) is is_shown


def test_what_is_done_is_said_on_a_terminal_only_and_then_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for stream, is_shown in ((io.StringIO(), False), (Terminal(), True)):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress.doing("looking"):
            assert ("looking …" in stream.getvalue()) is is_shown
        assert not stream.getvalue().rsplit("\r", 1)[-1].strip()
        assert "it/s" not in stream.getvalue()
