"""Rows of a log table become Parquet files by date: sorted, bounded, on the caller's thread.

Tables come from several threads at once. Each is split by date and kept until its date has
enough rows for a file; the thread that fills a file sorts and encodes it while the others go
on. What waits is bounded in rows, whatever the input, so memory is bounded by the threads.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from albconn.arrow import flags, places, values_of
from albconn.dataset.commits.layout import part_path
from albconn.dataset.commits.record import Part
from albconn.dataset.privacy import Privacy
from albconn.schema.table import LINE_NUMBER, SOURCE_FILE, LogTable
from albconn.storage.store import Store
from albconn.version import __version__

if TYPE_CHECKING:
    import numpy.typing as npt

ROWS_PER_PART = 1 << 17  # 3.5 MB of Parquet and 25 MB in memory; compact makes them large
WAITING_ROWS = 1 << 19
WAITING_TABLES = 4096  # beside one a date; a log with a date on every line makes one a line
ZSTD_LEVEL = 1  # measured: level 3 costs half as much time again and saves nothing here
_BATCH_ROWS = 1 << 13  # encoded at a time; Arrow's 1024 costs a tenth of the time more
_DAY = 86_400_000_000  # [µs]
# Where a part's columns are made one after another: malloc gives the next one what the last one
# left; Arrow's own allocator gives it back, and takes and clears it anew.
_POOL = pa.system_memory_pool()


class PartWriter:
    """Takes rows of a table from any thread and writes parts; then ``finish`` it."""

    def __init__(self, store: Store, table: LogTable, batch: str, privacy: Privacy) -> None:
        self._store = store
        self._table = table
        self._batch = batch
        self._privacy = privacy
        self._token = secrets.token_hex(4)
        self._waiting: dict[int, list[pa.Table]] = {}
        self._rows: dict[int, int] = {}
        self._tables = 0
        self._lock = threading.Lock()
        self._parts: list[Part] = []
        self._begun = 0

    def add(self, rows: pa.Table) -> None:
        """Take rows in the types of ``memory_schema``; write what is full."""
        for day, piece in split_by_day(rows, self._table):
            with self._lock:
                self._waiting.setdefault(day, []).append(piece)
                self._rows[day] = self._rows.get(day, 0) + len(piece)
                self._tables += 1
                full = self._take_full(day)
            for full_day, tables in full:
                self._write(full_day, tables)

    def finish(self, pool: Executor) -> tuple[Part, ...]:
        """Write what still waits and return all parts, in the order of their paths."""
        rest, self._waiting = self._waiting, {}
        list(pool.map(self._write, rest.keys(), rest.values()))
        return tuple(sorted(self._parts))

    def abandon(self) -> None:
        """Forget all rows and delete what was written of them."""
        self._waiting = {}
        self._store.delete([part.path for part in self._parts])

    def _take_full(self, day: int) -> list[tuple[int, list[pa.Table]]]:
        if self._rows[day] >= ROWS_PER_PART:
            return [(day, self._take(day))]
        if sum(self._rows.values()) >= WAITING_ROWS:
            largest = max(self._rows, key=self._rows.__getitem__)
            return [(largest, self._take(largest))]
        if self._tables >= WAITING_TABLES + len(self._waiting):
            self._join()
        return []

    def _join(self) -> None:
        """Make the tables of each date one: many small ones cost more than their rows."""
        for day, tables in self._waiting.items():
            joined = pa.concat_tables(tables).unify_dictionaries(memory_pool=_POOL)
            self._waiting[day] = [joined.combine_chunks(memory_pool=_POOL)]
        self._tables = len(self._waiting)

    def _take(self, day: int) -> list[pa.Table]:
        tables = self._waiting.pop(day)
        self._rows.pop(day)
        self._tables -= len(tables)
        return tables

    def _write(self, day: int, tables: list[pa.Table]) -> None:
        rows = self._privacy.apply(sorted_table(tables, self._table), self._table)
        with self._lock:
            self._begun += 1
            n = f"{self._token}-{self._begun:04d}"
        path = part_path(self._table.name, str(np.datetime64(day, "D")), self._batch, n)
        part = write_part(self._store, path, rows, self._table)
        with self._lock:
            self._parts.append(part)
        del rows
        # What the encoder used; Arrow's allocator keeps it, more from part to part.
        pa.default_memory_pool().release_unused()


def split_by_day(rows: pa.Table, table: LogTable) -> Iterator[tuple[int, pa.Table]]:
    """Yield each UTC date of a table's rows [days since 1970] with those of it."""
    instants = values_of(rows[table.time_column])
    if len(instants) and instants.min() // _DAY == instants.max() // _DAY:
        yield int(instants[0]) // _DAY, rows
        return
    days = np.floor_divide(instants, _DAY)
    for day in sorted(set(days.tolist())):
        yield day, rows.filter(flags(days == day))


