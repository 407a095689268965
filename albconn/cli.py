"""The command line: arguments and printing, nothing else; the only place that prints.

Data goes to stdout, everything else to stderr. Exit 0: done; 1: albconn's own error, one line;
2: usage. Commands and options carry the words of the functions that they call.
"""

from __future__ import annotations

import json
import sys
import warnings
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import albconn as ac
from albconn.errors import AlbconnError, AlbconnWarning

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    name="albconn",
    help="Who failed to connect to your Application Load Balancer, since when, and why.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Format(StrEnum):
    """How a table is printed."""

    table = "table"
    csv = "csv"
    json = "json"


def parse_time(text: str) -> datetime:
    """Read an ISO time with a zone, or a date, which means midnight UTC."""
    try:
        if len(text) == len("2026-09-23"):
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is not a time; expected 2026-09-23T10:00:00Z or 2026-09-23"
        ) from None
    if moment.tzinfo is None:
        raise typer.BadParameter(f"{text!r} has no time zone; add Z for UTC")
    return moment.astimezone(UTC)


Start = Annotated[
    datetime | None,
    typer.Option(
        parser=parse_time,
        metavar="TIME",
        help="First moment, with zone: 2026-09-23T10:00:00Z, or a date (UTC).",
    ),
]
End = Annotated[
    datetime | None,
    typer.Option(parser=parse_time, metavar="TIME", help="First moment that is no longer wanted."),
]
LoadBalancer = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Name, app/name/hash, or a glob; may be repeated."),
]
AccountId = Annotated[
    list[str] | None, typer.Option(metavar="ID", help="AWS account; may be repeated.")
]
Region = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="AWS region; may be repeated.")
]
Profile = Annotated[str | None, typer.Option(metavar="NAME", help="AWS profile to read S3 with.")]
EndpointUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="S3 endpoint, where it is not AWS's own.")
]
TableFormat = Annotated[Format, typer.Option("--format", help="How to print the table.")]
By = Annotated[
    list[str] | None,
    typer.Option(metavar="COLUMN", help="Split by this column of the table; may be repeated."),
]
Connections = Annotated[
    str,
    typer.Argument(
        metavar="SRC_OR_DEST", help="Log files (path, glob, s3://…) or a converted dataset."
    ),
]


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,  # noqa: FBT002
) -> None:
    """Who failed to connect to your Application Load Balancer, since when, and why."""
    if version:
        print(f"albconn {ac.__version__}")
        raise typer.Exit


@app.command(
    epilog="Example: albconn convert s3://bucket/prefix out/ --start 2026-09-22 --load-balancer my-lb"
)
def convert(
    locations: Annotated[
        list[str],
        typer.Argument(
            metavar="SRC… DEST", help="Log files, then the folder or s3:// prefix of the dataset."
        ),
    ],
    start: Start = None,
    end: End = None,
    load_balancer: LoadBalancer = None,
    account_id: AccountId = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    format: Annotated[
        Format,
        typer.Option("--format", help="table: a summary; json: one line, for cron and monitoring."),
    ] = Format.table,
) -> None:
    """Turn log files into Parquet by date; run again, it converts only what is new."""
    if len(locations) < 2:
        raise typer.BadParameter(
            "give the log files and then the destination", param_hint="SRC… DEST"
        )
    done = ac.convert(
        locations[:-1],
        locations[-1],
        **_filters(start, end, load_balancer, account_id, region),
        storage_options=_storage_options(profile, endpoint_url),
    )
    facts = done.to_dict()
    if format is Format.json:
        print(json.dumps(facts, default=str))
    else:
        _print_facts(facts)


