"""One page that answers: what happened to our TLS, to whom, and since when?

First a summary in plain language, made from the numbers; then the evidence; then how it was
counted and what the data cannot tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from albconn.analysis import compare_windows, outcome_totals, quiet_window
from albconn.analysis.counting.counts import open_counting
from albconn.analysis.counting.stretch import find_stretch
from albconn.analysis.delivery.metric import MetricJson
from albconn.analysis.outages.incidents import incidents
from albconn.analysis.outages.kinds import SLOW
from albconn.analysis.tls.described import PoliciesJson, known_policies
from albconn.analysis.tls.policies import Policy, find_policy
from albconn.arguments import names_given, text
from albconn.errors import TableError, shown
from albconn.logs.find.selection import Names
from albconn.opened import Connections, Opened, open_connections
from albconn.report import completeness, failures, handshakes
from albconn.report.account import facts_of, headline_numbers, method_of, scope_of, shortened
from albconn.report.findings import headline, summarize
from albconn.report.page import Folder, Section, render
from albconn.report.question import Asked, Mark, Question
from albconn.report.saving import folder_given, saving
from albconn.storage.places import StorageOptions
from albconn.times import GivenWindow, Instant, Window, check_window, utc_instant
from albconn.version import __version__

# Bin widths [s], and of the bins of a chart how many at most, how full on average at least:
# finer ones show noise. Splits share the connections out, so their bins have to be wider.
_BINS = {"1min": 60, "5min": 300, "15min": 900, "30min": 1800, "1h": 3600, "6h": 21600, "1D": 86400}
_MOST_BINS = 600
_CONNECTIONS_A_BIN = 60
_CONNECTIONS_A_SPLIT_BIN = 250


@dataclass(frozen=True)
class Report:
    """A written report: its page, the folders of its charts and tables, and its numbers."""

    page: Path
    charts: Path
    tables: Path
    numbers: dict[str, Any]

    def headline(self) -> dict[str, Any]:
        """Return files, lines, rows, rejected, failure rate and top reason."""
        return self.numbers


def write_report(
    source: Connections,
    out: str | PathLike[str],
    *,
    start: Instant | None = None,
    end: Instant | None = None,
    load_balancer: Names = None,
    account_id: Names = None,
    region: Names = None,
    incident: GivenWindow | None = None,
    baseline: GivenWindow | None = None,
    marks: Sequence[tuple[Instant, str]] = (),
    timezone: str = "UTC",
    policy: str | None = None,
    from_policy: str | None = None,
    policies: PoliciesJson | None = None,
    metric: MetricJson | None = None,
    storage_options: StorageOptions = None,
) -> Report:
    """Write the report of log files or a converted dataset into a folder.

    Parameters
    ----------
    source : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    out : path
        The folder: ``index.html``, ``charts/*.png|svg``, ``tables/*.csv``.
    start, end, load_balancer, account_id, region
        What to report on; see ``read_connections``.
    incident : (datetime or str, datetime or str), optional
        The window in question, half-open; times are aware, or ISO 8601 texts with a zone.
        Without it the worst one is looked for, and the page says so.
    baseline : (datetime or str, datetime or str), optional
        What the incident is compared with; without it the quiet time around it.
    marks : sequence of (datetime or str, str)
        Moments to show on the charts: a deploy, a certificate, a policy change.
    timezone : str
        IANA name of the zone in which charts label time. The numbers stay UTC.
    policy, from_policy : str, optional
        A security policy to ask about, and the one in force (see ``policy_impact``).
    policies : dict, str or path, optional
        What ``aws elbv2 describe-ssl-policies`` printed (see ``policy_impact``).
    metric : dict, str or path, optional
        CloudWatch's JSON (see ``reconcile_metric``).

    Returns
    -------
    Report
        Where everything is, and the headline numbers.

    Raises
    ------
    SourceError, DatasetError, TableError
        As ``read_connections`` and ``open_dataset``; ``out`` cannot be written to.
    AlbconnError
        The disk is full, or refuses.
    """
    folder = folder_given(out)
    if metric is not None and not isinstance(metric, Mapping | str | PathLike):
        raise TableError(f"metric: {shown(metric)} is not JSON; give a file, JSON text, or a dict")
    known = known_policies(policies)
    asked = Asked(
        incident=None if incident is None else check_window("incident", incident),
        baseline=None if baseline is None else check_window("baseline", baseline),
        marks=_marks(marks),
        timezone=text("timezone", timezone, "a time zone, such as 'Europe/Berlin'"),
        policy=_policy("policy", policy, known),
        from_policy=_policy("from_policy", from_policy, known),
        policies=policies,
        metric=metric,
    )
    opening = open_connections(
        source,
        start=start,
        end=end,
        load_balancer=load_balancer,
        account_id=account_id,
        region=region,
        storage_options=storage_options,
    )
    with saving(folder), opening as opened:
        return _write(ask(opened, asked, Folder(folder)))


def _write(question: Question) -> Report:
    opened = question.connections
    comparison, folder = compare(question), question.folder
    page = render(
        version=__version__,
        title=headline(question, comparison),
        scope=scope_of(question, opened),
        summary=summarize(question, comparison),
        facts=facts_of(opened, question.totals),
        sections=_sections(question, comparison),
        method=[*method_of(opened, question.totals, question.outside), *shortened(folder)],
    )
    folder.page.write_text(page, encoding="utf-8")
    return Report(
        folder.page, folder.charts, folder.tables, headline_numbers(opened, question.totals)
    )


def ask(opened: Opened, asked: Asked, folder: Folder) -> Question:
    """Count what every section needs, and look for the windows that were not given."""
    opened, totals, outside = _in_their_years(opened)
    incident, baseline = asked.incident, asked.baseline
    found = incidents(opened)
    failing = found[found["kind"] != SLOW]
    if incident is None and len(failing):
        incident = _window(failing.iloc[0])
    if incident is not None and baseline is None:
        baseline = _without(
            quiet_window(opened, incident), [_window(r) for _, r in found.iterrows()]
        )
    return Question(
        connections=opened,
        totals=totals,
        every=bin_width(totals, _CONNECTIONS_A_BIN),
        every_split=bin_width(totals, _CONNECTIONS_A_SPLIT_BIN),
        asked=asked,
        incident=incident,
        baseline=baseline,
        chosen=asked.incident is None,
        incidents=found,
        outside=outside,
        folder=folder,
    )


def _in_their_years(opened: Opened) -> tuple[Opened, Any, int]:
    """Return the connections of ten years at most, their totals, and how many lie outside."""
    totals = outcome_totals(opened).iloc[0]
    if totals["rows"] == 0:
        return opened, totals, 0
    with open_counting(opened, columns=("timestamp",)) as counting:
        stretch = find_stretch(counting)
    if stretch is None:
        return opened, totals, 0
    inside = opened.within(*stretch.window)
    return inside, outcome_totals(inside).iloc[0], stretch.outside


def _window(row: pd.Series) -> Window:
    return row["start"].to_pydatetime(), row["end"].to_pydatetime()


def _without(quiet: Window | None, windows: Sequence[Window]) -> Window | None:
    """Return the longest part of a quiet time in which nothing else was found."""
    if quiet is None:
        return None
    left = [quiet]
    for start, end in windows:
        left = [
            part
            for first, last in left
            for part in ((first, min(last, start)), (max(first, end), last))
            if part[0] < part[1]
        ]
    return max(left, key=lambda part: part[1] - part[0], default=quiet)


def compare(question: Question) -> pd.DataFrame | None:
    """Return what changed between baseline and incident; None where that cannot be asked."""
    if question.incident is None or question.baseline is None or not question.totals["failures"]:
        return None
    return compare_windows(
        question.connections, baseline=question.baseline, incident=question.incident
    )


def _sections(question: Question, comparison: pd.DataFrame | None) -> list[Section]:
    """Return the sections that have something to say, in the order of a reviewer's questions."""
    if question.totals["connections"] == 0:
        return []
    found = [
        failures.since_when(question),
        failures.why(question),
        failures.what_changed(question, comparison),
        failures.who(question),
        handshakes.certificates(question),
        failures.where(question),
        handshakes.protocols(question),
        handshakes.latency(question),
        handshakes.policies(question),
        handshakes.key_exchange(question),
        completeness.missing(question),
        completeness.cloudwatch(question),
    ]
    return [section for section in found if section is not None]


def bin_width(totals: Any, connections_a_bin: int) -> str:
    """Return the finest bin width that gives a readable chart."""
    if totals["connections"] == 0:
        return "5min"
    seconds = (totals["last_timestamp"] - totals["first_timestamp"]).total_seconds()
    bins = min(_MOST_BINS, totals["connections"] / connections_a_bin)
    return next((name for name, width in _BINS.items() if seconds / width <= bins), "1D")


def _policy(argument: str, policy: str | None, known: Mapping[str, Policy]) -> str | None:
    return None if policy is None else find_policy(policy, argument, known).name


def _marks(marks: Sequence[tuple[Instant, str]]) -> tuple[Mark, ...]:
    told = []
    for mark in names_given(
        "marks", marks, one="a (time, text)", example="[('2026-09-23T10:00Z', 'deploy')]"
    ):
        if not isinstance(mark, list | tuple) or len(mark) != 2:
            raise TableError(f"marks: {shown(mark)} is not a (time, text)")
        moment = utc_instant("marks", mark[0])
        if moment is None or not isinstance(mark[1], str):
            raise TableError(f"marks: {shown(mark)} is not a (time, text)")
        told.append((moment, mark[1]))
    return tuple(told)
