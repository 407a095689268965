"""What runs that failed or were killed left behind, and when it may be deleted.

A file of a batch that was never committed is a leftover, and so is one of a committed batch that
its record does not claim: another attempt's, or one that a later record removed. But a file whose
record was *lost* looks like the first kind, and holds rows that exist nowhere else. So files of
batches beyond the newest record are deleted only after a run that left a mark or its lock; where
all runs ended well, they are a fault. And nothing is deleted while a record is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from albconn.dataset.commits import layout
from albconn.dataset.commits.chain import HEADLESS, refuse_faults
from albconn.dataset.commits.commit import first_commit, look, name_newest
from albconn.dataset.commits.ledger import State
from albconn.dataset.commits.lock import Lock, is_stale, read_lock
from albconn.errors import DatasetError
from albconn.schema.table import LogTable
from albconn.schema.tables import TABLES
from albconn.storage.store import Store
from albconn.words import counted


def begin(
    store: Store, lock: Lock, state: State | None, table: LogTable, privacy: dict[str, Any]
) -> State:
    """Return the state to work on: a new dataset begun, or leftovers of a crash removed.

    ``state`` is what was found before there was a lock; it is read anew if it has changed.

    Raises
    ------
    DatasetError
        As for ``look``; or files lie there whose records were lost.
    """
    if lock.taken_over:
        lock.mark()
    if state is None or state.listing != frozenset(store.sizes(layout.MANIFEST)):
        state = look(store, table, privacy)
    store.discard()
    if state is None:
        state = first_commit(store, lock, table, privacy)
        store.delete([layout.UNFINISHED])
        return state
    is_marked = layout.UNFINISHED in store.names()
    # The first record is named with the second; a run may have ended between them.
    if state.is_chained and state.last_batch > 0 and state.head is None and not is_marked:
        refuse_faults(store.location, [HEADLESS])
    if is_marked or state.head is None:
        sweep(store, state, table, is_interrupted=is_marked)
        name_newest(store, state)
        store.delete([layout.UNFINISHED] if is_marked else [])
    return state


def sweep(store: Store, state: State, table: LogTable, *, is_interrupted: bool) -> None:
    """Delete what no record claims.

    Raises
    ------
    DatasetError
        A file's record was lost: no run was interrupted, and there is none of its number.
    """
    strays = unclaimed(store, state, table)
    lost = [] if is_interrupted else [path for path in strays if is_beyond(path, state)]
    if lost:
        more = f" and {counted(len(lost) - 1, 'more file')}" if len(lost) > 1 else ""
        raise DatasetError(
            f"{store.location}: {lost[0]}{more}: no record claims it, and no run was "
            "interrupted: a commit record was lost. Nothing was changed: restore manifest/ from a "
            "backup, or move the file elsewhere if it is none of the dataset"
        )
    store.delete(strays)


def is_beyond(path: str, state: State) -> bool:
    """Say whether a file is of a batch that no record is known of."""
    return int(layout.batch_of_file(path) or 0) > state.last_batch


def unclaimed(
    store: Store, state: State, table: LogTable, days: Iterable[str] | None = None
) -> list[str]:
    """Return files of albconn's own making, of this or any known table, that no record claims.

    ``days`` (``YYYY-MM-DD``) are the dates of the table to look at; all of everything by default.
    """
    if days is not None:
        folders = [layout.day_folder(table.name, day) for day in days]
    else:
        tables = sorted({*TABLES, *state.tables, table.name})
        folders = [*tables, layout.REJECTED, layout.LEDGER]
    made = [path for f in folders for path in store.sizes(f) if layout.batch_of_file(path)]
    claims = state.claims() if made else set()
    return [path for path in made if path not in claims] + state.superseded


def is_unfinished(store: Store, state: State | None) -> bool:
    """Say whether a run has left something to do, unless a writer is at work right now."""
    if state is None:
        return False
    names = store.names()
    if layout.LOCK in names:
        return _is_dead(store)
    return layout.UNFINISHED in names or bool(state.superseded) or bool(store.staged())


def is_interrupted(store: Store) -> bool:
    """Say whether a run is at work, or has ended without saying that all is well."""
    return not {layout.LOCK, layout.UNFINISHED}.isdisjoint(store.names())


def _is_dead(store: Store) -> bool:
    try:
        return is_stale(read_lock(store.read(layout.LOCK)))
    except FileNotFoundError:
        return False
