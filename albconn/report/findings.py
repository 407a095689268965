"""What changed between quiet and incident, and the sentences that say so.

Every claim comes from a row of ``compare_windows`` that survives its correction for many
comparisons, and carries its numbers. Where no row does, the page says that the data can't tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from albconn import analysis
from albconn.analysis.comparing.beside import Beside
from albconn.analysis.outages.kinds import SLOW
from albconn.report.incidents import (
    Row,
    aside,
    background,
    in_short,
    is_again,
    told,
    when,
)
from albconn.report.question import Question, leading, usual_rate
from albconn.times import Window
from albconn.words import counted, instant, join, number, one_line, percent, spoken_span, zone_name

MOST_SHORT = 4  # incidents that are told in short
FOUND = "No incident was given; this was found from the log alone."
_CAUSES = (
    ("client_network", "in {}"),
    ("leaf_client_cert_subject", "presenting {}"),
    ("failure_reason", "with {}"),
)
_NODE = (("ip_address", "Node {}"),)
_HANDSHAKES = (("tls_protocol", "{}"), ("tls_cipher", "{}"))
ALL_OF_EXCESS = 0.995
LEAST_LIFT = 1.5  # share of the excess over share of the traffic, from which a place is telling


def summarize(question: Question) -> list[str]:
    """Return all sentences: what the page opens with, and then the log as a whole."""
    return [*opening(question), *closing(question)]


def opening(question: Question) -> list[str]:
    """Return the sentences that open the page: what happened, to whom, since when."""
    if question.totals["connections"] == 0:
        return ["No TLS connection with a known outcome was found, so no rate can be given."]
    if question.incident is None:
        quiet = "No time range stands out: failures are spread as chance would spread them."
        return [*_slowness(question), quiet, *_never(question)]
    if question.chosen:
        failing = question.failing
        return [*told(failing[0]), *_others(failing), *_slowness(question)]
    who = "" if question.beside is None else who_it_was(question, question.beside)
    return [what_happened(question), *([who] if who else []), *_slowness(question)]


def closing(question: Question) -> list[str]:
    """Return the sentences on the log as a whole."""
    totals = question.totals
    if totals["connections"] == 0:
        return []
    if question.incident is None:
        return [_overall(totals), *_unmapped(totals)]
    found = [FOUND] if question.chosen else []
    return [*found, _overall(totals), *_never(question), *_unmapped(totals)]


def _slowness(question: Question) -> list[str]:
    return [slow for row in question.found if row.kind == SLOW for slow in told(row)]


def _overall(totals: Any) -> str:
    return (
        f"In all, {number(totals['failures'])} of {number(totals['connections'])} TLS connections "
        f"failed ({percent(totals['failure_rate'])}; 95 % interval "
        f"{percent(totals['rate_low'])} to {percent(totals['rate_high'])})."
    )


def _never(question: Question) -> list[str]:
    """Return what fails beside it all: one client, and who never gets through."""
    alone = aside(question.incidents, "one client", zone=question.asked.zone)
    return [
        *(text for row in alone for text in told(row)),
        *background(question.incidents.attrs.get("background")),
    ]


def _others(failing: Sequence[Row]) -> list[str]:
    """Return the incidents beside the first in short; those of each day together."""
    first, others = failing[0], list(failing[1:])
    again = [row for row in others if is_again(first, row)]
    rest = [row for row in others if not is_again(first, row)]
    sentences = []
    if again:
        days = join([f"{row.start:%Y-%m-%d}" for row in sorted(again, key=lambda r: r.start)])
        sentences.append(f"The same happened at that time of the day on {days}.")
    if rest:
        shown = "; ".join(in_short(row) for row in rest[:MOST_SHORT])
        more = f"; and {len(rest) - MOST_SHORT} more" if len(rest) > MOST_SHORT else ""
        sentences.append(f"Besides, {counted(len(rest), 'other incident')}: {shown}{more}.")
    return sentences


def headline(question: Question) -> str:
    """Return the page's title: what it is about, before any number."""
    if question.incident is None:
        return "TLS failures: nothing stands out" if question.totals["connections"] else "No TLS"
    if question.chosen:
        first = question.failing[0]
        where = f" on {balancer_name(first.elb)}" if first.elb else ""
        return f"{first.kind.capitalize()}{where}, {when(first)}"
    elb = None if question.beside is None else question.beside.place.get("elb")
    where = "" if elb is None else f" on {balancer_name(elb)}"
    return f"TLS failures{where}, {window_text(question, question.incident).removeprefix('From ')}"


