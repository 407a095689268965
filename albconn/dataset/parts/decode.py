"""A part becomes rows again, in the types of memory; one from before a column existed too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from albconn.errors import AlbconnError, DatasetError
from albconn.schema.table import LogTable
from albconn.words import one_line


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


@contextmanager
def parts_said_clearly(location: str, *more: type[Exception]) -> Iterator[None]:
    """Turn what Arrow, or an engine of ``more`` errors, says of a part into a DatasetError."""
    try:
        yield
    except AlbconnError:
        raise
    except (OSError, pa.ArrowException, *more) as error:
        said = one_line((str(error).strip().splitlines() or [type(error).__name__])[0], 200)
        raise DatasetError(
            f"{location}: a file of the dataset is missing or cannot be read ({said}); run again, "
            "should compact have replaced it just now; else albconn check names what is damaged"
        ) from error
