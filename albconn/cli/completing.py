"""What a shell offers behind an option: names that are known without reading any log.

Choices and commands complete by themselves; here are columns, security policies and time zones.
Each import waits until it is asked, for a shell asks between two keystrokes.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import typer


def complete_columns(incomplete: str) -> list[str]:
    """Return the columns of the table of connections that begin so."""
    from albconn.schema.connections import CONNECTIONS

    return _beginning(incomplete, CONNECTIONS.columns)


def complete_splits(incomplete: str) -> list[str]:
    """Return what connections can be split by: the columns, and what follows from them."""
    from albconn.schema.connections import CONNECTIONS, DATE, NETWORK

    return _beginning(incomplete, (*CONNECTIONS.columns, NETWORK, DATE))


def complete_dimensions(incomplete: str) -> list[str]:
    """Return dimensions; behind a comma, what can be joined to those before it."""
    from albconn.schema.connections import CONNECTIONS, NETWORK

    before, comma, last = incomplete.rpartition(",")
    named = set(before.split(","))
    names = [name for name in (*CONNECTIONS.columns, NETWORK) if name not in named]
    return [f"{before}{comma}{name}" for name in _beginning(last, names)]


def complete_policies(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the security policies that begin so: the shipped ones, and those of --policies."""
    from albconn.analysis.tls.described import known_policies
    from albconn.errors import TableError

    known = known_policies(None)
    with suppress(TableError):
        known = known_policies(ctx.params.get("policies"))
    return _beginning(incomplete, known)


def complete_sources(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return policies where a command takes one behind its sources; else the shell offers files.

    Whatever is typed may be one more source, so a shell never asks what comes behind them.
    """
    takes_policy = any(p.name == "policy" and not p.opts[0].startswith("-")
                       for p in ctx.command.params)  # fmt: skip
    begun = incomplete or ctx.params.get("source") or ctx.params.get("policy")
    return complete_policies(ctx, incomplete) if takes_policy and begun else []


def complete_tables(incomplete: str) -> list[str]:
    """Return the names of log tables."""
    from albconn.schema.tables import TABLES

    return _beginning(incomplete, TABLES)


def complete_zones(incomplete: str) -> list[str]:
    """Return the time zones that begin so."""
    from zoneinfo import available_timezones

    return _beginning(incomplete, sorted(available_timezones()))


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