def sorted_table(tables: list[pa.Table], table: LogTable) -> pa.Table:
    """Join rows of a table into one, in its order: by time, then source_file and line_number.

    A column has one dictionary: the Parquet writer gives up a column's dictionary when the next
    chunk brings another. The list is emptied and each column made in turn, so that nothing is
    held twice but one column.
    """
    # Tables that follow each other in time need no sorting in this order.
    by_time = sorted(tables, key=lambda rows: rows[table.time_column][0].value)
    tables.clear()
    joined = pa.concat_tables(by_time)
    by_time.clear()
    order = _order(joined, table)
    columns, schema = joined.columns, joined.schema
    del joined
    for place, column in enumerate(columns):
        unified = column.unify_dictionaries(memory_pool=_POOL)
        columns[place] = unified if order is None else _taken(unified, order)
    return pa.Table.from_arrays(columns, schema=schema)


def _taken(column: pa.ChunkedArray, order: pa.Int64Array) -> pa.Array:
    import pyarrow.compute as pc

    return pc.take(column.combine_chunks(memory_pool=_POOL), order, memory_pool=_POOL)


def _order(rows: pa.Table, table: LogTable) -> pa.Int64Array | None:
    """Return which rows to take, in which order; None where all stay where they are."""
    instants = values_of(rows[table.time_column])
    if (instants[1:] > instants[:-1]).all():
        return None
    order = np.argsort(instants, kind="stable")
    ordered = instants[order]
    same = ordered[1:] == ordered[:-1]
    if same.any():
        # Few rows share their microsecond: only they need the slower order of three keys.
        tied = np.zeros(len(order), dtype=bool)
        tied[1:] |= same
        tied[:-1] |= same
        of_tied = order[tied]
        lines = values_of(rows[LINE_NUMBER.name])[of_tied]
        files = _file_ranks(rows)[of_tied]
        order[tied] = of_tied[np.lexsort((lines, files, instants[of_tied]))]
    return None if (order[1:] > order[:-1]).all() else places(order)


def write_part(store: Store, path: str, rows: pa.Table, table: LogTable) -> Part:
    """Encode sorted rows of one date, stage them at ``path``, and return what to record."""
    content = encode(rows, table)
    store.stage(path, content)
    instants = values_of(rows[table.time_column])
    return Part(
        path=path,
        rows=len(rows),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        first=int(instants[0]),
        last=int(instants[-1]),
    )


def encode(rows: pa.Table, table: LogTable) -> memoryview:
    """Return sorted rows in ``memory_schema`` as one Parquet file of plain types."""
    sink = pa.BufferOutputStream(_POOL)
    with pq.ParquetWriter(sink, table.memory_schema, **writer_options(table)) as writer:
        writer.write_table(rows)
        writer.add_key_value_metadata(footer(table))
    return memoryview(sink.getvalue())


def writer_options(table: LogTable) -> dict[str, Any]:
    """Return how every Parquet file of a table is written.

    ``store_schema=False`` leaves out Arrow's own note of the dictionaries in memory, so that
    every reader sees plain strings. Nothing here is newer than what Athena and Spark read.
    """
    # Importing this registers Arrow's kernels. A thread that writes while another registers fails
    # ("No function registered"), so it is over before anything is written; here, and not above,
    # it runs on one worker while the others read.
    import pyarrow.compute  # noqa: F401

    return {
        "compression": "zstd",
        "compression_level": ZSTD_LEVEL,
        "version": "2.6",
        "store_schema": False,
        "use_dictionary": [f.name for f in table.fields if f.repeated or f.recurs],
        # Ranges that a reader can skip by. Those of every text column cost a quarter of the time.
        "write_statistics": [f.name for f in table.fields if not f.kind.is_text or f.sought],
        "write_page_index": True,
        "write_batch_size": _BATCH_ROWS,
        "sorting_columns": pq.SortingColumn.from_ordering(
            table.memory_schema, [(name, "ascending") for name in table.order]
        ),
    }


def footer(table: LogTable) -> dict[str, str]:
    """Return what every file says about itself: versions, and the meaning of its columns."""
    import json

    fields = [
        {"name": f.name, "type": str(f.type), "unit": f.unit, "meaning": f.meaning}
        for f in table.fields
    ]
    return {
        "albconn.version": __version__,
        "albconn.table": table.name,
        "albconn.schema_version": str(table.version),
        "albconn.fields": json.dumps(fields, ensure_ascii=False),
    }


def _file_ranks(rows: pa.Table) -> npt.NDArray[np.int64]:
    """Return for each row the place of its file in the order of names."""
    column = rows[SOURCE_FILE.name].combine_chunks()
    chunk = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    names = np.array(chunk.dictionary.to_pylist(), dtype=object)
    ranks = np.empty(len(names), np.int64)
    ranks[np.argsort(names)] = np.arange(len(names))
    return ranks[values_of(chunk.indices)]
