"""Never a page about nothing: what is said instead, and what there is."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from albconn.errors import AlbconnWarning, SourceError, TableError
from albconn.opened import Opened
from albconn.opened.rows import is_empty
from albconn.report.question import Asked
from albconn.times import Window
from albconn.words import counted, instant


@contextmanager
def opened_for_a_page(opening: Callable[[], Opened]) -> Iterator[Opened]:
    """Open connections that a page can be about.

    What is warned of while an empty source is opened says what there is instead: it is the error.

    Raises
    ------
    SourceError
        There is no connection.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", AlbconnWarning)
        opened = opening()
    with opened:
        if is_empty(opened.connections):
            told = "; ".join(dict.fromkeys(str(each.message) for each in said))
            raise SourceError(told or _nothing(opened))
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


def _nothing(opened: Opened) -> str:
    """Return what is said of what was opened before, or is empty for nobody's fault."""
    if opened.lines and opened.lines == opened.rejected:
        return f"none of the {counted(opened.lines, 'line')} is understood"
    where = "the table" if opened.files is None else f"the {counted(opened.files, 'log file')}"
    return f"{where}: there is no connection in it; give log files or a dataset that holds some"


def _span(window: Window) -> str:
    return f"{instant(window[0])} to {instant(window[1])} UTC"
