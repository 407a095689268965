"""Where connections may come from, and how DuckDB gets to see them.

A DataFrame, an Arrow table, an Arrow dataset and a converted dataset's path all become one view
called ``connections`` in a private, in-memory DuckDB: with the columns that the question needs,
in the types of the table, within the time range. Tables are seen where they lie; datasets are
streamed and never loaded.
"""

from __future__ import annotations

import os
import tempfile
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

from albconn.errors import TableError, shown
from albconn.schema.connections import COLUMNS, FILE_SCHEMA
from albconn.schema.field import INSTANT

Connections = pd.DataFrame | pa.Table | ds.Dataset | str | os.PathLike[str]

# Groupings beyond this go to a temporary folder on disk; what the table itself takes is apart.
MEMORY_LIMIT = "512MiB"
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
) -> Iterator[tuple[duckdb.DuckDBPyConnection, tuple[str, ...]]]:
    """Give a DuckDB connection with the view ``connections``, and the view's columns.

    Parameters
    ----------
    connections : DataFrame, pyarrow.Table, pyarrow.dataset.Dataset, str or path
        The source; a text is the path or URL of a converted dataset.
    columns, optional : sequence of str
        What the view must hold, and what it holds where the source has it.
    start, end : datetime, optional
        UTC-aware, half-open ``[start, end)``; needs ``timestamp`` among the columns.

    Raises
    ------
    TableError
        The source is none of these, lacks columns (all are named), holds times without a zone,
        or values that are not of the table's types.
    DatasetError
        The path holds no dataset.
    """
    source = _opened(connections)
    there = _names_of(source)
    _require(source, there, columns)
    wanted = tuple(dict.fromkeys([*columns, *(name for name in optional if name in there)]))
    projected = _projected(source, wanted)
    _require_times(projected.schema, wanted)
    with _duckdb() as database:
        relation = _register(database, projected, wanted, _range(start, end))
        database.execute(_view(database, relation, wanted, _condition(start, end)))
        try:
            yield database, wanted
        except duckdb.ConversionException as error:
            said = str(error).splitlines()[0]
            raise TableError(f"connections: {said}; expected the types of the table") from error


