"""One command per analysis, with the words of its function; and the report of them all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import albconn as ac
from albconn.cli.options import (
    By,
    Every,
    Format,
    Source,
    TableFormat,
    Which,
    bin_width,
    parse_mark,
    parse_window,
    takes_which,
)
from albconn.cli.printing import print_facts, print_table, say


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command(
        epilog="Example: albconn report out/ review/ --incident 2026-09-23T10:00Z/2026-09-23T10:40Z"
    )(report)
    app.command(epilog="Example: albconn rates out/ --by tls_protocol --every 5min --format csv")(
        rates
    )
    app.command(epilog="Example: albconn clients out/ --top 10 --ipv4-prefix 24")(clients)


@takes_which
def report(
    which: Which,
    source: Source,
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder for the page, its charts and tables.")
    ],
    incident: Annotated[
        str | None,
        typer.Option(metavar="START/END", help="The window in question; default: the worst."),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(metavar="START/END", help="What it is compared with; default: the rest."),
    ] = None,
    mark: Annotated[
        list[str] | None,
        typer.Option(
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
    from_policy: Annotated[
        str | None, typer.Option(metavar="NAME", help="Security policy that is in force.")
    ] = None,
    metric: Annotated[
        Path | None,
        typer.Option(exists=True, help="JSON of aws cloudwatch get-metric-data or -statistics."),
    ] = None,
) -> None:
    """Write one HTML page that says what failed, since when and for whom; with its charts."""
    from albconn.report import write_report

    written = write_report(
        source,
        out,
        **which.filters,
        storage_options=which.storage_options,
        incident=parse_window(incident) if incident else None,
        baseline=parse_window(baseline) if baseline else None,
        policy=policy,
        from_policy=from_policy,
        metric=metric,
        marks=[parse_mark(text) for text in mark or ()],
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


@takes_which
def rates(
    which: Which,
    source: Source,
    by: By = None,
    every: Every = "1h",
    format: TableFormat = Format.table,
) -> None:
    """Print failure rates over time, with their 95 % intervals, split by any columns."""
    table = ac.failure_rate(_connections(source, which), every=bin_width(every), by=by or ())
    print_table(table, format)


@takes_which
def clients(
    which: Which,
    source: Source,
    top: Annotated[
        int, typer.Option(min=1, help="How many clients to list; the rest is 'other'.")
    ] = 20,
    ipv4_prefix: Annotated[
        int, typer.Option(min=0, max=32, help="Join IPv4 addresses into networks of this length.")
    ] = 32,
    ipv6_prefix: Annotated[
        int, typer.Option(min=0, max=128, help="Join IPv6 addresses into networks of this length.")
    ] = 128,
    min_connections: Annotated[
        int, typer.Option(min=1, help="Leave smaller clients to 'other'.")
    ] = 1,
    format: TableFormat = Format.table,
) -> None:
    """Print the clients that fail most, with their share of all failures."""
    table = ac.failing_clients(
        _connections(source, which),
        top=top,
        ipv4_prefix=ipv4_prefix,
        ipv6_prefix=ipv6_prefix,
        min_connections=min_connections,
    )
    print_table(table, format)


def _connections(source: str, which: Which) -> Any:
    """Open what is to be counted; say when lines were not understood."""
    from albconn.dataset.opened import open_connections
    from albconn.logs.selection import make_selection

    opened = open_connections(
        source, selection=make_selection(**which.filters), storage_options=which.storage_options
    )
    if opened.rejected:
        say(f"{opened.rejected:,} of {opened.lines:,} lines rejected")
    return opened.connections
