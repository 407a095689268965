"""One command per analysis, with the words of its function: a small table to stdout."""

from __future__ import annotations

from datetime import datetime
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
    parse_time,
    parse_window,
    takes_which,
)
from albconn.cli.printing import print_table, say

EXAMPLES = {
    "rates": "rates out/ --by tls_protocol --every 5min --format csv",
    "reasons": "reasons out/ --every 1h --by elb",
    "clients": "clients out/ --top 10 --ipv4-prefix 24",
    "latency": "latency out/ --every 1h --by ip_address",
    "compare": "compare out/ --incident 2026-09-23T10:00Z/2026-09-23T10:40Z",
    "certificates": "certificates out/ --as-of 2026-09-24",
    "policy-impact": "policy-impact out/ ELBSecurityPolicy-TLS13-1-3-2021-06",
    "policies": "policies out/",
    "key-exchange": "key-exchange out/ --every 1D",
    "recoveries": "recoveries out/ --start 2026-09-23T10:00Z",
    "coverage": "coverage s3://bucket/prefix --start 2026-09-23 --format csv",
    "reconcile": "reconcile out/ metric.json",
}
From = Annotated[
    str | None, typer.Option("--from", metavar="POLICY", help="Security policy that is in force.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    commands = (
        rates, reasons, clients, latency, compare, certificates, policy_impact, policies,
        key_exchange, recoveries, coverage, reconcile,
    )  # fmt: skip
    for command in commands:
        name = command.__name__.replace("_", "-")
        app.command(name, epilog=f"Example: albconn {EXAMPLES[name]}")(command)


@takes_which
def rates(
    which: Which,
    source: Source,
    by: By = None,
    every: Every = "1h",
    format: TableFormat = Format.table,
) -> None:
    """Print failure rates over time, with their 95 % intervals, split by any columns."""
    table = ac.failure_rate(_opened(source, which), every=bin_width(every), by=by or ())
    print_table(table, format)


@takes_which
def reasons(
    which: Which,
    source: Source,
    by: By = None,
    every: Every = "all",
    format: TableFormat = Format.table,
) -> None:
    """Print failures by reason."""
    table = ac.failure_reasons(_opened(source, which), every=bin_width(every), by=by or ())
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
        _opened(source, which),
        top=top,
        ipv4_prefix=ipv4_prefix,
        ipv6_prefix=ipv6_prefix,
        min_connections=min_connections,
    )
    print_table(table, format)


@takes_which
def latency(
    which: Which,
    source: Source,
    by: By = None,
    every: Every = "1h",
    format: TableFormat = Format.table,
) -> None:
    """Print percentiles of successful handshakes' latency [s]."""
    table = ac.handshake_latency(_opened(source, which), every=bin_width(every), by=by or ())
    print_table(table, format)


@takes_which
def compare(
    which: Which,
    source: Source,
    incident: Annotated[
        str | None,
        typer.Option(metavar="START/END", help="The window in question; default: the worst."),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(metavar="START/END", help="What it is compared with; default: the rest."),
    ] = None,
    format: TableFormat = Format.table,
) -> None:
    """Print what changed between a quiet time and an incident, largest excess first."""
    connections = _opened(source, which)
    window = parse_window(incident) if incident else ac.worst_window(connections)
    if window is None:
        say("no time range stands out; give --incident")
        raise typer.Exit(1)
    quiet = parse_window(baseline) if baseline else ac.quiet_window(connections, window)
    if quiet is None:
        say("there is no quiet time to compare with; give --baseline")
        raise typer.Exit(1)
    say(f"incident {_spoken(window)}, baseline {_spoken(quiet)}")
    print_table(ac.compare_windows(connections, baseline=quiet, incident=window), format)


@takes_which
def certificates(
    which: Which,
    source: Source,
    as_of: Annotated[
        datetime,
        typer.Option(parser=parse_time, metavar="TIME", help="When to count days left from."),
    ],
    format: TableFormat = Format.table,
) -> None:
    """Print the client certificates: who fails, who expires next."""
    print_table(ac.client_certificates(_opened(source, which), as_of=as_of), format)


@takes_which
def policy_impact(
    which: Which,
    source: Source,
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="Name of a security policy.")],
    from_policy: From = None,
    format: TableFormat = Format.table,
) -> None:
    """Print who would break under a security policy, by TLS version and cipher."""
    table = ac.policy_impact(_opened(source, which), policy, from_policy=from_policy)
    print_table(table, format)


@takes_which
def policies(
    which: Which, source: Source, from_policy: From = None, format: TableFormat = Format.table
) -> None:
    """Print all security policies side by side: what breaks, what is at risk, what fits."""
    print_table(ac.policy_overview(_opened(source, which), from_policy=from_policy), format)


@takes_which
def key_exchange(
    which: Which,
    source: Source,
    by: By = None,
    every: Annotated[str, typer.Option(metavar="WIDTH", help="Bin width.")] = "1D",
    format: TableFormat = Format.table,
) -> None:
    """Print the key-exchange groups of successful handshakes; which are post-quantum."""
    table = ac.key_exchange_share(_opened(source, which), every=every, by=by or ())
    print_table(table, format)


@takes_which
def recoveries(which: Which, source: Source, format: TableFormat = Format.table) -> None:
    """Print, for each client that failed, whether and when it got through."""
    print_table(ac.recoveries(_opened(source, which)), format)


@takes_which
def coverage(which: Which, source: Source, format: TableFormat = Format.table) -> None:
    """Print which five-minute intervals of each node have a log file; reads only names."""
    table = ac.coverage(source, **which.filters, storage_options=which.storage_options)
    print_table(table, format)


@takes_which
def reconcile(
    which: Which,
    source: Source,
    metric: Annotated[
        Path,
        typer.Argument(
            metavar="METRIC", exists=True, help="JSON of get-metric-data or get-metric-statistics."
        ),
    ],
    format: TableFormat = Format.table,
) -> None:
    """Print the log's failures beside CloudWatch's ClientTLSNegotiationErrorCount."""
    print_table(ac.reconcile_metric(_opened(source, which), metric), format)


def _spoken(window: tuple[datetime, datetime]) -> str:
    return "/".join(f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in window)


def _opened(source: str, which: Which) -> Any:
    """Open what is to be counted; say when lines were not understood."""
    opened = ac.open_connections(source, **which.filters, storage_options=which.storage_options)
    if opened.rejected:
        say(f"{opened.rejected:,} of {opened.lines:,} lines rejected")
    return opened
