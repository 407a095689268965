"""One page that answers: what happened to our TLS, to whom, and since when?

First a summary in plain language, made from the numbers; then the evidence; then how it was
counted and what the data cannot tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from albconn.analysis.delivery.metric import MetricJson
from albconn.analysis.tls.described import PoliciesJson, known_policies
from albconn.analysis.tls.policies import Policy, find_policy
from albconn.arguments import names_given, text
from albconn.errors import TableError, shown
from albconn.logs.find.selection import Names
from albconn.opened import Connections, Opened, open_connections
from albconn.progress import steps_bar, waiting
from albconn.report import completeness, failures, handshakes
from albconn.report.account import headline_numbers, method_of, scope_of, shortened
from albconn.report.findings import closing, headline, opening
from albconn.report.folder import Folder, require_room
from albconn.report.lead import lead
from albconn.report.nothing import opened_for_a_page, require_window
from albconn.report.page import Figure, Section, render, template
from albconn.report.question import Asked, Mark, Question, ask
from albconn.report.saving import saving
from albconn.report.studio import Studio
from albconn.report.tiles import tiles_of
from albconn.storage.places import StorageOptions
from albconn.times import GivenWindow, Instant, check_window, read_zone, utc_instant
from albconn.version import __version__


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
        IANA name of the zone of all times on the page; UTC stands beside them. The CSV files
        stay UTC.
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
        As ``read_connections`` and ``open_dataset``; and where no connection is there, an incident
        lies outside of the log, or ``out`` cannot be written. Nothing is written then.
    AlbconnError
        The disk is full, or refuses.
    """
    folder = require_room(out)
    asked = read_asked(
        incident=incident, baseline=baseline, marks=marks, timezone=timezone, policy=policy,
        from_policy=from_policy, policies=policies, metric=metric,
    )  # fmt: skip

    def opening_source() -> Opened:
        return open_connections(
            source, start=start, end=end, load_balancer=load_balancer, account_id=account_id,
            region=region, storage_options=storage_options,
        )  # fmt: skip

    with Studio() as studio, asking(opening_source, asked) as question:
        return write(question, Folder(folder, studio, asked.zone))


def read_asked(
    *,
    incident: GivenWindow | None = None,
    baseline: GivenWindow | None = None,
    marks: Sequence[tuple[Instant, str]] = (),
    timezone: str = "UTC",
    policy: str | None = None,
    from_policy: str | None = None,
    policies: PoliciesJson | None = None,
    metric: MetricJson | None = None,
) -> Asked:
    """Read what the user said, and refuse what cannot be meant, before anything is read."""
    if metric is not None and not isinstance(metric, Mapping | str | PathLike):
        raise TableError(f"metric: {shown(metric)} is not JSON; give a file, JSON text, or a dict")
    known = known_policies(policies)
    return Asked(
        incident=None if incident is None else check_window("incident", incident),
        baseline=None if baseline is None else check_window("baseline", baseline),
        marks=_marks(marks),
        zone=read_zone(text("timezone", timezone, "a time zone, such as 'Europe/Berlin'")),
        policy=_policy("policy", policy, known),
        from_policy=_policy("from_policy", from_policy, known),
        policies=policies,
        metric=metric,
    )


@contextmanager
def asking(opening_source: Callable[[], Opened], asked: Asked) -> Iterator[Question]:
    """Give the question that a source is asked; refuse a page about nothing."""
    with opened_for_a_page(opening_source) as opened:
        with waiting("looking for what stands out"):
            question = ask(opened, asked, require_window)
        yield question


def write(question: Question, folder: Folder) -> Report:
    """Write the page of a question, its charts and its tables."""
    with saving(folder.out):
        return _write(question, folder)


def _write(question: Question, folder: Folder) -> Report:
    opened = question.connections
    leading, sections = draw_all(question, folder)
    content = {
        "version": __version__,
        "title": headline(question),
        "scope": scope_of(question, opened),
        "summary": opening(question),
        "besides": closing(question),
        "facts": tiles_of(question),
        "lead": leading,
        "sections": sections,
        "method": [*method_of(opened, question.totals, question.outside), *shortened(folder)],
    }
    template()  # all is ready when the last picture is
    with steps_bar(len(folder.drawn), text="drawing") as said:
        pictures = folder.studio.finish(said)
    folder.finish(render(pictures, **content))
    return Report(
        folder.page, folder.charts, folder.tables, headline_numbers(opened, question.totals)
    )


# The sections in the order of a reviewer's questions; each is left out where it has nothing to say.
SECTIONS: tuple[Callable[[Question, Folder], Section | None], ...] = (
    failures.why,
    failures.what_changed,
    failures.who,
    failures.where,
    failures.since_when,
    handshakes.certificates,
    handshakes.protocols,
    handshakes.latency,
    handshakes.policies,
    handshakes.key_exchange,
    completeness.missing,
    completeness.cloudwatch,
)


def draw_all(question: Question, folder: Folder) -> tuple[list[Figure], list[Section]]:
    """Make the lead and the sections; their charts are drawn in the folder, elsewhere."""
    leading = lead(question, folder)
    if question.totals["connections"] == 0:
        return leading, []
    found: list[Section | None] = []
    with steps_bar(len(SECTIONS), text="counting") as said:
        for section in SECTIONS:
            found.append(section(question, folder))
            said(len(found))
    return leading, [section for section in found if section is not None]


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
