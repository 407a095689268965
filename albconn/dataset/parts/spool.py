"""A Parquet file that grows on disk, not in memory, until it is staged.

It grows where the store has a ``spool_folder`` and is staged when the whole job is done: an
uploaded object is visible at once to those who read the bare folder, and the old files should go
soon after.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from albconn.arrow import values_of
from albconn.dataset.commits.record import Part
from albconn.dataset.parts.write import footer, writer_options
from albconn.schema.table import LogTable
from albconn.storage.faults import said_clearly
from albconn.storage.store import Store

ROW_GROUP_ROWS = 1 << 18  # about 6 MB: what a reader fetches at least


class Spool:
    """One Parquet file on its way; sorted tables in their order, then ``finish`` it."""

    def __init__(self, path: str, place: Path, table: LogTable) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._table = table
        self.place = place
        self._file = _Hashed(place)
        self._writer = pq.ParquetWriter(self._file, table.memory_schema, **writer_options(table))
        self._rows = 0
        self._first = self._last = 0

    @property
    def size(self) -> int:
        """Bytes so far [bytes]."""
        return self._file.tell()

    def add(self, rows: pa.Table) -> None:
        """Append sorted rows as row groups of about equal size."""
        instants = values_of(rows[self._table.time_column])
        groups = -(-len(rows) // ROW_GROUP_ROWS)
        self._writer.write_table(rows, row_group_size=-(-len(rows) // groups))
        if not self._rows:
            self._first = int(instants[0])
        self._last = int(instants[-1])
        self._rows += len(rows)

    def finish(self) -> Part:
        """Write the footer, make the file durable, and return what to record."""
        self._writer.add_key_value_metadata(footer(self._table))
        self._writer.close()
        size = self._file.tell()
        self._file.close()
        return Part(
            path=self.path,
            rows=self._rows,
            size=size,
            sha256=self._file.sha256.hexdigest(),
            first=self._first,
            last=self._last,
        )

    def abandon(self) -> None:
        """Let go of a file that will not be finished; of a finished one nothing is left to do."""
        if not self._file.closed:
            with suppress(Exception):  # what went wrong was said already
                self._writer.close()
            self._file.close()


class Spools:
    """The spools of one job on a table; a resource: use it with ``with``."""

    def __init__(self, store: Store, table: LogTable) -> None:
        self._store = store
        self._table = table
        self._opened: list[Spool] = []
        self._stack = ExitStack()

    def __enter__(self) -> Spools:
        self._folder = self._stack.enter_context(self._store.spool_folder())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for spool in self._opened:
            spool.abandon()
        self._stack.close()

    def open(self, path: str) -> Spool:
        """Begin the file that will be published at a path."""
        with said_clearly(f"{self._store.location}/{path}"):
            spool = Spool(path, self._folder / path, self._table)
        self._opened.append(spool)
        return spool

    def stage(self) -> None:
        """Have all finished spools where ``publish`` expects them."""
        for spool in self._opened:
            self._store.stage_file(spool.place, spool.path)


class _Hashed:
    """A file that knows the checksum of what was written to it."""

    def __init__(self, place: Path) -> None:
        self._stream = place.open("wb")
        self._size = 0
        self.sha256: Any = hashlib.sha256()

    def write(self, content: Any) -> int:
        self.sha256.update(content)
        self._size += len(content)
        return self._stream.write(content)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()

    @property
    def closed(self) -> bool:
        return self._stream.closed
