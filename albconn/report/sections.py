"""The evidence: each section asks one question, counts, draws, and says what to see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from albconn import analysis, charts
from albconn.dataset.opened import within
from albconn.report.page import Folder, Section, number, percent

NETWORKS = {"ipv4_prefix": 24, "ipv6_prefix": 64}
CLIENTS_DRAWN = 25


@dataclass(frozen=True)
class Question:
    """What is asked: the connections, their totals, the bins, the window, the folder.

    ``every`` is the bin width of charts over all connections, ``every_split`` of those that
    share them out.
    """

    connections: Any
    totals: Any
    every: str
    every_split: str
    incident: tuple[datetime, datetime] | None
    marks: tuple[tuple[datetime, str], ...]
    timezone: str
    folder: Folder

    @property
    def drawn_marks(self) -> list[tuple[Any, ...]]:
        """Return what charts over time shade and mark."""
        window = [(*self.incident, "incident")] if self.incident else []
        return [*window, *self.marks]

    def within(self, start: datetime, end: datetime) -> Any:
        """Return the connections of a half-open window."""
        return within(self.connections, start, end)

    def spanned(self, axes: Axes) -> Axes:
        """Let a chart over time span all connections, so that all charts share their axis."""
        width = pd.Timedelta(self.every_split)
        first = self.totals["first_timestamp"].floor(width)
        last = self.totals["last_timestamp"].floor(width) + width
        axes.set_xlim(float(date2num(first)), float(date2num(last)))
        return axes

    def over_time(self) -> dict[str, Any]:
        """Return the arguments that all charts over time share."""
        return {"mark": self.drawn_marks or None, "timezone": self.timezone}


def all_sections(question: Question) -> list[Section]:
    """Return the sections that have something to say."""
    if question.totals["connections"] == 0:
        return []
    builders: list[Callable[[Question], Section | None]] = [
        _rate, _reasons, _clients, _nodes, _protocols, _latency,
    ]  # fmt: skip
    return [section for build in builders if (section := build(question)) is not None]


def _rate(question: Question) -> Section:
    rates = analysis.failure_rate(question.connections, every=question.every)
    folder = question.folder
    drawn = charts.plot_failure_rate(rates, **question.over_time())
    figure = folder.save_chart(question.spanned(drawn), "failure_rate")
    folder.save_table(rates, "failure_rate", "")
    return Section("rate", "Since when?", figures=[figure])


def _reasons(question: Question) -> Section | None:
    if not question.totals["failures"]:
        return None
    reasons = analysis.failure_reasons(question.connections)
    over_time = analysis.failure_reasons(question.connections, every=question.every)
    folder = question.folder
    folder.save_table(over_time, "failure_reasons_over_time", "")
    return Section(
        "reasons",
        "Why?",
        figures=[
            folder.save_chart(
                question.spanned(charts.plot_failure_reasons(over_time, **question.over_time())),
                "failure_reasons",
            )
        ],
        tables=[folder.save_table(reasons, "failure_reasons", "Failures by reason")],
    )


def _clients(question: Question) -> Section | None:
    if not question.totals["failures"]:
        return None
    folder = question.folder
    networks = analysis.failing_clients(question.connections, top=15, **NETWORKS)
    addresses = analysis.failing_clients(question.connections, top=CLIENTS_DRAWN)
    over_time = analysis.failure_rate(
        question.connections, every=question.every_split, by="client_ip"
    )
    shown = over_time[over_time["client_ip"].isin(addresses["client_ip"])]
    return Section(
        "clients",
        "Who is hit?",
        paragraphs=[_concentration(question)],
        figures=[
            folder.save_chart(charts.plot_failing_clients(networks), "failing_networks"),
            folder.save_chart(
                charts.plot_failure_heatmap(shown, **question.over_time()),
                "failing_clients_over_time",
            ),
        ],
        tables=[
            folder.save_table(networks, "failing_networks", "Networks, /24 and /64"),
            folder.save_table(addresses, "failing_clients", "Addresses"),
        ],
    )


def _concentration(question: Question) -> str:
    top = analysis.failing_clients(question.connections, top=10)
    named = top[top["client_ip"] != "other"]
    first, ten = named["failures"].head(1).sum(), named["failures"].sum()
    failures = question.totals["failures"]
    return (
        f"Of {number(failures)} failures, the most failing address has "
        f"{percent(first / failures)}, the ten most failing have {percent(ten / failures)}."
    )


def _nodes(question: Question) -> Section | None:
    rates = analysis.failure_rate(question.connections, every=None, by=("elb", "ip_address"))
    if len(rates) < 2:
        return None
    return Section(
        "nodes",
        "One node, or all?",
        tables=[question.folder.save_table(rates, "nodes", "Load-balancer nodes")],
    )


def _protocols(question: Question) -> Section:
    folder = question.folder
    by_protocol = analysis.failure_rate(
        question.connections, every=question.every_split, by="tls_protocol"
    )
    by_cipher = analysis.failure_rate(
        question.connections, every=question.every_split, by="tls_cipher"
    )
    matrix = analysis.failure_rate(
        question.connections, every=None, by=("tls_protocol", "tls_cipher")
    )
    draw, over_time = folder.save_chart, question.over_time()
    return Section(
        "protocols",
        "Which TLS versions and ciphers?",
        figures=[
            draw(
                question.spanned(charts.plot_failure_rate(by_protocol, **over_time)),
                "failure_rate_by_protocol",
            ),
            draw(
                question.spanned(charts.plot_failure_rate(by_cipher, **over_time)),
                "failure_rate_by_cipher",
            ),
            draw(charts.plot_cipher_matrix(matrix), "cipher_matrix"),
        ],
        tables=[folder.save_table(matrix, "protocols_and_ciphers", "Protocols and ciphers")],
    )


def _latency(question: Question) -> Section | None:
    latency = analysis.handshake_latency(question.connections, every=question.every_split)
    if latency.empty:
        return None
    return Section(
        "latency",
        "Slow rather than failing?",
        paragraphs=["Successful handshakes only: a failed one has no latency in the log."],
        figures=[
            question.folder.save_chart(
                question.spanned(charts.plot_handshake_latency(latency, **question.over_time())),
                "handshake_latency",
            )
        ],
    )
