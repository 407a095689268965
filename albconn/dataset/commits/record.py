"""The commit records, and the state of a dataset that they add up to.

A record says: these sources were read, under these selections; these files were written; these
files are gone. The state is the sum of all records in their order, and nothing else is true:
a file that no record claims does not exist for a reader.

A record may *fold* earlier ones: it then stands for them, and they may be deleted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from albconn.dataset.commits.extent import Extent
from albconn.errors import DatasetError
from albconn.logs.find.selection import Selection
from albconn.version import __version__

RECORD_FORMAT = 2
FIRST_FORMAT = 1  # that of a record of connections, which every version of albconn can read
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


@dataclass(frozen=True)
class Record:
    """One commit, of one table. Paths are relative to the dataset."""

    batch: str
    privacy: dict[str, Any]
    coverages: tuple[Extent, ...] = ((),)
    sources: tuple[SourceEntry, ...] = ()
    parts: tuple[Part, ...] = ()
    rejected: tuple[RejectedFile, ...] = ()
    replaces: tuple[str, ...] = ()  # URLs whose earlier entries no longer count
    removes: tuple[str, ...] = ()  # files that no longer count
    folds: tuple[str, ...] = ()  # batches that this record stands for
    table: str = FIRST_TABLE
    schema_version: int = 1
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def files(self) -> list[str]:
        """Return the paths of all files that this record claims."""
        return [part.path for part in self.parts] + [kept.path for kept in self.rejected]

    def to_json(self) -> bytes:
        """Return the record as it is stored."""
        told = {
            "format": FIRST_FORMAT if self.table == FIRST_TABLE else RECORD_FORMAT,
            "albconn": __version__,
            "table": self.table,
            "schema_version": self.schema_version,
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
                sources=tuple(SourceEntry(**source) for source in told["sources"]),
                parts=tuple(Part(**part) for part in told["parts"]),
                rejected=tuple(RejectedFile(**kept) for kept in told["rejected"]),
                replaces=tuple(told["replaces"]),
                removes=tuple(told["removes"]),
                folds=tuple(told["folds"]),
                created=told["created"],
                table=told.get("table", FIRST_TABLE),
                schema_version=told["schema_version"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise DatasetError(
                f"{place}: not a commit record ({type(error).__name__}: {error}); "
                "restore it from a backup or convert into a new folder"
            ) from error
