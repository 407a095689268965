"""Many commit records become one, so that a run every five minutes does not drown in them.

A checkpoint says what all records before it add up to. Only the pages are written anew that
these records touch: the days that log files came from, the months of the parts. So a fold costs
what the folded runs touched, whatever else the dataset holds.

    write pages aside  →  put them in place  →  create the checkpoint  →  delete what it stands for
"""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from albconn.dataset.commits import layout
from albconn.dataset.commits.checkpoint import Checkpoint, Page, TableIndex
from albconn.dataset.commits.commit import commit_checkpoint
from albconn.dataset.commits.holding import Holding
from albconn.dataset.commits.ledger import State
from albconn.dataset.commits.lock import Lock
from albconn.dataset.commits.pages import PARTS, REJECTED, SOURCES, Kind, Row
from albconn.storage.store import Store

FOLD_AT = 8  # records beside the checkpoint, after a run
FOLD_AFTER = 64  # commits of one run


def fold(store: Store, lock: Lock, state: State) -> int:
    """Let a checkpoint stand for all records; return how many beside the last one these were.

    Raises
    ------
    DatasetError
        The lock was lost, another writer has committed under this number, or a page is not what
        was written.
    """
    count = state.records_to_fold
    binder = _Binder(store, layout.batch_name(state.last_batch + 1))
    tables = {name: binder.table(name, held) for name, held in state.tables.items()}
    checkpoint = Checkpoint(
        binder.batch, tables, previous=state.tip, retired=tuple(sorted(binder.retired))
    )
    commit_checkpoint(store, lock, state, checkpoint, binder.contents)
    return count


@dataclass
class _Binder:
    """Writes pages anew, and remembers which ones they replace."""

    store: Store
    batch: str
    contents: dict[str, bytes] = field(default_factory=dict)
    retired: set[str] = field(default_factory=set)

    def table(self, name: str, held: Holding) -> TableIndex:
        since, index = held.since, held.index
        touched = {*since.sources, *since.replaced}
        sources = {m.url: m.known for m in held.matched(touched) if m.known is not None}
        gone = {*since.removed, *since.parts, *since.rejected}
        of_parts = {path for path in gone if layout.day_of_part(path)}
        parts = self._pages(name, held, PARTS, index.parts, of_parts, since.parts.values())
        kept = since.rejected.values()
        return TableIndex(
            held.privacy,
            held.schema_version,
            held.totals,
            self._pages(name, held, SOURCES, index.sources, touched, sources.values()),
            parts,
            self._pages(name, held, REJECTED, index.rejected, gone - of_parts, kept),
        )

    def _pages(
        self,
        table: str,
        held: Holding,
        kind: Kind[Row],
        pages: Mapping[str, Page],
        gone: Iterable[str],
        added: Iterable[Row],
    ) -> dict[str, Page]:
        """Return a kind's pages without the entries of some ids and with others."""
        gone_from: dict[str, set[str]] = defaultdict(set)
        added_to: dict[str, list[Row]] = defaultdict(list)
        for each in gone:
            gone_from[kind.page_of(each)].add(each)
        for entry in added:
            added_to[kind.page_of(kind.id_of(entry))].append(entry)
        bound = dict(pages)
        for key in sorted({*gone_from, *added_to}):
            rows = kind.rows(added_to[key])
            page = bound.pop(key, None)
            if page is not None and held.shelf is not None:
                self.retired.add(page.path)
                earlier = kind.decode(held.shelf.content(page))
                rows = pa.concat_tables([kind.without(earlier, gone_from[key]), rows])
            if len(rows):
                bound[key] = self._page(table, kind, key, rows)
        return bound

    def _page(self, table: str, kind: Kind[Row], key: str, rows: pa.Table) -> Page:
        path = layout.page_path(table, kind.name, key, self.batch, secrets.token_hex(4))
        content = kind.encode(rows)
        self.store.stage(path, content)
        self.contents[path] = content
        return Page(path, hashlib.sha256(content).hexdigest(), len(rows))
