"""Commands about handshakes: how long, with which certificates, ciphers and groups."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

import albconn as ac
from albconn.cli.opening import opened, opened_requests
from albconn.cli.options import (
    By,
    Every,
    Format,
    FromPolicy,
    MaybeRequests,
    Policies,
    Policy,
    Source,
    TableFormat,
    Which,
    bin_width,
    parse_time,
    takes_which,
)
from albconn.cli.printing import print_table, say
from albconn.words import counted

if TYPE_CHECKING:
    import pandas as pd


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
    policies: Policies = None,
    requests: MaybeRequests = None,
    clients: Annotated[
        bool, typer.Option("--clients", help="List the clients instead, each by its worst verdict.")
    ] = False,
    format: TableFormat = Format.table,
) -> None:
    """Print who would break under a security policy, by TLS version and cipher or by client."""
    asked = ac.policy_clients if clients else ac.policy_impact
    table = asked(
        opened(source, which),
        policy,
        from_policy=from_policy,
        policies=policies,
        requests=opened_requests(requests, which) if requests else None,
    )
    _print_judged(table, format)


@takes_which
def policy_clients(
    which: Which,
    source: Source,
    policy: Policy,
    from_policy: FromPolicy = None,
    policies: Policies = None,
    requests: MaybeRequests = None,
    format: TableFormat = Format.table,
) -> None:
    """Print each client's worst verdict under a security policy."""
    table = ac.policy_clients(
        opened(source, which),
        policy,
        from_policy=from_policy,
        policies=policies,
        requests=opened_requests(requests, which) if requests else None,
    )
    _print_judged(table, format)


@takes_which
def policies(
    which: Which,
    source: Source,
    from_policy: FromPolicy = None,
    policies: Policies = None,
    format: TableFormat = Format.table,
) -> None:
    """Print all security policies side by side: what breaks, what is at risk, what fits."""
    table = ac.policy_overview(opened(source, which), from_policy=from_policy, policies=policies)
    _print_judged(table, format)


def _print_judged(table: pd.DataFrame, format: Format) -> None:
    """Print verdicts; say how many addresses have none, because only successes are evidence."""
    if never := table.attrs["clients_never_succeeded"]:
        told = counted(never, "address", "addresses")
        say(f"{told} only ever failed: scanners, or locked out already; not judged")
    print_table(table, format)


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
