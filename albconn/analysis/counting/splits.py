"""What a table is split by: time bins, and columns.

Bins are aligned to 1970-01-01 UTC, so a bin of one day begins at midnight UTC, the same bin has
the same start in every table, and tables of different ranges fit together. That day was a
Thursday; bins of whole weeks begin on a Monday, as ISO's weeks do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.counts import HANDSHAKE_COLUMNS, MAPPED
from albconn.analysis.counting.derived import DATE, logged, table_with
from albconn.analysis.counting.source import quoted
from albconn.arguments import names_given
from albconn.arrow import to_frame
from albconn.errors import TableError, shown
from albconn.schema.connections import CONNECTIONS
from albconn.schema.kind import CATEGORY, INSTANT
from albconn.times import FIRST, microseconds

Bins = str | timedelta | np.timedelta64
Every = Bins | None
By = str | Sequence[str]

_SECOND = 1_000_000  # [µs]
_UNITS = (("D", 86_400), ("h", 3_600), ("min", 60), ("s", 1))  # [s]
_WEEK = 7 * 86_400  # [s]
_FIRST_MONDAY = 4 * 86_400  # 1970-01-05 [s since 1970]
_LOWEST = microseconds(FIRST)
# pandas' aliases: a number may go before; those that are deprecated there are common.
_ALIAS = re.compile(r"\s*(\d*)\s*([A-Za-z]+)\s*")
_SPELLINGS = {"H": "h", "d": "D", "T": "min", "S": "s", "w": "W"}
_NO_WIDTH = re.compile(r"\s*\d*\s*(B?[MQYA][SE]?|B?[QY][SE]?-\w+|SM[SE]?)\s*")
_ANCHORED = re.compile(r"\s*\d*\s*W-\w+\s*")


@dataclass(frozen=True)
class Split:
    """A bin width [s] (None: no bins) and columns.

    ``names`` are the answer's first columns, ``needs`` the source's columns that make them.
    """

    width: int | None
    by: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return ``bin_start`` where there are bins, then the columns."""
        return self.by if self.width is None else ("bin_start", *self.by)

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the columns that the source must have."""
        return logged(self.by if self.width is None else ("timestamp", *self.by))

    @property
    def table(self) -> str:
        """Return what to select from; ``derive(counting, split.by)`` makes it."""
        return table_with(self.by)

    @property
    def by_handshake(self) -> bool:
        """Say whether a column is one that an unmapped failure does not know."""
        return not HANDSHAKE_COLUMNS.isdisjoint(self.by)

    @property
    def keys(self) -> str:
        """Return the names as an SQL list that others can follow: empty, or with a comma."""
        return "".join(f"{quoted(name)}, " for name in self.names)

    @property
    def selected(self) -> str:
        """Return what computes the names from a connection, to be followed like ``keys``."""
        return self._selected({})

    @property
    def selected_if_mapped(self) -> str:
        """Return the same, but an unmapped failure has no protocol, cipher and group."""
        return self._selected(
            {
                name: f"CASE WHEN {MAPPED} THEN {quoted(name)} END AS {quoted(name)}"
                for name in HANDSHAKE_COLUMNS
            }
        )

    @property
    def group_by(self) -> str:
        """Return the names' places for GROUP BY; without names everything is one group."""
        return ", ".join(str(place + 1) for place in range(len(self.names))) or "()"

    @property
    def partition(self) -> str:
        """Return the PARTITION BY of a window over a bin and group."""
        return f"PARTITION BY {self.keys.removesuffix(', ')}" if self.names else ""

    @property
    def order(self) -> str:
        """Return what sorts by the names, missing values last, to be followed like ``keys``."""
        return "".join(f"{quoted(name)} ASC NULLS LAST, " for name in self.names)

    @property
    def text(self) -> str | None:
        """Return the bin width as text, in its largest whole unit: ``5min``."""
        if self.width is None:
            return None
        unit, seconds = next((u, s) for u, s in _UNITS if self.width % s == 0)
        return f"{self.width // seconds}{unit}"

    def _selected(self, instead: dict[str, str]) -> str:
        columns = [instead.get(name, quoted(name)) for name in self.by]
        if self.width is not None:
            columns.insert(0, f"{_bin_of(self.width)} AS bin_start")
        return "".join(f"{column}, " for column in columns)


