"""A progress bar by bytes, with the rows so far: in a terminal or a notebook, else none.

Nothing is silent for long: a bar's clock goes on while nothing moves, and what has no bar says what
it does and for how long.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

SILENT_SECONDS = 1.0  # quick reads show no bar
TICK_SECONDS = 1.0


class Progress:
    """Counts what workers have done; safe to call from any thread."""

    def __init__(self, bar: object | None = None) -> None:
        self._bar = bar
        self._lock = threading.Lock()
        self.bytes = 0
        self.rows = 0

    def advance(self, *, size: int = 0, rows: int = 0) -> None:
        """Add finished bytes (of the stored size) and rows."""
        with self._lock:
            self.bytes += size
            self.rows += rows
            if self._bar is not None:
                self._bar.set_postfix_str(f"{self.rows:,} rows", refresh=False)  # type: ignore[attr-defined]
                self._bar.update(size)  # type: ignore[attr-defined]


@contextmanager
def progress_bar(
    total_bytes: int, *, text: str = "reading", then: str | None = None
) -> Iterator[Progress]:
    """Show a bar while the block runs, where somebody can see it.

    ``then`` is what is still done when all bytes are read.
    """
    bar_class = _bar_class()
    if bar_class is None:
        yield Progress()
        return
    with bar_class(
        total=total_bytes, desc=text, unit="B", unit_scale=True, unit_divisor=1024,
        delay=SILENT_SECONDS, leave=True,
    ) as bar, _repeated(partial(_go_on, bar, total_bytes, then or text)):  # fmt: skip
        yield Progress(bar)


@contextmanager
def steps_bar(total: int, *, text: str) -> Iterator[Callable[[int], object]]:
    """Show a bar over a few steps, where somebody can see it; it is told how many are done."""
    bar_class = _bar_class()
    if bar_class is None:
        yield lambda _: None
        return
    with bar_class(total=total, desc=text, delay=SILENT_SECONDS, leave=False, mininterval=0) as bar:
        yield lambda done: bar.update(done - bar.n)


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Say what is done and for how long, while the block runs, where somebody can see it."""
    bar_class = _bar_class()
    if bar_class is None:
        yield
        return
    bars: list[Any] = []
    began = time.time()  # as bars measure it

    def tick() -> None:
        if not bars:
            bars.append(bar_class(desc=text, bar_format="{desc}: {elapsed}", leave=False, delay=1))
            bars[0].start_t, bars[0].delay = began, 0
        bars[0].refresh()

    try:
        with _repeated(tick):
            yield
    finally:
        for bar in bars:
            bar.close()


@contextmanager
def _repeated(act: Callable[[], object]) -> Iterator[None]:
    """Do something again and again while the block runs, for the first time after a while."""
    done = threading.Event()

    def repeat() -> None:
        pause = SILENT_SECONDS
        while not done.wait(pause):
            act()
            pause = TICK_SECONDS

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _go_on(bar: Any, total: int, then: str) -> None:
    """Let the clock of a bar go on."""
    if bar.n >= total:
        bar.set_description(then, refresh=False)
    bar.delay = 0  # it is seen now, so its line must end
    bar.refresh()


def _bar_class() -> type | None:
    shell = sys.modules.get("IPython")
    in_notebook = shell is not None and type(shell.get_ipython()).__name__ == "ZMQInteractiveShell"
    if in_notebook and _installed("ipywidgets"):
        from tqdm.notebook import tqdm as notebook_bar

        return notebook_bar
    if in_notebook or sys.stderr.isatty():
        from tqdm import tqdm as terminal_bar

        return terminal_bar
    return None


def _installed(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None
