"""A dataset counted date by date on an executor: only small tables travel back, and are added up.

A row belongs to one date, so the sums are those of the whole. Each worker reads its own dates'
files, of the state that the coordinator saw; one that dies is given its date again.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import pyarrow as pa

from albconn.analysis.counting.counts import Bare, Listeners, Uncounted, classify, open_counting
from albconn.analysis.counting.derived import derive
from albconn.database import Database, open_cursor
from albconn.dataset.commits.holding import Holding
from albconn.dataset.commits.layout import day_of_part, schema_of
from albconn.dataset.commits.record import Part
from albconn.dataset.read import dataset_of
from albconn.errors import TableError, shown
from albconn.executors import result_of
from albconn.logs.find.selection import EVERYTHING, Selection
from albconn.opened import Connections, Opened
from albconn.opened.door import find_dataset, open_any, require_table
from albconn.opened.source import Converted
from albconn.schema.connections import CONNECTIONS
from albconn.schema.table import LogTable
from albconn.storage.places import StorageOptions
from albconn.storage.store import open_dest


@dataclass(frozen=True)
class DateQuery:
    """What to ask of one date of a dataset; a worker needs nothing else.

    ``parts`` are that date's files as the coordinator knows them, so that all workers count the
    same state and none of them reads the commit records.
    """

    dest: str
    storage_options: StorageOptions
    day: str
    parts: tuple[Part, ...]
    start: datetime | None
    end: datetime | None
    query: str
    columns: tuple[str, ...]
    optional: tuple[str, ...]
    derived: tuple[str, ...]


@dataclass(frozen=True)
class DateAnswer:
    """One date's counts, and what rule 2 and the ends of time need of it."""

    table: pa.Table
    bare: Bare | None
    listeners: Listeners
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True)
class Answers:
    """All dates' answers, to be added up."""

    parts: tuple[DateAnswer, ...]

    def sum(self, keys: Sequence[str], counts: Sequence[str], order: str = "") -> pa.Table:
        """Add up ``counts`` over ``keys``."""
        parts = pa.concat_tables([part.table for part in self.parts])
        names = [f'"{name}"' for name in keys]
        sums = [f'CAST(sum("{name}") AS BIGINT) AS "{name}"' for name in counts]
        with open_cursor() as cursor:
            cursor.register("parts", parts)
            return cursor.sql(
                f"SELECT {', '.join([*names, *sums])} FROM parts "
                f"GROUP BY {', '.join(names) or '()'} HAVING count(*) > 0 ORDER BY {order}1"
            ).to_arrow_table()

    def uncounted(self) -> Uncounted | None:
        """Return what is in neither count; None where the columns for it are not there."""
        bare = [part.bare for part in self.parts if part.bare is not None]
        if len(bare) < len(self.parts):
            return None
        listeners = set[tuple[str | None, int]]().union(*(part.listeners for part in self.parts))
        return classify([row for rows in bare for row in rows], listeners)

    def span(self) -> tuple[datetime | None, datetime | None]:
        """Return the first and the last timestamp."""
        firsts = [part.first for part in self.parts if part.first]
        lasts = [part.last for part in self.parts if part.last]
        return min(firsts, default=None), max(lasts, default=None)


def count_by_date(
    connections: Connections,
    query: str,
    *,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    derived: Sequence[str] = (),
    executor: Executor,
    storage_options: StorageOptions = None,
) -> Answers:
    """Ask each date of a dataset on the executor.

    Parameters are those of ``open_counting``; ``derived`` is what the query needs of ``derive``.

    Raises
    ------
    TableError
        ``connections`` is not a converted dataset, which workers could open.
    DatasetError
        A worker died three times over the same date.
    """
    require_executor(executor)
    columns = tuple(dict.fromkeys([CONNECTIONS.time_column, *columns]))
    with open_for_workers(connections, storage_options) as opened:
        queries = [
            DateQuery(
                dest=converted.store.location,
                storage_options=converted.storage_options,
                day=day,
                parts=parts,
                start=opened.selection.start,
                end=opened.selection.end,
                query=query,
                columns=columns,
                optional=tuple(optional),
                derived=tuple(derived),
            )
            for converted in [converted_of(connections, opened)]
            for day, parts in parts_by_day(converted.holding, opened.selection)
        ]
    futures = [executor.submit(count_date, asked) for asked in queries]
    try:
        answers = [
            result_of(executor, count_date, asked, future, partial(_not_counted, asked))
            for asked, future in zip(queries, futures, strict=True)
        ]
    finally:
        for future in futures:
            future.cancel()
    return Answers(tuple(answers))


def count_date(asked: DateQuery) -> DateAnswer:
    """Count one date, in any thread or process."""
    store = open_dest(asked.dest, asked.storage_options)
    with open_counting(
        dataset_of(store, CONNECTIONS, asked.parts, schema_of(CONNECTIONS)),
        columns=asked.columns,
        optional=asked.optional,
        start=asked.start,
        end=asked.end,
    ) as counting:
        derive(counting, asked.derived)
        first, last = counting.span()
        return DateAnswer(
            counting.table(asked.query), counting.bare(), counting.listeners(), first, last
        )


def require_executor(executor: object) -> None:
    """Refuse what is no executor."""
    if not callable(getattr(executor, "submit", None)):
        raise TableError(f"executor: {shown(executor)} is not a concurrent.futures.Executor")


def open_for_workers(
    connections: Connections, storage_options: StorageOptions, table: LogTable = CONNECTIONS
) -> Opened:
    """Open a converted dataset, which workers can open, too; another source is refused."""
    if isinstance(connections, Opened):
        require_table(connections, table)
        return replace(connections, database=Database())  # closing it leaves the caller's open
    converted = find_dataset(connections, storage_options, table)
    if converted is None:
        raise _unseen(connections)
    return open_any(connections, table, EVERYTHING, "skip", storage_options)


def converted_of(connections: Connections, opened: Opened) -> Converted:
    """Return the dataset of which only a time range may be wanted: workers know no other filter."""
    if opened.converted is None or opened.whole is None:
        raise _unseen(connections)
    return opened.converted


def _unseen(connections: Connections) -> TableError:
    return TableError(
        f"executor: workers cannot see a {type(connections).__name__}; give the path of a "
        "converted dataset, or leave the executor out"
    )


def parts_by_day(holding: Holding, selection: Selection) -> list[tuple[str, tuple[Part, ...]]]:
    """Return each date's parts; a dataset without rows is asked once, for its answer's types."""
    days: dict[str, list[Part]] = {}
    for part in holding.parts_between(selection.start, selection.end):
        days.setdefault(day_of_part(part.path) or "", []).append(part)
    return [(day, tuple(parts)) for day, parts in sorted(days.items())] or [("", ())]


def _not_counted(asked: DateQuery, error: str) -> str:
    return f"{asked.dest}: date {asked.day} was not counted on the executor ({error}); run again"
