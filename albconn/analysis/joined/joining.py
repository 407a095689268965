"""The query that joins both logs: requests are added up by connection first, and joined then."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from albconn.analysis.counting.counts import (
    FAILED,
    HANDSHAKE_COLUMNS,
    MAPPED,
    OUTCOME_COLUMNS,
)
from albconn.analysis.counting.derived import DATE, NETWORK, logged, table_with
from albconn.analysis.counting.source import instant_literal, quoted
from albconn.analysis.counting.splits import By, make_split
from albconn.analysis.joined.both import TRACE
from albconn.errors import TableError, shown
from albconn.schema.connections import CONNECTIONS
from albconn.schema.requests import REQUESTS

CLASSES = ("2xx", "3xx", "4xx", "5xx")
# What is told apart of the halves that are alone; the last two are of requests.
HALVES = (
    "without_requests", "awaiting_requests", "connections_without_trace_id",
    "of_earlier_connections", "requests_without_trace_id",
)  # fmt: skip
COUNTS = (
    "connections", "failures", "with_requests", "requests", *(f"status_{c}" for c in CLASSES),
    *HALVES,
)  # fmt: skip


class Sides(NamedTuple):
    """What the answer is split by, of each log; ``names`` are both in the order asked for."""

    names: tuple[str, ...]
    connections: tuple[str, ...]
    requests: tuple[str, ...]

    @property
    def needed(self) -> tuple[str, ...]:
        """Return the columns that the connections must have."""
        return ("timestamp", TRACE, *OUTCOME_COLUMNS, *logged(self.connections))

    @property
    def needed_of_requests(self) -> tuple[str, ...]:
        """Return the columns that the requests must have."""
        return ("time", TRACE, "status_class", *self.requests)


def parse_sides(by: By, answer: tuple[str, ...]) -> Sides:
    """Return which columns are of connections and which of requests.

    Raises
    ------
    TableError
        A name is no column of either, is named twice, or is in the answer already.
    """
    names = make_split(None, by, answer=answer).by
    of_connections = (*CONNECTIONS.columns, NETWORK, DATE)
    unknown = [n for n in names if n not in (*of_connections, *REQUESTS.columns)]
    if unknown:
        raise TableError(
            [f"by: {shown(n)} is no column of connections or requests" for n in unknown]
        )
    ours = tuple(name for name in names if name in of_connections)
    return Sides(names, ours, tuple(name for name in names if name not in ours))


def _added_up(sides: Sides) -> str:
    """Return the query of requests by connection, and by what they are split by.

    It stands in the query that joins: as a table it would be written once more.
    """
    keys = "".join(f"{quoted(name)}, " for name in sides.requests)
    classes = ", ".join(
        f"count(*) FILTER (status_class = '{name}') AS status_{name}" for name in CLASSES
    )
    return (
        f"SELECT {keys}{TRACE}, count(*) AS requests, {classes}, min(time) AS first_time "
        "FROM requests GROUP BY ALL"
    )


def joined_query(sides: Sides, hour: tuple[datetime, datetime] | None) -> str:
    """Return the query that joins both, with a group for each half and value.

    ``hour`` is what ``settled`` returns.
    """
    keys = "".join(_key(name, sides) for name in sides.names)
    awaits = f"timestamp >= {instant_literal(hour[1])}" if hour else "false"
    is_early = f"first_time < {instant_literal(hour[0])}" if hour else "false"
    alone = "outcome = 'success' AND requests IS NULL"
    classes = "".join(f"{_sum(f'status_{name}')} AS status_{name}, " for name in CLASSES)
    needed = dict.fromkeys(["timestamp", TRACE, *OUTCOME_COLUMNS, *sides.connections])
    shown_columns = ", ".join(map(quoted, needed))
    return (
        f"WITH asked AS ({_added_up(sides)}) SELECT is_there IS NULL AS is_alone, {keys}"
        f"count(is_there) AS connections, count(*) FILTER ({FAILED}) AS failures, "
        "count(is_there) FILTER (requests IS NOT NULL) AS with_requests, "
        f"{_sum('requests')} AS requests, "
        f"coalesce(max(requests) FILTER (is_there), 0) AS most_requests, {classes}"
        f"count(*) FILTER ({alone}) AS without_requests, "
        f"count(*) FILTER ({alone} AND {awaits}) AS awaiting_requests, "
        f"count(is_there) FILTER (c.{TRACE} IS NULL) AS connections_without_trace_id, "
        f"{_sum('requests', f'is_there IS NULL AND {is_early}')} AS of_earlier_connections, "
        f"{_sum('requests', f'is_there IS NULL AND asked.{TRACE} IS NULL')} "
        "AS requests_without_trace_id "
        f"FROM (SELECT {shown_columns}, true AS is_there "
        f"FROM {table_with(sides.connections)}) c "
        f"FULL JOIN asked ON c.{TRACE} = asked.{TRACE} GROUP BY ALL "
        f"ORDER BY ALL NULLS LAST"
    )


def _key(name: str, sides: Sides) -> str:
    if name in sides.requests:
        return f"asked.{quoted(name)} AS {quoted(name)}, "
    column = f"c.{quoted(name)}"
    if name in HANDSHAKE_COLUMNS:
        column = f"CASE WHEN {MAPPED} THEN {column} END"
    return f"{column} AS {quoted(name)}, "


def _sum(column: str, condition: str = "true") -> str:
    return f"coalesce(sum({column}) FILTER ({condition}), 0)::BIGINT"
