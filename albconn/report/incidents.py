"""What an incident is, in the reader's words: one sentence for when and how many, one for what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from albconn.words import counted, instant, join, number, one_line, percent, spoken_span, zone_name

MOST_OF_THEM = 0.3  # of the failures of sources that never get through, to name where from
NEARLY_ALL = 0.9  # of the connections, that fail: of the others nothing can be said
DAY = 86_400  # [s]
NEAR = 1_800  # [s] by which two are at the same time of the day
Row = Any  # of the table of incidents: a named tuple
_IN_A_SENTENCE = {"elb", "network", "reason", "subject", "organization"}
PLACES = ("elb", "listener_port", "ip_address")
_LONGEST = 400  # characters of the other texts, which are of several values


def rows_of(incidents: pd.DataFrame, zone: ZoneInfo | None = None) -> list[Row]:
    """Return the incidents, the strongest first; missing values are None, texts short lines.

    Times are told in the zone that they are in: UTC, or the one that is given.
    """
    incidents = pd.DataFrame(incidents)  # without its notes: pandas copies them at each step
    if zone is not None:
        times = incidents.select_dtypes("datetimetz")
        incidents = incidents.assign(**{str(n): times[n].dt.tz_convert(zone) for n in times})
    plain = incidents.astype(object).where(incidents.notna(), None)
    rows: Iterator[Row] = plain.itertuples(index=False, name="Incident")
    return [row._make(map(_shown, row._fields, row)) for row in rows]


def _shown(name: str, value: Any) -> Any:
    """Return a text as one short line, for it may be a stranger's; all else as it is."""
    longest = 60 if name in _IN_A_SENTENCE else _LONGEST
    return one_line(value, longest) if isinstance(value, str) else value


def aside(incidents: pd.DataFrame, *kinds: str, zone: ZoneInfo | None = None) -> list[Row]:
    """Return what is loud and no outage, of some kinds, as rows like those of incidents."""
    rows = pd.DataFrame(incidents.attrs.get("no_outage", []))
    if rows.empty:
        return []
    rows = rows.astype(dict.fromkeys(("start", "end"), "datetime64[us, UTC]"))
    return [row for row in rows_of(rows, zone) if row.kind in kinds]


def told(row: Row) -> list[str]:
    """Return the sentences that tell an incident in full."""
    if row.kind in _ALONE:
        return [_ALONE[row.kind](row)]
    return [_what_happened(row), *_KINDS.get(row.kind, _elsewhere)(row)]


def in_short(row: Row) -> str:
    """Return an incident as a part of a sentence, for those that are told second."""
    where = f" ({one_line(row.cause)})" if row.cause else ""
    how_many = (
        counted(row.clients, "client")
        if row.kind == "slow handshakes"
        else f"{counted(row.failures, 'failure')} of {counted(row.clients, 'client')}"
    )
    return f"{when(row)}: {row.kind}{where}, {how_many}"


def background(counted_apart: Any) -> list[str]:
    """Return what fails beside it all: sources that never get through."""
    if not counted_apart or not counted_apart["failures"]:
        return []
    apart = counted_apart
    most = (
        f", {number(apart['source_failures'])} of them from {one_line(apart['source'])}"
        if apart["source"] and apart["source_failures"] >= MOST_OF_THEM * apart["failures"]
        else ""
    )
    return [
        f"{counted(apart['failures'], 'failure is', 'failures are')} of "
        f"{counted(apart['clients'], 'address that does', 'addresses that do')} not get through "
        f"at any time (scanners, or clients that never could){most}: no outage, and not counted "
        "above."
    ]


def is_again(first: Row, row: Row) -> bool:
    """Say whether an incident is the same as another, at the same time of another day."""
    apart = abs((row.start - first.start).total_seconds()) % DAY
    return (
        (row.kind, row.value) == (first.kind, first.value)
        and row.start.date() != first.start.date()
        and min(apart, DAY - apart) <= NEAR
    )


