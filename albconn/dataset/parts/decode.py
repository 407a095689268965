"""A part becomes rows again, in the types of memory; one from before a column existed too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from albconn.schema.table import LogTable


def decode(content: bytes, table: LogTable) -> pa.Table:
    """Return the rows of a Parquet file of a table."""
    with open_part(pa.BufferReader(content), table) as file:
        return in_memory(file.read(), table)


def open_part(source: pa.BufferReader | Path, table: LogTable, **options: Any) -> pq.ParquetFile:
    """Open a Parquet file of a table, with categories for the repeated columns that it has."""
    metadata = pq.read_metadata(source)
    there = set(metadata.schema.names)
    categories = [name for name in table.repeated if name in there]
    return pq.ParquetFile(source, metadata=metadata, read_dictionary=categories, **options)


def in_memory(read: pa.Table, table: LogTable) -> pa.Table:
    """Return what was read in the types of ``memory_schema``; an older file's gaps are null."""
    arrays = [
        read[f.name].cast(f.type) if f.name in read.column_names else pa.nulls(len(read), f.type)
        for f in table.memory_schema
    ]
    return pa.Table.from_arrays(arrays, schema=table.memory_schema)
