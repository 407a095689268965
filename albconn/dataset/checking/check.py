"""Proof that a dataset holds what its records say, and its sources' lines once each.

Without the sources: no commit record is missing or was changed, none names a file elsewhere, and
the ledger's pages add up; every committed file is there, with its checksum and rows; no file is
unclaimed; each row lies in its date and is there once; each source has as many rows and
rejected lines as recorded. With them, every source is read again: the lines that its extent
selects must be exactly the rows that are there, and the rejected lines exactly those recorded.

Rows are compared without holding them: by source, their number and a sum of 64-bit hashes of
(line number, timestamp), which depends on no order and on every row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from albconn.dataset.checking.held import (
    RowSums,
    examine_part,
    examine_rejected,
    repeated_rows,
)
from albconn.dataset.checking.records import Check, examine_ledger, examine_records
from albconn.dataset.checking.sources import compare_with_sources
from albconn.dataset.commits.chain import read_chain
from albconn.dataset.commits.layout import batch_of_rejected, schema_of
from albconn.dataset.commits.ledger import State, no_dataset, state_of, tables_of
from albconn.dataset.commits.record import Part, is_place_of_part
from albconn.dataset.commits.sweep import is_beyond, is_interrupted, unclaimed
from albconn.dataset.parts.rejected import RejectedPlaces
from albconn.dataset.read import dataset_of
from albconn.executors import open_pool
from albconn.logs.find.sources import Source
from albconn.schema.table import LogTable
from albconn.storage.places import StorageOptions
from albconn.storage.store import Dest, Store, open_dest
from albconn.words import counted

if TYPE_CHECKING:
    import pandas as pd


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
    dest: Dest,
    source: Source | None = None,
    *,
    table: str | LogTable | None = None,
    storage_options: StorageOptions = None,
) -> CheckResult:
    """Prove that a dataset holds what its records say and, with ``source``, each line once.

    Parameters
    ----------
    dest : str or path
        Where ``convert`` wrote to.
    source : str, path, or several, optional
        The logs it was made from; they are read again in full.
    table : {"connections", "requests"} or LogTable, optional
        Which table; the default is all that the dataset holds.
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
    chain = read_chain(store)
    if not chain.links and chain.head is None:
        raise no_dataset(store)
    checks: dict[str, Check] = {"records are whole": examine_records(store, chain)}
    state = state_of(chain, store) or State()
    tables = tables_of(state, table)
    for log_table in tables:
        pages, faults = examine_ledger(store, chain, state.of(log_table.name), log_table.name)
        examined, known = checks["records are whole"]
        checks["records are whole"] = (examined + pages, known + faults)
        if faults:  # what the rest should be compared with is not known
            continue
        examination = _Examination(store, state, log_table)
        is_alone = len(tables) == 1
        found = examination.checks(source, storage_options, is_alone=is_alone)
        for name, (examined, faults) in found.items():
            before, known = checks.get(name, (0, []))
            checks[name] = (before + examined, known + faults)
    return _result(checks)


_LEFT_OVER = "no record claims it; the next convert removes it"


class _Examination:
    """What there is to prove of one table of a dataset."""

    def __init__(self, store: Store, state: State, table: LogTable) -> None:
        self.store, self.state, self.table = store, state, table
        self.holding = state.of(table.name)
        # What lies elsewhere has been named; it is not opened.
        parts = self.holding.parts.values()
        self.parts = [part for part in parts if is_place_of_part(part.path, table.name)]
        files = self.holding.rejected.values()
        self.rejected_files = [kept for kept in files if batch_of_rejected(kept.path)]
        self.sources = self.holding.sources
        self.held, self.rejected = RowSums(table), dict[str, RejectedPlaces]()

    def checks(
        self, source: Source | None, storage_options: StorageOptions, *, is_alone: bool
    ) -> dict[str, Check]:
        """Return each check by its name; later ones look at what earlier ones found."""
        broken = self._broken_parts()
        checks: dict[str, Check] = {
            "parts are as recorded": (len(self.parts), broken),
            "rejected lines are as recorded": (
                len(self.rejected_files), self._broken_rejected()),
            "every file is claimed": (
                len(self.parts) + len(self.rejected_files), self._strays()),
            "every row is there once": (sum(self.held.rows.values()), self._repeated(broken)),
            "the books balance": (len(self.sources), self._unbalanced()),
        }  # fmt: skip
        if source is not None:
            checks["log files are in the dataset, line by line"] = compare_with_sources(
                source, self.sources, self.held, self.rejected, storage_options, is_alone=is_alone
            )
        return checks

    def _broken_parts(self) -> list[str]:
        def examine(part: Part) -> list[str]:
            return examine_part(self.store, part, self.held)

        with open_pool() as pool:
            found = pool.map(examine, self.parts)
            return [fault for faults in found for fault in faults]

    def _broken_rejected(self) -> list[str]:
        return [
            fault
            for kept in self.rejected_files
            for fault in examine_rejected(self.store, kept, self.rejected)
        ]

    def _strays(self) -> list[str]:
        ours = unclaimed(self.store, self.state, self.table)
        claims = self.state.claims()
        foreign = [
            path
            for path in self.store.sizes(self.table.name)
            if path not in claims and path not in ours
        ]
        is_swept = is_interrupted(self.store)
        told = (lambda _: _LEFT_OVER) if is_swept else self._why_unclaimed
        return [
            *(f"{path}: {told(path)}" for path in ours),
            *(f"{path}: not a file of albconn; move it elsewhere" for path in foreign),
        ]

    def _why_unclaimed(self, path: str) -> str:
        if is_beyond(path, self.state):
            return "no record claims it, and no run was interrupted: a commit record was lost"
        return "no record claims it; the next compact removes it"

    def _repeated(self, broken: list[str]) -> list[str]:
        # A missing or changed file is a fault by itself and cannot be read here.
        lost = {fault.partition(":")[0] for fault in broken}
        parts = [part for part in self.parts if part.path not in lost]
        return repeated_rows(dataset_of(self.store, self.table, parts, schema_of(self.table)))

    def _unbalanced(self) -> list[str]:
        faults = []
        for url, (source, written, _) in self.sources.items():
            rows = self.held.rows.get(url, 0)
            rejected = self.rejected.get(url, RejectedPlaces())
            if source.lines != source.rows + source.rejected:
                faults.append(
                    f"{url}: {counted(source.lines, 'line')}, but "
                    f"{counted(source.rows, 'row')} and "
                    f"{counted(source.rejected, 'rejected line')}"
                )
            if rows != written:
                faults.append(f"{url}: {counted(rows, 'row')}; recorded {written:,}")
            if rejected.lines != source.rejected or rejected.overlap:
                told = counted(rejected.lines, "rejected line")
                faults.append(f"{url}: {told}; recorded {source.rejected:,}")
        unknown = sorted((self.held.rows.keys() | self.rejected) - self.sources.keys())
        return faults + [f"{url}: has rows, but no record names it" for url in unknown]


def _result(checks: dict[str, Check]) -> CheckResult:
    import pandas as pd

    table = pd.DataFrame(
        {
            "check": list(checks),
            "examined": [examined for examined, _ in checks.values()],
            "faults": [len(faults) for _, faults in checks.values()],
        }
    )
    faults = (fault for _, found in checks.values() for fault in found)
    return CheckResult(tuple(dict.fromkeys(faults)), table)
