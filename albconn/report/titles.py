"""The finding in one line, as a picture is called that leaves the page alone.

How many clients, or which share, and of what; then where and when, so that what has no room in two
lines on a phone is what matters least. Its numbers are those of the tiles.
"""

from __future__ import annotations

from collections.abc import Callable

from albconn.analysis.outages.kinds import POLICY
from albconn.report.findings import balancer_name, headline, window_text
from albconn.report.incidents import Row, place_of, when
from albconn.report.question import Question
from albconn.words import counted, join, percent

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
        place = f" on {balancer_name(row.elb)}" if row.elb else ""
        return f"{_told(row)}{place}, {_here(when(row))}"
    spoken = _here(window_text(question, question.incident).removeprefix("From "))
    if question.beside is None:
        return f"TLS failures, {spoken}"
    total, elb = question.beside.total, question.beside.place.get("elb")
    place = f" to {balancer_name(elb)}" if elb else ""
    rate = total["incident_failures"] / max(total["incident_connections"], 1)
    return f"{percent(rate)} of TLS connections{place} failed, {spoken}"


def _here(spoken: str) -> str:
    """Return a time without the same in UTC, where it is told in another zone."""
    return spoken.partition(" (")[0]


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
    return f"{_rate(row)} at node {place_of(row).get('ip_address')}"


def _network(row: Row) -> str:
    return f"{counted(row.clients, 'client')} of {row.network} fail" if row.network else _rate(row)


def _rate(row: Row) -> str:
    return f"{percent(row.place_failures / max(row.place_connections, 1))} of TLS connections fail"


_PLACES: dict[str, Callable[[Row], str]] = {"one node": _node, "one network": _network}
