"""A record that stands for all records before it: an index of the ledger's pages, and totals.

What sources, parts and rejected lines there are lies in pages, each of a stretch of time; the
index says which pages there are, and their checksums. So the record itself stays small, however
many sources there are, and a run opens the pages of what it touches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from albconn.dataset.commits import layout
from albconn.dataset.commits.record import (
    NOTHING,
    RECORD_FORMAT,
    Record,
    Totals,
    as_stored,
    no_record,
    parse_told,
)
from albconn.version import __version__


class Page(NamedTuple):
    """A page of the ledger: a Parquet file of so many rows."""

    path: str
    sha256: str
    rows: int


Pages = dict[str, Page]  # by what they hold: a day, a month, a range of batches


@dataclass(frozen=True)
class TableIndex:
    """A table's totals, and its pages of sources, parts and rejected files by their keys."""

    privacy: dict[str, Any] = field(default_factory=dict)
    schema_version: int = 1
    totals: Totals = NOTHING
    sources: Pages = field(default_factory=dict)
    parts: Pages = field(default_factory=dict)
    rejected: Pages = field(default_factory=dict)

    def pages(self) -> Iterator[Page]:
        """Yield all pages of the table."""
        for kind in (self.sources, self.parts, self.rejected):
            yield from kind.values()


@dataclass(frozen=True)
class Checkpoint:
    """What all records before it add up to.

    ``retired`` are pages of the checkpoint before it that this one replaces. They are deleted by
    the next one, not by this: who opened the dataset before may still be about to read them.
    """

    batch: str
    tables: dict[str, TableIndex]
    previous: str | None = None
    retired: tuple[str, ...] = ()
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def to_json(self) -> bytes:
        """Return the checkpoint as it is stored."""
        told = {
            "format": RECORD_FORMAT,
            "albconn": __version__,
            "batch": self.batch,
            "previous": self.previous,
            "created": self.created,
            "checkpoint": {name: _table_told(index) for name, index in self.tables.items()},
            "retired": self.retired,
        }
        return as_stored(told)

    @classmethod
    def from_told(cls, told: dict[str, Any]) -> Checkpoint:
        """Make what JSON told a checkpoint."""
        return cls(
            batch=told["batch"],
            tables={name: _table_of(index) for name, index in told["checkpoint"].items()},
            previous=told["previous"],
            retired=tuple(told["retired"]),
            created=told["created"],
        )

    def misplaced(self) -> list[str]:
        """Return the paths that are no place of a page of the table that they are said to be of."""
        named = [(name, page.path) for name, index in self.tables.items() for page in index.pages()]
        ours = [path for name, path in named if layout.is_page(path, name)]
        foreign = {path for _, path in named}.difference(ours)
        return sorted(foreign.union(path for path in self.retired if not layout.is_page(path)))


Commit = Record | Checkpoint  # what a file of manifest/ holds


def parse_commit(content: bytes, place: str) -> Commit:
    """Read what ``to_json`` wrote; ``place`` is named when it cannot be read.

    Raises
    ------
    DatasetError
        The text is no commit record, or a newer albconn wrote it.
    """
    told = parse_told(content, place)
    try:
        return (Checkpoint if "checkpoint" in told else Record).from_told(told)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise no_record(place, error) from error


def _table_told(index: TableIndex) -> dict[str, Any]:
    return dict(vars(index))


def _table_of(told: dict[str, Any]) -> TableIndex:
    kinds = {
        kind: {key: Page(*page) for key, page in told[kind].items()}
        for kind in ("sources", "parts", "rejected")
    }
    index = TableIndex(dict(told["privacy"]), told["schema_version"], Totals(*told["totals"]))
    return replace(index, **kinds)
