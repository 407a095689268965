"""Evidence about failures: since when, why, what changed, who is hit, and where."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd

from albconn import analysis, charts
from albconn.report import tables
from albconn.report.page import Section
from albconn.report.question import Question
from albconn.times import moved
from albconn.words import instant, number, percent

NETWORKS: dict[str, Any] = {"ipv4_prefix": 24, "ipv6_prefix": 64}
CLIENTS_DRAWN = 25


def since_when(question: Question) -> Section:
    """Draw the failure rate over time, and name its change points."""
    rates = analysis.failure_rate(question.connections, every=question.every)
    folder = question.folder
    drawn = charts.plot_failure_rate(rates, **question.over_time())
    changes = analysis.change_points(question.connections)
    folder.save_table(rates, "failure_rate")
    section = Section("rate", "Since when?", [_changes(changes)])
    section.figures.append(folder.save_chart(question.spanned(drawn), "failure_rate"))
    if len(changes):
        section.tables.append(
            tables.save_and_print(
                folder, changes, "change_points", "Change points", tables.CHANGE_POINTS
            )
        )
    return section


def why(question: Question) -> Section | None:
    """Draw the failures by reason."""
    if not question.totals["failures"]:
        return None
    over_time = analysis.failure_reasons(question.connections, every=question.every)
    folder = question.folder
    folder.save_table(over_time, "failure_reasons_over_time")
    drawn = charts.plot_failure_reasons(over_time, **question.over_time())
    reasons = analysis.failure_reasons(question.connections)
    return Section(
        "reasons",
        "Why?",
        figures=[folder.save_chart(question.spanned(drawn), "failure_reasons")],
        tables=[
            tables.save_and_print(
                folder, reasons, "failure_reasons", "Failures by reason", tables.REASONS
            )
        ],
    )


def what_changed(question: Question, comparison: pd.DataFrame | None) -> Section | None:
    """Rank what explains the excess of the incident over its baseline."""
    if comparison is None or question.incident is None or question.baseline is None:
        return None
    significant = comparison[comparison["significant"]]
    (start, end), (before, until) = question.incident, question.baseline
    text = (
        f"Incident {instant(start)} to {instant(end)} UTC against baseline {instant(before)} to "
        f"{instant(until)} UTC. Excess failures are those beyond what each value's own baseline "
        "rate would give. Values that overlap explain the same failures: shares do not add up. "
        "Only rows that survive the correction for many comparisons (q < 0.05) are shown."
    )
    section = Section("changed", "What changed?", [text])
    if significant.empty:
        section.paragraphs.append("No value changed more than chance would explain.")
        return section
    folder = question.folder
    folder.save_table(comparison, "compare_windows")
    section.figures.append(
        folder.save_chart(charts.plot_compare_windows(significant.head(12)), "compare_windows")
    )
    section.tables.append(
        tables.save_and_print(
            folder, significant, "what_changed", "Largest excess first", tables.COMPARED
        )
    )
    return section


def who(question: Question) -> Section | None:
    """Show the clients that fail, as networks and addresses, and over time."""
    if not question.totals["failures"]:
        return None
    folder, connections = question.folder, question.connections
    networks = analysis.failing_clients(connections, top=15, **NETWORKS)
    addresses = analysis.failing_clients(connections, top=CLIENTS_DRAWN)
    over_time = analysis.failure_rate(connections, every=question.every_split, by="client_ip")
    shown = over_time[over_time["client_ip"].isin(addresses["client_ip"])]
    heat = charts.plot_failure_heatmap(shown, **question.over_time())
    return Section(
        "clients",
        "Everyone, or one client?",
        [_concentration(question), _recovery(question)],
        figures=[
            folder.save_chart(charts.plot_failing_clients(networks), "failing_networks"),
            folder.save_chart(heat, "failing_clients_over_time"),
        ],
        tables=[
            tables.save_and_print(
                folder, networks, "failing_networks", "Networks, /24 and /64", tables.NETWORKS
            ),
            tables.save_and_print(
                folder, addresses, "failing_clients", "Addresses", tables.ADDRESSES
            ),
        ],
    )


def where(question: Question) -> Section | None:
    """Compare the load-balancer nodes."""
    rates = analysis.failure_rate(question.connections, every=None, by=("elb", "ip_address"))
    if len(rates) < 2:
        return None
    folder = question.folder
    over_time = analysis.failure_rate(
        question.connections, every=question.every_split, by="ip_address"
    )
    drawn = charts.plot_failure_rate_panels(over_time, **question.over_time())
    return Section(
        "nodes",
        "One node, or all?",
        figures=[folder.save_chart(question.spanned(drawn), "failure_rate_by_node")],
        tables=[
            tables.save_and_print(
                folder, rates, "nodes", "Load-balancer nodes, whole time range", tables.NODES
            )
        ],
    )


def _changes(changes: pd.DataFrame) -> str:
    if changes.empty:
        return "The failure rate does not change more than chance would explain."
    columns = (changes.head(6)[name] for name in ("bin_start", "rate_before", "rate_after"))
    moments = [
        f"{instant(moment)} UTC from {percent(before)} to {percent(after)}"
        for moment, before, after in zip(*columns, strict=True)
    ]
    return f"The failure rate changes at {'; '.join(moments)}."


def _concentration(question: Question) -> str:
    row = analysis.failure_concentration(question.connections).iloc[0]
    return (
        f"{number(row['failing_clients'])} of {number(row['clients'])} addresses have a failure. "
        f"The most failing one has {percent(row['top_1_share'])} of all failures, the ten most "
        f"failing have {percent(row['top_10_share'])} (Gini {row['gini']:.2f}; 0 is all alike)."
    )


def _recovery(question: Question) -> str:
    """Say how many clients came back, and how fast."""
    if question.incident is None:
        since, clients = "", analysis.recoveries(question.connections)
    else:
        last = question.totals["last_timestamp"].to_pydatetime()
        after = (question.incident[0], moved(last, timedelta.resolution))
        since, clients = "since the incident began", analysis.recoveries(question.within(after))
    back = clients[clients["recovered"]]
    if clients.empty:
        return ""
    text = f"Of {number(len(clients))} addresses that failed {since}".rstrip()
    if back.empty:
        return f"{text}, none got through afterwards."
    median = back["seconds_to_success"].median()
    return (
        f"{text}, {number(len(back))} got through later (median {median / 60:.0f} min after their "
        f"first failure, {number(back['attempts'].median())} attempts); "
        f"{number(len(clients) - len(back))} never did."
    )
