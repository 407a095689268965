"""Reading until all that was handed on is proven.

A large object is handed on while it comes, and only its end proves it. Where the proof fails, its
rows are among the others and cannot be told apart there; so all is read again without it. That
costs a second reading, and happens where something between here and the store is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from albconn.logs.books import Books, FileBooks
from albconn.logs.find.sources import LogFile
from albconn.logs.preferring import scan_routes
from albconn.logs.reading import Reading
from albconn.logs.scan import Sink

T = TypeVar("T")


def scan_proven(
    log_files: Sequence[LogFile],
    reading: Reading,
    make: Callable[[], T],
    sink_of: Callable[[T], Sink],
    *,
    abandon: Callable[[T], None] = lambda _: None,
    **options: Any,
) -> tuple[Books, T]:
    """Read log files as ``scan`` does; what is unread has left no row behind.

    Parameters
    ----------
    make, sink_of : callable
        Make what takes the rows, and return the sink of it; another is made for each reading.
    abandon : callable
        Told what had taken rows that do not count.
    **options
        Those of ``scan``.

    Returns
    -------
    (Books, T)
        The books of all the files, and what took the rows.
    """
    unproven: dict[str, FileBooks] = {}
    while True:
        taker = make()
        rest = [log_file for log_file in log_files if log_file.url not in unproven]
        books = scan_routes(rest, reading, sink_of(taker), **options)
        again = {f.source_file: f for f in books.unread if f.lines}
        if not again:
            break
        abandon(taker)
        unproven |= {url: _emptied(f) for url, f in again.items()}
    if unproven:
        found = {f.source_file: f for f in books.files} | unproven
        books.files = [found[log_file.url] for log_file in log_files]
    return books, taker


def _emptied(books: FileBooks) -> FileBooks:
    return FileBooks(
        books.source_file, books.size, books.etag, unread=books.unread, advice=books.advice
    )
