"""How many requests came by how many connections, and what they got: both logs as one table.

Requests are added up by connection first, so that no connection counts twice, and joined then: what
has no other half is a group of its own and not lost.
"""

from __future__ import annotations

from concurrent.futures import Executor
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.derived import derive
from albconn.analysis.counting.splits import By, Split, split_frame
from albconn.analysis.joined.both import count_requests, open_both, settled
from albconn.analysis.joined.dated import join_by_date
from albconn.analysis.joined.joining import CLASSES, HALVES, Sides, joined_query, parse_sides
from albconn.opened import Connections
from albconn.storage.places import StorageOptions

BOTH, ALONE = "connections", "requests alone"
_HALF = pd.CategoricalDtype([BOTH, ALONE])
STATUS = (*(f"status_{name}" for name in CLASSES), "status_other")
_COUNTS = (
    "connections", "failures", "with_requests", "requests", "requests_per_connection",
    "most_requests", *STATUS,
)  # fmt: skip
_ANSWER = ("half", *_COUNTS)


class Joined(NamedTuple):
    """What was counted, and how many connections and requests there are in all."""

    counted: pa.Table
    connections: int
    requests: int


def requests_per_connection(
    connections: Connections,
    requests: Connections,
    *,
    by: By = (),
    executor: Executor | None = None,
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
    executor : concurrent.futures.Executor, optional
        Where datasets are joined, date by date; both have to be paths of converted datasets, or
        opened ones. A request counts as alone there if its connection is from before the day
        before it.
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
    if executor is not None:
        return _answer(
            Joined(*join_by_date(connections, requests, sides, executor, storage_options)), sides
        )
    with open_both(
        connections,
        requests,
        columns=sides.needed,
        of_requests=sides.needed_of_requests,
        storage_options=storage_options,
    ) as counting:
        derive(counting, sides.connections)
        counted = counting.table(joined_query(sides, settled(counting)))
        joined = Joined(counted, counting.lines(), count_requests(counting))
    return _answer(joined, sides)


def _answer(joined: Joined, sides: Sides) -> pd.DataFrame:
    rows = split_frame(joined.counted, Split(None, sides.names))
    alone = rows.pop("is_alone").to_numpy(bool)
    halves = [ALONE if is_alone else BOTH for is_alone in alone]
    known = sum(rows[f"status_{name}"] for name in CLASSES)
    rows["status_other"] = rows["requests"] - known
    told = {name: int(rows.pop(name).sum()) for name in HALVES}
    per = rows["requests"] / rows["connections"].where(rows["connections"] > 0)
    rows = rows.assign(half=pd.Categorical(halves, dtype=_HALF), requests_per_connection=per)
    rows = rows[["half", *sides.names, *_COUNTS]]
    rows.attrs.pop("every", None)
    rows.attrs.update(
        told, connections=joined.connections, requests=joined.requests,
        requests_alone=int(rows.loc[alone, "requests"].sum()),
        counted_twice=int(rows["requests"].sum()) - joined.requests,
    )  # fmt: skip
    return rows
