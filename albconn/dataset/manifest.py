"""The commit records, and the state of a dataset that they add up to.

A record says: these sources were read, under these selections; these files were written; these
files are gone. The state is the sum of all records in their order, and nothing else is true:
a file that no record claims does not exist for a reader.

A record may *fold* earlier ones: it then stands for them, and they may be deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from albconn.dataset import layout
from albconn.dataset.coverage import Coverage, extend
from albconn.dataset.storage import Store
from albconn.errors import DatasetError
from albconn.fields import SCHEMA_VERSION
from albconn.logs.selection import Selection

RECORD_FORMAT = 1
_ATTEMPTS = 5  # of a reader that meets records being folded


class Source(NamedTuple):
    """What became of one log file's lines.

    ``lines = rows + rejected`` are facts about the file; ``written`` says how many of its rows
    this record added to the dataset, the rest being unselected or there already. ``coverage``
    is the place of its selections in the record's ``coverages``.
    """

    url: str
    size: int
    etag: str
    lines: int
    rows: int
    rejected: int
    written: int
    damage: str | None = None
    coverage: int = 0


class Part(NamedTuple):
    """A Parquet file; ``first`` and ``last`` are its extreme timestamps [µs since 1970 UTC]."""

    path: str
    rows: int
    size: int
    sha256: str
    first: int
    last: int


class RejectedFile(NamedTuple):
    """A file of rejected lines."""

    path: str
    lines: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Record:
    """One commit. Paths are relative to the dataset."""

    batch: str
    privacy: dict[str, Any]
    coverages: tuple[Coverage, ...] = ((),)
    sources: tuple[Source, ...] = ()
    parts: tuple[Part, ...] = ()
    rejected: tuple[RejectedFile, ...] = ()
    replaces: tuple[str, ...] = ()  # URLs whose earlier entries no longer count
    removes: tuple[str, ...] = ()  # files that no longer count
    folds: tuple[str, ...] = ()  # batches that this record stands for
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def files(self) -> list[str]:
        """Return the paths of all files that this record claims."""
        return [part.path for part in self.parts] + [kept.path for kept in self.rejected]

    def to_json(self) -> bytes:
        """Return the record as it is stored."""
        from albconn import __version__

        told = {
            "format": RECORD_FORMAT,
            "albconn": __version__,
            "schema_version": SCHEMA_VERSION,
            "batch": self.batch,
            "created": self.created,
            "privacy": self.privacy,
            "coverages": [[s.to_json() for s in coverage] for coverage in self.coverages],
            "sources": [source._asdict() for source in self.sources],
            "parts": [part._asdict() for part in self.parts],
            "rejected": [kept._asdict() for kept in self.rejected],
            "replaces": self.replaces,
            "removes": self.removes,
            "folds": self.folds,
        }
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, content: bytes, place: str) -> Record:
        """Read what ``to_json`` wrote; ``place`` is named when it cannot be read.

        Raises
        ------
        DatasetError
            The text is no commit record, or a newer albconn wrote it.
        """
        try:
            told = json.loads(content)
            if told["format"] > RECORD_FORMAT:
                raise DatasetError(
                    f"{place}: written by albconn {told['albconn']}, in a newer format; upgrade"
                )
            return cls(
                batch=told["batch"],
                privacy=told["privacy"],
                coverages=tuple(
                    tuple(Selection.from_json(s) for s in coverage)
                    for coverage in told["coverages"]
                ),
                sources=tuple(Source(**source) for source in told["sources"]),
                parts=tuple(Part(**part) for part in told["parts"]),
                rejected=tuple(RejectedFile(**kept) for kept in told["rejected"]),
                replaces=tuple(told["replaces"]),
                removes=tuple(told["removes"]),
                folds=tuple(told["folds"]),
                created=told["created"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise DatasetError(
                f"{place}: not a commit record ({type(error).__name__}: {error}); "
                "restore it from a backup or convert into a new folder"
            ) from error


class Converted(NamedTuple):
    """What a dataset holds of one source: its latest entry, all rows written, its coverage."""

    source: Source
    written: int
    coverage: Coverage


@dataclass
class State:
    """What a dataset holds, by its records."""

    privacy: dict[str, Any]
    last_batch: int = -1
    sources: dict[str, Converted] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    rejected: dict[str, RejectedFile] = field(default_factory=dict)
    folded: set[str] = field(default_factory=set)  # batches that another record stands for

    def add(self, record: Record) -> None:
        """Take one more record into account."""
        for url in record.replaces:
            self.sources.pop(url, None)
        for path in record.removes:
            self.parts.pop(path, None)
            self.rejected.pop(path, None)
        for source in record.sources:
            self._add_source(source, record.coverages[source.coverage])
        self.parts.update((part.path, part) for part in record.parts)
        self.rejected.update((kept.path, kept) for kept in record.rejected)
        self.folded.update(record.folds)
        self.last_batch = max(self.last_batch, int(record.batch))

    def claims(self) -> set[str]:
        """Return the paths of all committed files."""
        return {*self.parts, *self.rejected}

    def _add_source(self, source: Source, coverage: Coverage) -> None:
        known = self.sources.get(source.url)
        if known is None:
            self.sources[source.url] = Converted(source, source.written, coverage)
        else:
            self.sources[source.url] = Converted(
                source, known.written + source.written, extend(known.coverage, coverage)
            )


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
    state = State(privacy=ordered[-1].privacy)
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
