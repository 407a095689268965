"""What a reading has to say: what was not understood, and why nothing is left.

No connection is missing without a word. That a time is quiet is said; that nothing was understood,
or that a name is nowhere, is an ``IncompleteWarning``, for it is most likely not what was meant.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from albconn.errors import IncompleteWarning, shown, warn
from albconn.logs.books import Books
from albconn.logs.find.selection import Selection
from albconn.logs.find.told import missing_names
from albconn.logs.reading import Reading
from albconn.logs.rejected import RejectedLine
from albconn.logs.twins import ROUTES, Route, count_twins, route_of, told_by_columns
from albconn.words import counted

BOTH_ROUTES = "from AWS's text files and from CloudWatch's delivery"
KEEP_ONE = 'keep one with prefer="legacy" or prefer="vended" (--prefer)'
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def tell_of_reading(place: str, books: Books, selection: Selection) -> None:
    """Warn of lines that are no rows, and of rows of which none is wanted.

    Raises
    ------
    SourceError
        There were files, and none of them could be read.
    """
    books.require_any()
    books.warn()
    files = books.files
    if books.twins:
        told = counted(books.twins, "connection")
        warn(f"{place}: {told} came by both routes; the other row of each is left out")
    lines = sum(file.lines for file in files)
    rows = sum(file.rows for file in files)
    first = next(iter(books.rejected), None)
    tell_of_rejected(place, lines, lines - rows, first)
    if rows and rows == sum(file.filtered for file in files):
        _tell_of_filtered(place, rows, books, selection)


def routes_of(books: Books) -> set[Route]:
    """Return by which routes files with rows in them came."""
    routes = {route_of(file.format) for file in books.files if file.rows}
    return {route for route in ROUTES if route in routes}


def tell_of_twins(
    place: str,
    books: Books,
    reading: Reading,
    rows: Callable[[], pa.Table] | None = None,
) -> None:
    """Warn of connections that are there twice, where no route is preferred.

    Parameters
    ----------
    rows : callable, optional
        Gives the rows, to be counted; without them, or without the columns that tell a
        connection, only that there may be some is said.
    """
    if reading.prefer is not None or routes_of(books) != {*ROUTES}:
        return
    told, told_by = rows() if rows else None, {*told_by_columns(reading.table)}
    if told is None or not told_by <= {*told.column_names}:
        warn(f"{place}: some connections may be there twice, {BOTH_ROUTES}; {KEEP_ONE}")
    elif count := count_twins(told, reading.table):
        there = counted(count, "connection is", "connections are")
        warn(f"{place}: {there} there twice, {BOTH_ROUTES}; {KEEP_ONE}")


def tell_of_rejected(place: str, lines: int, rejected: int, first: RejectedLine | None) -> None:
    """Warn of lines that were not understood, with the first and what is wrong with it."""
    example = "" if first is None else f", first {_example(first)}"
    if lines and rejected == lines:
        none = "its only line is not" if lines == 1 else f"none of its {lines:,} lines is"
        warn(f"{place}: {none} understood{example}", IncompleteWarning)
    elif rejected:
        warn(f"{place}: {rejected:,} of {lines:,} lines rejected{example}")


def _example(line: RejectedLine) -> str:
    value = "" if line.value is None else f" ({shown(line.value)})"
    return f"{line.source_file}:{line.line_number}: {line.reason}{value}"


def _tell_of_filtered(place: str, rows: int, books: Books, selection: Selection) -> None:
    left_out = books.left_out
    none = f"none of the {counted(rows, 'row')} is {selection.told()}"
    if missing := missing_names(selection, left_out.names):
        for _, text, _ in missing:
            warn(f"{place}: {none}; {text}", IncompleteWarning)
        return
    silent = [name for name in selection.names() if not left_out.names.get(name)]
    if silent:
        why = f"neither its names nor its lines tell {' or '.join(silent)}"
        warn(f"{place}: {none}; {why}", IncompleteWarning)
        return
    there = ""
    if left_out.first is not None and left_out.last is not None:
        there = f"; they are of {_moment(left_out.first)} to {_moment(left_out.last)} UTC"
    warn(f"{place}: {none}{there}")


def _moment(microseconds: int) -> str:
    return f"{_EPOCH + timedelta(microseconds=microseconds):%Y-%m-%d %H:%M:%S}"
