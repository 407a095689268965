"""The command that tells what went wrong: a short story of each incident, the strongest first."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import albconn as ac
from albconn.cli.formats import PLAIN, Printed
from albconn.cli.opening import ask
from albconn.cli.options import Source, Which
from albconn.cli.printing import print_table, say
from albconn.cli.taking import takes_options
from albconn.printable import visible
from albconn.words import counted, number, one_line, percent

if TYPE_CHECKING:
    import pandas as pd

WIDEST = 100  # [characters] of a line of prose; longer ones are hard to follow


@takes_options
def incidents(which: Which, source: Source, format: Printed = PLAIN) -> None:
    """Print every incident, the strongest first: when, what kind, whose, how many, and why."""
    table = ask(ac.incidents, source, which)
    if format != PLAIN:
        print_table(table, format)
        for line in beside(table):
            say(line)
        return
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDEST
    print("\n".join(map(visible, story(table, min(columns, WIDEST)))))


def story(table: pd.DataFrame, width: int) -> list[str]:
    """Return the lines that tell a table of incidents; none is wider than ``width``, but words."""
    from albconn.report.incidents import rows_of

    lines = textwrap.wrap(_looked_at(table), width)
    for place, row in enumerate(rows_of(table), 1):
        lines += ["", *_told(place, row, width)]
    for line in beside(table):
        lines += ["", *textwrap.wrap(line, width)]
    return lines


def beside(table: pd.DataFrame) -> list[str]:
    """Return what is in no incident: sources that never get through, failures without address."""
    from albconn.report.incidents import aside, background, told

    alone = [text for row in aside(table, "one client") for text in told(row)]
    lines = [*alone, *background(table.attrs["background"])]
    without, failures = table.attrs["failures_without_client"], table.attrs["failures"]
    if without:
        lines.append(
            f"{number(without)} of {counted(failures, 'failure')} are of no known address: each "
            "counts by itself, and no scanner can be told from them."
        )
    return lines


def _looked_at(table: pd.DataFrame) -> str:
    """Return how many were found, and in what."""
    notes = table.attrs
    if not notes["connections"]:
        return "No incident found: there are no TLS connections."
    start, end = (notes[name][:16].replace("T", " ") for name in ("start", "end"))
    if start[:10] == end[:10]:
        end = end[11:]
    looked = (
        f"{counted(notes['connections'], 'TLS connection')} of "
        f"{counted(notes['clients'], 'client')} from {start} to {end} UTC"
    )
    if len(table):
        return f"{counted(len(table), 'incident')} in {looked}; the strongest first."
    return (
        f"No incident found in {looked}, {counted(notes['failures'], 'failure')} among them: no "
        "load balancer, listener, node, failure reason or network fails more than it usually does."
    )


def _told(place: int, row: Any, width: int) -> list[str]:
    from albconn.report.incidents import told, when

    is_slow = row.kind == "slow handshakes"
    what = f"{row.kind}: {one_line(row.cause, 200)}" if row.cause else row.kind
    failed = (
        f"{counted(row.connections, 'successful handshake')}, slow ones"
        if is_slow
        else f"{counted(row.failures, 'failure')} of {counted(row.connections, 'connection')}"
    )
    usual = "none before" if row.usual is None else percent(row.usual)
    rates = f"{usual} → {percent(row.failure_rate)}"
    facts = [when(row), counted(row.clients, "client"), failed, rates]
    first, indent = f"{place:>2}  ", "    "
    return [
        *textwrap.wrap(what, width, initial_indent=first, subsequent_indent=indent),
        *_wrapped(facts, width - len(indent), indent),
        *textwrap.wrap(" ".join(told(row)), width, initial_indent=indent, subsequent_indent=indent),
    ]


def _wrapped(facts: list[str], width: int, indent: str) -> list[str]:
    """Return facts on as few lines as hold them, none broken."""
    lines = [facts[0]]
    for fact in facts[1:]:
        longer = f"{lines[-1]} · {fact}"
        lines = [*lines[:-1], longer] if len(longer) <= width else [*lines, fact]
    return [f"{indent}{line}" for line in lines]
