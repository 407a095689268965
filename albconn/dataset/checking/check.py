"""Proof that a dataset holds what its records say, and its sources' lines once each.

Without the sources: every committed file is there, with its checksum and rows; no file is
unclaimed; each row lies in its date and is there once; each source has as many rows and
rejected lines as recorded. With them, every source is read again: the lines that its extent
selects must be exactly the rows that are there, and the rejected lines exactly those recorded.

Rows are compared without holding them: by source, their number and a sum of 64-bit hashes of
(line number, timestamp), which depends on no order and on every row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from albconn.dataset.checking.held import Evidence, examine_part, examine_rejected, repeated_rows
from albconn.dataset.checking.sources import compare_with_sources
from albconn.dataset.commits.commit import unclaimed
from albconn.dataset.commits.layout import CONNECTIONS, DATASET_SCHEMA
from albconn.dataset.commits.ledger import State, require_state
from albconn.dataset.read import dataset_of
from albconn.executors import open_pool
from albconn.logs.find.sources import Source
from albconn.storage.places import StorageOptions
from albconn.storage.store import Dest, Store, open_dest

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")


@dataclass(frozen=True)
class CheckResult:
    """What a check found.

    Attributes
    ----------
    faults : tuple of str
        What is wrong, and where; empty when all is well.
    table : DataFrame
        One row a check: ``check`` (str), ``examined`` (int64, how many), ``faults`` (int64).
    """

    faults: tuple[str, ...]
    table: pd.DataFrame

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def check(
    dest: Dest, source: Source | None = None, *, storage_options: StorageOptions = None
) -> CheckResult:
    """Prove that a dataset holds what its records say and, with ``source``, each line once.

    Parameters
    ----------
    dest : str or path
        Where ``convert`` wrote to.
    source : str, path, or several, optional
        The logs it was made from; they are read again in full.
    storage_options : dict, optional
        Passed to the store (s3fs) of both.

    Returns
    -------
    CheckResult
        ``.faults`` and a short ``.table``.

    Raises
    ------
    DatasetError
        There is no dataset, or a record cannot be read.
    SourceError
        A source cannot be read.
    """
    store = open_dest(dest, storage_options)
    state = require_state(store)
    held, rejected = Evidence(), dict[str, list[int]]()
    checks: list[tuple[str, int, list[str]]] = []

    def note(name: str, examined: int, faults: Iterable[str]) -> None:
        checks.append((name, examined, list(faults)))

    parts = list(state.parts.values())
    broken = _each(parts, lambda part: examine_part(store, part, held))
    note("parts are as recorded", len(parts), broken)
    kept = list(state.rejected.values())
    note(
        "rejected lines are as recorded",
        len(kept),
        [fault for each in kept for fault in examine_rejected(store, each, rejected)],
    )
    note("every file is claimed", len(state.claims()), _strays(store, state))
    note("every row is there once", sum(held.rows.values()), _repeated(store, state, broken))
    note("the books balance", len(state.sources), _unbalanced(state, held, rejected))
    if source is not None:
        note(
            "log files are in the dataset, line by line",
            *compare_with_sources(source, state, held, rejected, storage_options),
        )
    return _result(checks)


def _each(items: list[T], examine: Callable[[T], list[str]]) -> list[str]:
    with open_pool() as pool:
        return [fault for faults in pool.map(examine, items) for fault in faults]


def _strays(store: Store, state: State) -> list[str]:
    ours = unclaimed(store, state)
    present = store.sizes(CONNECTIONS)
    foreign = [path for path in present if path not in state.claims() and path not in ours]
    return [
        *(f"{path}: no record claims it; the next convert removes it" for path in ours),
        *(f"{path}: not a file of albconn; move it elsewhere" for path in foreign),
    ]


def _repeated(store: Store, state: State, broken: list[str]) -> list[str]:
    if broken:  # a missing or changed file is a fault by itself and cannot be read here
        lost = {fault.partition(":")[0] for fault in broken}
        parts = [part for part in state.parts.values() if part.path not in lost]
    else:
        parts = list(state.parts.values())
    return repeated_rows(dataset_of(store, parts, DATASET_SCHEMA))


def _unbalanced(state: State, held: Evidence, rejected: dict[str, list[int]]) -> list[str]:
    faults = []
    for url, (source, written, _) in state.sources.items():
        if source.lines != source.rows + source.rejected:
            faults.append(
                f"{url}: {source.lines:,} lines, but {source.rows:,} rows and "
                f"{source.rejected:,} rejected lines"
            )
        if held.rows.get(url, 0) != written:
            faults.append(f"{url}: {held.rows.get(url, 0):,} rows; recorded {written:,}")
        lines = rejected.get(url, [])
        if len(set(lines)) != source.rejected or len(lines) != source.rejected:
            faults.append(f"{url}: {len(lines):,} rejected lines; recorded {source.rejected:,}")
    unknown = sorted((held.rows.keys() | rejected.keys()) - state.sources.keys())
    return faults + [f"{url}: has rows, but no record names it" for url in unknown]


def _result(checks: list[tuple[str, int, list[str]]]) -> CheckResult:
    import pandas as pd

    table = pd.DataFrame(
        {
            "check": [name for name, _, _ in checks],
            "examined": [examined for _, examined, _ in checks],
            "faults": [len(faults) for _, _, faults in checks],
        }
    )
    return CheckResult(tuple(fault for _, _, faults in checks for fault in faults), table)
