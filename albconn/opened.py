"""Log files or a dataset, alike: what a report or a command counts, with its books.

A dataset is counted where it lies, unless only a part of it is wanted; log files are read.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import and_
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from albconn.arrow import flags
from albconn.dataset.commits.layout import MANIFEST
from albconn.dataset.commits.ledger import require_state
from albconn.dataset.read import open_dataset
from albconn.logs.find.selection import Selection
from albconn.logs.find.sources import Source, list_log_files
from albconn.logs.scan import scan
from albconn.schema.connections import COLUMNS, MEMORY_SCHEMA
from albconn.storage.places import StorageOptions, is_remote, local_path
from albconn.storage.store import open_dest

EVERYTHING = Selection()


@dataclass(frozen=True)
class Opened:
    """Connections to count, and the account of the files that they come from.

    Attributes
    ----------
    connections : pyarrow.Table or pyarrow.dataset.Dataset
        What every function of the analysis takes.
    files, foreign, lines, rows, rejected, damaged : int
        Of the log files; ``rows + rejected = lines``. ``foreign`` is None for a dataset, which
        does not remember what was not a connection log.
    """

    connections: Any
    files: int
    foreign: int | None
    lines: int
    rows: int
    rejected: int
    damaged: int


def is_dataset(location: Source, storage_options: StorageOptions = None) -> bool:
    """Say whether a location is a converted dataset, not log files."""
    if not isinstance(location, str | os.PathLike):
        return False
    if not is_remote(os.fspath(location)):
        return (local_path(os.fspath(location)) / MANIFEST).is_dir()
    return MANIFEST in open_dest(location, storage_options).names()


def open_connections(
    location: Source,
    *,
    selection: Selection = EVERYTHING,
    storage_options: StorageOptions = None,
) -> Opened:
    """Open log files or a converted dataset.

    Raises
    ------
    SourceError
        Log files cannot be found or read.
    DatasetError
        The dataset's records cannot be read.
    """
    if not isinstance(location, str | os.PathLike) or not is_dataset(location, storage_options):
        return _open_logs(location, selection, storage_options)
    state = require_state(open_dest(location, storage_options))
    sources = [converted.source for converted in state.sources.values()]
    return Opened(
        _selected(open_dataset(location, storage_options=storage_options), selection),
        files=len(sources),
        foreign=None,
        lines=sum(source.lines for source in sources),
        rows=sum(source.rows for source in sources),
        rejected=sum(source.rejected for source in sources),
        damaged=sum(source.damage is not None for source in sources),
    )


def _open_logs(location: Source, selection: Selection, storage_options: StorageOptions) -> Opened:
    listing = list_log_files(location, selection=selection, storage_options=storage_options)
    tables: list[pa.Table] = []
    books = scan(
        listing.log_files,
        sink=tables.append,
        selection=selection,
        storage_options=storage_options,
    )
    books.warn()
    return Opened(
        pa.concat_tables(tables) if tables else MEMORY_SCHEMA.empty_table(),
        files=len(books.files),
        foreign=len(listing.foreign),
        lines=sum(file.lines for file in books.files),
        rows=sum(file.rows for file in books.files),
        rejected=sum(file.rejected for file in books.files),
        damaged=sum(file.damage is not None for file in books.files),
    )


def within(
    connections: ds.Dataset | pa.Table, start: datetime | None, end: datetime | None
) -> ds.Dataset | pa.Table:
    """Return the connections of a half-open time range; a dataset stays where it is."""
    in_range = _in_range(connections, start, end)
    return connections if in_range is None else connections.filter(in_range)


def _selected(connections: ds.Dataset, selection: Selection) -> ds.Dataset | pa.Table:
    """Leave a dataset where it is when only time is asked; read what a filter wants of it."""
    in_range = within(connections, selection.start, selection.end)
    if replace(selection, start=None, end=None) == EVERYTHING:
        return in_range
    table = in_range.to_table(columns=list(COLUMNS))
    mask = selection.mask(table)
    return table if mask is None else table.filter(flags(mask))


def _in_range(
    connections: ds.Dataset | pa.Table, start: datetime | None, end: datetime | None
) -> ds.Expression | None:
    in_dates = isinstance(connections, ds.Dataset)  # whose folders can be passed over
    bounds = []
    if start is not None:
        bounds += [ds.field("timestamp") >= start] + [ds.field("date") >= start.date()] * in_dates
    if end is not None:
        bounds += [ds.field("timestamp") < end] + [ds.field("date") <= end.date()] * in_dates
    return reduce(and_, bounds) if bounds else None
