"""A dataset counted date by date on an executor: only small tables travel back, and are added up.

A row belongs to one date, so the sums are those of the whole. Each worker opens the dataset
itself and reads its own dates' files; one that dies is given its date again.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from albconn.analysis.counting.counts import Bare, Listeners, Uncounted, classify, open_counting
from albconn.analysis.counting.derived import derive
from albconn.errors import TableError, shown
from albconn.executors import result_of


@dataclass(frozen=True)
class DateQuery:
    """What to ask of one date of a dataset; a worker needs nothing else."""

    dest: str
    query: str
    columns: tuple[str, ...]
    optional: tuple[str, ...]
    derived: tuple[str, ...]
    day: date


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
        parts = pa.concat_tables([part.table for part in self.parts])  # noqa: F841  (DuckDB's)
        names = [f'"{name}"' for name in keys]
        sums = [f'CAST(sum("{name}") AS BIGINT) AS "{name}"' for name in counts]
        with duckdb.connect() as database:
            return database.sql(
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
    connections: Any,
    query: str,
    *,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    derived: Sequence[str] = (),
    executor: Executor,
) -> Answers:
    """Ask each date of a dataset on the executor.

    Parameters are those of ``open_counting``; ``derived`` is what the query needs of ``derive``.

    Raises
    ------
    TableError
        ``connections`` is not the path of a converted dataset, which workers could open.
    DatasetError
        The path holds no dataset, or a worker died three times over the same date.
    """
    if not callable(getattr(executor, "submit", None)):
        raise TableError(f"executor: {shown(executor)} is not a concurrent.futures.Executor")
    if not isinstance(connections, str | os.PathLike):
        raise TableError(
            f"executor: workers cannot see a {type(connections).__name__}; give the path of a "
            "converted dataset, or leave the executor out"
        )
    dest, named = os.fspath(connections), tuple(dict.fromkeys(["timestamp", *columns]))
    asked_of = partial(DateQuery, dest, query, named, tuple(optional), tuple(derived))
    queries = [asked_of(day) for day in _dates(dest)]
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
    start = datetime.combine(asked.day, time(), UTC)
    with open_counting(
        asked.dest,
        columns=asked.columns,
        optional=asked.optional,
        start=start,
        end=start + timedelta(days=1),
    ) as counting:
        derive(counting, asked.derived)
        first, last = counting.span()
        return DateAnswer(
            counting.table(asked.query), counting.bare(), counting.listeners(), first, last
        )


def _dates(dest: str) -> list[date]:
    from albconn.dataset import open_dataset

    found = {
        ds.get_partition_keys(part.partition_expression)["date"]
        for part in open_dataset(dest).get_fragments()
    }
    # A dataset without rows is asked once, for the columns and types of its answer.
    return sorted(day if isinstance(day, date) else date.fromisoformat(day) for day in found) or [
        date(1970, 1, 1)
    ]


def _not_counted(asked: DateQuery, error: str) -> str:
    return f"{asked.dest}: date {asked.day} was not counted on the executor ({error}); run again"
