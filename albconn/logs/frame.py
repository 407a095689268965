"""Tables of connections, as they come from the workers, become one DataFrame in the files' order.

Most of a table is the codes of its categories, and the first touch of memory is what reading a
large log costs most. So a table waits with codes as narrow as its few distinct values allow, and
the frame's codes are made from these at once, without a wider copy of all rows in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from albconn.arrow import missing_of, numbers, to_frame, values_of
from albconn.memory import keep_freed_memory
from albconn.schema.kind import CATEGORY
from albconn.schema.table import LINE_NUMBER, SOURCE_FILE, LogTable

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    Codes = npt.NDArray[np.signedinteger[Any]]

_MISSING = -1  # the code that pandas gives to a missing value


class _Category(NamedTuple):
    """A category column of one table: a code for each row, and what the codes stand for."""

    codes: Codes
    distinct: pa.StringArray


class _Waiting(NamedTuple):
    """A table that waits; ``first`` is where its first row belongs."""

    first: int
    in_order: bool
    last: int
    plain: pa.Table
    categories: dict[str, _Category]


class Collected:
    """Tables in any order in, one DataFrame out; ``add`` is a sink for ``scan``.

    Parameters
    ----------
    table : LogTable
        What the tables hold rows of.
    urls : sequence of str
        The files, in the order that the rows shall have.
    columns : sequence of str
        The frame's columns, in the table's order.

    Attributes
    ----------
    needed : tuple of str
        What the tables must have: ``columns`` and the row's identity.
    """

    def __init__(self, table: LogTable, urls: Sequence[str], columns: Sequence[str]) -> None:
        self._table = table
        self.needed = needed_of(table, columns)
        self._columns = list(columns)
        self._place = {url: n for n, url in enumerate(urls)}
        self._waiting: list[_Waiting] = []
        keep_freed_memory()

    def add(self, table: pa.Table) -> None:
        """Take a table of at least one row; any thread may."""
        categories = {
            name: _narrowed(table[name].combine_chunks())
            for name in self.needed
            if self._table.field(name).repeated
        }
        plain = table.select([name for name in self.needed if name not in categories])
        order = self._order(categories["source_file"], plain)
        in_order = bool((order[1:] > order[:-1]).all())
        self._waiting.append(_Waiting(order[0], in_order, order[-1], plain, categories))

    def frame(self) -> pd.DataFrame:
        """Return all rows, ordered by file and line."""
        import pandas as pd

        waiting = sorted(self._waiting, key=lambda w: w.first)
        if not waiting:
            return to_frame(self._table.memory_schema.empty_table().select(self._columns))
        plain = to_frame(pa.concat_tables([w.plain for w in waiting]))
        frame = pd.DataFrame(
            {
                name: plain[name]
                if name in plain
                else _joined([w.categories[name] for w in waiting])
                for name in self.needed
            },
            copy=False,
        )
        after = [-1, *(w.last for w in waiting)]
        if not all(w.in_order and w.first > end for w, end in zip(waiting, after, strict=False)):
            order = [self._order(w.categories["source_file"], w.plain) for w in waiting]
            frame = frame.iloc[np.argsort(np.concatenate(order))].reset_index(drop=True)
        return frame if self.needed == tuple(self._columns) else frame[self._columns]

    def _order(self, files: _Category, plain: pa.Table) -> npt.NDArray[np.int64]:
        """Return one number a row that sorts by file, then line; a file has no 2**40 lines."""
        place = np.array([self._place[url] for url in files.distinct.to_pylist()], np.int64)
        return (place[files.codes] << 40) + values_of(plain["line_number"])


def needed_of(table: LogTable, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that tables must have to become a frame of ``columns``."""
    return table.select([*columns, SOURCE_FILE.name, LINE_NUMBER.name])


def _narrowed(column: pa.DictionaryArray) -> _Category:
    distinct, nulls = column.dictionary, column.null_count
    if nulls == len(column) or (not nulls and len(distinct) == 1):
        code = np.array(_MISSING if nulls else 0, np.int8)
        return _Category(np.broadcast_to(code, len(column)), distinct)
    codes = values_of(column.indices).astype(_width(len(distinct)))
    missing = missing_of(column.indices)
    if missing is not None:
        codes |= -missing.view(np.int8)  # all bits set: _MISSING
    return _Category(codes, distinct)


def _joined(categories: Sequence[_Category]) -> pd.Categorical:
    """Return one category of all rows; values are in the order in which they first appear."""
    import pandas as pd

    known = [
        pa.DictionaryArray.from_arrays(
            numbers(np.arange(len(c.distinct), dtype=np.int32), pa.int32()), c.distinct
        )
        for c in categories
    ]
    unified = pa.chunked_array(known, type=CATEGORY).unify_dictionaries()
    distinct = unified.chunk(0).dictionary.to_pylist()
    codes = np.empty(sum(len(c.codes) for c in categories), _width(len(distinct)))
    start = 0
    for category, chunk in zip(categories, unified.chunks, strict=True):
        stop = start + len(category.codes)
        given = category.codes if category.codes.strides[0] else category.codes[:1]
        meaning = np.append(values_of(chunk.indices), _MISSING).astype(codes.dtype)  # -1: its last
        same = (meaning[:-1] == np.arange(len(meaning) - 1)).all()
        codes[start:stop] = given if same else meaning.take(given, mode="wrap")
        start = stop
    return pd.Categorical.from_codes(codes, pd.Index(distinct), validate=False)


def _width(distinct: int) -> type[np.signedinteger[Any]]:
    """Return the type that pandas gives to the codes of so many distinct values."""
    for width in (np.int8, np.int16):
        if distinct < np.iinfo(width).max:
            return width
    return np.int32
