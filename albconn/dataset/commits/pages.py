"""Pages of the ledger: entries of records as compact Parquet, each page of a stretch of time.

    sources     a page a day of delivery; what has none is spread over sixteen
    parts       a page a month of the parts' dates
    rejected    a page for every 4,096 batches

The day comes from the file's own name first, so a copy elsewhere is looked for where the original
stands. A URL is kept as folder, name and ending: the name is what AWS delivered, and a page is
searched by that column alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from albconn.arrow import flags, numbers, texts
from albconn.dataset.commits import layout
from albconn.dataset.commits.extent import Extent
from albconn.dataset.commits.record import (
    Part,
    RejectedFile,
    SourceEntry,
    extent_from_json,
    extent_to_json,
)
from albconn.logs.find.keys import LogKey, delivered_name, log_of, parse_key

FIRST_YEAR, LAST_YEAR = 2020, 2099  # of pages of their own; what else a name or a line says has one
ELSEWHEN = "elsewhen"
UNDATED_PAGES = 16
REJECTED_BATCHES = 4096

Row = TypeVar("Row")


class Converted(NamedTuple):
    """What a dataset holds of one source: its latest entry, all rows written, its extent."""

    source: SourceEntry
    written: int
    extent: Extent


def page_of_source(url: str, key: LogKey | None = None) -> str:
    """Return the key of the page that a source stands on; ``key`` is what its URL says.

    Examples
    --------
    >>> page_of_source("s3://logs/conn_log_1_elasticloadbalancing_eu-west-1_app.lb.12"
    ...                "_20260923T1005Z_10.0.0.1_ab.log.gz")
    '2026-09-23'
    """
    key = key or parse_key(url, log_of(url))
    day = key.interval_end.date() if key.interval_end else key.folder_date
    if day is not None and _has_pages(day):
        return day.isoformat()
    name = delivered_name(url) or url
    place = hashlib.sha256(name.encode(errors="surrogateescape")).digest()[0] % UNDATED_PAGES
    return f"undated-{place:02d}"


def pages_of_days(first: date | None, last: date | None, keys: Iterable[str]) -> list[str]:
    """Return which pages of sources can hold deliveries of certain days, both included."""
    low, high = first.isoformat() if first else "", last.isoformat() if last else "~"
    return [key for key in keys if low <= key <= high or not key[0].isdigit()]


def page_of_part(path: str) -> str:
    """Return the key of the page that a part stands on."""
    day = layout.date_of_part(path)
    return f"{day:%Y-%m}" if _has_pages(day) else ELSEWHEN


def pages_of_dates(first: date | None, last: date | None, keys: Iterable[str]) -> list[str]:
    """Return which pages of parts can hold parts of certain dates, both included."""
    low = first.isoformat()[:7] if first else ""
    high = last.isoformat()[:7] if last else "~"
    elsewhen = first is None or last is None or not (_has_pages(first) and _has_pages(last))
    return [key for key in keys if (elsewhen if key == ELSEWHEN else low <= key <= high)]


def page_of_rejected(path: str) -> str:
    """Return the key of the page that a file of rejected lines stands on."""
    return f"{int(layout.batch_of_rejected(path) or 0) // REJECTED_BATCHES:05d}"


@dataclass(frozen=True)
class Kind(Generic[Row]):
    """How entries of a kind are rows of a page, and back.

    An entry is told by its ``id``: a URL or a path. ``sought`` is the column that is searched;
    ``sought_of`` gives what an id has there. Texts have no nulls.
    """

    name: str
    id_of: Callable[[Row], str]
    page_of: Callable[[str], str]
    sought: str
    sought_of: Callable[[str], str]
    texts: tuple[str, ...]
    numbers: tuple[str, ...]
    to_row: Callable[[Row], tuple[Any, ...]]
    of_row: Callable[..., Row]
    repeated: tuple[str, ...] = ()

    def rows(self, entries: Sequence[Row]) -> pa.Table:
        """Return entries as rows of a page."""
        names = (*self.texts, *self.numbers)
        columns = list(zip(*map(self.to_row, entries), strict=True)) or [()] * len(names)
        arrays = [
            texts(values) if name in self.texts else numbers(np.array(values, np.int64), pa.int64())
            for name, values in zip(names, columns, strict=True)
        ]
        return pa.table(arrays, names=list(names))

    def entries(self, rows: pa.Table) -> list[Row]:
        """Return rows of a page as entries."""
        columns = [rows[name].to_pylist() for name in (*self.texts, *self.numbers)]
        return [self.of_row(*values) for values in zip(*columns, strict=True)]

    def encode(self, rows: pa.Table) -> bytes:
        """Return rows as a page's content, in the order of the column that is searched."""
        import pyarrow.compute as pc

        order = pc.sort_indices(rows, [(self.sought, "ascending")])  # type: ignore[attr-defined]
        options: dict[str, Any] = {"use_dictionary": list(self.repeated), "store_schema": False}
        sink = pa.BufferOutputStream()
        pq.write_table(rows.take(order), sink, compression="zstd", **options)
        return sink.getvalue().to_pybytes()

    def decode(self, content: bytes) -> pa.Table:
        """Return all rows of a page."""
        with pq.ParquetFile(pa.BufferReader(content)) as file:
            return file.read(use_threads=False)

    def matching(self, content: bytes, sought: Iterable[str]) -> list[Row]:
        """Return the entries with certain texts; other columns are read only where there are."""
        with pq.ParquetFile(pa.BufferReader(content)) as file:
            found = self._found(file.read([self.sought], use_threads=False), sought)
            return self.entries(file.read(use_threads=False).take(found)) if len(found) else []

    def without(self, rows: pa.Table, ids: Collection[str]) -> pa.Table:
        """Return rows but for those with certain ids."""
        found = self._found(rows, map(self.sought_of, ids))
        if not len(found):
            return rows
        kept = np.ones(len(rows), bool)
        for place, entry in zip(found.to_pylist(), self.entries(rows.take(found)), strict=True):
            kept[place] = self.id_of(entry) not in ids
        return rows.filter(flags(kept))

    def _found(self, rows: pa.Table, sought: Iterable[str]) -> pa.Array:
        import pyarrow.compute as pc

        wanted = texts(list(sought))
        is_wanted = pc.is_in(rows[self.sought], value_set=wanted)  # type: ignore[attr-defined]
        return pc.indices_nonzero(is_wanted)  # type: ignore[attr-defined]


