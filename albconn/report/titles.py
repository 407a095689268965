"""The finding in one line, as a picture is called that leaves the page alone.

How many clients, or which share, and of what; then when and where, so that what has no room in two
lines on a phone is what matters least. Its numbers are those of the tiles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from albconn.analysis.outages.kinds import POLICY
from albconn.report.findings import balancer_name, headline
from albconn.report.incidents import Row, place_of
from albconn.report.question import Question
from albconn.words import counted, join, percent, zone_name

_CERTIFICATES = {
    "client certificates expired": "an expired certificate",
    "client certificates not yet valid": "a certificate that is not yet valid",
    "client certificates rejected": "a certificate that is refused",
    "client certificates revoked": "a revoked certificate",
}
_GONE = dict(zip(POLICY, ("TLS version", "cipher"), strict=True))
LONGEST = 30  # characters of what is named, versions or ciphers; else they are counted


def finding(question: Question) -> str:
    """Return what the page is about in one line."""
    if question.incident is None:
        return headline(question)
    if question.chosen:
        row = question.failing[0]
        place = f", on {balancer_name(row.elb)}" if row.elb else ""
        return f"{_told(row)}, {_when(row.start, None if row.going_on else row.end)}{place}"
    spoken = _when(*map(question.local, question.incident))
    if question.beside is None:
        return f"TLS failures, {spoken}"
    total, elb = question.beside.total, question.beside.place.get("elb")
    place = f", on {balancer_name(elb)}" if elb else ""
    rate = total["incident_failures"] / max(total["incident_connections"], 1)
    return f"{percent(rate)} of connections failed, {spoken}{place}"


def _when(start: Any, end: Any) -> str:
    """Return a time without its date, which stands under the title, while it is of one day."""
    zone = zone_name(start)
    if end is None:
        return f"since {start:%H:%M} {zone}"
    if start.date() == end.date():
        return f"{start:%H:%M} to {end:%H:%M} {zone}"
    return f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} {zone}"


def _told(row: Row) -> str:
    if row.kind in POLICY:
        return _locked_out(row)
    if row.kind in _CERTIFICATES:
        return f"{counted(row.clients, 'client')} with {_CERTIFICATES[row.kind]}"
    return _PLACES.get(row.kind, _rate)(row)


def _locked_out(row: Row) -> str:
    gone = (row.vanished or "").split(", ")
    named = f"no more {join(gone, 'or')}"
    if len(named) > LONGEST:
        named = f"{counted(len(gone), _GONE[row.kind])} gone"
    stopped = f"{counted(row.clients, 'client')} stopped working"
    return f"{stopped}: {named}" if row.vanished else stopped


def _node(row: Row) -> str:
    return f"{_share(row)} fail at node {place_of(row).get('ip_address')}"


def _network(row: Row) -> str:
    return f"{counted(row.clients, 'client')} of {row.network} fail" if row.network else _rate(row)


def _rate(row: Row) -> str:
    return f"{_share(row)} of connections fail"


def _share(row: Row) -> str:
    return percent(row.place_failures / max(row.place_connections, 1))


_PLACES: dict[str, Callable[[Row], str]] = {"one node": _node, "one network": _network}
