"""How a batch becomes real.

    write files aside  →  put them in place  →  create the record  →  delete what it removes

Only the creation of the record counts. Before it, all is as if the batch had never been; after
it, what is left to do is housekeeping: naming it the newest, and deleting. A run that fails leaves
a mark, one that is killed leaves its lock; the next run finds either and sweeps (see ``sweep``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from albconn.dataset.commits import layout
from albconn.dataset.commits.chain import Head, digest, head_content
from albconn.dataset.commits.checkpoint import Checkpoint, Commit
from albconn.dataset.commits.ledger import State, load_state
from albconn.dataset.commits.lock import Lock
from albconn.dataset.commits.record import NOTHING, Record
from albconn.dataset.commits.shelf import Shelf
from albconn.dataset.privacy import refuse_other_privacy
from albconn.errors import DatasetError
from albconn.schema.table import LogTable
from albconn.schema.tables import TABLES
from albconn.storage.faults import ConflictError
from albconn.storage.store import Store


def look(store: Store, table: LogTable, privacy: dict[str, Any]) -> State | None:
    """Return the state of a destination that a table may be written to; None for an empty one.

    Raises
    ------
    DatasetError
        Something else is there, or the table with other privacy settings, or records are missing.
    """
    state = load_state(store)
    if state is not None:
        if table.name in state.tables:
            refuse_other_privacy(store.location, state.of(table.name).privacy, privacy)
        return state
    names = [name for name in store.names() if not name.startswith(".nfs")]
    foreign = [name for name in names if name not in {*layout.KNOWN_NAMES, table.name}]
    folders = (*sorted({*TABLES, table.name}), layout.REJECTED, layout.LEDGER)
    foreign += next(filter(None, (list(store.sizes(folder)) for folder in folders)), [])
    if foreign:
        raise DatasetError(
            f"{store.location}: holds {foreign[0]!r} and no albconn manifest, so it is not an "
            "albconn dataset; convert into a new or empty folder"
        )
    return None


def first_commit(store: Store, lock: Lock, table: LogTable, privacy: dict[str, Any]) -> State:
    """Return the state of a new dataset.

    The first record makes it a dataset. From then on a file without a record is a leftover;
    before, it would be somebody's own. The next record is the first that is named the newest.
    """
    state = State(shelf=Shelf(store))
    first = Record(
        batch=layout.batch_name(0), privacy=privacy, table=table.name, schema_version=table.version
    )
    _make_real(store, lock, state, replace(first, totals=NOTHING), ())
    return state


def commit(store: Store, lock: Lock, state: State, record: Record) -> None:
    """Make a batch real under the next number, and the state know it.

    Raises
    ------
    DatasetError
        The lock was lost, or another writer has committed under this number.
    """
    chained = replace(
        record,
        batch=layout.batch_name(state.last_batch + 1),
        previous=state.tip,
        totals=state.of(record.table).totals_after(record),
    )
    _make_real(store, lock, state, chained, record.files())
    name_newest(store, state)
    store.delete(record.removes)


def commit_checkpoint(
    store: Store, lock: Lock, state: State, checkpoint: Checkpoint, pages: Mapping[str, bytes]
) -> None:
    """Let a checkpoint stand for all records, with its new pages, and delete them.

    Raises
    ------
    DatasetError
        As for ``commit``.
    """
    done = [*state.superseded, *state.live, *state.retired]
    _make_real(store, lock, state, checkpoint, pages)
    name_newest(store, state)
    state.superseded.clear()
    if state.shelf is not None:
        for path, content in pages.items():
            state.shelf.put(path, content)
    store.delete(done)


def name_newest(store: Store, state: State) -> None:
    """Say in ``manifest/head`` which record is the newest, so that its loss is noticed.

    Raises
    ------
    DatasetError
        Another writer has said so of another record.
    """
    head = Head(layout.batch_name(state.last_batch), state.tip or "")
    if head == state.head:
        return
    content = head_content(head)
    try:
        if state.head_version is None:
            state.head_version = _version_of_head(store)
        if state.head_version is None:
            store.create(layout.HEAD, content)
        else:
            state.head_version = store.replace(layout.HEAD, content, state.head_version)
    except (ConflictError, FileExistsError) as error:
        raise _came_between(store, layout.HEAD) from error
    state.head = head


def _make_real(store: Store, lock: Lock, state: State, made: Commit, files: Iterable[str]) -> None:
    lock.verify()
    content = made.to_json()
    try:
        store.publish(files)
        store.create(layout.record_path(made.batch), content)
    except (FileExistsError, FileNotFoundError) as error:
        # The number is taken, or somebody took what was staged for a leftover.
        raise _came_between(store, f"batch {made.batch}") from error
    state.add(made)
    state.tip, state.is_chained = digest(content), True


def _version_of_head(store: Store) -> str | None:
    try:
        return store.version(layout.HEAD)[1]
    except FileNotFoundError:
        return None


def _came_between(store: Store, what: str) -> DatasetError:
    return DatasetError(
        f"{store.location}: another writer came in between before {what} was "
        "committed; nothing of this batch counts; run again"
    )
