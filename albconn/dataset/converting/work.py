"""The unit of work: some log files become part files, and what to record about them.

An order is all that a worker needs, wherever it runs; a delivery is all that comes back. The
worker reads the sources and writes the files itself, under names that no other attempt uses;
nothing counts before the coordinator commits.
"""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from albconn.arrow import flags, values_of
from albconn.dataset.commits.extent import Extent, wanted_rows
from albconn.dataset.commits.record import Part, RejectedFile, SourceEntry
from albconn.dataset.converting.dates import Dates, ScatteredError, told_scattered
from albconn.dataset.parts.decode import parts_said_clearly
from albconn.dataset.parts.rejected import write_rejected
from albconn.dataset.parts.take_out import Leftover, without_sources
from albconn.dataset.parts.write import PartWriter
from albconn.dataset.privacy import Privacy
from albconn.executors import open_pool
from albconn.logs.books import Books, FileBooks
from albconn.logs.find.selection import EVERYTHING, Selection
from albconn.logs.find.sources import LogFile
from albconn.logs.proven import scan_proven
from albconn.logs.reading import OnBadLine, Reading
from albconn.progress import Progress
from albconn.schema.table import SOURCE_FILE, LogTable
from albconn.storage.places import StorageOptions
from albconn.storage.store import Store, open_dest


@dataclass(frozen=True)
class Order:
    """Read these files of a table and write the rows ``wanted`` and not there from ``earlier``.

    ``replaced_parts`` and ``replaced_rejected`` are given when the order ``replaces`` what the
    dataset holds of the files: those of these that hold something of them are written anew
    without it. ``takes_over`` names files and other URLs, of which each replaces that, too.
    """

    dest: str
    table: LogTable
    batch: str
    log_files: tuple[LogFile, ...]
    wanted: Extent
    earlier: Extent = ()
    privacy: Privacy = field(default_factory=Privacy)
    on_bad_line: OnBadLine = "quarantine"
    storage_options: StorageOptions = None
    threads: int | None = None
    replaced_parts: tuple[Part, ...] = ()
    replaced_rejected: tuple[RejectedFile, ...] = ()
    replaces: bool = False
    takes_over: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> int:
        """Stored size of the files [bytes]."""
        return sum(log_file.size for log_file in self.log_files)

    @property
    def scanned(self) -> Selection:
        """What is left out where files are read; of several selections, nothing is."""
        return self.wanted[0] if len(self.wanted) == 1 else EVERYTHING


@dataclass(frozen=True)
class Delivery:
    """What an order came to: written, not yet committed.

    ``notable`` are the books of files that were damaged, or could not be read.
    """

    sources: tuple[SourceEntry, ...]
    parts: tuple[Part, ...]
    rejected: tuple[RejectedFile, ...]
    replaces: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()
    written: int = 0
    notable: tuple[FileBooks, ...] = ()
    wide_lines: int = 0

    @property
    def unread(self) -> list[FileBooks]:
        """The books of files of which nothing was read."""
        return [books for books in self.notable if books.unread]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to commit."""
        return not (self.sources or self.parts or self.rejected or self.removes)


def run_order(
    order: Order, progress: Progress | None = None, pool: ThreadPoolExecutor | None = None
) -> Delivery:
    """Carry out an order, in any thread or process; ``pool`` as for ``scan``.

    Raises
    ------
    SourceError, LineError, DatasetError
        A source cannot be read, a line is not understood and the order says to stop there, or
        the dataset cannot be written.
    """
    if pool is None:
        with open_pool(order.threads) as own:
            return run_order(order, progress, own)
    store = open_dest(order.dest, order.storage_options)
    books, intake = _read(order, store, progress or Progress(), pool)
    leftover, replaces = Leftover(), _replaced(order, books)
    if replaces:
        held = order.replaced_parts, order.replaced_rejected
        with parts_said_clearly(store.location):
            leftover = without_sources(store, order.table, order.batch, replaces, *held)
    parts = intake.writer.finish(pool)
    # A second reading of a source meets its rejected lines again; they are recorded already.
    fresh = [] if order.earlier else [order.privacy.retell(line) for line in books.rejected]
    return Delivery(
        sources=intake.sources(books),
        parts=tuple(sorted((*parts, *leftover.parts))),
        rejected=write_rejected(store, order.batch, [*leftover.rejected, *fresh]),
        replaces=replaces,
        removes=leftover.removes,
        written=sum(intake.written.values()),
        notable=tuple(f for f in books.files if f.damage or f.unread),
        wide_lines=0 if order.earlier else books.wide_lines,
    )


def _read(
    order: Order, store: Store, progress: Progress, pool: ThreadPoolExecutor
) -> tuple[Books, _Intake]:
    """Read an order's files; once more without those that turn out to be of too many dates."""
    scattered: set[str] = set()
    made: list[_Intake] = []

    def make() -> _Intake:
        made.append(_Intake(order, PartWriter(store, order.table, order.batch, order.privacy)))
        return made[-1]

    while True:
        try:
            books, intake = scan_proven(
                [log_file for log_file in order.log_files if log_file.url not in scattered],
                Reading(
                    order.table,
                    order.scanned,
                    on_bad_line=order.on_bad_line,
                    storage_options=order.storage_options,
                ),
                make,
                lambda intake: intake.add,
                abandon=lambda intake: intake.writer.abandon(),
                threads=order.threads,
                pool=pool,
                progress=progress,
            )
        except ScatteredError as error:
            made[-1].writer.abandon()
            scattered.update(error.urls)
        else:
            left = [log_file for log_file in order.log_files if log_file.url in scattered]
            books.files += [told_scattered(log_file, order.table) for log_file in left]
            return books, intake


def _replaced(order: Order, books: Books) -> tuple[str, ...]:
    """Return the URLs that an order replaces; what could not be read does not: its rows stay."""
    if not order.replaces:
        return ()
    there = {f.source_file for f in books.files if not f.unread}
    return tuple(sorted(there.union(old for url, old in order.takes_over if url in there)))


class _Intake:
    """Lets wanted rows through to the writer and counts them by source."""

    def __init__(self, order: Order, writer: PartWriter) -> None:
        self.writer = writer
        self._dates = Dates(order.table)
        self._table = order.table
        self._lock = threading.Lock()
        self._wanted = (EVERYTHING,) if len(order.wanted) == 1 else order.wanted
        self._earlier = order.earlier
        self.written: Counter[str] = Counter()

    def add(self, rows: pa.Table) -> None:
        mask = wanted_rows(rows, self._table, self._wanted, self._earlier)
        if mask is not None:
            rows = rows.filter(flags(mask))
        if not len(rows):
            return
        counts = _count_by_source(rows)
        with self._lock:
            self.written.update(counts)
        self._dates.add(rows, counts)
        self.writer.add(rows)

    def sources(self, books: Books) -> tuple[SourceEntry, ...]:
        return tuple(
            SourceEntry(
                url=f.source_file,
                size=f.size,
                etag=f.etag,
                lines=f.lines,
                rows=f.rows,
                rejected=f.rejected,
                written=self.written[f.source_file],
                damage=f.damage,
            )
            for f in books.files
            if not f.unread
        )


def _count_by_source(rows: pa.Table) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for chunk in rows[SOURCE_FILE.name].chunks:
        names = chunk.dictionary.to_pylist()
        for name, count in zip(
            names, np.bincount(values_of(chunk.indices), minlength=len(names)), strict=True
        ):
            counts[name] += int(count)
    return {name: count for name, count in counts.items() if count}
