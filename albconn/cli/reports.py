"""The report: one page of everything; and its first sentences alone."""

from __future__ import annotations

import json
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from albconn.cli.completing import complete_policies
from albconn.cli.opening import opened
from albconn.cli.options import (
    Baseline,
    FromPolicy,
    Incident,
    Policies,
    Source,
    Timezone,
    Which,
    parse_mark,
    parse_window,
)
from albconn.cli.taking import takes_options
from albconn.printable import visible
from albconn.progress import waiting

if TYPE_CHECKING:
    from albconn.report import Summary

WIDEST = 100  # [characters] of a line of prose; longer ones are hard to follow


class Told(StrEnum):
    """How a summary is told."""

    text = "text"
    markdown = "markdown"
    json = "json"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command(
        epilog="Example: albconn report out/ review/ --incident 2026-09-23T10:00Z/2026-09-23T10:40Z"
    )(report)
    app.command(epilog="Example: albconn summary out/ --format markdown")(summary)


@takes_options
def report(
    which: Which,
    source: Source,
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder for the page, its charts and tables.")
    ],
    incident: Incident = None,
    baseline: Baseline = None,
    marks: Annotated[
        list[str] | None,
        typer.Option(
            "--marks",
            "--mark",
            metavar="TIME=TEXT",
            help="A moment to mark on the charts (a deploy, a policy change); may be repeated.",
        ),
    ] = None,
    timezone: Timezone = "UTC",
    policy: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Security policy to ask about.",
            autocompletion=complete_policies,
        ),
    ] = None,
    from_policy: FromPolicy = None,
    policies: Policies = None,
    metric: Annotated[
        Path | None,
        typer.Option(exists=True, help="JSON of aws cloudwatch get-metric-data or -statistics."),
    ] = None,
) -> None:
    """Write one HTML page that says what failed, since when and for whom; with its charts."""
    from albconn.report.folder import Folder, require_room
    from albconn.report.report import asking, read_asked, write
    from albconn.report.short import summary_of
    from albconn.report.studio import Studio

    folder = require_room(out)  # before logs are read
    asked = read_asked(
        incident=parse_window(incident) if incident else None,
        baseline=parse_window(baseline) if baseline else None,
        marks=[parse_mark(text) for text in marks or ()],
        timezone=timezone,
        policy=policy,
        from_policy=from_policy,
        policies=policies,
        metric=metric,
    )
    with (
        Studio() as studio,
        asking(lambda: opened(source, which), asked) as question,
    ):
        with waiting("counting"):
            found = summary_of(question)
        _tell(found, Told.text)
        written = write(question, Folder(folder, studio, asked.zone))
    print(f"\n{visible(str(written.page))}")


@takes_options
def summary(
    which: Which,
    source: Source,
    incident: Incident = None,
    baseline: Baseline = None,
    timezone: Timezone = "UTC",
    format: Annotated[
        Told, typer.Option("--format", help="text; markdown, for a ticket or a chat; or json.")
    ] = Told.text,
) -> None:
    """Print the finding in sentences: what failed, since when and for whom; no page is written."""
    from albconn.report.report import asking, read_asked
    from albconn.report.short import summary_of

    asked = read_asked(
        incident=parse_window(incident) if incident else None,
        baseline=parse_window(baseline) if baseline else None,
        timezone=timezone,
    )
    with asking(lambda: opened(source, which), asked) as question:
        with waiting("counting"):
            found = summary_of(question)
        _tell(found, format)


def _tell(found: Summary, format: Told) -> None:
    if format is Told.json:
        print(json.dumps(found.to_dict()).replace("\x7f", "\\u007f"))
    elif format is Told.markdown:
        print(found.markdown())
    else:
        columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDEST
        print(found.text(width=min(columns, WIDEST)), flush=True)