def quoted(name: str) -> str:
    """Return a column's name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def instant_literal(moment: datetime) -> str:
    """Return an aware time as an SQL literal."""
    return f"TIMESTAMPTZ {literal(moment.isoformat())}"


def _opened(connections: Connections) -> pd.DataFrame | pa.Table | ds.Dataset:
    if isinstance(connections, str | os.PathLike):
        from albconn.dataset import open_dataset

        return open_dataset(connections)
    if isinstance(connections, pd.DataFrame | pa.Table | ds.Dataset):
        return connections
    raise TableError(
        f"connections: {shown(connections)} is a {type(connections).__name__}; expected a "
        "DataFrame, a pyarrow Table or Dataset, or the path of a converted dataset"
    )


def _names_of(source: pd.DataFrame | pa.Table | ds.Dataset) -> list[str]:
    names = source.columns if isinstance(source, pd.DataFrame) else source.schema.names
    return [str(name) for name in names]


def _require(source: object, there: Sequence[str], columns: Sequence[str]) -> None:
    index = list(source.index.names) if isinstance(source, pd.DataFrame) else []
    problems = []
    for name in dict.fromkeys(columns):
        if there.count(name) > 1:
            problems.append(f"connections: column {name!r} is there twice; keep one")
        elif name not in there and name in index:
            problems.append(f"connections: {name!r} is the index; call reset_index() first")
        elif name not in there and name in COLUMNS:
            problems.append(f"connections: no column {name!r}; read it too (columns=)")
        elif name not in there:
            problems.append(f"connections: no column {name!r}; expected of {', '.join(COLUMNS)}")
    if problems:
        raise TableError(problems)


def _projected(
    source: pd.DataFrame | pa.Table | ds.Dataset, columns: Sequence[str]
) -> pa.Table | ds.Dataset:
    if isinstance(source, pd.DataFrame):
        return _to_arrow(source[list(columns)])
    return source.select(list(columns)) if isinstance(source, pa.Table) else source


def _to_arrow(frame: pd.DataFrame) -> pa.Table:
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        said = " ".join(str(part) for part in error.args)
        raise TableError(f"connections: {said}; expected the types of the table") from error


def _require_times(schema: pa.Schema, columns: Sequence[str]) -> None:
    problems = []
    for name in columns:
        kind = schema.field(name).type
        if name not in COLUMNS or FILE_SCHEMA.field(name).type != INSTANT or kind == pa.null():
            continue
        if not pa.types.is_timestamp(kind):
            problems.append(
                f"connections: column {name!r} holds {kind}, not times; "
                "convert it with pandas.to_datetime(..., utc=True)"
            )
        elif kind.tz is None:
            problems.append(
                f"connections: column {name!r} has no time zone; "
                'if its times are UTC, say so with .dt.tz_localize("UTC")'
            )
    if problems:
        raise TableError(problems)


def _view(
    database: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str], condition: str
) -> str:
    """Return the view's definition: each column in the table's type, cast only where it differs."""
    names = ", ".join(quoted(name) for name in columns)
    types = database.sql(f"SELECT {names} FROM {relation}").types
    shown_columns = []
    for name, kind in zip(columns, types, strict=True):
        wanted = _SQL_TYPES[FILE_SCHEMA.field(name).type] if name in COLUMNS else str(kind)
        column = quoted(name)
        shown_columns.append(
            column if str(kind) == wanted else f"CAST({column} AS {wanted}) AS {column}"
        )
    return (
        f"CREATE TEMP VIEW connections AS SELECT * FROM "
        f"(SELECT {', '.join(shown_columns)} FROM {relation}) WHERE {condition}"
    )


@contextmanager
def _duckdb() -> Iterator[duckdb.DuckDBPyConnection]:
    with tempfile.TemporaryDirectory(prefix="albconn-", ignore_cleanup_errors=True) as folder:
        database = duckdb.connect(
            ":memory:",
            config={
                "temp_directory": folder,
                "memory_limit": MEMORY_LIMIT,
                "preserve_insertion_order": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        try:
            database.execute("SET TimeZone = 'UTC'")
            database.execute("SET enable_progress_bar = false")
            yield database
        finally:
            database.close()


def _register(
    database: duckdb.DuckDBPyConnection,
    source: pa.Table | ds.Dataset,
    columns: Sequence[str],
    within: Any,
) -> str:
    """Make the source known to DuckDB; return what to select from."""
    in_files = isinstance(source, ds.Dataset) and set(columns) <= set(COLUMNS)
    if in_files and (files := _local_files(source, within)):
        listed = ", ".join(literal(path) for path in files)
        return f"read_parquet([{listed}], hive_partitioning = false)"
    database.register("source", source)
    return "source"


def _local_files(source: ds.Dataset, within: Any) -> list[str]:
    """Return the files of a whole dataset of ours on a local disk; none for any other.

    DuckDB reads Parquet itself two to three times faster than Arrow hands it over. A dataset
    that carries a filter of its own, or columns that are not in its files, has to go by Arrow.
    """
    if not (
        isinstance(source, ds.FileSystemDataset)
        and isinstance(source.format, ds.ParquetFileFormat)
        and isinstance(source.filesystem, LocalFileSystem)
        and getattr(source, "_scan_options", None) == {}
        and set(COLUMNS) <= set(source.schema.names)
    ):
        return []
    parts = list(source.get_fragments(filter=within))
    outside = {name for part in parts for name in ds.get_partition_keys(part.partition_expression)}
    files = [str(Path(part.path).absolute()) for part in parts]
    if outside & set(COLUMNS) or any(_GLOB & set(path) for path in files):
        return []
    return files


def _range(start: datetime | None, end: datetime | None) -> Any:
    within = None
    if start is not None:
        within = ds.field("timestamp") >= pa.scalar(start, INSTANT)
    if end is not None:
        before = ds.field("timestamp") < pa.scalar(end, INSTANT)
        within = before if within is None else within & before
    return within


def _condition(start: datetime | None, end: datetime | None) -> str:
    bounds = ["true"]
    if start is not None:
        bounds.append(f"timestamp >= {instant_literal(start)}")
    if end is not None:
        bounds.append(f"timestamp < {instant_literal(end)}")
    return " AND ".join(bounds)
