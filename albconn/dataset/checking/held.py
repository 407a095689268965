"""What a dataset's files really hold, to be compared with what its records say."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from albconn.dataset.commits.layout import date_of_part
from albconn.dataset.commits.record import Part, RejectedFile
from albconn.dataset.parts.rejected import RejectedPlaces, parse_rejected
from albconn.schema.table import LINE_NUMBER, SOURCE_FILE, LogTable
from albconn.storage.store import Store
from albconn.words import counted

_DAY = 86_400_000_000  # [µs]
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
FAULTS_SHOWN = 20  # of one kind


@dataclass
class RowSums:
    """Per source of a table: how many rows, and the sum of their hashes modulo 2**64."""

    table: LogTable
    rows: dict[str, int] = field(default_factory=dict)
    hashes: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, rows: pa.Table) -> None:
        """Count rows; from any thread."""
        for batch in rows.select(self.table.order).to_batches():
            files = batch[SOURCE_FILE.name]
            if not isinstance(files, pa.DictionaryArray):
                files = files.dictionary_encode()
            codes = files.indices.to_numpy()
            names = files.dictionary.to_pylist()
            hashed = hash_rows(
                batch[self.table.time_column].cast(pa.int64()).to_numpy(),
                batch[LINE_NUMBER.name].to_numpy(),
            )
            counts = np.bincount(codes, minlength=len(names))
            # Halves of 32 bits add up exactly in the doubles that bincount sums in.
            low = np.bincount(codes, (hashed & _LOW).astype(float), minlength=len(names))
            high = np.bincount(codes, (hashed >> _HALF).astype(float), minlength=len(names))
            with self._lock:
                for n, name in enumerate(names):
                    if counts[n]:
                        self.rows[name] = self.rows.get(name, 0) + int(counts[n])
                        total = self.hashes.get(name, 0) + int(low[n]) + (int(high[n]) << 32)
                        self.hashes[name] = total % (1 << 64)

    def take_over(self, other: RowSums, sources: Iterable[str]) -> None:
        """Take what others have found of some sources for what is known of them."""
        for name in sources:
            for mine, its in ((self.rows, other.rows), (self.hashes, other.hashes)):
                mine.pop(name, None)
                mine.update({name: its[name]} if name in its else {})


def hash_rows(
    timestamps: npt.NDArray[np.int64], lines: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint64]:
    """Return a 64-bit hash of each row's identity within its source (SplitMix64's mixer)."""
    mixed = lines.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = _mix(mixed) ^ timestamps.astype(np.uint64)
    return _mix(mixed)


def _mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def examine_part(store: Store, part: Part, sums: RowSums) -> list[str]:
    """Return what is wrong with a part; count its rows."""
    try:
        content = store.read(part.path)
    except FileNotFoundError:
        return [f"{part.path}: committed, but missing"]
    if hashlib.sha256(content).hexdigest() != part.sha256:
        return [f"{part.path}: its content is not what was written (checksum differs)"]
    file = pq.ParquetFile(pa.BufferReader(content), read_dictionary=[SOURCE_FILE.name])
    rows = file.read(list(sums.table.order))
    sums.add(rows)
    instants = rows[sums.table.time_column].cast(pa.int64()).to_numpy()
    return [
        f"{part.path}: {fault}"
        for fault in (
            *_schema_faults(pq.read_schema(pa.BufferReader(content)), sums.table),
            *_row_faults(part, instants),
        )
    ]


def examine_rejected(
    store: Store, kept: RejectedFile, lines: dict[str, RejectedPlaces]
) -> list[str]:
    """Return what is wrong with a file of rejected lines; collect its lines by source."""
    try:
        content = store.read(kept.path)
    except FileNotFoundError:
        return [f"{kept.path}: committed, but missing"]
    if hashlib.sha256(content).hexdigest() != kept.sha256:
        return [f"{kept.path}: its content is not what was written (checksum differs)"]
    for line in parse_rejected(content):
        lines.setdefault(line.source_file, RejectedPlaces()).add(line)
    return []


def repeated_rows(rows: ds.Dataset) -> list[str]:
    """Return the identities, at most a few, that stand in more than one row.

    DuckDB groups them and spills to a temporary folder what does not fit into memory.
    """
    from albconn.database import open_cursor

    with open_cursor() as cursor:
        cursor.register("identities", rows)
        found = cursor.execute(
            "SELECT source_file, line_number, count(*) FROM identities "
            f"GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL LIMIT {FAULTS_SHOWN}"
        ).fetchall()
    return [f"{file}:{line}: in {count} rows; expected one" for file, line, count in found]


def _schema_faults(held: pa.Schema, table: LogTable) -> list[str]:
    expected = {f.name: f.type for f in table.file_schema}
    return [
        f"column {f.name} is {f.type}; expected {expected.get(f.name, 'no such column')}"
        for f in held
        if f.type != expected.get(f.name)
    ]


def _row_faults(part: Part, instants: npt.NDArray[np.int64]) -> list[str]:
    if len(instants) != part.rows:
        return [f"{counted(len(instants), 'row')}; recorded {part.rows:,}"]
    days = np.floor_divide(instants, _DAY)
    day = np.datetime64(date_of_part(part.path)).astype(int)
    elsewhere = int(np.count_nonzero(days != day))
    faults = [f"{counted(elsewhere, 'row')} of another date"] if elsewhere else []
    if (instants[1:] < instants[:-1]).any():
        faults.append("rows are not sorted by timestamp")
    if (int(instants.min()), int(instants.max())) != (part.first, part.last):
        faults.append("first and last timestamp are not as recorded")
    return faults
