"""A record that stands for all records before it: an index of the ledger's pages, and totals.

What sources, parts and rejected lines there are lies in pages, each of a stretch of time; the
index says which pages there are, and their checksums. So the record itself stays small, however
many sources there are, and a run opens the pages of what it touches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
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
from albconn.errors import DatasetError, shown
from albconn.version import __version__


class Page(NamedTuple):
    """A page of the ledger: a Parquet file of so many rows."""

    path: str
    sha256: str
    rows: int


class Pages(Mapping[str, Page]):
    """A table's pages of a kind, by what they hold: a day, a month, a range of batches.

    They are told as text, a line a page, which is parsed when it is first asked: a reader of one
    day asks nothing of the thousands of days that sources came from. A line has key, batch and
    token, checksum and rows; the path follows, so none can lie elsewhere.
    """

    def __init__(self, table: str, kind: str, told: str = "") -> None:
        self.told = told
        self._table, self._kind = table, kind

    @classmethod
    def of(cls, table: str, kind: str, pages: Mapping[str, Page]) -> Pages:
        """Return pages whose paths are those of the table and kind."""
        made = cls(table, kind)
        made.told = "\n".join(
            f"{key} {made._name(key, page.path)} {page.sha256} {page.rows}"
            for key, page in sorted(pages.items())
        )
        return made

    def __getitem__(self, key: str) -> Page:
        return self._pages[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._pages)

    def __len__(self) -> int:
        return len(self._pages)

    @cached_property
    def _pages(self) -> dict[str, Page]:
        pages: dict[str, Page] = {}
        for line in filter(None, self.told.split("\n")):
            found = _LINE.fullmatch(line)
            if found is None:
                raise DatasetError(f"the ledger's index: {shown(line)} names no page")
            key, batch, token, sha256, rows = found.groups()
            path = layout.page_path(self._table, self._kind, key, batch, token)
            pages[key] = Page(path, sha256, int(rows))
        return pages

    def _name(self, key: str, path: str) -> str:
        start = layout.page_path(self._table, self._kind, key, "", "").removesuffix("-.pq")
        return path.removeprefix(start).removesuffix(".pq")


_LINE = re.compile(r"([a-z0-9-]+) (\d{8})-([0-9a-f]+) ([0-9a-f]+) (\d+)")
KINDS = ("sources", "parts", "rejected")


@dataclass(frozen=True)
class TableIndex:
    """A table's totals, and its pages of sources, parts and rejected files by their keys."""

    privacy: dict[str, Any] = field(default_factory=dict)
    schema_version: int = 1
    totals: Totals = NOTHING
    sources: Mapping[str, Page] = field(default_factory=dict)
    parts: Mapping[str, Page] = field(default_factory=dict)
    rejected: Mapping[str, Page] = field(default_factory=dict)

    def pages(self) -> Iterator[Page]:
        """Yield all pages of the table."""
        for kind in KINDS:
            yield from getattr(self, kind).values()


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
            "checkpoint": {name: _table_told(name, index) for name, index in self.tables.items()},
            "retired": self.retired,
        }
        return as_stored(told)

    @classmethod
    def from_told(cls, told: dict[str, Any]) -> Checkpoint:
        """Make what JSON told a checkpoint."""
        return cls(
            batch=told["batch"],
            tables={name: _table_of(name, index) for name, index in told["checkpoint"].items()},
            previous=told["previous"],
            retired=tuple(told["retired"]),
            created=told["created"],
        )

    def misplaced(self) -> list[str]:
        """Return the paths, and names of tables, that are no place of a page."""
        tables = [name for name in self.tables if not layout.is_table(name)]
        return sorted({*tables, *(p for p in self.retired if layout.batch_of_page(p) is None)})


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


def _table_told(name: str, index: TableIndex) -> dict[str, Any]:
    pages = {kind: Pages.of(name, kind, getattr(index, kind)).told for kind in KINDS}
    return {**vars(index), **pages}


def _table_of(name: str, told: dict[str, Any]) -> TableIndex:
    return TableIndex(
        dict(told["privacy"]),
        told["schema_version"],
        Totals(*told["totals"]),
        **{kind: Pages(name, kind, str(told[kind])) for kind in KINDS},
    )