def _path(entry: Part | RejectedFile) -> str:
    return entry.path


def _itself(path: str) -> str:
    return path


def _url(known: Converted) -> str:
    return known.source.url


def name_of(url: str) -> str:
    """Return the column that sources are searched by: AWS's name, else the file's own."""
    return delivered_name(url) or url.rpartition("/")[2]


def _source_to_row(known: Converted) -> tuple[Any, ...]:
    source, name = known.source, name_of(known.source.url)
    folder, slash, file = source.url.rpartition("/")
    # What AWS delivered as X.log.gz may lie there as X (1).log.gz or X.log.
    told = (name, folder + slash, file.removeprefix(name), source.etag, source.damage or "")
    counts = (source.size, source.lines, source.rows, source.rejected, known.written)
    return *told, json.dumps(extent_to_json(known.extent)), *counts


def _source_of_row(
    name: str, folder: str, ending: str, etag: str, damage: str, extent: str, *counts: int
) -> Converted:
    size, lines, rows, rejected, written = counts
    entry = SourceEntry(
        folder + name + ending, size, etag, lines, rows, rejected, written, damage or None
    )
    return Converted(entry, written, _extent(extent))


@lru_cache(maxsize=1024)  # most sources were read under one of a few
def _extent(told: str) -> Extent:
    return extent_from_json(json.loads(told))


SOURCES = Kind(
    name="sources",
    id_of=_url,
    page_of=page_of_source,
    sought="name",
    sought_of=name_of,
    texts=("name", "folder", "ending", "etag", "damage", "extent"),
    numbers=("size", "lines", "rows", "rejected", "written"),
    to_row=_source_to_row,
    of_row=_source_of_row,
    repeated=("folder", "ending", "damage", "extent"),
)
PARTS = Kind(
    name="parts",
    id_of=_path,
    page_of=page_of_part,
    sought="path",
    sought_of=_itself,
    texts=("path", "sha256"),
    numbers=("rows", "size", "first", "last"),
    to_row=lambda part: (part.path, part.sha256, part.rows, part.size, part.first, part.last),
    of_row=lambda path, sha256, rows, size, first, last: Part(
        path, rows, size, sha256, first, last
    ),
)
REJECTED = Kind(
    name="rejected",
    id_of=_path,
    page_of=page_of_rejected,
    sought="path",
    sought_of=_itself,
    texts=("path", "sha256"),
    numbers=("lines", "size"),
    to_row=lambda kept: (kept.path, kept.sha256, kept.lines, kept.size),
    of_row=lambda path, sha256, lines, size: RejectedFile(path, lines, size, sha256),
)


def _has_pages(day: date) -> bool:
    return FIRST_YEAR <= day.year <= LAST_YEAR
