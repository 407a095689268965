"""A bar where somebody can see it, and counts for whoever asks."""

from __future__ import annotations

import io
import sys
import threading
import time
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


def seen(stream: io.StringIO, text: str) -> bool:
    """Wait until a text is on the terminal; a busy machine takes its time."""
    until = time.monotonic() + 20
    while text not in stream.getvalue() and time.monotonic() < until:
        time.sleep(0.005)
    return text in stream.getvalue()


def fast_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return the terminal that stderr is from now on; clocks tick fast."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "SILENT_SECONDS", 0.01)
    monkeypatch.setattr(progress, "TICK_SECONDS", 0.01)
    return stream


def test_when_all_is_read_it_is_said_what_is_still_done(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = fast_terminal(monkeypatch)
    with progress.progress_bar(10, text="converting", then="writing") as told:
        assert seen(terminal, "converting:   0%")
        told.advance(size=10, rows=3)
        assert seen(terminal, "writing: 100%")
    assert terminal.getvalue().endswith("\n")


def test_a_clock_goes_on_while_nothing_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = fast_terminal(monkeypatch)
    with progress.progress_bar(10, text="reading") as told:
        told.advance(size=4)
        assert seen(terminal, "[00:01")
    assert terminal.getvalue().endswith("\n")


def test_what_has_no_bar_says_what_it_does_and_for_how_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = fast_terminal(monkeypatch)
    with progress.waiting("counting"):
        assert seen(terminal, "counting: 00:00")
        assert seen(terminal, "counting: 00:01")
    left = terminal.getvalue().rpartition("\n")[2].rstrip("\r").rpartition("\r")[2]
    assert left.strip() == ""  # what comes next has the line to itself


def test_what_is_quick_says_nothing_and_no_thread_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream, before = Terminal(), threading.active_count()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress.waiting("counting"), progress.progress_bar(10):
        pass
    assert stream.getvalue() == ""
    assert threading.active_count() == before


def test_a_pipe_hears_of_no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "SILENT_SECONDS", 0.0)
    with progress.waiting("counting"):
        time.sleep(0.05)
    assert stream.getvalue() == ""


def test_an_error_passes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    fast_terminal(monkeypatch)
    with pytest.raises(KeyError), progress.waiting("counting"):
        raise KeyError("x")
