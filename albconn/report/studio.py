"""Where charts are drawn: in processes of their own, and here where there are none.

Drawing is Python all through, so threads do not help. A process is started as a plain command that
draws what it is sent, which needs nothing of the caller's main module and copies none of its
threads; it is started before the log is read, so that it is ready when the first chart is. On Linux
it then divides itself into as many as there are processors: what is loaded is loaded once. What a
process cannot draw, or warns of, is drawn again here, where the error or the warning is seen.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any

from albconn.platforms import processors
from albconn.report.drawing import Chart, Picture, draw

MOST_PROCESSES = 4  # there are about fifteen charts, and each process takes memory
PATIENCE = 0.5  # [s] for a process to end by itself, when nobody sends it anything any more
_SERVE = (
    "import sys; sys.path[:] = {path!r}; from albconn.report.studio import serve; serve({ends})"
)
# One thread is enough: what else numpy starts could not be divided.
_SURROUNDINGS = {"MPLBACKEND": "agg", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Studio:
    """Draws the charts that it is given; a resource, to be used with ``with``."""

    def __init__(self, processes: int | None = None) -> None:
        self._queue: SimpleQueue[tuple[Chart, Path]] = SimpleQueue()
        self._pictures: dict[str, Picture] = {}
        self._failed: list[tuple[Chart, Path]] = []
        self._said: Callable[[int], object] = lambda _: None
        self._done = threading.Event()
        self._lines, self._processes = _start(_wanted() if processes is None else processes)
        self._threads = [
            threading.Thread(target=self._lead, args=(line,), daemon=True) for line in self._lines
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
        for line in self._lines:
            with suppress(OSError):  # it has ended
                line.shutdown(socket.SHUT_RDWR)
        for process in self._processes:
            _end(process)
        for thread in self._threads:
            thread.join()
        for line in self._lines:
            line.close()

    def draw(self, chart: Chart, folder: Path) -> None:
        """Have a chart drawn, some time soon."""
        self._queue.put((chart, folder))

    def finish(self, said: Callable[[int], object] = lambda _: None) -> dict[str, Picture]:
        """Wait until all is drawn; return pictures by name. ``said`` is told how many are."""
        self._said = said
        self._done.set()
        for thread in self._threads:
            thread.join()
        for asked in [*self._failed, *self._left()]:
            self._keep(asked[0], draw(*asked))
        return self._pictures

    def _keep(self, chart: Chart, picture: Picture) -> None:
        self._pictures[chart.name] = picture
        self._said(len(self._pictures))

    def _left(self) -> list[tuple[Chart, Path]]:
        """Return what no process is there for."""
        left = []
        with suppress(Empty):
            while True:
                left.append(self._queue.get_nowait())
        return left

    def _lead(self, line: socket.socket) -> None:
        """Give one process charts, until there are none and none will come."""
        with suppress(OSError), line.makefile("rwb") as both:  # it flushes what nobody reads
            while True:
                try:
                    asked = self._queue.get(timeout=0.02)
                except Empty:
                    if self._done.is_set():
                        return
                    continue
                try:
                    picture = _ask(both, asked)
                except (OSError, EOFError, ValueError, pickle.PickleError):
                    self._failed.append(asked)
                    return
                if picture is None:
                    self._failed.append(asked)
                else:
                    self._keep(asked[0], picture)


def _ask(both: Any, asked: tuple[Chart, Path]) -> Picture | None:
    pickle.dump(asked, both)
    both.flush()
    return pickle.load(both)


def _wanted() -> int:
    """Return how many processes are worth starting: beside none that draws, one only loads."""
    return min(MOST_PROCESSES, processors()) if processors() > 1 else 0


def _start(count: int) -> tuple[list[socket.socket], list[subprocess.Popen[bytes]]]:
    """Start processes; return a line to each that draws, and what was started."""
    if not sys.executable or not count:
        return [], []
    pairs = [socket.socketpair() for _ in range(count)]
    ours, theirs = [list(ends) for ends in zip(*pairs, strict=True)]
    divides = sys.platform == "linux"  # elsewhere what was loaded does not survive it
    groups = [theirs] if divides else [[end] for end in theirs]
    processes: list[subprocess.Popen[bytes]] = []
    with suppress(OSError):  # no more processes: those that there are draw all
        processes += map(_serve_elsewhere, groups)
    for end in theirs:
        end.close()
    return ours, processes


def _serve_elsewhere(ends: Sequence[socket.socket]) -> subprocess.Popen[bytes]:
    numbers = [end.fileno() for end in ends]
    path = [str(Path(place).resolve()) for place in sys.path]
    return subprocess.Popen(
        [sys.executable, "-c", _SERVE.format(path=path, ends=numbers)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        pass_fds=numbers, process_group=0, env={**os.environ, **_SURROUNDINGS},
    )  # fmt: skip


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it has divided into, at once if it does not by itself."""
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def serve(ends: Sequence[int]) -> None:
    """Draw what comes in on each of some sockets until it ends; a process for each."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asked
    import albconn.charts  # noqa: F401  (ready before the first chart comes)

    gc.freeze()  # a tenth of the time is looking for garbage among what was loaded
    gc.disable()
    mine, *others = ends
    children = []
    for end in others:
        child = os.fork()
        if not child:
            mine, children = end, []
            break
        children.append(child)
    for end in set(ends) - {mine}:
        os.close(end)  # so that who asks sees when the process that it belongs to has ended
    _serve(socket.socket(fileno=mine))
    for child in children:
        os.waitpid(child, 0)
    os._exit(0)  # to take apart what was loaded takes as long as a chart


def _serve(line: socket.socket) -> None:
    """Draw what comes in; None is the answer for what failed, or gave a warning."""
    warnings.simplefilter("error")
    with line, line.makefile("rwb") as both, suppress(EOFError, OSError):
        while True:
            chart, folder = pickle.load(both)
            pickle.dump(_drawn(chart, folder), both)
            both.flush()
            gc.collect()


def _drawn(chart: Chart, folder: Path) -> Picture | None:
    try:
        return draw(chart, folder)
    except Exception:  # drawn again where its error is seen
        return None
