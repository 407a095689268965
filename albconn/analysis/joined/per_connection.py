"""How many requests came by how many connections, and what they got: both logs as one table.

Requests are added up by connection first, so that no connection counts twice, and joined then: what
has no other half is a group of its own and not lost.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.counts import (
    FAILED,
    HANDSHAKE_COLUMNS,
    MAPPED,
    OUTCOME_COLUMNS,
    Counting,
)
from albconn.analysis.counting.derived import DATE, NETWORK, derive, logged, table_with
from albconn.analysis.counting.source import instant_literal, quoted
from albconn.analysis.counting.splits import By, Split, make_split, split_frame
from albconn.analysis.joined.both import TRACE, count_requests, open_both, settled
from albconn.errors import TableError, shown
from albconn.opened import Connections
from albconn.schema.connections import CONNECTIONS
from albconn.schema.requests import REQUESTS
from albconn.storage.places import StorageOptions

BOTH, ALONE = "connections", "requests alone"
_HALF = pd.CategoricalDtype([BOTH, ALONE])
_CLASSES = ("2xx", "3xx", "4xx", "5xx")
STATUS = (*(f"status_{name}" for name in _CLASSES), "status_other")
_COUNTS = ("connections", "failures", "with_requests", "requests", "most_requests", *STATUS)
_ANSWER = ("half", *_COUNTS, "requests_per_connection")
# What is told apart of the halves that are alone; the last two are of requests.
_ALONE = (
    "without_requests", "awaiting_requests", "connections_without_trace_id",
    "of_earlier_connections", "requests_without_trace_id",
)  # fmt: skip


class Sides(NamedTuple):
    """What the answer is split by, of each log; ``names`` are both in the order asked for."""

    names: tuple[str, ...]
    connections: tuple[str, ...]
    requests: tuple[str, ...]


def requests_per_connection(
    connections: Connections,
    requests: Connections,
    *,
    by: By = (),
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return how many requests came by connections, and which answers they got.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Connection logs, a converted dataset, a DataFrame or Arrow data.
    requests : what ``open_requests`` takes, or returned
        Access logs, a converted dataset (the same one, where both tables are in it), a DataFrame
        or Arrow data.
    by : str or sequence of str
        Columns to split by: those of connections, ``client_network`` and ``date``; and those that
        only requests have, such as ``request_host`` or ``user_agent``. What both have is the
        connection's.
    storage_options : dict, optional
        Passed to the store (s3fs), where a source is a path.

    Returns
    -------
    DataFrame, shape (groups, columns)
        Sorted by the columns of ``by``; requests without a connection come last.

        =======================  ============  ==================================================
        column                   type          meaning
        =======================  ============  ==================================================
        half                     category      ``connections``, with 0 to n requests each; or
                                               ``requests alone``: their connection is not there
        *by*                     as in either  of an unmapped failure no protocol, cipher, group
        connections              int64         all of them, also failures and plain HTTP
        failures                 int64         of them, those whose handshake failed
        with_requests            int64         of them, those by which requests came
        requests                 int64         all of them
        requests_per_connection  float64 [1]   requests / connections
        most_requests            int64         by one connection
        status_2xx … status_5xx  int64         requests by the class of their answer
        status_other             int64         other codes, and none
        =======================  ============  ==================================================

        Connections and requests add up to all that there are. Split by a column of requests, a
        connection counts once for each of its values. ``attrs`` says of the halves that are alone
        how many there are: ``without_requests`` (connections that succeeded),
        ``awaiting_requests`` (of these, those of the last hour, whose requests may be logged
        later), ``connections_without_trace_id``; ``requests_alone``, ``of_earlier_connections``
        (of these, those of the first hour, whose connection may be from before the log),
        ``requests_without_trace_id``; and ``counted_twice``: requests whose trace id several
        connections have.

    Raises
    ------
    TableError
        A column cannot split, or a source lacks columns (all are named).
    SourceError, DatasetError
        There is nothing at a path, or it cannot be read.

    References
    ----------
    AWS, "Access logs for your Application Load Balancer", ``conn_trace_id``.
    """
    sides = parse_sides(by, _ANSWER)
    with open_both(
        connections,
        requests,
        columns=("timestamp", TRACE, *OUTCOME_COLUMNS, *logged(sides.connections)),
        of_requests=("time", TRACE, "status_class", *sides.requests),
        storage_options=storage_options,
    ) as counting:
        derive(counting, sides.connections)
        counted = counting.table(_joined(counting, sides))
        lines, total = counting.lines(), count_requests(counting)
    return _answer(counted, sides, lines, total)


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
        f"count(*) FILTER (status_class = '{name}') AS status_{name}" for name in _CLASSES
    )
    return (
        f"SELECT {keys}{TRACE}, count(*) AS requests, {classes}, min(time) AS first_time "
        "FROM requests GROUP BY ALL"
    )


def _joined(counting: Counting, sides: Sides) -> str:
    """Return the query that joins both, with a group for each half and value."""
    keys = "".join(_key(name, sides) for name in sides.names)
    hour = settled(counting)
    awaits = f"timestamp >= {instant_literal(hour[1])}" if hour else "false"
    is_early = f"first_time < {instant_literal(hour[0])}" if hour else "false"
    alone = "outcome = 'success' AND requests IS NULL"
    classes = "".join(f"{_sum(f'status_{name}')} AS status_{name}, " for name in _CLASSES)
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


def _answer(counted: pa.Table, sides: Sides, lines: int, total: int) -> pd.DataFrame:
    rows = split_frame(counted, Split(None, sides.names))
    alone = rows.pop("is_alone").to_numpy(bool)
    halves = pd.Categorical([ALONE if is_alone else BOTH for is_alone in alone], dtype=_HALF)
    rows.insert(0, "half", halves)
    known = sum(rows[f"status_{name}"] for name in _CLASSES)
    rows["status_other"] = rows["requests"] - known
    told = {name: int(rows.pop(name).sum()) for name in _ALONE}
    per = rows["requests"] / rows["connections"].where(rows["connections"] > 0)
    rows.insert(rows.columns.get_loc("most_requests"), "requests_per_connection", per)
    rows.attrs.pop("every", None)
    rows.attrs.update(
        told, connections=lines, requests=total,
        requests_alone=int(rows.loc[alone, "requests"].sum()),
        counted_twice=int(rows["requests"].sum()) - total,
    )  # fmt: skip
    return rows
