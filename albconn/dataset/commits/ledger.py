"""The state of a dataset: what its commit records add up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from albconn.dataset.commits import layout
from albconn.dataset.commits.extent import Extent, extend
from albconn.dataset.commits.record import Part, Record, RejectedFile, SourceEntry
from albconn.errors import DatasetError
from albconn.schema.table import LogTable
from albconn.schema.tables import find_table
from albconn.storage.store import Store

_ATTEMPTS = 5  # of a reader that meets records being folded


class Converted(NamedTuple):
    """What a dataset holds of one source: its latest entry, all rows written, its extent."""

    source: SourceEntry
    written: int
    extent: Extent


@dataclass
class Holding:
    """What a dataset holds of one table."""

    privacy: dict[str, Any]
    sources: dict[str, Converted] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    rejected: dict[str, RejectedFile] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Take one more record into account."""
        self.privacy = record.privacy
        for url in record.replaces:
            self.sources.pop(url, None)
        for path in record.removes:
            self.parts.pop(path, None)
            self.rejected.pop(path, None)
        for source in record.sources:
            self._add_source(source, record.coverages[source.coverage])
        self.parts.update((part.path, part) for part in record.parts)
        self.rejected.update((kept.path, kept) for kept in record.rejected)

    def _add_source(self, source: SourceEntry, extent: Extent) -> None:
        known = self.sources.get(source.url)
        if known is None:
            self.sources[source.url] = Converted(source, source.written, extent)
        else:
            self.sources[source.url] = Converted(
                source, known.written + source.written, extend(known.extent, extent)
            )


@dataclass
class State:
    """What a dataset holds, by its records: of each table, by its name."""

    tables: dict[str, Holding] = field(default_factory=dict)
    last_batch: int = -1
    folded: set[str] = field(default_factory=set)  # batches that another record stands for

    def add(self, record: Record) -> None:
        """Take one more record into account."""
        if record.table not in self.tables:
            self.tables[record.table] = Holding(record.privacy)
        self.tables[record.table].add(record)
        self.folded.update(record.folds)
        self.last_batch = max(self.last_batch, int(record.batch))

    def of(self, table: str) -> Holding:
        """Return what there is of a table; nothing where no record names it."""
        return self.tables.get(table) or Holding({})

    def claims(self) -> set[str]:
        """Return the paths of all committed files."""
        return {path for held in self.tables.values() for path in (*held.parts, *held.rejected)}


def load_state(store: Store) -> State | None:
    """Return what the dataset's records say; None when there is no record.

    Raises
    ------
    DatasetError
        A record cannot be read.
    """
    for attempt in range(_ATTEMPTS):
        try:
            return _load_once(store)
        except FileNotFoundError:
            # A record was folded between listing and reading; the list is new now.
            if attempt == _ATTEMPTS - 1:
                raise
    return None


def _load_once(store: Store) -> State | None:
    paths = sorted(p for p in store.sizes(layout.MANIFEST) if layout.batch_of_record(p))
    contents = store.read_many(paths)
    records = [
        Record.from_json(content, f"{store.location}/{path}")
        for path, content in zip(paths, contents, strict=True)
    ]
    return sum_up(records)


def sum_up(records: Iterable[Record]) -> State | None:
    """Return the state that records in their order add up to."""
    ordered = list(records)
    if not ordered:
        return None
    folded = {batch for record in ordered for batch in record.folds}
    state = State()
    for record in ordered:
        if record.batch not in folded:
            state.add(record)
    return state


def require_state(store: Store) -> State:
    """Return the state of a dataset that must exist.

    Raises
    ------
    DatasetError
        There is no dataset.
    """
    state = load_state(store)
    if state is None:
        raise DatasetError(
            f"{store.location}: no albconn dataset is there (no manifest/); "
            "check the path, or write one with albconn convert"
        )
    return state


def tables_of(state: State, table: str | LogTable | None) -> list[LogTable]:
    """Return the tables to work on: the one that is asked for, else all of the dataset.

    Raises
    ------
    TableError
        The dataset holds a table that this version does not know.
    """
    if table is not None:
        return [find_table(table)]
    return [find_table(name) for name in state.tables]
