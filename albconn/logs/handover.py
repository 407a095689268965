"""Tables from the workers of a scan, handed to the loop of whoever asked for pieces."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import pyarrow as pa

from albconn.arrow import to_frame
from albconn.errors import SourceError
from albconn.logs.books import Books

if TYPE_CHECKING:
    import pandas as pd

_AHEAD = 2  # finished pieces that wait for the caller


class Abandoned(Exception):  # noqa: N818  (ends the readers when the caller stops early)
    """Nobody takes the tables any more."""


class Handover:
    """A short queue between the scan's workers and the caller's loop."""

    def __init__(self) -> None:
        self._queue: queue.Queue[pa.Table | None] = queue.Queue(_AHEAD)
        self.abandoned = threading.Event()

    def put(self, table: pa.Table | None) -> None:
        """Hand a table over, None behind the last one; wait while too many wait."""
        while not self.abandoned.is_set():
            try:
                self._queue.put(table, timeout=0.1)
            except queue.Full:
                continue
            return
        raise Abandoned

    def get(self) -> pa.Table | None:
        """Return the next table, None behind the last one."""
        return self._queue.get()


def pieces(
    read: Callable[[Handover], Books], tell: Callable[[Books], None]
) -> Iterator[pd.DataFrame]:
    """Yield what a reading hands over, on a thread of its own, and tell of its books at the end.

    Raises
    ------
    SourceError
        Rows were given that do not count, or whatever ended the reading.
    """
    handover = Handover()
    outcome: list[Books | BaseException] = []

    def work() -> None:
        try:
            outcome.append(read(handover))
        except BaseException as error:  # handed to the caller's thread below
            outcome.append(error)
        with suppress(Abandoned):
            handover.put(None)

    thread = threading.Thread(target=work, name="albconn-iter", daemon=True)
    thread.start()
    try:
        while (table := handover.get()) is not None:
            yield to_frame(table)
    finally:
        handover.abandoned.set()
        thread.join()
    result = outcome[0]
    if isinstance(result, BaseException):
        raise result
    given = [books for books in result.unread if books.lines]
    if given:
        raise SourceError(f"{given[0].why_unread}; rows of it were given already and do not count")
    tell(result)
