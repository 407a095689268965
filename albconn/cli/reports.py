"""The report: one page of everything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from albconn.cli.opening import opened
from albconn.cli.options import (
    Baseline,
    FromPolicy,
    Incident,
    Policies,
    Source,
    Which,
    parse_mark,
    parse_window,
    takes_which,
)
from albconn.cli.printing import print_facts


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command(
        epilog="Example: albconn report out/ review/ --incident 2026-09-23T10:00Z/2026-09-23T10:40Z"
    )(report)


@takes_which
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
    timezone: Annotated[
        str, typer.Option(metavar="ZONE", help="Zone of the charts' labels, such as Europe/Berlin.")
    ] = "UTC",
    policy: Annotated[
        str | None, typer.Option(metavar="NAME", help="Security policy to ask about.")
    ] = None,
    from_policy: FromPolicy = None,
    policies: Policies = None,
    metric: Annotated[
        Path | None,
        typer.Option(exists=True, help="JSON of aws cloudwatch get-metric-data or -statistics."),
    ] = None,
) -> None:
    """Write one HTML page that says what failed, since when and for whom; with its charts."""
    from albconn.report import write_report
    from albconn.report.saving import folder_given

    folder_given(out)  # before logs are read
    asked: dict[str, Any] = {
        "incident": parse_window(incident) if incident else None,
        "baseline": parse_window(baseline) if baseline else None,
        "marks": [parse_mark(text) for text in marks or ()],
    }
    written = write_report(
        opened(source, which),
        out,
        **asked,
        policy=policy,
        from_policy=from_policy,
        policies=policies,
        metric=metric,
        timezone=timezone,
    )
    print_facts(
        {
            **written.headline(),
            "page": written.page,
            "charts": written.charts,
            "tables": written.tables,
        }
    )