def span(row: Row) -> str:
    """Return ``From 2026-09-23 10:00 to 10:40 UTC``, or that it goes on."""
    return spoken_span(row.start, None if row.going_on else row.end)


def place_of(row: Row) -> dict[str, str]:
    """Return the load balancer, listener and node that an incident is at, by their columns."""
    named = ({"elb": row.elb} if row.elb else {}) | _named(row)
    return {name: named[name] for name in PLACES if name in named}


def when(row: Row) -> str:
    """Return the span as a title has it."""
    text = span(row).removeprefix("From ")
    return f"since {text.replace(' on', '', 1)}" if row.going_on else text


def _what_happened(row: Row) -> str:
    """Return how the place did where it was: the cause may be a part of what connects there."""
    named = _named(row)
    where = f" to {_place(named, row)}" if _place(named, row) else ""
    usual = "none did before" if not row.place_usual else f"usually {percent(row.place_usual)}"
    still = ", and it goes on when the log ends" if row.going_on else ""
    rate = row.place_failures / max(row.place_connections, 1)
    return (
        f"{span(row)} {percent(rate)} of {number(row.place_connections)} TLS connections"
        f"{where} failed ({number(row.place_failures)}; {usual}){still}."
    )


def _named(row: Row) -> dict[str, str]:
    parts = row.dimension.split(" × ") if row.dimension else []
    return dict(zip(parts, (row.value or "").split(" × "), strict=False))


def _place(named: dict[str, str], row: Row) -> str:
    """Return the load balancer, listener and node that a cause names."""
    elb = named.get("elb") or row.elb
    places = {name: named[name] for name in PLACES if name in named}
    return place_text(places | ({"elb": str(elb)} if elb is not None else {}))


def place_text(place: Mapping[str, str]) -> str:
    """Return a load balancer, a listener's port and a node, as far as they are named."""
    nouns = {"elb": "", "listener_port": "port ", "ip_address": "node "}
    return ", ".join(f"{noun}{place[name]}" for name, noun in nouns.items() if name in place)


def _policy(row: Row) -> list[str]:
    spoke = f": they had last spoken {_listed(row.spoken)}" if row.spoken else ""
    sentences = [
        f"{counted(row.clients, 'client')} that got through before stopped working{spoke}. "
        f"Nobody gets through with {_listed(row.vanished, 'or')} any more."
    ]
    if row.policy_after:
        change = f": {row.change}" if row.change else ""
        before = f"{row.policy_before} → " if row.policy_before else "a change to "
        sentences.append(
            "That is what a raised security policy does, and consistent with "
            f"{before}{row.policy_after}{change}."
        )
    else:
        sentences.append("That is what a security policy without it does.")
    return sentences


def _listed(texts: str | None, last: str = "and") -> str:
    return join((texts or "what they spoke").split(", "), last)


def _certificates(row: Row) -> list[str]:
    if row.subject:
        whose = f"presenting {one_line(row.subject)}"
    elif row.organization:
        whose = f"with {counted(row.subjects, 'certificate')} of {one_line(row.organization)}"
    else:
        whose = f"with {counted(row.subjects or 0, 'certificate')}"
    share, where = _share(row), f" in {row.network}" if row.network else ""
    sentences = [f"{share} of the excess is {counted(row.clients, 'client')}{where} {whose}, "
                 f"refused with {row.reason}{_theirs(row)}."]  # fmt: skip
    if row.not_after is not None and row.kind == "client certificates expired":
        which = "That certificate" if row.subject else "These certificates"
        sentences.append(f"{which} ended at {instant(row.not_after)} {zone_name(row.not_after)}.")
    return sentences


def _node(row: Row) -> list[str]:
    named = _named(row)
    return [
        f"Node {named.get('ip_address')} has {_share(row).lower()} of it, with {row.reason}: "
        f"{counted(row.clients, 'client')} failed there and get through at the other nodes."
    ]


