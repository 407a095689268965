"""What a table is split by: time bins, and columns.

Bins are aligned to 1970-01-01 UTC, so a bin of one day begins at midnight UTC, the same bin has
the same start in every table, and tables of different ranges fit together.
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
from albconn.arrow import to_frame
from albconn.errors import TableError, shown
from albconn.schema.connections import COLUMNS, MEMORY_SCHEMA
from albconn.schema.field import CATEGORY, INSTANT

Every = str | timedelta | None
By = str | Sequence[str]

_SECOND = 1_000_000  # [µs]
_UNITS = (("D", 86_400), ("h", 3_600), ("min", 60), ("s", 1))  # [s]
_OLD_SPELLING = re.compile(r"(?<=\d)([dH])$")


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
    columns = (by,) if isinstance(by, str) else tuple(by)
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
    >>> parse_width("5min"), parse_width("1D"), parse_width(timedelta(hours=2))
    (300, 86400, 7200)
    """
    if every is None:
        return None
    wrong = (
        f"every: {shown(every)} is not a bin width; "
        "expected a positive whole number of seconds, such as '30s', '5min', '1h', '1D', or None"
    )
    if not isinstance(every, str | timedelta | np.timedelta64):
        raise TableError(wrong)
    try:
        # "1H" and "1d" are common, and deprecated in pandas.
        width = pd.Timedelta(
            _OLD_SPELLING.sub(lambda unit: {"d": "D", "H": "h"}[unit[1]], every)
            if isinstance(every, str)
            else every
        )
    except ValueError as error:
        raise TableError(wrong) from error
    if width is pd.NaT or width <= pd.Timedelta(0) or width % pd.Timedelta(seconds=1):
        raise TableError(wrong)
    return width // pd.Timedelta(seconds=1)


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
    if name in COLUMNS:
        return MEMORY_SCHEMA.field(name).type
    return CATEGORY if found == pa.string() else found


def _bin_of(width: int) -> str:
    # The remainder takes the sign of the moment, so that times before 1970 need a second one.
    moment, micros = "epoch_us(timestamp)", width * _SECOND
    return f"({moment} - (({moment} % {micros}) + {micros}) % {micros})"
