"""Whether the records are all there, and what the ledger's pages hold adds up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from albconn.dataset.commits.chain import HEADLESS, Chain
from albconn.dataset.commits.checkpoint import Page
from albconn.dataset.commits.holding import Holding
from albconn.dataset.commits.pages import PARTS, REJECTED, SOURCES, Kind
from albconn.dataset.commits.record import Totals
from albconn.dataset.commits.sweep import is_interrupted
from albconn.errors import DatasetError
from albconn.storage.store import Store
from albconn.words import counted

Check = tuple[int, list[str]]  # how many were examined, and what is wrong


def examine_records(store: Store, chain: Chain) -> Check:
    """Return how many records there are, and what is wrong with them."""
    faults = list(chain.faults)
    is_named = max(chain.links, default=0) > 0  # the first record is named with the second
    if chain.is_chained and is_named and chain.head is None and not is_interrupted(store):
        faults.append(HEADLESS)
    return len(chain.links), faults


def examine_ledger(store: Store, chain: Chain, held: Holding, table: str) -> Check:
    """Return how many pages a table has, and what is wrong with them and with its totals."""
    faults = [
        fault
        for kind, pages in (
            (SOURCES, held.index.sources),
            (PARTS, held.index.parts),
            (REJECTED, held.index.rejected),
        )
        for key, page in pages.items()
        for fault in _page_faults(store, held, kind, key, page)
    ]
    if not faults and not chain.faults:
        faults += _total_faults(held, table)
    return sum(1 for _ in held.index.pages()), faults


def _page_faults(
    store: Store, held: Holding, kind: Kind[Any], key: str, page: Page
) -> Iterator[str]:
    if held.shelf is None:
        return
    try:
        ids = [kind.id_of(entry) for entry in held.shelf.entries(kind, [page])]
    except DatasetError as error:
        yield str(error).removeprefix(f"{store.location}: ")
        return
    if len(ids) != page.rows:
        yield f"{page.path}: {counted(len(ids), 'entry', 'entries')}; recorded {page.rows:,}"
    if len(set(ids)) != len(ids):
        yield f"{page.path}: an entry stands there twice"
    elsewhere = sum(kind.page_of(each) != key for each in ids)
    if elsewhere:
        yield f"{page.path}: {counted(elsewhere, 'entry', 'entries')} of another page"


def _total_faults(held: Holding, table: str) -> list[str]:
    totals = Totals()
    for known in held.sources_between(None, None):
        totals = totals.plus([known.source])
    return [
        f"{table}: {name} of all log files: {found:,} by the ledger; recorded {told:,}"
        for name, found, told in zip(Totals._fields, totals, held.totals, strict=True)
        if found != told
    ]
