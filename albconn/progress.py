"""What is being done, and how much of it: in a terminal or a notebook, else nothing.

Reading has a bar by bytes, with the rows so far.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SILENT_SECONDS = 1.0  # quick reads show no bar


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
def progress_bar(total_bytes: int, *, text: str = "reading") -> Iterator[Progress]:
    """Show a bar while the block runs, where somebody can see it."""
    bar_class = _bar_class()
    if bar_class is None:
        yield Progress()
        return
    with bar_class(
        total=total_bytes, desc=text, unit="B", unit_scale=True, unit_divisor=1024,
        delay=SILENT_SECONDS, leave=True,
    ) as bar:  # fmt: skip
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
def doing(text: str) -> Iterator[None]:
    """Say what is being done while the block runs, where somebody can see it; then it is gone."""
    bar_class = _bar_class()
    if bar_class is None:
        yield
        return
    with bar_class(desc=f"{text} …", bar_format="{desc}", leave=False):
        yield


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
