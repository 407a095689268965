"""What a subtitle says: how many of how many, how much of it is drawn, part after part."""

from __future__ import annotations

import pandas as pd

from albconn.words import counted, number, percent


def told(*parts: str) -> str:
    """Return the parts that say something, one after another.

    Examples
    --------
    >>> told("3 clients", "", "bins of 5 min")
    '3 clients · bins of 5 min'
    """
    return " · ".join(part for part in parts if part)


def told_rate(table: pd.DataFrame, noun: str = "TLS connection", verb: str = "failed") -> str:
    """Return "X of N TLS connections failed (p %)", added up over the rows of `table`."""
    return told_counts(table["failures"].sum(), table["connections"].sum(), noun, verb)


def told_counts(
    failures: float, connections: float, noun: str = "TLS connection", verb: str = "failed"
) -> str:
    """Return "X of N TLS connections failed (p %)"; no share of nothing.

    Examples
    --------
    >>> told_counts(30, 1200), told_counts(0, 0)
    ('30 of 1,200 TLS connections failed (2.5 %)', '0 of 0 TLS connections failed')
    """
    share = f" ({percent(failures / connections)})" if connections else ""
    return f"{number(failures)} of {counted(connections, noun)} {verb}{share}"


def told_first(drawn: int, found: int, nouns: str) -> str:
    """Return "the first 20 of 35 clients" where a picture has not room for all; else nothing.

    Examples
    --------
    >>> told_first(20, 35, "clients"), told_first(5, 5, "clients")
    ('the first 20 of 35 clients', '')
    """
    return f"the first {number(drawn)} of {number(found)} {nouns}" if drawn < found else ""
