"""A date's many small parts become few large ones, by the same protocol as ``convert``.

    choose parts → merge them into new ones → publish → one record adds and removes → delete

The record takes the old parts out and the new ones in, in one step: whenever it is killed, each
row counts once. What a killed run leaves behind, unclaimed, the next run of ``compact`` or
``convert`` removes.
"""

from __future__ import annotations

import heapq
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from albconn.arguments import noting, whole
from albconn.dataset.commits import layout
from albconn.dataset.commits.commit import commit
from albconn.dataset.commits.fold import FOLD_AFTER, FOLD_AT, fold
from albconn.dataset.commits.ledger import State, require_state, tables_of
from albconn.dataset.commits.lock import Lock
from albconn.dataset.commits.record import Part, Record
from albconn.dataset.commits.sweep import begin, is_unfinished, sweep, unclaimed
from albconn.dataset.parts.merge import WHOLE_ROWS, merged
from albconn.dataset.parts.spool import ROW_GROUP_ROWS, Spool, Spools
from albconn.errors import DatasetError, TableError
from albconn.progress import progress_bar
from albconn.schema.table import LogTable
from albconn.storage.places import StorageOptions
from albconn.storage.store import Dest, Store, open_dest
from albconn.times import utc_date
from albconn.words import counted

TARGET_SIZE = 256 << 20  # [bytes]
ROWS_AT_ONCE = 1 << 21  # of one job in memory, at about 200 bytes a row


