"""Moments and half-open windows: read, checked, turned into microseconds.

Every time that albconn takes has a zone and becomes UTC; a naive one could mean any zone and is
refused. A window is ``[start, end)``: its end is the first moment that no longer belongs to it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from albconn.errors import TableError, shown

Moment = datetime | str  # as the user gives it: aware, or its ISO-8601 text
Window = tuple[datetime, datetime]

_1970 = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """Return an aware time as Arrow and Parquet hold it [µs since 1970 UTC]."""
    return (moment - _1970) // timedelta(microseconds=1)


def utc_instant(argument: str, value: Moment | None) -> datetime | None:
    """Return an aware time, or the ISO-8601 text of one, in UTC.

    Raises
    ------
    TableError
        It is no time, or a naive one, which could mean any zone.
    """
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        moment = None
    if not isinstance(moment, datetime):
        raise TableError(
            f"{argument}: {shown(value)} is not a time; expected a datetime with a zone, or its "
            "text, such as '2026-09-23T10:00:00Z'"
        )
    if moment.tzinfo is None:
        raise TableError(
            f"{argument}: {moment.isoformat()} has no time zone; "
            "give an aware time, for example datetime(2026, 9, 23, 10, tzinfo=UTC)"
        )
    return moment.astimezone(UTC)


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the later of two starts, of which each may be missing."""
    return max(one, other) if one and other else one or other


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the earlier of two ends, of which each may be missing."""
    return min(one, other) if one and other else one or other


def check_windows(baseline: Window, incident: Window) -> tuple[Window, Window]:
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


def check_window(name: str, window: Window) -> Window:
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
