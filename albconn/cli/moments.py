"""Moments as they are typed: with their zone, as a date, or from now: ``2h`` is two hours ago.

Whoever is on call asks for the last two hours, not for a date. A moment is said to the second, so
that what is printed of it can be typed again.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

import typer

from albconn.errors import TableError, shown
from albconn.times import moved, utc_date, utc_instant

_AGO = re.compile(
    r"(?:(?P<weeks>\d+)w)?(?:(?P<days>\d+)d)?(?:(?P<hours>\d+)h)?"
    r"(?:(?P<minutes>\d+)(?:min|m))?(?:(?P<seconds>\d+)s)?"
)
_EXPECTED = "expected 30m, 2h, 7d or 1w"


def now() -> datetime:
    """Return the present second, in UTC."""
    return datetime.now(UTC).replace(microsecond=0)


def parse_time(text: str) -> datetime:
    """Read an ISO time with a zone, or a date, which means midnight UTC."""
    try:
        if len(text) == len("2026-09-23") and (day := utc_date("time", text)):
            return datetime.combine(day, time(), UTC)
        moment = utc_instant("time", text)
    except TableError:
        moment = None
    if moment is None:
        raise typer.BadParameter(
            f"{text!r} is not a time with its zone; expected 2026-09-23T10:00:00Z, or a date (UTC)"
        )
    return moment


def parse_since(text: str) -> datetime:
    """Read how long ago: ``30m``, ``2h``, ``1d12h``; or a time, which must not be in the future."""
    moment = parse_moment(text)
    if moment > now():
        raise typer.BadParameter(f"{shown(text)} is in the future; {_EXPECTED} before now")
    return moment


def parse_moment(text: str) -> datetime:
    """Read how long ago, or a time of any year."""
    told = _AGO.fullmatch(text.strip().lower())
    parts = {unit: int(n[:12]) for unit, n in told.groupdict().items() if n} if told else {}
    if parts:
        return _ago(text, parts)
    try:
        return parse_time(text)
    except typer.BadParameter as error:
        raise typer.BadParameter(
            f"{shown(text)} is neither how long ago ({_EXPECTED}) nor a time with its zone "
            "(2026-09-23T10:00:00Z, or a date, UTC)"
        ) from error


def _ago(text: str, parts: dict[str, int]) -> datetime:
    try:
        length = timedelta(**parts)
    except OverflowError as error:
        raise typer.BadParameter(f"{shown(text)} is longer ago than the calendar goes") from error
    if not length:
        raise typer.BadParameter(f"{shown(text)} is no time ago; {_EXPECTED}")
    return moved(now(), -length)
