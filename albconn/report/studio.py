"""Where charts are drawn: in processes of their own, and here when there is nothing else to do.

Drawing is Python all through, so threads do not help. A process is started as a plain command that
draws what it is sent, which needs nothing of the caller's main module and copies none of its
threads; it is started before the log is read, so that it is ready when the first chart is. What a
process cannot draw, or warns of, is drawn again here, where the error or the warning is seen.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import IO, Any

from albconn.platforms import processors
from albconn.report.drawing import Chart, Picture, draw

MOST_PROCESSES = 3  # beside this one: there are about fifteen charts, and each takes memory
_SERVE = "import sys; sys.path[:] = {path!r}; from albconn.report.studio import serve; serve()"


class Studio:
    """Draws the charts that it is given; a resource, to be used with ``with``."""

    def __init__(self, processes: int | None = None) -> None:
        self._queue: SimpleQueue[tuple[Chart, Path]] = SimpleQueue()
        self._pictures: dict[str, Picture] = {}
        self._failed: list[tuple[Chart, Path]] = []
        self._said: Callable[[int], object] = lambda _: None
        self._done = threading.Event()
        self._processes = _start(processes)
        self._threads = [
            threading.Thread(target=self._lead, args=(process,), daemon=True)
            for process in self._processes
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Studio:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        for process in self._processes:
            process.kill()
            process.wait()
        for thread in self._threads:
            thread.join()
        for process in self._processes:
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # what it was not sent any more
                    if pipe is not None:
                        pipe.close()

    def draw(self, chart: Chart, folder: Path) -> None:
        """Have a chart drawn, some time soon."""
        self._queue.put((chart, folder))

    def finish(self, said: Callable[[int], object] = lambda _: None) -> dict[str, Picture]:
        """Wait until all is drawn; return pictures by name. ``said`` is told how many are."""
        self._said = said
        while (asked := self._next()) is not None:
            self._keep(asked[0], draw(*asked))
        self._done.set()
        for thread in self._threads:
            thread.join()
        for asked in [*self._failed, *self._left()]:
            self._keep(asked[0], draw(*asked))
        return self._pictures

    def _keep(self, chart: Chart, picture: Picture) -> None:
        self._pictures[chart.name] = picture
        self._said(len(self._pictures))

    def _next(self) -> tuple[Chart, Path] | None:
        try:
            return self._queue.get_nowait()
        except Empty:
            return None

    def _left(self) -> list[tuple[Chart, Path]]:
        """Return what a process that broke has put back."""
        left = []
        while (asked := self._next()) is not None:
            left.append(asked)
        return left

    def _lead(self, process: subprocess.Popen[bytes]) -> None:
        """Give one process charts, until there are none and none will come."""
        assert process.stdin is not None
        assert process.stdout is not None
        while True:
            try:
                asked = self._queue.get(timeout=0.02)
            except Empty:
                if self._done.is_set():
                    return
                continue
            try:
                picture = _ask(process.stdin, process.stdout, asked)
            except (OSError, EOFError, ValueError, pickle.PickleError):
                self._failed.append(asked)
                return
            if picture is None:
                self._failed.append(asked)
            else:
                self._keep(asked[0], picture)


def _ask(into: IO[bytes], out: IO[bytes], asked: tuple[Chart, Path]) -> Picture | None:
    into.write(pickle.dumps(asked))
    into.flush()
    return pickle.load(out)


def _start(count: int | None) -> list[subprocess.Popen[bytes]]:
    wanted = min(MOST_PROCESSES, processors() - 1) if count is None else count
    if not sys.executable:
        return []
    command = [sys.executable, "-c", _SERVE.format(path=[str(Path(p).resolve()) for p in sys.path])]
    try:
        return [
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={**os.environ, "MPLBACKEND": "agg"},
            )
            for _ in range(wanted)
        ]  # fmt: skip
    except OSError:  # no more processes: this one draws all
        return []


def serve() -> None:
    """Draw what comes in on stdin until it ends; None for what failed, or gave a warning."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asked
    asked_on, told_on = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    import albconn.charts  # noqa: F401  (ready before the first chart comes)

    warnings.simplefilter("error")
    gc.freeze()  # a tenth of the time is looking for garbage among what was loaded
    gc.disable()
    while True:
        try:
            chart, folder = pickle.load(asked_on)
        except EOFError:
            return
        told_on.write(pickle.dumps(_drawn(chart, folder)))
        told_on.flush()
        gc.collect()


def _drawn(chart: Chart, folder: Path) -> Any:
    try:
        return draw(chart, folder)
    except Exception:  # drawn again where its error is seen
        return None
