"""Commands about handshakes: how long, with which certificates, ciphers and groups."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

import albconn as ac
from albconn.cli.formats import PLAIN, Printed
from albconn.cli.opening import ask
from albconn.cli.options import (
    By,
    Every,
    FromPolicy,
    Policies,
    Policy,
    Source,
    Which,
    bin_width,
    parse_time,
)
from albconn.cli.printing import print_table, say
from albconn.cli.taking import takes_options
from albconn.words import counted

if TYPE_CHECKING:
    import pandas as pd


@takes_options
def latency(
    which: Which,
    source: Source,
    by: By = None,
    every: Every = "5min",
    format: Printed = PLAIN,
) -> None:
    """Print percentiles of successful handshakes' latency [s]."""
    table = ask(ac.handshake_latency, source, which, every=bin_width(every), by=by or ())
    print_table(table, format)


@takes_options
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
    format: Printed = PLAIN,
) -> None:
    """Print how many successful handshakes were slow, over time."""
    table = ask(
        ac.slow_handshakes,
        source,
        which,
        every=bin_width(every),
        by=by or (),
        slower_than=slower_than,
    )
    print_table(table, format)


@takes_options
def certificates(
    which: Which,
    source: Source,
    as_of: Annotated[
        datetime,
        typer.Option(parser=parse_time, metavar="TIME", help="When to count days left from."),
    ],
    format: Printed = PLAIN,
) -> None:
    """Print the client certificates: who fails, who expires next."""
    print_table(ask(ac.client_certificates, source, which, as_of=as_of), format)


@takes_options
def policy_impact(
    which: Which,
    source: Source,
    policy: Policy,
    from_policy: FromPolicy = None,
    policies: Policies = None,
    clients: Annotated[
        bool, typer.Option("--clients", help="List the clients instead, each by its worst verdict.")
    ] = False,
    format: Printed = PLAIN,
) -> None:
    """Print who would break under a security policy, by TLS version and cipher or by client."""
    asked = ac.policy_clients if clients else ac.policy_impact
    table = ask(asked, source, which, policy, from_policy=from_policy, policies=policies)
    _print_judged(table, format)


@takes_options
def policy_clients(
    which: Which,
    source: Source,
    policy: Policy,
    from_policy: FromPolicy = None,
    policies: Policies = None,
    format: Printed = PLAIN,
) -> None:
    """Print each client's worst verdict under a security policy."""
    table = ask(
        ac.policy_clients, source, which, policy, from_policy=from_policy, policies=policies
    )
    _print_judged(table, format)


@takes_options
def policies(
    which: Which,
    source: Source,
    from_policy: FromPolicy = None,
    policies: Policies = None,
    format: Printed = PLAIN,
) -> None:
    """Print all security policies side by side: what breaks, what is at risk, what fits."""
    table = ask(ac.policy_overview, source, which, from_policy=from_policy, policies=policies)
    _print_judged(table, format)


def _print_judged(table: pd.DataFrame, format: Printed) -> None:
    """Print verdicts; say how many addresses have none, because only successes are evidence."""
    if never := table.attrs["clients_never_succeeded"]:
        told = counted(never, "address", "addresses")
        say(f"{told} only ever failed: scanners, or locked out already; not judged")
    print_table(table, format)


@takes_options
def key_exchange(
    which: Which,
    source: Source,
    by: By = None,
    every: Every = "1D",
    format: Printed = PLAIN,
) -> None:
    """Print the key-exchange groups of successful handshakes; which are post-quantum."""
    table = ask(ac.key_exchange_share, source, which, every=bin_width(every), by=by or ())
    print_table(table, format)
