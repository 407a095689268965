"""Commands about handshakes: how long, with which certificates, ciphers and groups."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

import albconn as ac
from albconn.cli.opening import opened
from albconn.cli.options import (
    By,
    Every,
    Format,
    FromPolicy,
    Policy,
    Source,
    TableFormat,
    Which,
    bin_width,
    parse_time,
    takes_which,
)
from albconn.cli.printing import print_table


@takes_which
def latency(
    which: Which,
    source: Source,
    by: By = None,
    every: Every = "5min",
    format: TableFormat = Format.table,
) -> None:
    """Print percentiles of successful handshakes' latency [s]."""
    table = ac.handshake_latency(opened(source, which), every=bin_width(every), by=by or ())
    print_table(table, format)


@takes_which
def slow(
    which: Which,
    source: Source,
    by: By = None,
    every: Every = "5min",
    slower_than: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="SECONDS", help="What is slow; without it, three times the median."
        ),
    ] = None,
    format: TableFormat = Format.table,
) -> None:
    """Print how many successful handshakes were slow, over time."""
    table = ac.slow_handshakes(
        opened(source, which), every=bin_width(every), by=by or (), slower_than=slower_than
    )
    print_table(table, format)


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
    print_table(ac.client_certificates(opened(source, which), as_of=as_of), format)


@takes_which
def policy_impact(
    which: Which,
    source: Source,
    policy: Policy,
    from_policy: FromPolicy = None,
    format: TableFormat = Format.table,
) -> None:
    """Print who would break under a security policy, by TLS version and cipher."""
    table = ac.policy_impact(opened(source, which), policy, from_policy=from_policy)
    print_table(table, format)


@takes_which
def policy_clients(
    which: Which,
    source: Source,
    policy: Policy,
    from_policy: FromPolicy = None,
    format: TableFormat = Format.table,
) -> None:
    """Print each client's worst verdict under a security policy."""
    table = ac.policy_clients(opened(source, which), policy, from_policy=from_policy)
    print_table(table, format)


@takes_which
def policies(
    which: Which, source: Source, from_policy: FromPolicy = None, format: TableFormat = Format.table
) -> None:
    """Print all security policies side by side: what breaks, what is at risk, what fits."""
    print_table(ac.policy_overview(opened(source, which), from_policy=from_policy), format)


@takes_which
def key_exchange(
    which: Which,
    source: Source,
    by: By = None,
    every: Every = "1D",
    format: TableFormat = Format.table,
) -> None:
    """Print the key-exchange groups of successful handshakes; which are post-quantum."""
    table = ac.key_exchange_share(opened(source, which), every=bin_width(every), by=by or ())
    print_table(table, format)
