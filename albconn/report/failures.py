"""Evidence about failures: since when, why, what changed, who is hit, and where.

With an incident, every table has it beside what is usual; without one, it is of the whole log.
"""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from albconn import analysis
from albconn.analysis.changes import changes_of
from albconn.analysis.clients import Listed, list_failing
from albconn.analysis.comparing.beside import LISTED, as_compared, without
from albconn.analysis.outages.kinds import POLICY, SLOW
from albconn.analysis.rates import rates_of_clients
from albconn.analysis.stats.concentration import Concentration, concentration_of
from albconn.report import tables
from albconn.report.drawing import Chart
from albconn.report.findings import window_text
from albconn.report.folder import Folder
from albconn.report.incidents import place_text
from albconn.report.page import Figure, PrintedTable, Section
from albconn.report.question import Question
from albconn.times import moved
from albconn.words import counted, instant, noun_of, number, one_line, percent, zone_name

NETWORKS, ADDRESSES = Listed(15, ipv4_prefix=24, ipv6_prefix=64), Listed(25)
GROUPS_SHOWN = 8


def since_when(question: Question, folder: Folder) -> Section | None:
    """Name the change points of the failure rate."""
    if question.totals["connections"] == 0:
        return None
    changes = changes_of(question.bins)
    section = Section("rate", "Since when?", [_changes(question, changes)])
    if len(changes):
        section.tables.append(
            tables.save_and_print(
                folder, changes, "change_points", "Change points", tables.CHANGE_POINTS
            )
        )
    return section


def why(question: Question, folder: Folder) -> Section | None:
    """Say what the failure reasons mean, and draw them over time."""
    if not question.totals["failures"]:
        return None
    over_time = analysis.failure_reasons(question.alike, every=question.every)
    folder.save_table(over_time, "failure_reasons_over_time")
    chart = Chart(
        "failure_reasons", "plot_failure_reasons", over_time, question.over_time(), question.whole,
        "too",
    )  # fmt: skip
    reasons = analysis.failure_reasons(question.alike)
    listed = _beside(question, folder, "reasons", "Reasons", tables.REASONS_BESIDE)
    codes = reasons[["failure_reason"]].dropna()
    codes = codes[codes["failure_reason"].astype("str") != "other"]
    meanings = tables.save_and_print(
        folder, codes, "reason_meanings", "What they mean, and what to do next", tables.MEANINGS,
        rows=6,
    )  # fmt: skip
    whole = tables.save_and_print(
        folder, reasons, "failure_reasons", "Failures by reason, whole log", tables.REASONS
    )
    figures = [*_in_it(question, folder, "incident_reasons", "reasons"), folder.draw(chart)]
    return Section("reasons", "Why?", figures=figures, tables=[*listed, meanings, whole])


def what_changed(question: Question, folder: Folder) -> Section | None:
    """Rank what explains the excess of the incident; what holds the same failures is one row."""
    if question.beside is None or question.incident is None:
        return None
    changed = question.beside.changed
    text = (
        f"{window_text(question, question.incident)}, against {_usual(question)}. Excess failures "
        "are those beyond what each value's own usual rate would give. Only rows that survive the "
        "correction for many comparisons (q < 0.05) are shown; values that hold the same failures "
        "are one row."
    )
    section = Section("changed", "What changed?", [text])
    if not changed["significant"].any():
        section.paragraphs.append("No value changed more than chance would explain.")
        return section
    folder.save_table(changed, "compare_windows")
    firsts = grouped(changed)
    if len(firsts) > 1:
        drawn = changed.loc[firsts.index[:GROUPS_SHOWN]].drop(columns="same_as")
        section.figures.append(folder.draw(Chart("compare_windows", "plot_compare_windows", drawn)))
    section.tables.append(
        tables.save_and_print(
            folder, firsts, "what_changed", "Largest excess first", tables.COMPARED,
            rows=GROUPS_SHOWN,
        )
    )  # fmt: skip
    return section


def grouped(changed: pd.DataFrame) -> pd.DataFrame:
    """Return one significant row for the same failures; ``the_same`` names the others."""
    sure = changed[changed["significant"]]
    firsts = sure[sure["same_as"].isna()]
    names = [
        "; ".join(
            f"{noun_of(dimension)} {one_line(value, 40)}"
            for dimension, value in zip(same["dimension"], same["value"], strict=True)
            if " × " not in dimension
        )
        for same in (sure[sure["same_as"] == first] for first in firsts.index)
    ]
    return firsts.assign(the_same=pd.Series(names, firsts.index, dtype="object").replace("", None))


