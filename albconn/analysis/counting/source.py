"""How DuckDB gets to see connections, and requests, whatever holds them.

They become one view called ``connections`` on a cursor of the opened source's database: with the
columns that the question needs, in the types of the table, within the time range. Requests become
a second one on the same cursor, called ``requests``. Tables are seen where they lie; datasets are
streamed and never loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow.fs import LocalFileSystem

from albconn.dataset.parts.decode import parts_said_clearly
from albconn.errors import TableError
from albconn.opened import Connections, Opened
from albconn.opened.door import is_place, open_place, open_table, require_table
from albconn.opened.rows import half_open, require_columns, require_instants, to_arrow
from albconn.schema.connections import CONNECTIONS
from albconn.schema.kind import INSTANT
from albconn.schema.requests import REQUESTS
from albconn.schema.table import LogTable
from albconn.storage.places import StorageOptions
from albconn.times import earlier, later

_SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    INSTANT: "TIMESTAMP WITH TIME ZONE",
}
_GLOB = frozenset("*?[{")


@contextmanager
def open_source(
    connections: Connections,
    *,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    start: datetime | None = None,
    end: datetime | None = None,
    storage_options: StorageOptions = None,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, tuple[str, ...]]]:
    """Give a DuckDB cursor with the view ``connections``, and the view's columns.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        The source. What is opened here is closed again; of log files, only the columns are read.
    columns, optional : sequence of str
        What the view must hold, and what it holds where the source has it.
    start, end : datetime, optional
        UTC-aware, half-open ``[start, end)``; needs ``timestamp`` among the columns.
    storage_options : dict, optional
        Passed to the store (s3fs), where the source is a path.

    Raises
    ------
    TableError
        The source is none of these, lacks columns (all are named), holds times without a zone,
        or values that are not of the table's types.
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.
    """
    asked = [*columns, *optional]
    with (
        _opened(connections, asked, storage_options, CONNECTIONS) as opened,
        _said_clearly(opened),
        opened.database.cursor() as cursor,
    ):
        wanted = _show(cursor, opened, columns, optional, start, end)
        try:
            yield cursor, wanted
        except duckdb.ConversionException as error:
            said = str(error).splitlines()[0]
            raise TableError(f"connections: {said}; expected the types of the table") from error


@contextmanager
def add_requests(
    cursor: duckdb.DuckDBPyConnection,
    requests: Connections,
    *,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    start: datetime | None = None,
    end: datetime | None = None,
    storage_options: StorageOptions = None,
) -> Iterator[tuple[str, ...]]:
    """Give a cursor the view ``requests`` as well; parameters and errors as for ``open_source``.

    Yields
    ------
    tuple of str
        The view's columns.
    """
    asked = [*columns, *optional]
    with _opened(requests, asked, storage_options, REQUESTS) as opened, _said_clearly(opened):
        yield _show(cursor, opened, columns, optional, start, end)


def _show(
    cursor: duckdb.DuckDBPyConnection,
    opened: Opened,
    columns: Sequence[str],
    optional: Sequence[str],
    start: datetime | None,
    end: datetime | None,
) -> tuple[str, ...]:
    """Make the view of what was opened; return its columns."""
    table = opened.table
    wanted = _wanted(opened, columns, optional)
    rows, first, last = opened.to_count()
    start, end = later(first, start), earlier(last, end)
    projected = _projected(rows, wanted, table)
    require_instants(projected.schema, list(wanted), table)
    within = None if start is None and end is None else half_open([], start, end, table)
    relation = _register(cursor, projected, wanted, within, table)
    cursor.execute(_view(cursor, relation, wanted, _condition(start, end, table), table))
    return wanted


@contextmanager
def _said_clearly(opened: Opened) -> Iterator[None]:
    """Say of a converted dataset that a file of it is damaged; of the rest there is none."""
    if opened.converted is None:
        yield
        return
    broken = (duckdb.IOException, duckdb.InvalidInputException)
    with parts_said_clearly(opened.converted.store.location, *broken):
        yield


@contextmanager
def _opened(
    source: Connections,
    columns: Sequence[str],
    storage_options: StorageOptions,
    table: LogTable,
) -> Iterator[Opened]:
    """Give what is open already as it is; open the rest, and close it again."""
    if isinstance(source, Opened):
        require_table(source, table)
        yield source
    elif is_place(source):
        with open_place(
            source, storage_options=storage_options, columns=columns, table=table
        ) as opened:
            yield opened
    else:
        with open_table(source, argument=table.name, table=table) as opened:
            yield opened


def _wanted(opened: Opened, columns: Sequence[str], optional: Sequence[str]) -> tuple[str, ...]:
    there = list(opened.columns)
    rows = opened.connections
    index = [str(name) for name in rows.index.names] if isinstance(rows, pd.DataFrame) else []
    require_columns(there, list(columns), index=index, table=opened.table)
    return tuple(dict.fromkeys([*columns, *(name for name in optional if name in there)]))


def _projected(
    rows: pd.DataFrame | pa.Table | ds.Dataset, columns: Sequence[str], table: LogTable
) -> pa.Table | ds.Dataset:
    if isinstance(rows, pd.DataFrame):
        return to_arrow(rows, list(columns), table)
    return rows.select(list(columns)) if isinstance(rows, pa.Table) else rows


def _view(
    database: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[str],
    condition: str,
    table: LogTable,
) -> str:
    """Return the view's definition: each column in the table's type, cast only where it differs."""
    names = ", ".join(quoted(name) for name in columns)
    types = database.sql(f"SELECT {names} FROM {relation}").types
    shown_columns = []
    for name, kind in zip(columns, types, strict=True):
        wanted = (
            _SQL_TYPES[table.file_schema.field(name).type] if name in table.columns else str(kind)
        )
        column = quoted(name)
        shown_columns.append(
            column if str(kind) == wanted else f"CAST({column} AS {wanted}) AS {column}"
        )
    return (
        f"CREATE TEMP VIEW {table.name} AS SELECT {', '.join(shown_columns)} "
        f"FROM {relation} WHERE {condition}"
    )


def _register(
    database: duckdb.DuckDBPyConnection,
    source: pa.Table | ds.Dataset,
    columns: Sequence[str],
    within: Any,
    table: LogTable,
) -> str:
    """Make the source known to DuckDB; return what to select from."""
    in_files = isinstance(source, ds.Dataset) and set(columns) <= set(table.columns)
    if in_files and (files := _local_files(source, within, table)):
        listed = ", ".join(literal(path) for path in files)
        return f"read_parquet([{listed}], hive_partitioning = false)"
    database.register(f"source_of_{table.name}", source)
    return f"source_of_{table.name}"


def _local_files(source: ds.Dataset, within: Any, table: LogTable) -> list[str]:
    """Return the files of a whole dataset of ours on a local disk; none for any other.

    DuckDB reads Parquet itself two to three times faster than Arrow hands it over. A dataset
    that carries a filter of its own, or columns that are not in its files, has to go by Arrow.
    """
    if not (
        isinstance(source, ds.FileSystemDataset)
        and isinstance(source.format, ds.ParquetFileFormat)
        and isinstance(source.filesystem, LocalFileSystem)
        and getattr(source, "_scan_options", None) == {}
        and set(table.columns) <= set(source.schema.names)
    ):
        return []
    parts = list(source.get_fragments(filter=within))
    outside = {name for part in parts for name in ds.get_partition_keys(part.partition_expression)}
    files = [str(Path(part.path).absolute()) for part in parts]
    if outside & set(table.columns) or any(_GLOB & set(path) for path in files):
        return []
    return files


def _condition(start: datetime | None, end: datetime | None, table: LogTable) -> str:
    bounds, time = ["true"], quoted(table.time_column)
    if start is not None:
        bounds.append(f"{time} >= {instant_literal(start)}")
    if end is not None:
        bounds.append(f"{time} < {instant_literal(end)}")
    return " AND ".join(bounds)


def quoted(name: str) -> str:
    """Return a column's name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def instant_literal(moment: datetime) -> str:
    """Return an aware time as an SQL literal."""
    return f"TIMESTAMPTZ {literal(moment.isoformat())}"
