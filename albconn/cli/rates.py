"""Commands that count failures: over time, by reason, by client."""

from __future__ import annotations

import albconn as ac
from albconn.cli.opening import opened
from albconn.cli.options import (
    By,
    Every,
    Format,
    Ipv4Prefix,
    Ipv6Prefix,
    MinConnections,
    Source,
    TableFormat,
    Top,
    Which,
    bin_width,
    takes_which,
)
from albconn.cli.printing import print_table


@takes_which
def rates(
    which: Which,
    source: Source,
    by: By = None,
    every: Every = "5min",
    format: TableFormat = Format.table,
) -> None:
    """Print failure rates over time, with their 95 % intervals, split by any columns."""
    table = ac.failure_rate(opened(source, which), every=bin_width(every), by=by or ())
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
    table = ac.failure_reasons(opened(source, which), every=bin_width(every), by=by or ())
    print_table(table, format)


@takes_which
def totals(which: Which, source: Source, format: TableFormat = Format.table) -> None:
    """Print the totals: every row is in one of the counts."""
    print_table(ac.outcome_totals(opened(source, which)), format)


@takes_which
def clients(
    which: Which,
    source: Source,
    top: Top = 20,
    ipv4_prefix: Ipv4Prefix = 32,
    ipv6_prefix: Ipv6Prefix = 128,
    min_connections: MinConnections = 1,
    format: TableFormat = Format.table,
) -> None:
    """Print the clients that fail most, with their share of all failures."""
    table = ac.failing_clients(
        opened(source, which),
        top=top,
        ipv4_prefix=ipv4_prefix,
        ipv6_prefix=ipv6_prefix,
        min_connections=min_connections,
    )
    print_table(table, format)


@takes_which
def concentration(
    which: Which,
    source: Source,
    ipv4_prefix: Ipv4Prefix = 32,
    ipv6_prefix: Ipv6Prefix = 128,
    format: TableFormat = Format.table,
) -> None:
    """Print how unevenly failures are spread over clients: everyone, or one client?"""
    table = ac.failure_concentration(
        opened(source, which), ipv4_prefix=ipv4_prefix, ipv6_prefix=ipv6_prefix
    )
    print_table(table, format)


@takes_which
def recoveries(which: Which, source: Source, format: TableFormat = Format.table) -> None:
    """Print, for each client that failed, whether and when it got through."""
    print_table(ac.recoveries(opened(source, which)), format)
