"""What a dataset holds of one table: pages of the ledger, and what records since then changed.

Nothing is read before it is asked for. A run asks for the sources that it was given and opens
the pages of their days; a reader of a day opens the page of the month. Only what goes through the
whole dataset (``check``, ``compact``, replacing) reads all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from albconn.arrow import values_of
from albconn.dataset.commits.checkpoint import Page, TableIndex
from albconn.dataset.commits.extent import Extent, extend
from albconn.dataset.commits.pages import (
    PARTS,
    REJECTED,
    SOURCES,
    Converted,
    Kind,
    Row,
    name_of,
    page_of_source,
    pages_of_dates,
    pages_of_days,
)
from albconn.dataset.commits.record import (
    NOTHING,
    Part,
    Record,
    RejectedFile,
    SourceEntry,
    Totals,
)
from albconn.dataset.commits.shelf import Shelf
from albconn.logs.find.keys import LogKey, delivered_name
from albconn.times import microseconds

if TYPE_CHECKING:
    import numpy.typing as npt

_EARLIEST, _LATEST = -(1 << 63), (1 << 63) - 1  # [µs since 1970 UTC]


class Match(NamedTuple):
    """A URL, and what is held of it; else what is held of the same delivered file elsewhere."""

    url: str
    known: Converted | None
    twin: Converted | None


@dataclass
class Changes:
    """What records add up to that no page holds yet.

    ``replaced`` are URLs, ``removed`` paths, of which what pages hold no longer counts.
    """

    sources: dict[str, Converted] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    rejected: dict[str, RejectedFile] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    _by_name: dict[str, str] | None = None

    def add(self, record: Record) -> None:
        """Take one more record into account."""
        for url in record.replaces:
            self.sources.pop(url, None)
            self.replaced.add(url)
        for path in record.removes:
            if self.parts.pop(path, None) is None and self.rejected.pop(path, None) is None:
                self.removed.add(path)
        for source in record.sources:
            self._add_source(source, record.coverages[source.coverage])
        self.parts.update((part.path, part) for part in record.parts)
        self.rejected.update((kept.path, kept) for kept in record.rejected)

    def named(self, name: str) -> str | None:
        """Return the URL of a source by the name under which it was delivered."""
        if self._by_name is None:  # few runs ask
            self._by_name = {n: url for url in self.sources if (n := delivered_name(url))}
        return self._by_name.get(name)

    def merged(self, url: str, held: Converted | None) -> Converted | None:
        """Return what there is of a source, given what pages hold of it."""
        changed = self.sources.get(url)
        if held is None or url in self.replaced:
            return changed
        return held if changed is None else _joined(held, changed.source, changed.extent)

    def _add_source(self, source: SourceEntry, extent: Extent) -> None:
        known = self.sources.get(source.url)
        entry = source._replace(coverage=0)
        self.sources[source.url] = (
            Converted(entry, source.written, extent)
            if known is None
            else _joined(known, entry, extent)
        )
        if self._by_name is not None and (name := delivered_name(source.url)):
            self._by_name[name] = source.url


def _joined(known: Converted, later: SourceEntry, extent: Extent) -> Converted:
    written = known.written + later.written
    return Converted(later._replace(written=written), written, extend(known.extent, extent))


@dataclass
class Holding:
    """What a dataset holds of one table."""

    privacy: dict[str, Any]
    index: TableIndex = field(default_factory=TableIndex)
    shelf: Shelf | None = None  # None where there are no pages
    since: Changes = field(default_factory=Changes)
    totals: Totals = NOTHING
    schema_version: int = 1

    def add(self, record: Record) -> None:
        """Take one more record into account."""
        self.privacy, self.schema_version = record.privacy, record.schema_version
        self.totals = record.totals or self.totals_after(record)
        self.since.add(record)

    def totals_after(self, record: Record) -> Totals:
        """Return what the sources will add up to with one more record."""
        fresh = {source.url: source for source in record.sources}
        known = [m.known.source for m in self.matched({*fresh, *record.replaces}) if m.known]
        return self.totals.plus(known, -1).plus(fresh.values())

    def matched(self, urls: Mapping[str, LogKey] | Iterable[str]) -> Iterator[Match]:
        """Yield what is held of sources, page after page; ``urls`` perhaps with their keys."""
        by_page: dict[str, list[str]] = defaultdict(list)
        keys = urls if isinstance(urls, Mapping) else {}
        for url in urls:
            page = page_of_source(url, keys.get(url)) if self.index.sources else ""
            by_page[page].append(url)
        for key, members in sorted(by_page.items()):
            page = self.index.sources.get(key)
            yield from self._matched_on(page, members)

    def sources_between(self, first: date | None, last: date | None) -> Iterator[Converted]:
        """Yield the sources that were delivered on certain days, both included, or who knows when.

        Of sources that no page holds yet, all are given.
        """
        pages = self.index.sources
        seen: set[str] = set()
        for key in pages_of_days(first, last, pages):
            for held in self._entries(SOURCES, [pages[key]]):
                url = held.source.url
                known = self.since.merged(url, held)
                seen.update([url] if url in self.since.sources else [])
                if known is not None:
                    yield known
        yield from (known for url, known in self.since.sources.items() if url not in seen)

    @property
    def sources(self) -> dict[str, Converted]:
        """Return all sources by their URLs; all pages are read."""
        return {known.source.url: known for known in self.sources_between(None, None)}

    def parts_between(self, start: datetime | None, end: datetime | None) -> list[Part]:
        """Return the parts that can hold rows of a half-open time range, by their paths."""
        low = _EARLIEST if start is None else microseconds(start)
        high = _LATEST if end is None else microseconds(end)

        def within(rows: pa.Table) -> npt.NDArray[np.bool_]:
            return (values_of(rows["last"]) >= low) & (values_of(rows["first"]) < high)

        pages = self.index.parts
        keys = pages_of_dates(start and start.date(), end and end.date(), pages)
        held = self._entries(PARTS, [pages[key] for key in keys], within)
        parts = [part for part in held if part.path not in self.since.removed]
        added = self.since.parts.values()
        return sorted(parts + [p for p in added if p.last >= low and p.first < high])

    @property
    def parts(self) -> dict[str, Part]:
        """Return all parts by their paths; all pages are read."""
        return {part.path: part for part in self.parts_between(None, None)}

    @property
    def rejected(self) -> dict[str, RejectedFile]:
        """Return all files of rejected lines by their paths; all pages are read."""
        held = {
            kept.path: kept
            for kept in self._entries(REJECTED, self.index.rejected.values())
            if kept.path not in self.since.removed
        }
        return held | self.since.rejected

    def _matched_on(self, page: Page | None, urls: Sequence[str]) -> Iterator[Match]:
        held: dict[str, Converted] = {}
        if page is not None and self.shelf is not None:
            found = self.shelf.matching(SOURCES, page, {name_of(url) for url in urls})
            held = {known.source.url: known for known in found}
        if not held and not self.since.sources:  # of the first batch, and of a day's first run
            yield from (Match(url, None, None) for url in urls)
            return
        elsewhere: dict[str, list[str]] | None = None
        for url in urls:
            known = self.since.merged(url, held.get(url))
            twin = None
            if known is None and (name := delivered_name(url)):
                if elsewhere is None:  # most runs find nothing but what they know
                    elsewhere = _by_name(held)
                twin = self._twin({*elsewhere.get(name, ()), self.since.named(name) or url}, held)
            yield Match(url, known, twin)

    def _twin(self, urls: set[str], held: dict[str, Converted]) -> Converted | None:
        """Return the fullest of what is held of one delivered file."""
        twins = [self.since.merged(url, held.get(url)) for url in sorted(urls)]
        return max(filter(None, twins), key=lambda twin: twin.written, default=None)

    def _entries(
        self,
        kind: Kind[Row],
        pages: Iterable[Page],
        within: Callable[[pa.Table], npt.NDArray[np.bool_]] | None = None,
    ) -> Iterator[Row]:
        return iter(()) if self.shelf is None else self.shelf.entries(kind, pages, within)


def _by_name(urls: Iterable[str]) -> dict[str, list[str]]:
    named: dict[str, list[str]] = defaultdict(list)
    for url in urls:
        named[name_of(url)].append(url)
    return named
