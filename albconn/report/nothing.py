"""Never a page about nothing: what is said instead, and what there is."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from albconn.analysis.counting.counts import open_counting
from albconn.errors import AlbconnError, AlbconnWarning, SourceError, TableError, shown
from albconn.logs.find.selection import EVERYTHING
from albconn.opened import Connections, Opened, open_connections
from albconn.opened.door import keys_of
from albconn.opened.doubts import doubts_of
from albconn.opened.rows import is_empty
from albconn.printable import cut
from albconn.report.question import Asked
from albconn.storage.places import StorageOptions
from albconn.times import Window
from albconn.words import counted, instant, join

MOST_NAMED = 5


@contextmanager
def opened_for_a_page(
    source: Connections, storage_options: StorageOptions, **filters: Any
) -> Iterator[Opened]:
    """Open connections that a page can be about.

    What is said of an empty source while it is opened is not said twice.

    Raises
    ------
    SourceError
        There is no connection; it says what there is instead.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", AlbconnWarning)
        opened = open_connections(source, storage_options=storage_options, **filters)
    with opened:
        if is_empty(opened.connections):
            raise SourceError(_why_nothing(source, opened, storage_options, filters))
        for each in said:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
        yield opened


def require_window(question_totals: Any, asked: Asked) -> None:
    """Refuse windows that lie outside of the log.

    Raises
    ------
    TableError
        The incident or the baseline holds no moment of the log.
    """
    first, last = question_totals["first_timestamp"], question_totals["last_timestamp"]
    for name, window in (("incident", asked.incident), ("baseline", asked.baseline)):
        if window is not None and (window[1] <= first or window[0] > last):
            raise TableError(
                f"{name}: {_span(window)} holds no connection; there are connections from "
                f"{instant(first)} to {instant(last)} UTC"
            )


def _why_nothing(
    source: Any, opened: Opened, storage_options: StorageOptions, filters: dict[str, Any]
) -> str:
    named = cut(str(source), 80) if isinstance(source, str) or opened.kind != "table" else "source"
    if opened.lines and not opened.rows:
        first = next(iter(doubts_of(opened).rejected), None)
        where = (
            f"; the first, {first.source_file}:{first.line_number}: {first.reason}" if first else ""
        )
        return f"{named}: none of its {counted(opened.lines, 'line')} is understood{where}"
    wanted = [f"{name} {shown(value)}" for name, value in filters.items() if value is not None]
    if not wanted:
        return f"{named}: there is no connection in it; give log files or a dataset that holds some"
    asked = f"{named}: no connection of {join(wanted)}"
    there = _what_there_is(source, storage_options)
    return f"{asked}; it holds {there}" if there else f"{asked}, and it holds no other"


def _what_there_is(source: Any, storage_options: StorageOptions) -> str:
    """Return the load balancers, accounts and regions of a source, and its time, unfiltered."""
    try:
        keys = keys_of(source, EVERYTHING, storage_options)
    except AlbconnError:
        keys = []
    if keys:
        return _of_names(keys)
    if isinstance(source, Opened) or not isinstance(source, str):
        return _of_rows(source)
    return ""


def _of_names(keys: list[Any]) -> str:
    parts = [
        text
        for noun, name in (
            ("load balancer", "elb"),
            ("account", "account_id"),
            ("region", "region"),
        )
        if (text := _listed(noun, {getattr(key, name) for key in keys}))
    ]
    ends = sorted(key.interval_end for key in keys if key.interval_end is not None)
    when = f", from {instant(ends[0])} to {instant(ends[-1])} UTC" if ends else ""
    return f"{'; '.join(parts) or 'log files of other times'}{when}"


def _of_rows(source: Any) -> str:
    with open_counting(source, columns=["timestamp"], optional=["elb"]) as counting:
        first, last = counting.span()
        rows = (
            counting.database.sql("SELECT DISTINCT elb FROM connections").fetchall()
            if counting.has(["elb"])
            else []
        )
    if first is None or last is None:
        return ""
    named = _listed("load balancer", {elb for (elb,) in rows}) or "connections"
    return f"{named}, from {instant(first)} to {instant(last)} UTC"


def _listed(noun: str, values: set[Any]) -> str:
    names = sorted(str(value) for value in values if value is not None)
    if not names:
        return ""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    shown_names = ", ".join(cut(name, 60) for name in names[:MOST_NAMED])
    return f"{noun}{'s' * (len(names) > 1)} {shown_names}{more}"


def _span(window: Window) -> str:
    return f"{instant(window[0])} to {instant(window[1])} UTC"
