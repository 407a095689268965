"""A dataset's files read independently, whatever its records say."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from albconn.dataset.parts.decode import decode
from albconn.schema.connections import CONNECTIONS
from albconn.storage.store import Store


def part_files(dest: Path) -> list[Path]:
    return sorted(dest.glob("connections/date=*/*.parquet"))


def read_file(path: Path) -> pa.Table:
    """Return one Parquet file as it is, without what its folder's name says."""
    with pq.ParquetFile(path) as file:
        return file.read()


def rows_on_disk(dest: Path) -> list[tuple[str, int]]:
    """Return (source_file, line_number) of every row of every file, whatever the records say."""
    rows: list[tuple[str, int]] = []
    for path in part_files(dest):
        table = read_file(path)
        rows += zip(table["source_file"].to_pylist(), table["line_number"].to_pylist(), strict=True)
    return sorted(rows)


def fingerprint(dest: Path) -> dict[str, tuple[int, int]]:
    """Return mtime [ns] and size of everything below a folder, itself included."""
    found = {str(dest): (dest.stat().st_mtime_ns, 0)}
    for parent, folders, names in os.walk(dest):
        for name in (*folders, *names):
            state = Path(parent, name).stat()
            found[str(Path(parent, name))] = (state.st_mtime_ns, state.st_size)
    return found


def read_part(store: Store, path: str) -> pa.Table:
    """Return a part's rows as albconn reads them."""
    return decode(store.read(path), CONNECTIONS)
