"""The one door: whatever holds connections becomes one opened source, with its account.

Log files, a converted dataset, a DataFrame, an Arrow table or dataset, or anything that speaks
the Arrow stream protocol: every analysis, the report, the lab and the command line come through
here, so a path means the same everywhere. Log files are read; a dataset stays where it is, and
its commit records are loaded once, so that its rows and its account are of the same moment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from albconn.arrow import with_plain_texts
from albconn.dataset.commits.ledger import load_state, require_state
from albconn.dataset.commits.shelf import MissingPageError, again_if_replaced
from albconn.dataset.parts.decode import parts_said_clearly
from albconn.dataset.read import held_dataset
from albconn.errors import SourceError, TableError, shown
from albconn.logs.books import FileBooks
from albconn.logs.find.keys import LogKey, parse_key
from albconn.logs.find.selection import EVERYTHING, Names, Selection, make_selection
from albconn.logs.find.sources import Duplicates, Listing, has_magic, list_log_files
from albconn.logs.find.told import named, tell_of_listing
from albconn.logs.proven import scan_proven
from albconn.logs.reading import Reading
from albconn.logs.told import tell_of_reading
from albconn.opened.doubts import doubts_of_files
from albconn.opened.rows import Rows, is_empty, selected
from albconn.opened.source import ArrowStream, Connections, Converted, Opened
from albconn.opened.told import tell_of_empty
from albconn.schema.connections import CONNECTIONS
from albconn.schema.table import LogTable
from albconn.storage.places import StorageOptions
from albconn.storage.spelling import well_spelt
from albconn.storage.store import open_dest
from albconn.times import Instant

_AROUND = timedelta(days=1)  # a file of a day may be delivered on the next


def open_connections(
    source: Connections,
    *,
    start: Instant | None = None,
    end: Instant | None = None,
    load_balancer: Names = None,
    account_id: Names = None,
    region: Names = None,
    duplicates: Duplicates = "skip",
    storage_options: StorageOptions = None,
) -> Opened:
    """Open connections once, for all that is to be asked of them.

    Parameters
    ----------
    source : path, DataFrame, Arrow data, or what this returned
        Log files (a file, folder, glob or ``s3://`` prefix, or several), which are read here; a
        converted dataset's path, which stays where it is; a DataFrame; an Arrow table or
        dataset; anything with ``__arrow_c_stream__`` (polars, DuckDB, a record batch reader).
    start, end : datetime or str, optional
        With a zone; the half-open range ``[start, end)`` of the connections' timestamps.
    load_balancer, account_id, region : str or sequence of str, optional
        As for ``read_connections``.
    duplicates : {"skip", "keep"}
        As for ``read_connections``; of log files.
    storage_options : dict, optional
        Passed to the store (s3fs).

    Returns
    -------
    Opened
        Every analysis takes it, and so do the report and the lab.

    Raises
    ------
    SourceError
        There is nothing at a path, or log files cannot be read.
    DatasetError
        A dataset's records cannot be read.
    TableError
        The source is none of these, or a time or filter does not fit.

    Warns
    -----
    AlbconnWarning
        As ``read_connections`` does; of a dataset or a table, where nothing is of that time and
        those filters.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"timestamp": pd.to_datetime(["2026-09-23T10:01Z"])})
    >>> open_connections(table, end="2026-09-23T10:00Z").connections.num_rows
    0
    """
    selection = make_selection(
        start=start, end=end, load_balancer=load_balancer, account_id=account_id, region=region
    )
    return open_any(source, CONNECTIONS, selection, duplicates, storage_options)


def open_any(
    source: Connections,
    table: LogTable,
    selection: Selection,
    duplicates: Duplicates,
    storage_options: StorageOptions,
) -> Opened:
    """Open rows of a table; see ``open_connections``."""
    if isinstance(source, Opened):
        require_table(source, table)
        opened = _narrowed(source, selection)
    elif is_place(source):
        opened = open_place(source, selection, storage_options, duplicates=duplicates, table=table)
    else:
        opened = open_table(source, selection, argument="source", table=table)
    # Of log files it has been said when they were read.
    if selection != EVERYTHING and opened.kind != "log files" and _is_empty(opened):
        named_as = _named(source) if is_place(source) else "source"
        tell_of_empty(named_as, _before(source, opened), selection, table)
    return opened


def require_table(opened: Opened, table: LogTable) -> None:
    """Refuse what was opened as another table than is asked for."""
    if opened.table != table:
        raise TableError(
            f"{table.name}: {opened.table.name} were opened; give what open_{table.name} returns"
        )


def open_table(
    source: Any,
    selection: Selection = EVERYTHING,
    *,
    argument: str = "connections",
    table: LogTable = CONNECTIONS,
) -> Opened:
    """Open a DataFrame or Arrow data; ``argument`` is what it was given as."""
    rows = selected(_as_rows(source, argument), selection, table)
    return Opened(rows, "table", selection=selection, table=table)


def is_place(source: object) -> bool:
    """Say whether a source is a path or URL, or several."""
    if isinstance(source, str | os.PathLike):
        return True
    return isinstance(source, list | tuple | set | frozenset) and all(
        isinstance(each, str | os.PathLike) for each in source
    )


def open_place(
    source: Any,
    selection: Selection = EVERYTHING,
    storage_options: StorageOptions = None,
    columns: Sequence[str] | None = None,
    duplicates: Duplicates = "skip",
    table: LogTable = CONNECTIONS,
) -> Opened:
    """Open what is at a path; of log files, only ``columns`` are read."""

    def open_dataset() -> Opened | None:
        converted = find_dataset(source, storage_options, table)
        return None if converted is None else _open_dataset(converted, selection, table)

    if (opened := again_if_replaced(open_dataset)) is not None:
        return opened
    listing = list_log_files(
        source,
        selection=selection,
        storage_options=storage_options,
        duplicates=duplicates,
        log=table.log,
    )
    tell_of_listing(listing, selection)
    wanted = None if columns is None else tuple(c for c in columns if c in table.columns)
    reading = Reading(table, selection, wanted, storage_options=storage_options)
    return _open_logs(listing, reading)


def find_dataset(
    source: Any, storage_options: StorageOptions, table: LogTable = CONNECTIONS
) -> Converted | None:
    """Return the converted dataset at a path; None where there are log files, or nothing."""
    if not isinstance(source, str | os.PathLike):
        return None
    place = well_spelt(os.fspath(source), SourceError)
    if not place or has_magic(place):
        return None
    store = open_dest(place, storage_options)
    state = load_state(store)
    return Converted(store, state.of(table.name), storage_options) if state else None


def keys_of(
    source: Connections, selection: Selection, storage_options: StorageOptions
) -> list[LogKey]:
    """Return what the names of a source's log files say; no file is read for it.

    Raises
    ------
    TableError
        A table does not know which log files there were.
    """
    if isinstance(source, Opened):
        may_hold = source.selection.may_hold
        keys = source.keys
        if source.converted is not None:
            keys = _keys_of_dataset(source.converted, source.selection)
        keys = None if keys is None else tuple(filter(may_hold, keys))
    elif not is_place(source):
        keys = None
    elif converted := find_dataset(source, storage_options):
        keys = _keys_of_dataset(converted, selection)
    else:
        listing = list_log_files(
            source,  # type: ignore[arg-type]  (is_place)
            selection=selection,
            storage_options=storage_options,
        )
        tell_of_listing(listing, selection)
        keys = tuple(file.key for file in listing.log_files)
    if keys is None:
        raise TableError(
            f"source: a {type(source).__name__} does not know which log files there were; give "
            "the log files or the converted dataset"
        )
    return [key for key in keys if selection.may_hold(key)]


def _as_rows(source: Any, argument: str) -> Rows:
    import pandas as pd

    if isinstance(source, pd.DataFrame | ds.Dataset):
        return source
    is_column = isinstance(source, pd.Series | pa.ChunkedArray)
    if isinstance(source, ArrowStream) and not is_column:
        return with_plain_texts(pa.table(source))
    raise TableError(
        f"{argument}: {shown(source)} is a {type(source).__name__}; give log files or a converted "
        "dataset (a path), a DataFrame, or Arrow data"
    )


def _narrowed(opened: Opened, selection: Selection) -> Opened:
    if selection == EVERYTHING:
        return opened
    inside = opened.within(selection.start, selection.end)
    filters = replace(selection, start=None, end=None)
    if filters == EVERYTHING:
        return inside
    rows = selected(inside.connections, filters, inside.table)
    return replace(inside, connections=rows, whole=None)


def _before(source: Any, opened: Opened) -> Rows:
    """Return the rows of which a selection left nothing."""
    if isinstance(source, Opened):
        return source.connections
    if opened.converted is not None:
        return held_dataset(opened.converted.store, opened.table, opened.converted.holding)
    return _as_rows(source, "source")


def _is_empty(opened: Opened) -> bool:
    if opened.converted is None:
        return is_empty(opened.connections, opened.table)
    with parts_said_clearly(opened.converted.store.location):
        return is_empty(opened.connections, opened.table)


def _open_dataset(converted: Converted, selection: Selection, table: LogTable) -> Opened:
    store, held, totals = converted.store, converted.holding, converted.holding.totals
    rows = held_dataset(store, table, held, selection.start, selection.end)
    in_time_only = replace(selection, start=None, end=None) == EVERYTHING
    with parts_said_clearly(store.location):
        chosen = selected(rows, selection, table)
    return Opened(
        chosen,
        "dataset",
        files=totals.files,
        lines=totals.lines,
        rows=totals.rows,
        rejected=totals.rejected,
        damaged=totals.damaged,
        selection=selection,
        converted=converted,
        whole=rows if in_time_only else None,
        table=table,
    )


def _keys_of_dataset(converted: Converted, selection: Selection) -> tuple[LogKey, ...]:
    """Return what the names of the log files say that can hold a selection; others, too."""
    days = (selection.start - _AROUND).date() if selection.start else None
    last = (selection.end + _AROUND).date() if selection.end else None
    try:
        known = [c.source.url for c in converted.holding.sources_between(days, last)]
    except MissingPageError:  # replaced since it was opened: what there is now has it, too
        now = require_state(converted.store).of(CONNECTIONS.name)
        known = [c.source.url for c in now.sources_between(days, last)]
    return tuple(map(parse_key, known))


def _named(source: Any) -> str:
    return named([source] if isinstance(source, str | os.PathLike) else list(source))


def _open_logs(listing: Listing, reading: Reading) -> Opened:
    make: Callable[[], list[pa.Table]] = list
    books, tables = scan_proven(listing.log_files, reading, make, lambda taken: taken.append)
    tell_of_reading(named(listing.places), books, reading.selection)
    files: list[FileBooks] = books.files
    lines = sum(file.lines for file in files)
    empty = reading.table.memory_schema.empty_table().select(reading.wanted)
    return Opened(
        pa.concat_tables(tables) if tables else empty,
        "log files",
        files=len(files),
        foreign=len(listing.foreign),
        skipped=tuple(listing.foreign),
        lines=lines,
        rows=sum(file.rows for file in files),
        rejected=sum(file.rejected for file in files),
        damaged=sum(file.damage is not None for file in files),
        unread=len(books.unread),
        selection=reading.selection,
        keys=tuple(file.key for file in listing.log_files),
        doubts=doubts_of_files(books.rejected, files),
        table=reading.table,
    )