@dataclass(frozen=True)
class Compaction:
    """What a run of ``compact`` did.

    Attributes
    ----------
    dates : tuple of date
        Dates whose parts were merged.
    rows : int
        Rows that were moved.
    parts_before, parts_after : int
        Parquet files that were merged, and those that they became.
    size_before, size_after : int
        Their sizes [bytes].
    records_folded : int
        Commit records that became one; runs of ``convert`` fold theirs themselves.
    seconds : float
        Duration [s].
    """

    dates: tuple[date, ...] = ()
    rows: int = 0
    parts_before: int = 0
    parts_after: int = 0
    size_before: int = 0
    size_after: int = 0
    records_folded: int = 0
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as JSON values, for a one-line summary."""
        return asdict(self) | {"dates": [day.isoformat() for day in self.dates]}


def compact(
    dest: Dest,
    *,
    table: str | LogTable | None = None,
    before: date | str | None = None,
    target_size: int = TARGET_SIZE,
    storage_options: StorageOptions = None,
) -> Compaction:
    """Merge each date's small parts into few large ones, sorted by timestamp.

    Where there is nothing to merge, nothing is touched. Readers through ``open_dataset`` see
    each row once at every moment.

    Parameters
    ----------
    dest : str or path
        Where ``convert`` wrote to.
    table : {"connections", "requests"} or LogTable, optional
        Which table; the default is all that the dataset holds.
    before : date or str, optional
        Only dates before this one (UTC), such as ``"2026-09-23"``; the default is all.
    target_size : int
        A part is closed when it has reached this size [bytes]. Parts of half of it and more
        stay as they are.
    storage_options : dict, optional
        Passed to the store (s3fs).

    Returns
    -------
    Compaction
        What was done, in numbers.

    Raises
    ------
    TableError
        An argument does not fit.
    DatasetError
        There is no dataset, a part is missing or is not what was recorded, the dataset cannot
        be written, or another writer is at work.
    """
    began = time.monotonic()
    run = _Run(open_dest(dest, storage_options), *_checked(before, target_size))
    try:
        run.work(table)
    except (KeyboardInterrupt, SystemExit) as stop:
        stop.add_note(f"{counted(len(run.dates), 'date')} compacted; the next run does the rest")
        raise
    return run.compaction(time.monotonic() - began)


@dataclass
class _Run:
    """One run: its settings, and what it did so far."""

    store: Store
    before: date | None
    target_size: int
    merged: list[Part] = field(default_factory=list)
    written: list[Part] = field(default_factory=list)
    dates: set[date] = field(default_factory=set)
    folded: int = 0

    def work(self, table: str | LogTable | None) -> None:
        state = require_state(self.store)
        tables = tables_of(state, table)
        if not any(self._is_work(state, each) for each in tables):
            return
        with Lock(self.store) as lock:
            for each in tables:
                state = begin(self.store, lock, state, each, state.of(each.name).privacy)
                sweep(self.store, state, each, is_interrupted=False)
                with lock.marked_if_it_fails():
                    self._merge_all(state, each, lock)
            with lock.marked_if_it_fails():
                self._fold(state, lock, FOLD_AT)
            self.store.discard()

    def _is_work(self, state: State, table: LogTable) -> bool:
        return bool(
            state.records_to_fold >= FOLD_AT
            or self._jobs(list(state.of(table.name).parts.values()))
            or is_unfinished(self.store, state)
            or unclaimed(self.store, state, table)
        )

    def compaction(self, seconds: float) -> Compaction:
        return Compaction(
            dates=tuple(sorted(self.dates)),
            rows=sum(part.rows for part in self.merged),
            parts_before=len(self.merged),
            parts_after=len(self.written),
            size_before=sum(part.size for part in self.merged),
            size_after=sum(part.size for part in self.written),
            records_folded=self.folded,
            seconds=round(seconds, 3),
        )

    def _jobs(self, parts: Iterable[Part]) -> list[tuple[Part, ...]]:
        asked = [
            part
            for part in parts
            if self.before is None or layout.date_of_part(part.path) < self.before
        ]
        return plan_merges(asked, self.target_size)

    def _merge_all(self, state: State, table: LogTable, lock: Lock) -> None:
        """Merge until there is nothing to merge: what one round writes may be small itself."""
        parts = state.of(table.name).parts
        jobs = self._jobs(parts.values())
        while jobs:
            parts_before = len(parts)
            size = sum(map(_size, jobs))
            with progress_bar(size, text="compacting") as progress:
                for job in jobs:
                    self._fold(state, lock, FOLD_AFTER)
                    for part in job:
                        del parts[part.path]
                    parts.update((part.path, part) for part in self._merge(job, state, table, lock))
                    progress.advance(size=_size(job), rows=sum(part.rows for part in job))
            # Should merging ever not make them fewer, it would never end.
            jobs = self._jobs(parts.values()) if len(parts) < parts_before else []

    def _merge(
        self, job: tuple[Part, ...], state: State, table: LogTable, lock: Lock
    ) -> tuple[Part, ...]:
        batch = layout.batch_name(state.last_batch + 1)
        with Spools(self.store, table) as spools:
            parts = _write_merged(self.store, table, spools, job, batch, self.target_size)
            if sum(part.rows for part in parts) != sum(part.rows for part in job):
                raise DatasetError(
                    f"{self.store.location}: {job[0].path} and {len(job) - 1} more parts do not "
                    "have the recorded rows; nothing was changed; see albconn check"
                )
            spools.stage()
        record = Record(
            batch=batch,
            privacy=state.of(table.name).privacy,
            parts=parts,
            removes=tuple(part.path for part in job),
            table=table.name,
            schema_version=table.version,
        )
        commit(self.store, lock, state, record)
        self.merged += job
        self.written += parts
        self.dates.add(layout.date_of_part(job[0].path))
        return parts

    def _fold(self, state: State, lock: Lock, most: int) -> None:
        if state.records_to_fold >= most:
            self.folded += fold(self.store, lock, state)


def plan_merges(parts: Iterable[Part], target_size: int) -> list[tuple[Part, ...]]:
    """Return groups of small parts to merge, each of one date and mergeable in bounded memory.

    A part of half the target size and more stays as it is; so what is merged once is merged
    again at most while it is small.
    """
    dates: dict[str, list[Part]] = {}
    for part in parts:
        if part.size < max(target_size / 2, 1):
            dates.setdefault(layout.day_of_part(part.path) or "", []).append(part)
    return [
        group
        for _, members in sorted(dates.items())
        for group in _bounded_groups(sorted(members, key=lambda p: (p.first, p.path)))
        if len(group) > 1
    ]


def _bounded_groups(parts: Sequence[Part]) -> Iterator[tuple[Part, ...]]:
    """Cut parts, ordered by their first timestamps, where too many overlap in time."""
    group: list[Part] = []
    open_parts: list[tuple[int, int]] = []  # last timestamp, rows held in memory
    held = 0
    for part in parts:
        while open_parts and open_parts[0][0] < part.first:
            held -= heapq.heappop(open_parts)[1]
        rows = min(part.rows, WHOLE_ROWS)
        if held + rows > ROWS_AT_ONCE and len(group) > 1:
            yield tuple(group)
            group, open_parts, held = [], [], 0
        group.append(part)
        heapq.heappush(open_parts, (part.last, rows))
        held += rows
    if group:
        yield tuple(group)


def _write_merged(
    store: Store,
    table: LogTable,
    spools: Spools,
    job: Sequence[Part],
    batch: str,
    target_size: int,
) -> tuple[Part, ...]:
    day = layout.day_of_part(job[0].path) or ""
    token = secrets.token_hex(4)
    parts: list[Part] = []
    spool: Spool | None = None
    for rows in merged(store, table, job, ROW_GROUP_ROWS):
        if spool is None:
            n = f"{token}-{len(parts) + 1:04d}"
            spool = spools.open(layout.part_path(table.name, day, batch, n))
        spool.add(rows)
        if spool.size >= target_size:
            parts.append(spool.finish())
            spool = None
    if spool is not None:
        parts.append(spool.finish())
    return tuple(parts)


def _size(job: Sequence[Part]) -> int:
    return sum(part.size for part in job)


def _checked(before: date | str | None, target_size: int) -> tuple[date | None, int]:
    problems: list[str] = []
    day, size = None, target_size
    with noting(problems):
        day = utc_date("before", before)
    with noting(problems):
        size = whole("target_size", target_size, 1)
    if problems:
        raise TableError(problems)
    return day, size
