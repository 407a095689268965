"""Commands that follow each client through time: what became of it, and who stopped working."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

import albconn as ac
from albconn.cli.completing import complete_splits
from albconn.cli.formats import PLAIN, Printed
from albconn.cli.moments import parse_moment
from albconn.cli.opening import ask
from albconn.cli.options import Source, Which
from albconn.cli.printing import print_table
from albconn.cli.taking import takes_options

Client = Annotated[
    str,
    typer.Option(
        metavar="COLUMN",
        autocompletion=complete_splits,
        help="What a client is: client_ip, client_network, leaf_client_cert_subject, …",
    ),
]


@takes_options
def histories(
    which: Which,
    source: Source,
    by: Client = "client_ip",
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=parse_moment,
            metavar="AGO|TIME",
            help="Who is first seen from then on is new; default: the last tenth of the time.",
        ),
    ] = None,
    format: Printed = PLAIN,
) -> None:
    """Print each client's state: stopped working, never worked, came back, new or working."""
    print_table(ask(ac.client_histories, source, which, by=by, since=since), format)


@takes_options
def stopped_working(
    which: Which,
    source: Source,
    since: Annotated[
        datetime,
        typer.Option(
            parser=parse_moment,
            metavar="AGO|TIME",
            help="The moment at which things changed, or how long ago that is.",
        ),
    ],
    by: Client = "client_ip",
    format: Printed = PLAIN,
) -> None:
    """Print who succeeded before a moment and only failed since, with what they last spoke."""
    print_table(ask(ac.stopped_working, source, which, since=since, by=by), format)
