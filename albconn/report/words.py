"""Numbers and foreign values as the page's text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def percent(rate: float) -> str:
    """Return a share as text: as many digits as say something."""
    if rate != rate:
        return "–"
    if rate in (0.0, 1.0):
        return f"{100 * rate:.0f} %"
    if rate < 0.0005:
        return "< 0.1 %"
    if rate > 0.995:
        return f"{min(100 * rate, 99.9):.1f} %"  # not "100 %" while one connection succeeded
    return f"{100 * rate:.1f} %" if rate < 0.1 else f"{100 * rate:.0f} %"


def number(count: float) -> str:
    """Return a count as text."""
    return f"{round(count):,}"


def counted(count: float, noun: str) -> str:
    """Return a count with its noun in the right number."""
    return f"{number(count)} {noun}{'' if int(count) == 1 else 's'}"


def top_reason(totals: Any) -> str:
    """Return the most frequent failure reason of a row, or ``none``."""
    reason = totals["top_reason"]
    return reason if isinstance(reason, str) else "none"


def instant(moment: Any) -> str:
    """Return a UTC time as text, to the minute."""
    return f"{moment:%Y-%m-%d %H:%M}"


def label(value: Any, longest: int = 60) -> str:
    """Return a value that a stranger may have chosen as one short line of text."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value))
    return text if len(text) <= longest else text[: longest - 1] + "…"


def join(parts: Sequence[str]) -> str:
    """Join words as a sentence does."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