def who(question: Question, folder: Folder) -> Section | None:
    """Show the clients that fail, as networks and addresses, and over time."""
    if not question.totals["failures"]:
        return None
    connections = question.connections
    (networks, addresses), of_each = list_failing(connections, NETWORKS, ADDRESSES)
    shown = rates_of_clients(
        connections, addresses["client_ip"].astype("object"), every=question.every_split
    )
    shown.attrs["end"] = question.totals["last_timestamp"].isoformat()
    of_all = Chart("failing_networks", "plot_failing_clients", networks, narrow="too")
    told = [_concentration(concentration_of(of_each)), _recovery(question)]
    section = Section("clients", "Everyone, or one client?", told)
    section.figures += [
        *(_in_it(question, folder, "incident_clients", "networks", "clients")
          or [folder.draw(of_all)]),
        *_stopped(question, folder),
        folder.draw(
            Chart("failing_clients_over_time", "plot_failure_heatmap", shown, question.over_time())
        ),
    ]  # fmt: skip
    beside = [
        *_beside(question, folder, "networks", "Networks, /24 and /64", tables.NETWORKS),
        *_beside(question, folder, "clients", "Addresses", tables.ADDRESSES),
    ]
    folder.save_table(networks, "failing_networks")
    folder.save_table(addresses, "failing_clients")
    section.tables += beside or [
        tables.save_and_print(
            folder, networks, "failing_networks", "Networks, /24 and /64", tables.NETWORKS_OF_ALL
        ),
        tables.save_and_print(
            folder, addresses, "failing_clients", "Addresses", tables.ADDRESSES_OF_ALL
        ),
    ]
    return section


def _in_it(question: Question, folder: Folder, name: str, *listed: str) -> list[Figure]:
    """Draw what fails in the incident at its place, beside what is usual; none without one."""
    if question.beside is None:
        return []
    values = as_compared(question.beside, *listed)
    if (values["incident_failures"] > 0).sum() < 2:  # one is said by the table
        return []
    return [folder.draw(Chart(name, "plot_incident_and_usual", values, narrow="too"))]


def _stopped(question: Question, folder: Folder) -> list[Figure]:
    """Draw what the clients last spoke that stopped working, where a policy locked them out."""
    if not question.chosen or question.failing[0].kind not in POLICY:
        return []
    place, first = next(
        (place, row) for place, row in enumerate(question.found) if row.kind != SLOW
    )
    spoken = question.incidents.attrs["last_spoken"][place]
    if not spoken:
        return []
    table = pd.DataFrame(spoken).assign(elb=first.elb)
    folder.save_table(table, "stopped_working")
    told = counted(table["failures"].sum(), "failure")
    options = {"subtitle": f"what they had last got through with, before they failed · {told}"}
    return [folder.draw(
        Chart("stopped_working", "plot_stopped_working", table, options, narrow="too")
    )]  # fmt: skip


def where(question: Question, folder: Folder) -> Section | None:
    """Compare the load-balancer nodes."""
    rates = analysis.failure_rate(question.alike, every=None, by=("elb", "ip_address"))
    if len(rates) < 2:
        return None
    over_time = analysis.failure_rate(
        question.alike, every=question.every_split, by=("elb", "ip_address")
    )
    chart = Chart(
        "failure_rate_by_node", "plot_failure_rate_panels", over_time, question.over_time(),
        question.whole, "too",
    )  # fmt: skip
    whole = tables.save_and_print(
        folder, rates, "nodes", "Load-balancer nodes, whole log", tables.NODES
    )
    beside = _beside(question, folder, "nodes", "Load-balancer nodes", tables.NODES_BESIDE)
    return Section(
        "nodes", "One node, or all?", figures=[folder.draw(chart)], tables=beside or [whole]
    )


def _beside(
    question: Question, folder: Folder, name: str, title: str, columns: list[tables.Shown]
) -> list[PrintedTable]:
    """Return the table of what fails in the incident, beside what is usual; none without one."""
    if question.beside is None or name not in question.beside.values:
        return []
    values = question.beside.values[name]
    place = without(question.beside.place, LISTED[name])
    where = f" at {place_text(place)}" if place else ""
    if name in ("networks", "clients"):
        values = values[values["incident_failures"] > 0]
    if values.empty:
        return []
    return [
        tables.save_and_print(
            folder, values, f"incident_{name}", f"{title}{where}: incident beside usual", columns
        )
    ]


def _usual(question: Question) -> str:
    if question.asked.baseline is not None:
        spoken = window_text(question, question.asked.baseline)
        return f"the baseline, {spoken[0].lower()}{spoken[1:]}"
    return "the rest of the log, outside of all incidents"


def _changes(question: Question, changes: pd.DataFrame) -> str:
    if changes.empty:
        return "The failure rate does not change more than chance would explain."
    columns = (changes.head(6)[name] for name in ("bin_start", "rate_before", "rate_after"))
    moments = [
        f"{instant(local)} {zone_name(local)} from {percent(before)} to {percent(after)}"
        for moment, before, after in zip(*columns, strict=True)
        for local in [question.local(moment)]
    ]
    return f"The failure rate of all connections changes at {'; '.join(moments)}."


def _concentration(row: Concentration) -> str:
    return (
        f"In the whole log {number(row.failing_clients)} of {number(row.clients)} addresses "
        f"have a failure. The most failing one has {percent(row.top_1_share)} of all failures, "
        f"the ten most failing have {percent(row.top_10_share)} (Gini {row.gini:.2f}; 0 is "
        "all alike)."
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
