"""What changed between quiet and incident, and the sentences that say so.

Every claim comes from a row of ``compare_windows`` that survives its correction for many
comparisons, and carries its numbers. Where no row does, the page says that the data can't tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from albconn import analysis
from albconn.analysis.outages.kinds import SLOW
from albconn.report.incidents import (
    Row,
    aside,
    background,
    in_short,
    is_again,
    rows_of,
    told,
    when,
)
from albconn.report.question import Question, Window
from albconn.words import counted, join, number, one_line, percent

MOST_SHORT = 4  # incidents that are told in short
FOUND = "No incident was given; this was found from the log alone."
MOST_OF_EXCESS = 0.8  # share from which one load balancer, or one cause, is "it"
_CAUSES = (
    ("client_network", "in {}"),
    ("leaf_client_cert_subject", "presenting {}"),
    ("failure_reason", "with {}"),
)
_NODE = (("ip_address", "Node {}"),)
_HANDSHAKES = (("tls_protocol", "{}"), ("tls_cipher", "{}"))
ALL_OF_EXCESS = 0.995
LEAST_LIFT = 1.5  # share of the excess over share of the traffic, from which a place is telling


def summarize(question: Question, comparison: pd.DataFrame | None) -> list[str]:
    """Return the sentences that open the page."""
    totals = question.totals
    if totals["connections"] == 0:
        return [_nothing(question)[1]]
    overall = (
        f"In all, {number(totals['failures'])} of {number(totals['connections'])} TLS connections "
        f"failed ({percent(totals['failure_rate'])}; 95 % interval "
        f"{percent(totals['rate_low'])} to {percent(totals['rate_high'])})."
    )
    rows = rows_of(question.incidents)
    never = background(question.incidents.attrs.get("background"))
    slowness = [slow for row in rows if row.kind == SLOW for slow in told(row)]
    never = [
        *(text for row in aside(question.incidents, "one client") for text in told(row)),
        *never,
    ]
    closing = [*slowness, overall, *never, *_unmapped(totals)]
    if question.incident is None:
        quiet = "No time range stands out: failures are spread as chance would spread them."
        return [*slowness, quiet, overall, *never, *_unmapped(totals)]
    if not question.chosen:
        sentences = [what_happened(question, comparison)]
        if comparison is not None:
            sentences.append(who_it_was(question, comparison))
        return [sentence for sentence in [*sentences, *closing] if sentence]
    failing = [row for row in rows if row.kind != SLOW]
    return [*told(failing[0]), *_others(failing), FOUND, *closing]


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


def _nothing(question: Question) -> tuple[str, str]:
    """Return title and sentence of a page without TLS: nothing understood is not nothing there."""
    opened = question.connections
    if opened.lines and opened.lines == opened.rejected:
        return "Nothing understood", (
            f"None of the {counted(opened.lines, 'line')} of "
            f"{counted(opened.files or 0, 'log file')} is understood, so nothing is known of these "
            "connections and no rate can be given. Are these connection logs?"
        )
    if question.totals["rows"] == 0:
        return "No connections", "No connection was found, so no rate can be given."
    return (
        "No TLS",
        "No TLS connection with a known outcome was found, so no rate can be given.",
    )


def headline(question: Question, comparison: pd.DataFrame | None) -> str:
    """Return the page's title: what it is about, before any number."""
    if question.incident is None:
        if not question.totals["connections"]:
            return _nothing(question)[0]
        return "TLS failures: nothing stands out"
    if question.chosen and len(question.incidents):  # those that failed come first
        first = rows_of(question.incidents)[0]
        where = f" on {_balancer(first.elb)}" if first.elb else ""
        return f"{first.kind.capitalize()}{where}, {when(first)}"
    scope = _leading(comparison, "elb") if comparison is not None else None
    where = "" if scope is None else f" on {_balancer(scope['value'])}"
    return f"TLS failures{where}, {window_text(question.incident).removeprefix('From ')}"


def what_happened(question: Question, comparison: pd.DataFrame | None) -> str:
    """Return the first sentence: when, how many, where, and what is usual."""
    assert question.incident is not None
    inside = analysis.outcome_totals(question.within(question.incident)).iloc[0]
    spoken = window_text(question.incident)
    if inside["connections"] == 0:
        return f"{spoken} no TLS connection with a known outcome was logged."
    where, failed, of, usual = "", inside["failures"], inside["connections"], None
    if comparison is not None and question.baseline is not None:
        before = analysis.outcome_totals(question.within(question.baseline)).iloc[0]
        usual = before["failure_rate"]
        scope = _leading(comparison, "elb")
        if scope is not None:
            where = f" to {_balancer(scope['value'])}"
            failed, of = scope["incident_failures"], scope["incident_connections"]
            usual = scope["baseline_rate"]
    tail = f", usually {percent(usual)}" if usual is not None and usual == usual else ""
    return (
        f"{spoken} {percent(failed / of)} of {number(of)} TLS connections{where} failed "
        f"({number(failed)}){tail}."
    )


def who_it_was(question: Question, comparison: pd.DataFrame) -> str:
    """Return who and what explains the excess, or that nothing does."""
    assert question.incident is not None
    found = [(n, text, _leading(comparison, n)) for n, text in _CAUSES]
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


def window_text(window: Window) -> str:
    """Return ``From 2026-09-23 10:00 to 10:40 UTC``."""
    start, end = window
    shape = "%H:%M" if start.date() == end.date() else "%Y-%m-%d %H:%M"
    return f"From {start:%Y-%m-%d %H:%M} to {end:{shape}} UTC"


def _leading(comparison: pd.DataFrame, dimension: str) -> Any:
    """Return the significant value of a dimension that explains most of the excess, or None."""
    rows = comparison[
        (comparison["dimension"] == dimension)
        & comparison["significant"]
        & (comparison["share_of_excess"] >= MOST_OF_EXCESS)
    ]
    return rows.sort_values("excess_failures").iloc[-1] if len(rows) else None


def _places(comparison: pd.DataFrame, among: Sequence[tuple[str, str]]) -> str:
    """Name the node, TLS version or cipher that has more of the excess than of the traffic."""
    found = [(text, _leading(comparison, name)) for name, text in among]
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
    moment: datetime = ended.iloc[0].to_pydatetime()
    return f"That certificate ended at {moment:%Y-%m-%d %H:%M} UTC."


def _unmapped(totals: Any) -> list[str]:
    if not totals["unmapped_failures"]:
        return []
    return [
        f"{number(totals['unmapped_failures'])} of all failures are UnmappedConnectionError: no "
        "common protocol or cipher, or a client that gave up. What these clients offered is not "
        "in the log."
    ]


def _balancer(elb: str) -> str:
    return one_line("/".join(str(elb).split("/")[:2]))