@app.command(
    epilog="Example: albconn report out/ review/ --incident 2026-09-23T10:00Z/2026-09-23T10:40Z"
)
def report(
    source: Connections,
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder for the page, its charts and tables.")
    ],
    start: Start = None,
    end: End = None,
    load_balancer: LoadBalancer = None,
    account_id: AccountId = None,
    region: Region = None,
    incident: Annotated[
        str | None, typer.Option(metavar="START/END", help="The window in question.")
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
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Write one HTML page that says what failed, since when and for whom; with its charts."""
    from albconn.report import write_report

    written = write_report(
        source,
        out,
        **_filters(start, end, load_balancer, account_id, region),
        storage_options=_storage_options(profile, endpoint_url),
        incident=_window(incident),
        marks=[_mark(text) for text in mark or ()],
        timezone=timezone,
    )
    _print_facts(written.headline())
    print(f"page    {written.page}\ncharts  {written.charts}")


@app.command(epilog="Example: albconn rates out/ --by tls_protocol --every 5min --format csv")
def rates(
    source: Connections,
    by: By = None,
    every: Annotated[
        str,
        typer.Option(metavar="WIDTH", help="Bin width such as 5min, 1h or 1D; 'all' for one bin."),
    ] = "1h",
    start: Start = None,
    end: End = None,
    load_balancer: LoadBalancer = None,
    account_id: AccountId = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    format: TableFormat = Format.table,
) -> None:
    """Print failure rates over time, with their 95 % intervals, split by any columns."""
    connections = _connections(
        source, start, end, load_balancer, account_id, region, profile, endpoint_url
    )
    _print_table(
        ac.failure_rate(connections, every=None if every == "all" else every, by=by or ()), format
    )


@app.command(epilog="Example: albconn clients out/ --top 10 --ipv4-prefix 24")
def clients(
    source: Connections,
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
    start: Start = None,
    end: End = None,
    load_balancer: LoadBalancer = None,
    account_id: AccountId = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    format: TableFormat = Format.table,
) -> None:
    """Print the clients that fail most, with their share of all failures."""
    table = ac.failing_clients(
        _connections(source, start, end, load_balancer, account_id, region, profile, endpoint_url),
        top=top,
        ipv4_prefix=ipv4_prefix,
        ipv6_prefix=ipv6_prefix,
        min_connections=min_connections,
    )
    _print_table(table, format)


def main() -> None:
    """Run the command line; albconn's own errors and warnings become one line each."""
    warnings.simplefilter("always", AlbconnWarning)
    warnings.showwarning = _show_warning
    try:
        app()
    except AlbconnError as error:
        print(f"albconn: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()


def _show_warning(message: Warning | str, *_: object) -> None:
    print(f"albconn: {message}", file=sys.stderr)


def _filters(
    start: datetime | None,
    end: datetime | None,
    load_balancer: list[str] | None,
    account_id: list[str] | None,
    region: list[str] | None,
) -> dict[str, Any]:
    return {
        "start": start,
        "end": end,
        "load_balancer": load_balancer or None,
        "account_id": account_id or None,
        "region": region or None,
    }


def _storage_options(profile: str | None, endpoint_url: str | None) -> dict[str, Any] | None:
    given = {"profile": profile, "endpoint_url": endpoint_url}
    return {name: value for name, value in given.items() if value} or None


def _window(text: str | None) -> tuple[datetime, datetime] | None:
    if text is None:
        return None
    start, slash, end = text.partition("/")
    if not slash:
        raise typer.BadParameter(f"{text!r} is not a window; expected START/END")
    return parse_time(start), parse_time(end)


def _mark(text: str) -> tuple[datetime, str]:
    moment, _, name = text.partition("=")
    return parse_time(moment), name


def _print_facts(facts: dict[str, Any]) -> None:
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        shown = f"{value:,}" if isinstance(value, int) else value
        print(f"{name.replace('_', ' '):<{width}}  {shown}")


def _print_table(table: pd.DataFrame, format: Format) -> None:
    if format is Format.csv:
        sys.stdout.write(table.to_csv(index=False))
    elif format is Format.json:
        sys.stdout.write(table.to_json(orient="records", lines=True, date_format="iso"))
    else:
        _print_rich(table)


def _print_rich(table: pd.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table

    printed = Table(box=None, header_style="bold", pad_edge=False)
    for name in table.columns:
        numeric = table[name].dtype.kind in "iuf"
        printed.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in table.itertuples(index=False):
        cells = zip(table.columns, row, strict=True)
        printed.add_row(*(_cell(name, value) for name, value in cells))
    Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else 200).print(
        printed
    )


def _cell(column: str, value: Any) -> str:
    if value is None or value != value:  # NaN and NaT are not themselves
        return "–"
    if isinstance(value, float):
        share = column.startswith(("share", "rate")) or column.endswith("rate")
        return f"{100 * value:.2f} %" if share else f"{value:.3f}"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)


def _connections(
    source: str,
    start: datetime | None,
    end: datetime | None,
    load_balancer: list[str] | None,
    account_id: list[str] | None,
    region: list[str] | None,
    profile: str | None,
    endpoint_url: str | None,
) -> Any:
    """Open what is to be counted; say on stderr when lines were not understood."""
    from albconn.dataset.opened import open_connections
    from albconn.logs.selection import make_selection

    opened = open_connections(
        source,
        selection=make_selection(**_filters(start, end, load_balancer, account_id, region)),
        storage_options=_storage_options(profile, endpoint_url),
    )
    if opened.rejected:
        print(f"albconn: {opened.rejected:,} of {opened.lines:,} lines rejected", file=sys.stderr)
    return opened.connections
