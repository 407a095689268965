"""Commands that follow each client through time: what became of it, and who stopped working."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

import albconn as ac
from albconn.cli.opening import opened
from albconn.cli.options import Format, Source, TableFormat, Which, parse_time, takes_which
from albconn.cli.printing import print_table

Client = Annotated[
    str,
    typer.Option(
        metavar="COLUMN",
        help="What a client is: client_ip, client_network, leaf_client_cert_subject, …",
    ),
]


@takes_which
def histories(
    which: Which,
    source: Source,
    by: Client = "client_ip",
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=parse_time,
            metavar="TIME",
            help="Who is first seen from then on is new; default: the last tenth of the time.",
        ),
    ] = None,
    format: TableFormat = Format.table,
) -> None:
    """Print each client's state: stopped working, never worked, came back, new or working."""
    print_table(ac.client_histories(opened(source, which), by=by, since=since), format)


@takes_which
def stopped_working(
    which: Which,
    source: Source,
    since: Annotated[
        datetime,
        typer.Option(parser=parse_time, metavar="TIME", help="The moment at which things changed."),
    ],
    by: Client = "client_ip",
    format: TableFormat = Format.table,
) -> None:
    """Print who succeeded before a moment and only failed since, with what they last spoke."""
    print_table(ac.stopped_working(opened(source, which), since=since, by=by), format)
