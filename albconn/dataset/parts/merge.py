"""Many sorted parts become one sorted stream, in bounded memory.

Each part is sorted, so it can be read from its beginning a piece at a time. All rows before a
*boundary*, up to which every open part has been read, form a slice: no row that is read later
belongs into it. A slice is cut from all parts with a binary search, joined and sorted at once;
nothing is done row by row. A part is opened when the boundary reaches its first timestamp, so
parts that follow each other in time cost no memory together.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from albconn.arrow import values_of
from albconn.dataset.commits.record import Part
from albconn.dataset.parts.decode import decode, in_memory, open_part
from albconn.dataset.parts.write import sorted_table
from albconn.errors import DatasetError
from albconn.schema.table import LogTable
from albconn.storage.faults import said_clearly
from albconn.storage.store import Store
from albconn.words import counted

WHOLE_ROWS = 1 << 16  # a part of at most so many rows is read whole, with its neighbours
PIECE_ROWS = 1 << 13  # of larger parts: what is decoded at a time
WHOLE_FILES = 256  # read with one call
_BUFFER = 1 << 16  # [bytes] of each column chunk that is read in pieces

_NEVER = int(np.iinfo(np.int64).max)


class Run(NamedTuple):
    """A sorted sequence of tables; ``first`` is its first timestamp [µs since 1970 UTC]."""

    first: int
    tables: Iterator[pa.Table]


def merged(store: Store, table: LogTable, parts: Sequence[Part], rows: int) -> Iterator[pa.Table]:
    """Yield the rows of sorted parts as sorted tables of at least ``rows`` rows, in order.

    The order is that of every part: time, source_file, line_number.

    Raises
    ------
    DatasetError
        A part is missing or is not what was recorded.
    """
    return gathered(slices(runs(store, table, parts), table), table, rows)


def slices(waiting_runs: Iterable[Run], table: LogTable) -> Iterator[list[pa.Table]]:
    """Yield the pieces of runs that make up each slice.

    Rows of one timestamp are always in one slice.
    """
    waiting = deque(sorted(waiting_runs, key=lambda run: run.first))
    opened: list[_Cursor] = []
    while waiting or opened:
        if not opened:
            opened.append(_Cursor(waiting.popleft(), table))
        boundary = min(cursor.horizon for cursor in opened)
        while waiting and waiting[0].first < boundary:
            opened.append(_Cursor(waiting.popleft(), table))
            boundary = min(boundary, opened[-1].horizon)
        pieces = [cursor.take_before(boundary) for cursor in opened]
        yield [piece for piece in pieces if len(piece)]
        for cursor in opened:
            # Reading on early keeps slices long: fewer cuts, fewer dictionaries to unify.
            if cursor.horizon <= boundary or cursor.is_low:
                cursor.read_on()
        opened = [cursor for cursor in opened if not cursor.is_done]


def gathered(cut: Iterable[list[pa.Table]], table: LogTable, rows: int) -> Iterator[pa.Table]:
    """Join slices into sorted tables of at least ``rows`` rows, but for the last."""
    pieces: list[pa.Table] = []
    count = 0
    for slice_pieces in cut:
        pieces += slice_pieces
        count += sum(map(len, slice_pieces))
        if count >= rows:
            yield sorted_table(pieces, table)
            pieces, count = [], 0
    if pieces:
        yield sorted_table(pieces, table)


def runs(store: Store, table: LogTable, parts: Iterable[Part]) -> Iterator[Run]:
    """Yield parts as runs; small neighbours in time make one run."""
    group: list[Part] = []
    for part in sorted(parts, key=lambda part: (part.first, part.path)):
        if part.rows > WHOLE_ROWS:
            yield Run(part.first, _streamed(store, table, part))
            continue
        full = len(group) >= WHOLE_FILES or sum(p.rows for p in group) + part.rows > WHOLE_ROWS
        if group and full:
            yield Run(group[0].first, _read_whole(store, table, group))
            group = []
        group.append(part)
    if group:
        yield Run(group[0].first, _read_whole(store, table, group))


class _Cursor:
    """How far a run has been read: ``horizon`` is the instant before which it is complete."""

    def __init__(self, run: Run, table: LogTable) -> None:
        self._tables = run.tables
        self._time = table.time_column
        self._pending = table.memory_schema.empty_table()
        self._instants = np.empty(0, np.int64)
        self._exhausted = False
        self.read_on()

    @property
    def is_done(self) -> bool:
        return self._exhausted and not len(self._instants)

    @property
    def is_low(self) -> bool:
        return not self._exhausted and len(self._instants) < PIECE_ROWS // 2

    @property
    def horizon(self) -> int:
        # More rows of the last instant may follow, unless this is the end.
        return int(self._instants[-1]) + self._exhausted if len(self._instants) else _NEVER

    def take_before(self, boundary: int) -> pa.Table:
        count = int(np.searchsorted(self._instants, boundary))
        taken = self._pending.slice(0, count)
        self._pending = self._pending.slice(count)
        self._instants = self._instants[count:]
        return taken

    def read_on(self) -> None:
        following = next(self._tables, None)
        if following is None:
            self._exhausted = True
        else:
            self._pending = pa.concat_tables([self._pending, following])
            self._instants = values_of(self._pending[self._time])


def _read_whole(store: Store, table: LogTable, parts: Sequence[Part]) -> Iterator[pa.Table]:
    """Read small parts and sort them into one table."""
    try:
        contents = store.read_many([part.path for part in parts])
    except FileNotFoundError as error:
        raise _unlike_recorded(store, f"{error.filename or error}", "it is missing") from error
    for part, content in zip(parts, contents, strict=True):
        if hashlib.sha256(content).hexdigest() != part.sha256:
            raise _unlike_recorded(store, part.path, "its checksum differs")
    yield sorted_table([decode(content, table) for content in contents], table)


def _streamed(store: Store, table: LogTable, part: Part) -> Iterator[pa.Table]:
    rows = 0
    with (
        said_clearly(f"{store.location}/{part.path}"),
        store.fetched(part.path) as place,
        open_part(place, table, pre_buffer=False, buffer_size=_BUFFER) as file,
    ):
        for batch in file.iter_batches(PIECE_ROWS, use_threads=False):
            rows += len(batch)
            yield in_memory(pa.Table.from_batches([batch]), table)
    if rows != part.rows:
        raise _unlike_recorded(store, part.path, f"it has {counted(rows, 'row')}")


def _unlike_recorded(store: Store, path: str, what: str) -> DatasetError:
    return DatasetError(
        f"{store.location}: {path} is not what was recorded: {what}; nothing was changed; "
        "albconn check lists all such files"
    )
