"""The page's first sentences, in plain language, made from the numbers. No claim without n."""

from __future__ import annotations

from albconn.analysis import failing_clients, outcome_totals
from albconn.report.page import number, percent, top_reason
from albconn.report.sections import Question


def summarize(question: Question) -> list[str]:
    """Return the sentences that open the page."""
    totals = question.totals
    if totals["connections"] == 0:
        return ["No TLS connection with a known outcome was found, so no rate can be given."]
    sentences = [
        f"{number(totals['failures'])} of {number(totals['connections'])} TLS connections failed "
        f"({percent(totals['failure_rate'])}; 95 % interval {percent(totals['rate_low'])} to "
        f"{percent(totals['rate_high'])})."
    ]
    if totals["failures"]:
        sentences += [_who(question), _unmapped(question)]
    if question.incident:
        sentences.append(_incident(question))
    return [sentence for sentence in sentences if sentence]


def _who(question: Question) -> str:
    clients = failing_clients(question.connections, top=1, ipv4_prefix=24, ipv6_prefix=64)
    first = clients.iloc[0]
    return (
        f"{percent(first['share_of_failures'])} of the failures come from {first['client_ip']} "
        f"({number(first['failures'])} failures, mostly {top_reason(first)}); "
        f"{percent(first['failure_rate'])} of its {number(first['connections'])} failed."
    )


def _unmapped(question: Question) -> str:
    unmapped = question.totals["unmapped_failures"]
    if not unmapped:
        return ""
    return (
        f"{number(unmapped)} of the failures are UnmappedConnectionError: no common protocol or "
        "cipher, or a client that gave up. What these clients offered is not in the log."
    )


def _incident(question: Question) -> str:
    assert question.incident is not None
    start, end = question.incident
    inside = outcome_totals(question.within(start, end)).iloc[0]
    if inside["connections"] == 0:
        return f"From {start:%Y-%m-%d %H:%M} to {end:%H:%M} UTC no TLS connection was logged."
    return (
        f"From {start:%Y-%m-%d %H:%M} to {end:%H:%M} UTC, {number(inside['failures'])} of "
        f"{number(inside['connections'])} TLS connections failed "
        f"({percent(inside['failure_rate'])}), mostly with {top_reason(inside)}."
    )
