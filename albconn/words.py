"""Numbers, times and foreign values as text: on the page, on a chart, in a terminal, in the lab.

One way each, so that the same number reads the same wherever it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any

from albconn.printable import cut

NOUNS = {
    "client_ip": "client",
    "client_network": "client network",
    "tls_protocol": "TLS version",
    "tls_cipher": "cipher",
    "tls_keyexchange": "key-exchange group",
    "listener_port": "listener port",
    "elb": "load balancer",
    "ip_address": "load-balancer node",
    "failure_reason": "failure reason",
    "leaf_client_cert_subject": "certificate subject",
    "leaf_client_cert_serial_number": "certificate serial number",
    "tls_verify_status": "verification status",
    "account_id": "account",
    "source_file": "log file",
}


def percent(share: float) -> str:
    """Return a share as text, with more digits the smaller it is.

    Examples
    --------
    >>> percent(0.3712), percent(0.0061), percent(0.00021), percent(0.0), percent(-0.02)
    ('37 %', '0.61 %', '0.021 %', '0 %', '-2.0 %')
    """
    if share != share:  # NaN: no denominator
        return "–"
    if share < 0:
        size = percent(-share)
        return f"> -{size[2:]}" if size.startswith("<") else f"-{size}"
    value = share * 100
    if 99.5 <= value < 100:
        return f"{min(value, 99.99):.2f} %"  # not "100 %" while one connection succeeded
    if value == 0 or value >= 9.95:
        return f"{value:.0f} %"
    digits = 1 if value >= 0.995 else 2 if value >= 0.0995 else 3
    return f"{value:.{digits}f} %" if value >= 0.0005 else "< 0.001 %"


def is_share(column: str) -> bool:
    """Say whether a column of a small table holds rates or shares, by its name.

    Examples
    --------
    >>> [is_share(name) for name in ("rate_low", "top_10_share", "difference_low", "difference")]
    [True, True, True, False]
    """
    return column.startswith(("rate", "share", "difference_")) or column.endswith(
        ("rate", "share", "usual")
    )


def number(count: float) -> str:
    """Return a count with thousands separated.

    Examples
    --------
    >>> number(30112)
    '30,112'
    """
    return f"{round(count):,}"


def counted(count: float, noun: str, nouns: str | None = None) -> str:
    """Return a count with its noun in the right number; ``nouns`` where an s does not do it.

    Examples
    --------
    >>> counted(1, "failure"), counted(1066, "connection"), counted(2, "line has", "lines have")
    ('1 failure', '1,066 connections', '2 lines have')
    """
    return f"{number(count)} {noun if round(count) == 1 else nouns or f'{noun}s'}"


def instant(moment: Any) -> str:
    """Return a time as text, to the minute, in the zone that it is in."""
    return f"{moment:%Y-%m-%d %H:%M}"


def zone_name(moment: Any) -> str:
    """Return the short name of the zone that a time is in.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from zoneinfo import ZoneInfo
    >>> noon = datetime(2026, 9, 23, 12, tzinfo=UTC)
    >>> zones = map(ZoneInfo, ("UTC", "Europe/Berlin", "America/Lima"))
    >>> [zone_name(noon.astimezone(zone)) for zone in zones]
    ['UTC', 'CEST', 'UTC-05']
    """
    name = f"{moment:%Z}"
    return name if name.isalpha() else f"UTC{name}"


def spoken_span(start: Any, end: Any) -> str:
    """Return a span of time as a sentence begins; without an end, that it goes on.

    Other zones than UTC have UTC beside them.

    Examples
    --------
    >>> from datetime import UTC, datetime, timedelta
    >>> from zoneinfo import ZoneInfo
    >>> start = datetime(2026, 9, 23, 22, 30, tzinfo=UTC)
    >>> spoken_span(start, start + timedelta(hours=1)), spoken_span(start, None)
    ('From 2026-09-23 22:30 to 23:30 UTC', 'From 2026-09-23 22:30 UTC on')
    >>> start = start.astimezone(ZoneInfo("Europe/Berlin"))
    >>> spoken_span(start, start + timedelta(hours=1))
    'From 2026-09-24 00:30 to 01:30 CEST (2026-09-23 22:30 to 23:30 UTC)'
    >>> spoken_span(start, None)
    'From 2026-09-24 00:30 CEST on (2026-09-23 22:30 UTC)'
    """
    here = _span(start, end)
    on = "" if end is not None else " on"
    if start.utcoffset() == timedelta(0):
        return f"From {here} {zone_name(start)}{on}"
    there = _span(start.astimezone(UTC), None if end is None else end.astimezone(UTC))
    return f"From {here} {zone_name(start)}{on} ({there} UTC)"


def _span(start: Any, end: Any) -> str:
    if end is None:
        return instant(start)
    shape = "%H:%M" if start.date() == end.date() else "%Y-%m-%d %H:%M"
    return f"{instant(start)} to {end:{shape}}"


def one_line(value: Any, longest: int = 60) -> str:
    """Return a value that a stranger may have chosen as one short line of text."""
    return cut(str(value), longest)


def join(parts: Sequence[str], last: str = "and") -> str:
    """Join words as a sentence does."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" {last} " + parts[-1]


def noun_of(column: str) -> str:
    """Return a column's name in plain words, for titles and axis labels."""
    return NOUNS.get(column, column.replace("_", " "))
