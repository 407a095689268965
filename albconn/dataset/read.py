"""Reading a dataset: committed files only, and of those only what the question needs.

The files and the extreme timestamps of each come from the commit records. So nothing is
listed, a writer at work is not seen, and a time range opens only the files that can hold it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from albconn.arguments import names_given
from albconn.arrow import to_frame
from albconn.dataset.commits.holding import Holding
from albconn.dataset.commits.layout import DATE_COLUMN, date_of_part, schema_of
from albconn.dataset.commits.ledger import State, at_one_moment
from albconn.dataset.commits.record import Part
from albconn.dataset.parts.decode import parts_said_clearly
from albconn.schema.kind import INSTANT
from albconn.schema.table import LogTable
from albconn.schema.tables import find_table
from albconn.storage.places import StorageOptions
from albconn.storage.store import Dest, Store, open_dest
from albconn.times import Instant, utc_instant

if TYPE_CHECKING:
    import pandas as pd


def open_dataset(
    dest: Dest,
    *,
    table: str | LogTable = "connections",
    start: Instant | None = None,
    end: Instant | None = None,
    storage_options: StorageOptions = None,
) -> ds.Dataset:
    """Open a converted dataset, as it is committed now, without reading it.

    Parameters
    ----------
    dest : str or path
        Where ``convert`` wrote to.
    table : {"connections", "requests"} or LogTable
        Which table of the dataset.
    start, end : datetime or str, optional
        Aware, or ISO 8601 text with its zone: only the files that can hold rows of the half-open
        range ``[start, end)``. A file may hold rows beside it; filter by ``timestamp``, too.
    storage_options : dict, optional
        Passed to the store (s3fs).

    Returns
    -------
    pyarrow.dataset.Dataset
        The columns of the table with plain strings, and ``date`` (date32), the partition. A
        filter on ``date`` or ``timestamp`` opens only the files that can hold it.

    Raises
    ------
    TableError
        A time is naive.
    DatasetError
        There is no dataset, or a record cannot be read or is missing.
    """
    first, last = utc_instant("start", start), utc_instant("end", end)
    store, log_table = open_dest(dest, storage_options), find_table(table)
    return at_one_moment(
        store, lambda state: held_dataset(store, log_table, state.of(log_table.name), first, last)
    )


def read_dataset(
    dest: Dest,
    *,
    table: str | LogTable = "connections",
    start: Instant | None = None,
    end: Instant | None = None,
    columns: Sequence[str] | None = None,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Read a converted dataset into a DataFrame.

    Parameters
    ----------
    dest : str or path
        Where ``convert`` wrote to.
    table : {"connections", "requests"} or LogTable
        Which table of the dataset.
    start, end : datetime or str, optional
        Aware, or ISO 8601 text with its zone; the half-open range ``[start, end)`` of
        timestamps. Other dates, files and row groups are not read.
    columns : sequence of str, optional
        The columns to read, ``date`` among them; the default is all.
    storage_options : dict, optional
        Passed to the store (s3fs).

    Returns
    -------
    DataFrame, shape (rows, columns)
        The columns of ``read_connections`` in the same types, and ``date`` (category of
        ``datetime.date``), the UTC date of the row. Rows come date by date.

    Raises
    ------
    TableError
        A time is naive, or a column does not exist.
    DatasetError
        There is no dataset, a record cannot be read or is missing, or a part is.
    """
    first, last = utc_instant("start", start), utc_instant("end", end)
    log_table = find_table(table)
    wanted = _with_date(log_table, columns)
    store = open_dest(dest, storage_options)
    schema = log_table.memory_schema.append(schema_of(log_table).field(DATE_COLUMN))

    def read(held: State) -> pa.Table:
        parts = held.of(log_table.name).parts_between(first, last)
        source = dataset_of(store, log_table, parts, schema, dictionaries=log_table.repeated)
        with parts_said_clearly(store.location):
            return source.to_table(columns=list(wanted), filter=_range(log_table, first, last))

    rows = at_one_moment(store, read)
    if DATE_COLUMN in wanted:
        place = wanted.index(DATE_COLUMN)
        rows = rows.set_column(place, DATE_COLUMN, rows[DATE_COLUMN].dictionary_encode())
    return to_frame(rows)


def held_dataset(
    store: Store,
    table: LogTable,
    held: Holding,
    start: datetime | None = None,
    end: datetime | None = None,
) -> ds.Dataset:
    """Return what a dataset holds of a table, in the schema that its readers see.

    Of a time range, given UTC-aware, only the files that can hold rows of it.
    """
    return dataset_of(store, table, held.parts_between(start, end), schema_of(table))


def dataset_of(
    store: Store,
    table: LogTable,
    parts: Sequence[Part],
    schema: pa.Schema,
    dictionaries: Sequence[str] = (),
) -> ds.Dataset:
    """Return the dataset of certain parts; each carries what is known of its rows."""
    file_system, base = store.arrow()
    ordered = sorted(parts, key=lambda part: (date_of_part(part.path), part.first, part.path))
    file_format = ds.ParquetFileFormat(
        read_options=ds.ParquetReadOptions(dictionary_columns=list(dictionaries))
    )
    return ds.FileSystemDataset.from_paths(
        [f"{base}/{part.path}" for part in ordered],
        schema=schema,
        format=file_format,
        filesystem=file_system,
        partitions=[_known_of(part, table) for part in ordered],
    )


def _known_of(part: Part, table: LogTable) -> pc.Expression:
    first, last = (pa.scalar(instant, INSTANT) for instant in (part.first, part.last))
    return (
        (pc.field(DATE_COLUMN) == pa.scalar(date_of_part(part.path), pa.date32()))
        & (pc.field(table.time_column) >= first)
        & (pc.field(table.time_column) <= last)
    )


def _range(table: LogTable, start: datetime | None, end: datetime | None) -> pc.Expression | None:
    bounds, time = [], pc.field(table.time_column)
    if start is not None:
        bounds.append(time >= pa.scalar(start, INSTANT))
    if end is not None:
        bounds.append(time < pa.scalar(end, INSTANT))
    if len(bounds) == 2:
        return bounds[0] & bounds[1]
    return bounds[0] if bounds else None


def _with_date(table: LogTable, columns: Sequence[str] | None) -> tuple[str, ...]:
    if columns is None:
        return (*table.columns, DATE_COLUMN)
    named = names_given("columns", columns, one="the name of a column", example="columns=['elb']")
    wanted = table.select([name for name in named if name != DATE_COLUMN])
    return (*wanted, DATE_COLUMN) if DATE_COLUMN in named else wanted