def what_happened(question: Question) -> str:
    """Return the first sentence: when, how many, where, and what is usual."""
    assert question.incident is not None
    spoken, beside = window_text(question, question.incident), question.beside
    if beside is None:
        inside = analysis.outcome_totals(question.within(question.incident)).iloc[0]
        failed, of, usual, elb = inside["failures"], inside["connections"], None, None
    else:
        failed, of = beside.total["incident_failures"], beside.total["incident_connections"]
        usual, elb = usual_rate(beside), beside.place.get("elb")
    if of == 0:
        return f"{spoken} no TLS connection with a known outcome was logged."
    where = "" if elb is None else f" to {balancer_name(elb)}"
    tail = "" if usual is None else f", usually {percent(usual)}"
    return (
        f"{spoken} {percent(failed / of)} of {number(of)} TLS connections{where} failed "
        f"({number(failed)}){tail}."
    )


def who_it_was(question: Question, beside: Beside) -> str:
    """Return who and what explains the excess, or that nothing does."""
    assert question.incident is not None
    comparison = beside.changed
    found = [(n, text, leading(comparison, n)) for n, text in _CAUSES]
    causes = [(name, text, row) for name, text, row in found if row is not None]
    # What a group of clients speaks is news only where the group itself is not known.
    places = _places(comparison, _NODE if causes else (*_NODE, *_HANDSHAKES))
    if not causes:
        return (
            places
            or "No single network, certificate, reason, node or TLS version explains the excess."
        )
    share = min(row["share_of_excess"] for _, _, row in causes)
    named = " ".join(text.format(one_line(row["value"])) for _, text, row in causes)
    sentence = f"{_share(share)} of the excess is {_clients(question, causes)} {named}."
    return " ".join(part for part in (sentence, places, _ended(question, causes)) if part)


def window_text(question: Question, window: Window) -> str:
    """Return ``From 2026-09-23 10:00 to 10:40 UTC``."""
    start, end = (question.local(moment) for moment in window)
    return spoken_span(start, end)


def _places(comparison: pd.DataFrame, among: Sequence[tuple[str, str]]) -> str:
    """Name the node, TLS version or cipher that has more of the excess than of the traffic."""
    found = [(text, leading(comparison, name)) for name, text in among]
    named = [
        f"{text.format(one_line(row['value']))} has {_share(row['share_of_excess']).lower()} of it"
        for text, row in found
        if row is not None and _lift(comparison, row) >= LEAST_LIFT
    ]
    return f"{join(named)}." if named else ""


def _share(share: float) -> str:
    """Return a share of the excess; where others failed less than usual it exceeds the whole."""
    return "All" if share >= ALL_OF_EXCESS else percent(share)


def _lift(comparison: pd.DataFrame, row: Any) -> float:
    """Return a value's share of the excess over its share of its dimension's connections."""
    same = comparison[comparison["dimension"] == row["dimension"]]
    traffic = row["incident_connections"] / same["incident_connections"].sum()
    return row["share_of_excess"] / traffic if traffic else 0.0


def _clients(question: Question, causes: list[tuple[str, str, Any]]) -> str:
    """Return how many clients failed, in the network that is named if there is one."""
    assert question.incident is not None
    failing = analysis.failing_clients(question.within(question.incident), top=100_000)
    failing = failing[failing["client_ip"] != "other"]
    network = next((row["value"] for name, _, row in causes if name == "client_network"), None)
    if network is not None:
        count = sum(_is_in(address, network) for address in failing["client_ip"].dropna())
    else:
        reason = next((row["value"] for name, _, row in causes if name == "failure_reason"), None)
        count = int((failing["top_reason"] == reason).sum()) if reason else len(failing)
    return counted(count, "client")


def _is_in(address: str, network: str) -> bool:
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(address) in ip_network(network)
    except ValueError:
        return address == network


def _ended(question: Question, causes: list[tuple[str, str, Any]]) -> str:
    """Say when the certificate that is named ended, if it ended about when it all began."""
    assert question.incident is not None
    subject = next((r["value"] for n, _, r in causes if n == "leaf_client_cert_subject"), None)
    if subject is None:
        return ""
    inside = analysis.client_certificates(
        question.within(question.incident), as_of=question.incident[0]
    )
    ended = inside[(inside["subject"] == subject) & (inside["failures"] > 0)]["not_after"].dropna()
    start, end = question.incident
    if ended.empty or not (start - (end - start) <= ended.iloc[0].to_pydatetime() < end):
        return ""
    moment = question.local(ended.iloc[0].to_pydatetime())
    return f"That certificate ended at {instant(moment)} {zone_name(moment)}."


def _unmapped(totals: Any) -> list[str]:
    if not totals["unmapped_failures"]:
        return []
    return [
        f"{number(totals['unmapped_failures'])} of all failures are UnmappedConnectionError: no "
        "common protocol or cipher, or a client that gave up. What these clients offered is not "
        "in the log."
    ]


def balancer_name(elb: str) -> str:
    """Return a load balancer without its hash, as its owner calls it."""
    return one_line("/".join(str(elb).split("/")[:2]))
