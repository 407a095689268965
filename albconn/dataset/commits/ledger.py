"""The state of a dataset: what its commit records add up to, from the newest checkpoint on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from albconn.dataset.commits import layout
from albconn.dataset.commits.chain import Chain, Head, read_chain, refuse_faults, that_count
from albconn.dataset.commits.checkpoint import Checkpoint, Commit
from albconn.dataset.commits.holding import Holding
from albconn.dataset.commits.shelf import Answer, Shelf, again_if_replaced
from albconn.errors import DatasetError
from albconn.schema.table import LogTable
from albconn.schema.tables import find_table
from albconn.storage.store import Store


@dataclass
class State:
    """What a dataset holds, by its records: of each table, by its name.

    ``tip`` is the checksum of the newest record. ``live`` are the records that the next
    checkpoint will stand for, ``superseded`` those that one stands for already.
    """

    tables: dict[str, Holding] = field(default_factory=dict)
    last_batch: int = -1
    tip: str | None = None
    head: Head | None = None
    head_version: str | None = None  # for the next writing of it
    is_chained: bool = False
    has_checkpoint: bool = False
    live: list[str] = field(default_factory=list)
    superseded: list[str] = field(default_factory=list)
    retired: tuple[str, ...] = ()
    listing: frozenset[str] = frozenset()
    shelf: Shelf | None = None

    def add(self, commit: Commit) -> None:
        """Take one more record into account; a checkpoint starts anew."""
        if isinstance(commit, Checkpoint):
            self._start_from(commit)
        else:
            if commit.table not in self.tables:
                self.tables[commit.table] = Holding(commit.privacy, shelf=self.shelf)
            self.tables[commit.table].add(commit)
            self.superseded += map(layout.record_path, commit.folds)
        self.live.append(layout.record_path(commit.batch))
        self.last_batch = max(self.last_batch, int(commit.batch))

    def of(self, table: str) -> Holding:
        """Return what there is of a table; nothing where no record names it."""
        return self.tables.get(table) or Holding({})

    def claims(self) -> set[str]:
        """Return the paths of all committed files; all pages are read."""
        files = {path for held in self.tables.values() for path in (*held.parts, *held.rejected)}
        pages = {page.path for held in self.tables.values() for page in held.index.pages()}
        return files | pages | set(self.retired)

    @property
    def records_to_fold(self) -> int:
        """Return how many records there are beside the checkpoint."""
        return len(self.live) - self.has_checkpoint

    def _start_from(self, checkpoint: Checkpoint) -> None:
        self.superseded += self.live
        self.live, self.has_checkpoint, self.retired = [], True, checkpoint.retired
        self.tables = {
            name: Holding(
                index.privacy,
                index,
                self.shelf,
                totals=index.totals,
                schema_version=index.schema_version,
            )
            for name, index in checkpoint.tables.items()
        }


def load_state(store: Store) -> State | None:
    """Return what the dataset's records say; None when there is no record.

    Raises
    ------
    DatasetError
        A record cannot be read, is missing, was changed, or names what lies elsewhere.
    """
    chain = read_chain(store)
    refuse_faults(store.location, chain.faults)
    return state_of(chain, store)


def state_of(chain: Chain, store: Store) -> State | None:
    """Return what the records of a chain add up to; None when there is none."""
    if not chain.links:
        return None
    commits = [link.commit for link in chain.links.values()]
    state = sum_up(that_count(commits), Shelf(store))
    newest = max(chain.links)
    state.tip, state.head = chain.links[newest].sha256, chain.head
    state.last_batch, state.is_chained = newest, chain.is_chained
    state.listing = chain.listing
    state.superseded = [path for path in state.superseded if path in chain.listing]
    return state


def sum_up(commits: Iterable[Commit], shelf: Shelf | None = None) -> State:
    """Return the state that records in their order add up to."""
    state = State(shelf=shelf)
    for commit in commits:
        state.add(commit)
    return state


def require_state(store: Store) -> State:
    """Return the state of a dataset that must exist.

    Raises
    ------
    DatasetError
        There is no dataset, or its records are not whole.
    """
    state = load_state(store)
    if state is None:
        raise no_dataset(store)
    return state


def no_dataset(store: Store) -> DatasetError:
    """Return the error that says that there is no dataset."""
    return DatasetError(
        f"{store.location}: no albconn dataset is there (no manifest/); "
        "check the path, or write one with albconn convert"
    )


def at_one_moment(store: Store, ask: Callable[[State], Answer]) -> Answer:
    """Return what a state says, also where its pages are being replaced: then that of now.

    Raises
    ------
    DatasetError
        There is no dataset, or it cannot be read.
    """
    return again_if_replaced(lambda: ask(require_state(store)))


def tables_of(state: State, table: str | LogTable | None) -> list[LogTable]:
    """Return the tables to work on: the one that is asked for, else all of the dataset.

    Raises
    ------
    TableError
        The dataset holds a table that this version does not know.
    """
    if table is not None:
        return [find_table(table)]
    return [find_table(name) for name in state.tables]
