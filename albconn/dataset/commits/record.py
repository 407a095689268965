"""The commit records, and the state of a dataset that they add up to.

A record says: these sources were read, under these selections; these files were written; these
files are gone. The state is the sum of all records in their order, and nothing else is true:
a file that no record claims does not exist for a reader.

Each record names the checksum of the one before it, so that none can be lost or changed without
being missed, and says in totals what there is after it. Records of the formats 1 and 2 do
neither; one of those may *fold* earlier ones: it stands for them, and they may be deleted.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from albconn.dataset.commits import layout
from albconn.dataset.commits.extent import Extent
from albconn.errors import DatasetError, shown
from albconn.logs.find.selection import Selection
from albconn.version import __version__

RECORD_FORMAT = 3
CHAINED = 3  # the first format whose records name the one before them
FIRST_TABLE = "connections"  # of records that name none


class SourceEntry(NamedTuple):
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


class Totals(NamedTuple):
    """What a table's sources add up to: ``size`` in stored bytes [bytes]."""

    files: int = 0
    lines: int = 0
    rows: int = 0
    rejected: int = 0
    damaged: int = 0
    size: int = 0

    def plus(self, sources: Collection[SourceEntry], times: int = 1) -> Totals:
        """Return the totals with some sources more, or ``times=-1``, as many less."""
        return Totals(
            self.files + times * len(sources),
            self.lines + times * sum(s.lines for s in sources),
            self.rows + times * sum(s.rows for s in sources),
            self.rejected + times * sum(s.rejected for s in sources),
            self.damaged + times * sum(s.damage is not None for s in sources),
            self.size + times * sum(s.size for s in sources),
        )


NOTHING = Totals()


@dataclass(frozen=True)
class Record:
    """One commit, of one table. Paths are relative to the dataset.

    ``previous`` is the checksum of the record before it, as it is stored; None for the first.
    """

    batch: str
    privacy: dict[str, Any]
    coverages: tuple[Extent, ...] = ((),)
    sources: tuple[SourceEntry, ...] = ()
    parts: tuple[Part, ...] = ()
    rejected: tuple[RejectedFile, ...] = ()
    replaces: tuple[str, ...] = ()  # URLs whose earlier entries no longer count
    removes: tuple[str, ...] = ()  # files that no longer count
    folds: tuple[str, ...] = ()  # batches that this record stands for; only before format 3
    previous: str | None = None
    totals: Totals | None = None
    format: int = RECORD_FORMAT
    table: str = FIRST_TABLE
    schema_version: int = 1
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def files(self) -> list[str]:
        """Return the paths of all files that this record claims."""
        return [part.path for part in self.parts] + [kept.path for kept in self.rejected]

    def to_json(self) -> bytes:
        """Return the record as it is stored."""
        told = {
            "format": self.format,
            "albconn": __version__,
            "table": self.table,
            "schema_version": self.schema_version,
            "batch": self.batch,
            "previous": self.previous,
            "created": self.created,
            "privacy": self.privacy,
            "totals": self.totals,
            "coverages": [extent_to_json(coverage) for coverage in self.coverages],
            "sources": [source._asdict() for source in self.sources],
            "parts": [part._asdict() for part in self.parts],
            "rejected": [kept._asdict() for kept in self.rejected],
            "replaces": self.replaces,
            "removes": self.removes,
            "folds": self.folds,
        }
        return as_stored(told)

    @classmethod
    def from_told(cls, told: dict[str, Any]) -> Record:
        """Make what JSON told a record; ValueError, KeyError or TypeError when it is none."""
        totals = told.get("totals")
        return cls(
            batch=told["batch"],
            privacy=dict(told["privacy"]),
            coverages=tuple(map(extent_from_json, told["coverages"])),
            sources=tuple(SourceEntry(**source) for source in told["sources"]),
            parts=tuple(Part(**part) for part in told["parts"]),
            rejected=tuple(RejectedFile(**kept) for kept in told["rejected"]),
            replaces=tuple(told["replaces"]),
            removes=tuple(told["removes"]),
            folds=tuple(told["folds"]),
            previous=told.get("previous"),
            totals=None if totals is None else Totals(*totals),
            format=told["format"],
            created=told["created"],
            table=told.get("table", FIRST_TABLE),
            schema_version=told["schema_version"],
        )

    def misplaced(self) -> list[str]:
        """Return the paths that are no place of what they are said to be."""
        parts = {part.path for part in self.parts}
        rejected = {kept.path for kept in self.rejected}
        removed = set(self.removes) - parts - rejected
        return sorted(
            {path for path in parts if not is_place_of_part(path, self.table)}
            | {path for path in rejected if not layout.batch_of_rejected(path)}
            | {p for p in removed if not (is_place_of_part(p, self.table) or _is_rejected(p))}
        )


def is_place_of_part(path: str, table: str) -> bool:
    """Say whether a part of a table may lie at a path: in the table's folder, of a real date."""
    try:
        return layout.table_of_part(path) == table and bool(layout.date_of_part(path))
    except ValueError:
        return False


def _is_rejected(path: str) -> bool:
    return layout.batch_of_rejected(path) is not None


def extent_to_json(extent: Extent) -> list[dict[str, Any]]:
    """Return selections as JSON values; ``extent_from_json`` reads them back."""
    return [selection.to_json() for selection in extent]


def extent_from_json(told: list[dict[str, Any]]) -> Extent:
    """Read what ``extent_to_json`` wrote."""
    return tuple(map(Selection.from_json, told))


def as_stored(told: dict[str, Any]) -> bytes:
    """Return JSON as all records are stored; their checksums are of these bytes."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def parse_told(content: bytes, place: str) -> dict[str, Any]:
    """Return what a record's JSON tells; ``place`` is named when it cannot be read.

    Raises
    ------
    DatasetError
        The text is no commit record, or a newer albconn wrote it.
    """
    try:
        told = json.loads(content)
        if told["format"] > RECORD_FORMAT:
            version = shown(told["albconn"]).strip("'")
            raise DatasetError(f"{place}: written by albconn {version}, in a newer format; upgrade")
        return told
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise no_record(place, error) from error


def no_record(place: str, error: Exception) -> DatasetError:
    """Return the error that says why a file is no commit record."""
    said = shown(f"{type(error).__name__}: {error}")[1:-1]
    return DatasetError(
        f"{place}: not a commit record ({said}); "
        "restore it from a backup or convert into a new folder"
    )
