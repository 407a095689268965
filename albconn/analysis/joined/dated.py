"""Both logs joined date by date on an executor: only small tables travel back, and are added up.

The requests of a connection come on its own date or on the next. So a worker that has a date joins
its connections with the requests of both, and looks for requests of the date whose connection is of
neither that date nor the one before. Each connection and each request is then counted once.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

import pyarrow as pa
import pyarrow.dataset as ds

from albconn.analysis.counting.by_date import (
    converted_of,
    open_for_workers,
    parts_by_day,
    require_executor,
)
from albconn.analysis.counting.derived import derive
from albconn.analysis.counting.source import quoted
from albconn.analysis.joined.both import Range, count_requests, open_both, settled_between
from albconn.analysis.joined.joining import COUNTS, Sides, joined_query
from albconn.database import open_cursor
from albconn.dataset.commits.layout import schema_of
from albconn.dataset.commits.record import Part
from albconn.dataset.read import dataset_of
from albconn.executors import result_of
from albconn.opened import Connections
from albconn.schema.connections import CONNECTIONS
from albconn.schema.requests import REQUESTS
from albconn.schema.table import LogTable
from albconn.storage.places import StorageOptions
from albconn.storage.store import open_dest
from albconn.times import earlier, later, moment_of

Parts = tuple[Part, ...]


@dataclass(frozen=True)
class Log:
    """A table of a dataset, as workers open it: its place, its range, its parts by date."""

    table: LogTable
    dest: str
    storage_options: StorageOptions
    within: Range
    days: dict[str, Parts]

    def of(self, *days: str) -> Log:
        """Return the same with the parts of some dates only."""
        some = {day: self.days[day] for day in days if day in self.days}
        return Log(self.table, self.dest, self.storage_options, self.within, some)

    def dataset(self) -> ds.Dataset:
        """Open its parts."""
        parts = [part for parts in self.days.values() for part in parts]
        store = open_dest(self.dest, self.storage_options)
        return dataset_of(store, self.table, parts, schema_of(self.table))


@dataclass(frozen=True)
class DateJoin:
    """What to join of one date; a worker needs nothing else.

    ``connections`` has the parts of the date and of the day before, ``requests`` those of the date
    and of the day after.
    """

    day: str
    connections: Log
    requests: Log
    sides: Sides
    hour: tuple[datetime, datetime] | None


class DateJoined(NamedTuple):
    """What came of a date: counts by half and group, its connections and its requests."""

    counted: pa.Table
    connections: int
    requests: int


def join_by_date(
    connections: Connections,
    requests: Connections,
    sides: Sides,
    executor: Executor,
    storage_options: StorageOptions,
) -> tuple[pa.Table, int, int]:
    """Return the counts of ``joined_query``, and how many connections and requests there are.

    Raises
    ------
    TableError
        A source is not a converted dataset, which workers could open.
    DatasetError
        A worker died three times over the same date.
    """
    require_executor(executor)
    ours = _log(connections, CONNECTIONS, storage_options)
    theirs = _log(requests, REQUESTS, storage_options)
    hour = settled_between(_first(ours), _last(theirs))
    days = sorted({*ours.days, *theirs.days}) or [""]
    asked = [
        DateJoin(day, ours.of(_beside(day, -1), day), theirs.of(day, _beside(day, 1)), sides, hour)
        for day in days
    ]
    futures = [executor.submit(join_date, each) for each in asked]
    try:
        joined = [
            result_of(executor, join_date, each, future, partial(_not_joined, each))
            for each, future in zip(asked, futures, strict=True)
        ]
    finally:
        for future in futures:
            future.cancel()
    return (
        _added(joined),
        sum(each.connections for each in joined),
        sum(each.requests for each in joined),
    )


def join_date(asked: DateJoin) -> DateJoined:
    """Join one date, in any thread or process."""
    ours, theirs = asked.connections, asked.requests
    with_connections, n, _ = _joined(asked, ours.of(asked.day), theirs, "NOT is_alone")
    without, _, m = _joined(asked, ours, theirs.of(asked.day), "is_alone")
    return DateJoined(pa.concat_tables([with_connections, without]), n, m)


def _joined(
    asked: DateJoin, connections: Log, requests: Log, half: str
) -> tuple[pa.Table, int, int]:
    with open_both(
        connections.dataset(),
        requests.dataset(),
        columns=asked.sides.needed,
        of_requests=asked.sides.needed_of_requests,
        within=(connections.within, requests.within),
    ) as counting:
        derive(counting, asked.sides.connections)
        query = f"SELECT * FROM ({joined_query(asked.sides, asked.hour)}) WHERE {half}"
        return counting.table(query), counting.lines(), count_requests(counting)


def _added(joined: list[DateJoined]) -> pa.Table:
    """Add up the counts of all dates; the columns keep their order."""
    counted = pa.concat_tables([each.counted for each in joined])
    sums = {name: f"sum({name})::BIGINT" for name in COUNTS}
    sums["most_requests"] = "max(most_requests)"
    columns = ", ".join(
        f"{sums[name]} AS {name}" if name in sums else quoted(name) for name in counted.column_names
    )
    with open_cursor() as cursor:
        cursor.register("counted", counted)
        return cursor.sql(
            f"SELECT {columns} FROM counted GROUP BY ALL ORDER BY ALL NULLS LAST"
        ).to_arrow_table()


def _log(source: Connections, table: LogTable, storage_options: StorageOptions) -> Log:
    with open_for_workers(source, storage_options, table) as opened:
        converted, selection = converted_of(source, opened), opened.selection
        days = dict(parts_by_day(converted.holding, selection))
        days.pop("", None)
        return Log(
            table, converted.store.location, converted.storage_options,
            Range(selection.start, selection.end), days,
        )  # fmt: skip


def _first(log: Log) -> datetime | None:
    """Return when a log begins, as its parts say; within its range."""
    firsts = [part.first for parts in log.days.values() for part in parts]
    return later(moment_of(min(firsts)), log.within.start) if firsts else None


def _last(log: Log) -> datetime | None:
    lasts = [part.last for parts in log.days.values() for part in parts]
    return earlier(moment_of(max(lasts)), log.within.end) if lasts else None


def _beside(day: str, by: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=by)).isoformat() if day else ""


def _not_joined(asked: DateJoin, error: str) -> str:
    dest = asked.connections.dest
    return f"{dest}: date {asked.day} was not joined on the executor ({error}); run again"
