"""Commands that count failures: over time, by reason, by client."""

from __future__ import annotations

import albconn as ac
from albconn.cli.formats import PLAIN, Printed
from albconn.cli.opening import ask
from albconn.cli.options import (
    By,
    Every,
    Ipv4Prefix,
    Ipv6Prefix,
    MinConnections,
    Source,
    Top,
    Which,
    bin_width,
)
from albconn.cli.printing import print_table
from albconn.cli.taking import takes_options


@takes_options
def rates(
    which: Which,
    source: Source,
    by: By = None,
    every: Every = "5min",
    format: Printed = PLAIN,
) -> None:
    """Print failure rates over time, with their 95 % intervals, split by any columns."""
    table = ask(ac.failure_rate, source, which, every=bin_width(every), by=by or ())
    print_table(table, format)


@takes_options
def reasons(
    which: Which,
    source: Source,
    by: By = None,
    every: Every = "all",
    format: Printed = PLAIN,
) -> None:
    """Print failures by reason."""
    table = ask(ac.failure_reasons, source, which, every=bin_width(every), by=by or ())
    print_table(table, format)


@takes_options
def totals(which: Which, source: Source, format: Printed = PLAIN) -> None:
    """Print the totals: every row is in one of the counts."""
    print_table(ask(ac.outcome_totals, source, which), format)


@takes_options
def clients(
    which: Which,
    source: Source,
    top: Top = 20,
    ipv4_prefix: Ipv4Prefix = 32,
    ipv6_prefix: Ipv6Prefix = 128,
    min_connections: MinConnections = 1,
    format: Printed = PLAIN,
) -> None:
    """Print the clients that fail most, with their share of all failures."""
    table = ask(
        ac.failing_clients,
        source,
        which,
        top=top,
        ipv4_prefix=ipv4_prefix,
        ipv6_prefix=ipv6_prefix,
        min_connections=min_connections,
    )
    print_table(table, format)


@takes_options
def concentration(
    which: Which,
    source: Source,
    ipv4_prefix: Ipv4Prefix = 32,
    ipv6_prefix: Ipv6Prefix = 128,
    format: Printed = PLAIN,
) -> None:
    """Print how unevenly failures are spread over clients: everyone, or one client?"""
    table = ask(
        ac.failure_concentration, source, which, ipv4_prefix=ipv4_prefix, ipv6_prefix=ipv6_prefix
    )
    print_table(table, format)


@takes_options
def recoveries(which: Which, source: Source, format: Printed = PLAIN) -> None:
    """Print, for each client that failed, whether and when it got through."""
    print_table(ask(ac.recoveries, source, which), format)
