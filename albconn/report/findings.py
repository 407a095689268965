"""What changed between quiet and incident, and the sentences that say so.

Every claim comes from a row of ``compare_windows`` that survives its correction for many
comparisons, and carries its numbers. Where no row does, the page says that the data can't tell.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd

from albconn import analysis
from albconn.report.page import join, number, percent
from albconn.report.question import Question, Window

MOST_OF_EXCESS = 0.8  # share from which one load balancer, or one cause, is "it"
_CAUSES = (
    ("client_network", "in {}"),
    ("leaf_client_cert_subject", "presenting {}"),
    ("failure_reason", "with {}"),
)
_PLACES = (("ip_address", "node {}"), ("tls_protocol", "{}"), ("tls_cipher", "{}"))


def summarize(question: Question, comparison: pd.DataFrame | None) -> list[str]:
    """Return the sentences that open the page."""
    totals = question.totals
    if totals["connections"] == 0:
        return ["No TLS connection with a known outcome was found, so no rate can be given."]
    overall = (
        f"In all, {number(totals['failures'])} of {number(totals['connections'])} TLS connections "
        f"failed ({percent(totals['failure_rate'])}; 95 % interval "
        f"{percent(totals['rate_low'])} to {percent(totals['rate_high'])})."
    )
    if question.incident is None:
        quiet = "No time range stands out: failures are spread as chance would spread them."
        return [overall, quiet, *_unmapped(totals)]
    sentences = [what_happened(question, comparison)]
    if comparison is not None:
        sentences.append(who_it_was(question, comparison))
    if question.chosen:
        sentences.append(
            "No incident was given; this is the time range in which failures were most unlike "
            "the rest, found from the log alone."
        )
    return [sentence for sentence in [*sentences, overall, *_unmapped(totals)] if sentence]


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
    if not causes:
        return _place(comparison)
    share = min(row["share_of_excess"] for _, _, row in causes)
    clients = _clients(question, causes)
    named = [text.format(label(row["value"])) for _, text, row in causes]
    return (
        f"{percent(share)} of the excess is {clients} {' '.join(named)}.{_ended(question, causes)}"
    )


def window_text(window: Window) -> str:
    """Return ``From 2026-09-23 10:00 to 10:40 UTC``."""
    start, end = window
    shape = "%H:%M" if start.date() == end.date() else "%Y-%m-%d %H:%M"
    return f"From {start:%Y-%m-%d %H:%M} to {end:{shape}} UTC"


def label(value: Any, longest: int = 60) -> str:
    """Return a value that a stranger may have chosen as one short line of text."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value))
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _leading(comparison: pd.DataFrame, dimension: str) -> Any:
    """Return the significant value of a dimension that explains most of the excess, or None."""
    rows = comparison[
        (comparison["dimension"] == dimension)
        & comparison["significant"]
        & (comparison["share_of_excess"] >= MOST_OF_EXCESS)
    ]
    return rows.sort_values("excess_failures").iloc[-1] if len(rows) else None


def _place(comparison: pd.DataFrame) -> str:
    found = [(text, _leading(comparison, name)) for name, text in _PLACES]
    named = [
        f"{text.format(label(row['value']))} has {percent(row['share_of_excess'])} of the excess"
        for text, row in found
        if row is not None
    ]
    if named:
        return join(named) + "."
    return "No single network, certificate, reason, node or TLS version explains it."


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
    return f"{number(count)} client{'s' if count != 1 else ''}"


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
    return f" That certificate ended at {moment:%Y-%m-%d %H:%M} UTC."


def _unmapped(totals: Any) -> list[str]:
    if not totals["unmapped_failures"]:
        return []
    return [
        f"{number(totals['unmapped_failures'])} of all failures are UnmappedConnectionError: no "
        "common protocol or cipher, or a client that gave up. What these clients offered is not "
        "in the log."
    ]


def _balancer(elb: str) -> str:
    return "/".join(str(elb).split("/")[:2])
