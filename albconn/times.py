"""Moments and half-open windows: read, checked, turned into microseconds.

Every time that albconn takes, a datetime or an ISO 8601 text, has a zone and becomes UTC; a naive
one could mean any zone and is refused, and so is a date, which has none. A window is
``[start, end)``: its end is the first moment that no longer belongs to it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from albconn.arguments import meant, noting
from albconn.errors import TableError, shown

Instant = datetime | str  # as it is given: an ISO 8601 text with its zone will do
Window = tuple[datetime, datetime]
GivenWindow = tuple[Instant, Instant]

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_1970 = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """Return an aware time as Arrow and Parquet hold it [µs since 1970 UTC]."""
    return (moment - _1970) // timedelta(microseconds=1)


def moment_of(microseconds: int) -> datetime:
    """Return a moment from its number of microseconds since 1970, in UTC; see ``moved``."""
    return moved(_1970, timedelta(microseconds=microseconds))


def moved(moment: datetime, by: timedelta) -> datetime:
    """Return a moment earlier or later; where the calendar ends, its end.

    A line may say 0001 or 9999, and what is counted reaches a bin before and after it.

    Examples
    --------
    >>> moved(datetime(9999, 12, 31, tzinfo=UTC), timedelta(days=7)).isoformat()
    '9999-12-31T23:59:59.999999+00:00'
    """
    try:
        return moment + by
    except OverflowError:
        return FIRST if by < timedelta() else LAST


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the later of two starts, of which each may be missing."""
    return max(one, other) if one and other else one or other


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the earlier of two ends, of which each may be missing."""
    return min(one, other) if one and other else one or other


def utc_instant(argument: str, value: Instant | None) -> datetime | None:
    """Return an aware time, or the ISO 8601 text of one, in UTC; None for None.

    Raises
    ------
    TableError
        It is no time, or has no zone: it could mean any.

    Examples
    --------
    >>> utc_instant("start", "2026-09-23T12:00+02:00")
    datetime.datetime(2026, 9, 23, 10, 0, tzinfo=datetime.timezone.utc)
    """
    if value is None:
        return None
    moment = _read(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime) or moment != moment:  # NaT is a datetime
        raise TableError(
            f"{argument}: {shown(value)} is not a datetime or ISO 8601 text, "
            "such as '2026-09-23T10:00Z'"
        )
    if moment.tzinfo is None:
        raise TableError(
            f"{argument}: {value if isinstance(value, str) else moment.isoformat()} has no time "
            "zone; give an aware time, for example datetime(2026, 9, 23, 10, tzinfo=UTC)"
        )
    try:
        utc = moment.astimezone(UTC)
    except OverflowError as error:
        raise TableError(f"{argument}: {shown(value)} is out of range in UTC") from error
    # A pandas.Timestamp becomes a plain one: the rest counts in microseconds.
    return datetime.combine(utc.date(), utc.time(), UTC)


def utc_date(argument: str, value: date | str | None) -> date | None:
    """Return a UTC date, or the ISO 8601 text of one; None for None.

    Raises
    ------
    TableError
        It is no date, or is a moment.
    """
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    if isinstance(value, str):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise TableError(
        f"{argument}: {shown(value)}; expected a datetime.date or its text, a UTC date such as "
        "'2026-09-23'"
    )


def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def check_windows(baseline: GivenWindow, incident: GivenWindow) -> tuple[Window, Window]:
    """Return a baseline and an incident in UTC.

    Raises
    ------
    TableError
        One is naive, empty or no pair of times (both are named), or they overlap.
    """
    windows: list[Window] = []
    problems: list[str] = []
    for name, window in (("baseline", baseline), ("incident", incident)):
        with noting(problems):
            windows.append(check_window(name, window))
    if problems:
        raise TableError(problems)
    first, second = sorted(windows)
    if second[0] < first[1]:
        raise TableError(
            f"baseline and incident overlap from {second[0].isoformat()} to "
            f"{min(first[1], second[1]).isoformat()}; a baseline must not hold the incident"
        )
    return windows[0], windows[1]


def check_window(name: str, window: GivenWindow) -> Window:
    """Return a time range in UTC; ``name`` is the argument that it was given as.

    Raises
    ------
    TableError
        It is naive, empty, or no pair of times.
    """
    if not isinstance(window, tuple | list) or len(window) != 2:
        raise TableError(f"{name}: {shown(window)} is not a (start, end) pair of times")
    start, end = (utc_instant(name, moment) for moment in window)
    if start is None or end is None:
        raise TableError(f"{name}: {shown(window)} is not a (start, end) pair of times")
    if start >= end:
        raise TableError(f"{name}: {shown(window)} is empty; its start must be before its end")
    return start, end


def read_zone(timezone: str) -> ZoneInfo:
    """Return the zone of that name.

    Raises
    ------
    TableError
        There is no such zone.
    """
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise TableError(
            f"timezone: {shown(timezone)} is not known; expected a name such as 'UTC' or "
            f"'Europe/Berlin'{meant(timezone, sorted(available_timezones()))}"
        ) from error
