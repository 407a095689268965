"""Many commit records become one, so that a run every five minutes does not drown in them.

A *fold* says what the records that it stands for add up to. Only the newest ones are folded,
and a large record only when the newer ones together are as large: every entry is rewritten a
few times in its life, not at every fold, and what remains is a handful of records.
"""

from __future__ import annotations

from collections.abc import Sequence

from albconn.dataset.commits import layout
from albconn.dataset.commits.extent import Extent
from albconn.dataset.commits.ledger import sum_up
from albconn.dataset.commits.lock import Lock
from albconn.dataset.commits.record import Record, SourceEntry
from albconn.errors import DatasetError
from albconn.storage.store import Store

FOLD_AT = 8  # records; fewer are read as fast as one
SMALL_RECORDS = 1 << 20  # [bytes] rewriting so much costs nothing


def foldable(sizes: dict[str, int]) -> list[str]:
    """Return which records to fold, oldest first, given their sizes [bytes] by path.

    Examples
    --------
    >>> foldable({f"manifest/{n:08d}.json": 400 for n in range(3)})
    []
    >>> len(foldable({f"manifest/{n:08d}.json": 400 for n in range(1440)}))
    1440
    """
    chosen: list[str] = []
    total = 0
    for path in sorted(filter(layout.batch_of_record, sizes), reverse=True):
        if sizes[path] > max(total, SMALL_RECORDS):
            break
        chosen.append(path)
        total += sizes[path]
    return chosen[::-1] if len(chosen) >= FOLD_AT else []


def read_records(store: Store, paths: Sequence[str]) -> list[Record]:
    """Return the records at the given paths, in their order."""
    return [
        Record.from_json(content, f"{store.location}/{path}")
        for path, content in zip(paths, store.read_many(paths), strict=True)
    ]


def fold(records: Sequence[Record], batch: str) -> Record:
    """Return the record that stands for a table's neighbouring records, given in their order.

    What they replace or remove of records before them, it replaces and removes too.

    Raises
    ------
    DatasetError
        There is nothing to fold, or the records are of several tables.
    """
    state = sum_up(records)
    if state is None or len(state.tables) > 1:
        raise DatasetError("records to fold: give at least one, and all of one table")
    newest = records[-1]
    held = state.of(newest.table)
    own = {path for record in records for path in record.files()}
    removed = [path for record in records for path in record.removes if path not in own]
    replaced = [url for record in records for url in record.replaces]
    places: dict[Extent, int] = {}
    sources = [
        _with_place(source, written, places.setdefault(extent, len(places)))
        for source, written, extent in held.sources.values()
    ]
    return Record(
        batch=batch,
        privacy=held.privacy,
        coverages=tuple(places) or ((),),
        sources=tuple(sources),
        parts=tuple(held.parts.values()),
        rejected=tuple(held.rejected.values()),
        replaces=tuple(dict.fromkeys(replaced)),
        removes=tuple(dict.fromkeys(removed)),
        folds=tuple(record.batch for record in records),
        table=newest.table,
        schema_version=newest.schema_version,
    )


def commit_fold(store: Store, lock: Lock, record: Record) -> None:
    """Let a record stand for those that it folds, and delete them.

    The files that it claims are in their places already, so there is nothing to publish.

    Raises
    ------
    DatasetError
        The lock was lost, or another writer has committed under this number.
    """
    lock.verify()
    try:
        store.create(layout.record_path(record.batch), record.to_json())
    except FileExistsError as error:
        raise DatasetError(
            f"{store.location}: another writer came in between before batch {record.batch} was "
            "committed; nothing of this batch counts; run again"
        ) from error
    store.delete(layout.record_path(batch) for batch in record.folds)


def _with_place(source: SourceEntry, written: int, place: int) -> SourceEntry:
    return source._replace(written=written, coverage=place)
