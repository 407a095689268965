"""The one door: whatever holds connections becomes one opened source, with its account.

Log files, a converted dataset, a DataFrame, an Arrow table or dataset, or anything that speaks
the Arrow stream protocol: every analysis, the report, the lab and the command line come through
here, so a path means the same everywhere. Log files are read; a dataset stays where it is, and
its commit records are loaded once, so that its rows and its account are of the same moment.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from albconn.arrow import with_plain_texts
from albconn.dataset.commits.ledger import load_state
from albconn.dataset.read import held_dataset
from albconn.errors import SourceError, TableError, shown, warn
from albconn.logs.books import FileBooks
from albconn.logs.find.keys import LogKey, parse_key
from albconn.logs.find.selection import EVERYTHING, Names, Selection, make_selection
from albconn.logs.find.sources import Listing, has_magic, list_log_files
from albconn.logs.reading import Reading
from albconn.logs.scan import scan
from albconn.opened.doubts import doubts_of_files
from albconn.opened.rows import Rows, is_empty, selected
from albconn.opened.source import ArrowStream, Connections, Converted, Opened
from albconn.schema.connections import CONNECTIONS
from albconn.storage.places import StorageOptions
from albconn.storage.store import open_dest
from albconn.times import Instant
from albconn.words import counted


def open_connections(
    source: Connections,
    *,
    start: Instant | None = None,
    end: Instant | None = None,
    load_balancer: Names = None,
    account_id: Names = None,
    region: Names = None,
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
    if isinstance(source, Opened):
        opened = _narrowed(source, selection)
    elif is_place(source):
        opened = open_place(source, selection, storage_options)
    else:
        opened = open_table(source, selection, argument="source")
    # Of log files it has been said when they were read.
    if selection != EVERYTHING and opened.kind != "log files" and is_empty(opened.connections):
        named = _named(source) if is_place(source) else "source"
        warn(f"{named}: holds no connection of that time and those filters")
    return opened


def open_table(
    source: Any, selection: Selection = EVERYTHING, *, argument: str = "connections"
) -> Opened:
    """Open a DataFrame or Arrow data; ``argument`` is what it was given as."""
    return Opened(selected(_as_rows(source, argument), selection), "table", selection=selection)


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
) -> Opened:
    """Open what is at a path; of log files, only ``columns`` are read."""
    converted = find_dataset(source, storage_options)
    if converted is not None:
        return _open_dataset(converted, selection)
    listing = list_log_files(source, selection=selection, storage_options=storage_options)
    wanted = None if columns is None else tuple(c for c in columns if c in CONNECTIONS.columns)
    reading = Reading(CONNECTIONS, selection, wanted, storage_options=storage_options)
    return _open_logs(source, listing, reading)


def find_dataset(source: Any, storage_options: StorageOptions) -> Converted | None:
    """Return the converted dataset at a path; None where there are log files, or nothing."""
    if not isinstance(source, str | os.PathLike):
        return None
    place = os.fspath(source)
    if not place or has_magic(place):
        return None
    store = open_dest(source, storage_options)
    state = load_state(store)
    return Converted(store, state.of(CONNECTIONS.name), storage_options) if state else None


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
        keys = None if source.keys is None else tuple(filter(may_hold, source.keys))
    elif not is_place(source):
        keys = None
    elif converted := find_dataset(source, storage_options):
        keys = _keys_of_dataset(converted)
    else:
        listing = list_log_files(
            source,  # type: ignore[arg-type]  (is_place)
            selection=selection,
            storage_options=storage_options,
        )
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
    return replace(inside, connections=selected(inside.connections, filters), whole=None)


def _open_dataset(converted: Converted, selection: Selection) -> Opened:
    entries = [known.source for known in converted.holding.sources.values()]
    rows = held_dataset(converted.store, CONNECTIONS, converted.holding)
    in_time_only = replace(selection, start=None, end=None) == EVERYTHING
    return Opened(
        selected(rows, selection),
        "dataset",
        files=len(entries),
        lines=sum(entry.lines for entry in entries),
        rows=sum(entry.rows for entry in entries),
        rejected=sum(entry.rejected for entry in entries),
        damaged=sum(entry.damage is not None for entry in entries),
        selection=selection,
        keys=_keys_of_dataset(converted),
        converted=converted,
        whole=rows if in_time_only else None,
    )


def _keys_of_dataset(converted: Converted) -> tuple[LogKey, ...]:
    return tuple(map(parse_key, converted.holding.sources))


def _say_that_none_is_there(source: Any, listing: Listing, selection: Selection) -> None:
    named = _named(source)
    if selection == EVERYTHING and not listing.foreign:
        raise SourceError(
            f"{named}: neither log files nor an albconn dataset (no manifest/); check the path"
        )
    others = (
        f"; {counted(len(listing.foreign), 'other file is', 'other files are')} there"
        if listing.foreign
        else ""
    )
    warn(f"{named}: no connection log of that time and those filters{others}")


def _named(source: Any) -> str:
    several = [source] if isinstance(source, str | os.PathLike) else source
    return ", ".join(map(str, several))


def _open_logs(source: Any, listing: Listing, reading: Reading) -> Opened:
    if not listing.log_files:
        _say_that_none_is_there(source, listing, reading.selection)
    tables: list[pa.Table] = []
    books = scan(listing.log_files, reading, tables.append)
    books.warn()
    files: list[FileBooks] = books.files
    lines = sum(file.lines for file in files)
    if lines and not tables:
        what = "is understood" if len(books.rejected) == lines else "is of that time and filters"
        warn(f"{_named(source)}: none of its {lines:,} lines {what}")
    empty = CONNECTIONS.memory_schema.empty_table().select(reading.wanted)
    return Opened(
        pa.concat_tables(tables) if tables else empty,
        "log files",
        files=len(files),
        foreign=len(listing.foreign),
        lines=lines,
        rows=sum(file.rows for file in files),
        rejected=sum(file.rejected for file in files),
        damaged=sum(file.damage is not None for file in files),
        selection=reading.selection,
        keys=tuple(file.key for file in listing.log_files),
        doubts=doubts_of_files(books.rejected, files),
    )
