"""How a value of a table reads: to a person, as one line of text in which nothing acts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from albconn.printable import cut, visible
from albconn.words import is_share, percent

if TYPE_CHECKING:
    import pandas as pd

LONGEST = 300  # characters of a value; a subject can be a megabyte


def header_of(column: object) -> str:
    """Return a column's name in words."""
    return visible(str(column).replace("_", " "))


def is_number(column: pd.Series) -> bool:
    """Say whether a column holds numbers, which stand to the right."""
    return column.dtype.kind in "iuf"


def rows_of(table: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Yield the rows; what is missing is None, whatever its type."""
    return table.astype(object).where(table.notna(), None).itertuples(index=False, name=None)


def text_of(column: str, value: Any, longest: int | None = LONGEST) -> str:
    """Return a value of a column as text; None for ``longest`` leaves it whole.

    Examples
    --------
    >>> text_of("failure_rate", 0.5), text_of("failures", 1200), text_of("elb", None)
    ('50 %', '1,200', '–')
    """
    if value is None:
        return "–"
    if isinstance(value, float):
        return percent(value) if is_share(column) else f"{value:.3f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return visible(str(value)) if longest is None else cut(str(value), longest)
