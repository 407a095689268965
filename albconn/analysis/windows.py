"""Time ranges to compare: half-open, aware, apart from one another."""

from __future__ import annotations

from datetime import datetime

from albconn.errors import TableError, shown
from albconn.logs.selection import utc_instant

Span = tuple[datetime, datetime]


def check_windows(baseline: Span, incident: Span) -> tuple[Span, Span]:
    """Return a baseline and an incident in UTC.

    Raises
    ------
    TableError
        One is naive, empty or no pair of times (both are named), or they overlap.
    """
    windows, problems = [], []
    for name, window in (("baseline", baseline), ("incident", incident)):
        try:
            windows.append(check_window(name, window))
        except TableError as error:
            problems += error.problems
    if problems:
        raise TableError(problems)
    first, second = sorted(windows)
    if second[0] < first[1]:
        raise TableError(
            f"baseline and incident overlap from {second[0].isoformat()} to "
            f"{min(first[1], second[1]).isoformat()}; a baseline must not hold the incident"
        )
    return windows[0], windows[1]


def check_window(name: str, window: Span) -> Span:
    """Return a time range in UTC; ``name`` is the argument that it was given as.

    Raises
    ------
    TableError
        It is naive, empty, or no pair of times.
    """
    if not isinstance(window, tuple | list) or len(window) != 2:
        raise TableError(f"{name}: {shown(window)} is not a (start, end) pair of times")
    start, end = (utc_instant(name, moment) for moment in window)
    if start is None or end is None or start >= end:
        raise TableError(f"{name}: {shown(window)} is empty; its start must be before its end")
    return start, end
