"""Commands about connections and the requests that came by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

import albconn as ac
from albconn.cli.opening import opened, opened_requests
from albconn.cli.options import (
    By,
    Format,
    FromPolicy,
    Policies,
    Policy,
    Requests,
    Source,
    TableFormat,
    Which,
    takes_which,
)
from albconn.cli.printing import print_table, say
from albconn.words import counted

if TYPE_CHECKING:
    import pandas as pd


@takes_which
def requests(
    which: Which,
    source: Source,
    requests: Requests,
    by: By = None,
    format: TableFormat = Format.table,
) -> None:
    """Print how many requests came by connections, and which answers they got."""
    table = ac.requests_per_connection(
        opened(source, which), opened_requests(requests, which), by=by or ()
    )
    _say_halves(table)
    print_table(table, format)


@takes_which
def felt(
    which: Which,
    source: Source,
    requests: Requests,
    within: Annotated[
        str, typer.Option(metavar="TIME", help="How soon a client is back: 30min, 1h.")
    ] = "30min",
    format: TableFormat = Format.table,
) -> None:
    """Print who failed and came back: what it asked for then, and what it got."""
    table = ac.felt_failures(opened(source, which), opened_requests(requests, which), within=within)
    failed, back = table.attrs["clients_failed"], table.attrs["clients_back"]
    say(f"{back:,} of {counted(failed, 'address', 'addresses')} that failed came back in time")
    print_table(table, format)


@takes_which
def exceptions(
    which: Which,
    source: Source,
    policy: Policy,
    requests: Requests,
    by: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="A column of requests; default: request_host."),
    ] = None,
    from_policy: FromPolicy = None,
    policies: Policies = None,
    format: TableFormat = Format.table,
) -> None:
    """Print the hosts, or paths, that clients ask for who would break under a security policy."""
    table = ac.policy_exceptions(
        opened(source, which),
        opened_requests(requests, which),
        policy,
        by=by or None,
        from_policy=from_policy,
        policies=policies,
    )
    print_table(table, format)


@takes_which
def agreement(
    which: Which, source: Source, requests: Requests, format: TableFormat = Format.table
) -> None:
    """Print what both logs say of the same handshakes, and where they differ."""
    table = ac.handshake_agreement(opened(source, which), opened_requests(requests, which))
    print_table(table, format)


def _say_halves(table: pd.DataFrame) -> None:
    """Say what has no other half, and what of it may yet come."""
    told = table.attrs
    if alone := told["requests_alone"]:
        early = told["of_earlier_connections"]
        say(
            f"{counted(alone, 'request')} without a connection; {early:,} of them in the first "
            "hour, perhaps of earlier connections"
        )
    if alone := told["without_requests"]:
        late = told["awaiting_requests"]
        say(
            f"{counted(alone, 'connection')} without a request; {late:,} of them in the last "
            "hour, whose requests may follow"
        )
    if twice := told["counted_twice"]:
        say(f"{counted(twice, 'request')} counted twice: several connections have its trace id")