def _network(row: Row) -> list[str]:
    named = _named(row)
    where = named.get("client_network") or named.get("client_ip")
    others = [one_line(v) for k, v in named.items() if k.startswith("tls_")]
    spoke = f" that speak {join(others)}" if others else ""
    return [
        f"{_share(row)} of the excess is {counted(row.clients, 'client')} in {where}{spoke}, "
        f"with {row.reason}{_theirs(row)}."
    ]


def _listener(row: Row) -> list[str]:
    return [
        f"{counted(row.clients, 'client')} failed with {row.reason}; the other listeners and "
        "load balancers are as usual, and no network, certificate or TLS version stands out.",
        *_no_policy(row),
    ]


def _everywhere(row: Row) -> list[str]:
    return [
        f"{counted(row.clients, 'client')} failed with {row.reason}, on all load balancers and "
        "nodes alike: no network, certificate or TLS version stands out, so it is on the "
        "servers' side or before it.",
        *_no_policy(row),
    ]


def _no_policy(row: Row) -> list[str]:
    """Return what can be ruled out, where the log does not say what the failing clients offer."""
    if not row.spoken or row.failure_rate >= NEARLY_ALL:
        return []
    return [
        f"They had last spoken {_listed(row.spoken)}, with which others still get through: "
        "no change of the security policy explains it."
    ]


def _elsewhere(row: Row) -> list[str]:
    cause = f" ({one_line(row.cause)})" if row.cause else ""
    return [
        f"{_share(row)} of the excess is {counted(row.clients, 'client')}{cause}, "
        f"with {row.reason}{_theirs(row)}."
    ]


def _slow(row: Row) -> str:
    place = _place(_named(row), row)
    where = f" at {place}" if place else ""
    usual = "there were none else" if row.usual is None else f"else {percent(row.usual)}"
    return (
        f"{span(row)} {percent(row.failure_rate)} of {number(row.connections)} successful "
        f"handshakes{where} took more than three times as long as usual "
        f"({usual}), for {counted(row.clients, 'client')}; they did not fail."
    )


def _one_client(row: Row) -> str:
    through = row.connections - row.failures
    besides = f"{number(through)} times" if through else "not once"
    return (
        f"{span(row)} {one_line(row.value)} alone failed {number(row.failures)} times"
        f"{_with(row)}; it got through {besides} then, and does at other times: one client, "
        "not an outage."
    )


def _scanner(row: Row) -> str:
    whom = (
        one_line(row.value)
        if row.clients <= 1
        else f"{counted(row.clients, 'address', 'addresses')} of {one_line(row.value)}"
    )
    return (
        f"{span(row)} {whom} failed {number(row.failures)} times{_with(row)} and did not get "
        "through at any time, or hardly: a scanner, or what never could; not an outage."
    )


def _theirs(row: Row) -> str:
    """Return how the cause itself did, where it is not all that connects there."""
    if row.connections == row.place_connections:
        return ""
    return f" ({number(row.failures)} of its {counted(row.connections, 'connection')})"


def _with(row: Row) -> str:
    return f" with {row.reason}" if row.reason else ""


def _share(row: Row) -> str:
    """Return a share of the excess; a share never exceeds the whole."""
    share = min(float(row.share_of_excess or 0.0), 1.0)
    return "All" if share >= 0.995 else percent(share)


_ALONE = {"slow handshakes": _slow, "one client": _one_client, "scanner": _scanner}
_KINDS = {
    "policy raised": _policy,
    "cipher removed": _policy,
    "client certificates expired": _certificates,
    "client certificates not yet valid": _certificates,
    "client certificates rejected": _certificates,
    "client certificates revoked": _certificates,
    "one node": _node,
    "one network": _network,
    "one listener": _listener,
    "one load balancer": _listener,
    "server-side everywhere": _everywhere,
}
