"""Commands that ask whether anything is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import albconn as ac
from albconn.cli.opening import one_or_several, opened
from albconn.cli.options import Format, Source, TableFormat, Which, takes_which
from albconn.cli.printing import print_table, say
from albconn.words import counted


@takes_which
def coverage(which: Which, source: Source, format: TableFormat = Format.table) -> None:
    """Print which five-minute intervals of each node have a log file; reads only names."""
    table = ac.coverage(
        one_or_several(source), **which.filters, storage_options=which.storage_options
    )
    if (unplaced := table.attrs["unplaced"]) and len(table):
        files = counted(unplaced, "log file has", "log files have")
        say(f"{files} names that do not tell node and interval")
    print_table(table, format)


@takes_which
def reconcile(
    which: Which,
    source: Source,
    metric_json: Annotated[
        Path,
        typer.Argument(
            metavar="METRIC_JSON",
            exists=True,
            help="JSON of get-metric-data or get-metric-statistics.",
        ),
    ],
    period: Annotated[
        int | None,
        typer.Option(
            metavar="SECONDS", help="The metric's period, 60 or 300; else from its times."
        ),
    ] = None,
    format: TableFormat = Format.table,
) -> None:
    """Print the log's failures beside CloudWatch's ClientTLSNegotiationErrorCount."""
    print_table(ac.reconcile_metric(opened(source, which), metric_json, period=period), format)
