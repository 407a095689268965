"""How a batch becomes real, and what is done about batches that never did.

    write files aside  →  put them in place  →  create the record  →  delete what it removes

Only the creation of the record counts. Before it, all is as if the batch had never been; after
it, what is left to do is housekeeping that the next run repeats.
"""

from __future__ import annotations

from typing import Any

from albconn.dataset.commits import layout
from albconn.dataset.commits.ledger import State, load_state
from albconn.dataset.commits.lock import Lock, is_stale, read_lock
from albconn.dataset.commits.record import Record
from albconn.dataset.privacy import refuse_other_privacy
from albconn.errors import DatasetError
from albconn.schema.table import LogTable
from albconn.schema.tables import TABLES
from albconn.storage.store import Store


def look(store: Store, table: LogTable, privacy: dict[str, Any]) -> State | None:
    """Return the state of a destination that a table may be written to; None for an empty one.

    Raises
    ------
    DatasetError
        Something else is there, or the table with other privacy settings.
    """
    state = load_state(store)
    if state is not None:
        if table.name in state.tables:
            refuse_other_privacy(store.location, state.of(table.name).privacy, privacy)
        return state
    names = [name for name in store.names() if not name.startswith(".nfs")]
    foreign = [name for name in names if name not in {*layout.KNOWN_NAMES, table.name}]
    folders = (*sorted({*TABLES, table.name}), layout.REJECTED)
    foreign += next(filter(None, (list(store.sizes(folder)) for folder in folders)), [])
    if foreign:
        raise DatasetError(
            f"{store.location}: holds {foreign[0]!r} and no albconn manifest, so it is not an "
            "albconn dataset; convert into a new or empty folder"
        )
    return None


def begin(store: Store, lock: Lock, table: LogTable, privacy: dict[str, Any]) -> State:
    """Return the state to work on: a new dataset begun, leftovers of a crash removed."""
    state = look(store, table, privacy)
    if state is None:
        # The first record makes it a dataset. From now on a file without a record is a
        # leftover; before, it would be somebody's own.
        state = State()
        first = Record(
            batch=layout.batch_name(0),
            privacy=privacy,
            table=table.name,
            schema_version=table.version,
        )
        commit(store, lock, state, first)
    store.discard()
    store.delete(unclaimed(store, state, table))
    return state


def commit(store: Store, lock: Lock, state: State, record: Record) -> None:
    """Make a batch real, and the state know it.

    Raises
    ------
    DatasetError
        The lock was lost, or another writer has committed under this number.
    """
    lock.verify()
    try:
        store.publish(record.files())
        store.create(layout.record_path(record.batch), record.to_json())
    except (FileExistsError, FileNotFoundError) as error:
        # The number is taken, or somebody took what was staged for a leftover.
        raise DatasetError(
            f"{store.location}: another writer came in between before batch {record.batch} was "
            "committed; nothing of this batch counts; run again"
        ) from error
    state.add(record)
    store.delete([*record.removes, *(layout.record_path(batch) for batch in record.folds)])


def leftovers(store: Store, state: State | None, table: LogTable) -> list[str]:
    """Return what a crash left behind, unless a writer is at work right now."""
    if state is None:
        return []
    try:
        if not is_stale(read_lock(store.read(layout.LOCK))):
            return []
    except FileNotFoundError:
        return [*store.staged(), *unclaimed(store, state, table)]
    return [layout.LOCK]


def unclaimed(store: Store, state: State, table: LogTable) -> list[str]:
    """Return files of albconn's own making, of this or any known table, that no record claims."""
    claims = state.claims()
    folders = sorted({*TABLES, *state.tables, table.name})
    made = [path for name in folders for path in store.sizes(name) if layout.day_of_part(path)]
    made += [path for path in store.sizes(layout.REJECTED) if layout.batch_of_rejected(path)]
    records = store.sizes(layout.MANIFEST)
    folded = [layout.record_path(batch) for batch in state.folded]
    return [path for path in made if path not in claims] + [p for p in folded if p in records]
