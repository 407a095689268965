"""Which connections a dataset holds already, from other log files: what the other route delivered.

A connection is looked for on its own day, and of a day two columns are read when it is first asked
for. Few days are kept: log files are read in the order of their times.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from albconn.arrow import flags, values_of
from albconn.dataset.commits.layout import day_of_part
from albconn.dataset.commits.record import Part
from albconn.logs.twins import TRACE, Known, keys_of
from albconn.schema.table import SOURCE_FILE, LogTable
from albconn.storage.store import Store

if TYPE_CHECKING:
    import numpy.typing as npt

_DAY = 86_400_000_000  # [µs]
_DAYS_KEPT = 8


class HeldConnections:
    """The connections of a dataset's parts, but those of the log files ``but``; for any thread."""

    def __init__(
        self, store: Store, table: LogTable, parts: Iterable[Part], but: Iterable[str] = ()
    ) -> None:
        self._store, self._table, self._but = store, table, frozenset(but)
        self._parts: dict[str, list[Part]] = defaultdict(list)
        for part in parts:
            self._parts[day_of_part(part.path) or ""].append(part)
        self._known: dict[str, Known] = {}
        self._lock = threading.Lock()

    def has(self, rows: pa.Table) -> npt.NDArray[np.bool_]:
        """Say of each row whether its connection is there."""
        days = values_of(rows[self._table.time_column]) // _DAY
        found = np.zeros(len(rows), bool)
        for day in np.unique(days):
            at = days == day
            found[at] = self._on(day).has(rows.filter(flags(at)), self._table)
        return found

    def count_twins(self, days: Iterable[str]) -> int:
        """Return how many rows of some days tell a connection that another row tells, too."""
        return sum(map(self._twins_on, days))

    def _twins_on(self, day: str) -> int:
        keys = [self._keys(part) for part in self._parts.get(day, ())]
        together = np.concatenate([np.empty(0, np.uint64), *keys])
        return len(together) - len(np.unique(together))

    def _on(self, number: np.int64) -> Known:
        day = str(np.datetime64(int(number), "D"))
        with self._lock:
            if day not in self._known:
                while len(self._known) >= _DAYS_KEPT:
                    del self._known[next(iter(self._known))]
                self._known[day] = Known([self._keys(part) for part in self._parts.get(day, ())])
                self._known[day].settle()
            return self._known[day]

    def _keys(self, part: Part) -> npt.NDArray[np.uint64]:
        file_system, base = self._store.arrow()
        columns = [self._table.time_column, TRACE, SOURCE_FILE.name]
        with pq.ParquetFile(
            f"{base}/{part.path}", filesystem=file_system, read_dictionary=[SOURCE_FILE.name]
        ) as file:
            rows = file.read(columns)
        keys, there = keys_of(rows, self._table)
        return keys[there & ~self._is_left_out(rows)]

    def _is_left_out(self, rows: pa.Table) -> npt.NDArray[np.bool_]:
        left = [np.empty(0, bool)]
        for chunk in rows[SOURCE_FILE.name].chunks:
            verdicts = np.array([name in self._but for name in chunk.dictionary.to_pylist()], bool)
            left.append(verdicts[values_of(chunk.indices)])
        return np.concatenate(left)