def make_split(every: Every, by: By, *, answer: Sequence[str]) -> Split:
    """Check a bin width and columns against the answer's other columns.

    Raises
    ------
    TableError
        The width is not a positive whole number of seconds, or a column cannot split.
    """
    columns = names_given(
        "by", by, one="the name of a column", example="by='elb' or by=['elb', 'date']"
    )
    problems = []
    for place, name in enumerate(columns):
        if not isinstance(name, str):
            problems.append(f"by: {shown(name)} is not a column's name")
        elif name in columns[:place]:
            problems.append(f"by: {name!r} is named twice")
        elif name in ("bin_start", *answer):
            problems.append(f"by: {name!r} is a column of the answer already; leave it out")
    if problems:
        raise TableError(problems)
    return Split(parse_width(every), columns)


def parse_width(every: Every) -> int | None:
    """Return a bin width [s]; None for None.

    Raises
    ------
    TableError
        It is not a duration, not positive, or not a whole number of seconds.

    Examples
    --------
    >>> parse_width("5min"), parse_width("h"), parse_width("W"), parse_width(timedelta(hours=2))
    (300, 3600, 604800, 7200)
    """
    if every is None:
        return None
    wrong = f"every: {shown(every)} is not a bin width; {_expected(every)}"
    if not isinstance(every, str | timedelta | np.timedelta64):
        raise TableError(wrong)
    if isinstance(every, str) and _NO_WIDTH.fullmatch(every):  # to pandas "MS" is a millisecond
        raise TableError(wrong)
    try:
        width = pd.Timedelta(_spelled(every) if isinstance(every, str) else every)
    except (ValueError, OverflowError) as error:
        raise TableError(wrong) from error
    if width is pd.NaT or width <= pd.Timedelta(0) or width % pd.Timedelta(seconds=1):
        raise TableError(wrong)
    return width // pd.Timedelta(seconds=1)


def require_bins(every: object) -> None:
    """Refuse None, for who needs bins."""
    if every is None:
        raise TableError("every: None is not a bin width; without bins there is nothing to find")


def _spelled(every: str) -> str:
    """Return an alias as ``pandas.Timedelta`` reads it: with a number, in today's spelling."""
    found = _ALIAS.fullmatch(every)
    if found is None:
        return every
    return f"{found[1] or 1}{_SPELLINGS.get(found[2], found[2])}"


def _expected(every: object) -> str:
    usual = (
        "expected a positive whole number of seconds, such as '30s', '5min', 'h', 'D', 'W', or None"
    )
    if isinstance(every, str) and _NO_WIDTH.fullmatch(every):
        return f"{usual}; months, quarters and years have no fixed width"
    if isinstance(every, str) and _ANCHORED.fullmatch(every):
        return f"{usual}; a week begins on Monday"
    return usual


def split_frame(counted: pa.Table, split: Split) -> pd.DataFrame:
    """Turn an answer into a DataFrame; the split's columns get the types of the table.

    ``bin_start`` comes as microseconds since 1970 and becomes an instant; text and dates become
    categories, their values in sorted order.
    """
    for place, name in enumerate(counted.column_names):
        if name == DATE and name in split.names:
            counted = counted.set_column(place, name, counted[name].dictionary_encode())
        elif name in split.names:
            kind = _type_of(name, counted.schema.field(name).type)
            counted = counted.set_column(place, name, counted[name].cast(kind))
    frame = to_frame(counted)
    for name in split.by:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            values = frame[name].cat.categories
            frame[name] = frame[name].cat.set_categories(values.sort_values())
    frame.attrs["every"] = split.text  # one bin alone does not tell its width
    return frame


def _type_of(name: str, found: pa.DataType) -> pa.DataType:
    if name == "bin_start":
        return INSTANT
    if name in CONNECTIONS.columns:
        return CONNECTIONS.memory_schema.field(name).type
    return CATEGORY if found == pa.string() else found


def bin_number(width: int) -> str:
    """Return SQL for the number of a connection's bin, of a width [µs], counted from 1970.

    DuckDB divides towards zero; a bin before 1970 is as wide as the others all the same.
    """
    before = -(_LOWEST // width)
    return f"((epoch_us(timestamp) + {before * width}) // {width} - {before})"


def _bin_of(width: int) -> str:
    # The remainder takes the sign of the moment, so that times before the first bin need a second.
    moment, micros = "epoch_us(timestamp)", width * _SECOND
    since = moment if width % _WEEK else f"({moment} - {_FIRST_MONDAY * _SECOND})"
    # A bin that reaches to before the calendar begins with it.
    return f"greatest({moment} - (({since} % {micros}) + {micros}) % {micros}, {_LOWEST})"
