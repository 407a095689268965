"""Both logs in one database: connections and requests, joined by ``conn_trace_id``.

A connection has none, one or many requests; a failed handshake has none. Neither log is whole: a
request may have come by a connection from before the first one that is there, and the requests of
the last connections may not be written yet. So each half that is alone is counted, and told apart
by its time: a load balancer keeps a client's connection for an hour at most, unless it was told
otherwise.

References
----------
AWS, "Edit attributes for your Application Load Balancer", client keep-alive.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from albconn.analysis.counting.counts import Counting, open_counting
from albconn.analysis.counting.source import add_requests
from albconn.opened import Connections
from albconn.schema.kind import INSTANT
from albconn.storage.places import StorageOptions
from albconn.times import moved

KEEP_ALIVE = timedelta(hours=1)  # the most that a connection lasts, as load balancers come
TRACE = "conn_trace_id"


class Range(NamedTuple):
    """A half-open time range of connections, or of requests; None is no end."""

    start: datetime | None = None
    end: datetime | None = None


@contextmanager
def open_both(
    connections: Connections,
    requests: Connections,
    *,
    columns: Sequence[str],
    of_requests: Sequence[str],
    optional: Sequence[str] = (),
    within: tuple[Range, Range] = (Range(), Range()),
    storage_options: StorageOptions = None,
) -> Iterator[Counting]:
    """Give connections to count, with the view ``requests`` beside them.

    Parameters
    ----------
    connections, requests : what ``open_connections`` and ``open_requests`` take, or returned
        The sources.
    columns, of_requests : sequence of str
        What the two views must hold.
    optional : sequence of str
        What the view of connections holds where its source has it.
    within : (Range, Range)
        What of connections, and of requests, is wanted.
    storage_options : dict, optional
        Passed to the store (s3fs), where a source is a path.

    Raises
    ------
    TableError, SourceError, DatasetError
        As ``open_source`` does, of either.
    """
    with (
        open_counting(
            connections,
            columns=columns,
            optional=optional,
            start=within[0].start,
            end=within[0].end,
            storage_options=storage_options,
        ) as counting,
        add_requests(
            counting.database,
            requests,
            columns=of_requests,
            start=within[1].start,
            end=within[1].end,
            storage_options=storage_options,
        ),
    ):
        yield counting


def count_requests(counting: Counting) -> int:
    """Return the number of requests, which Parquet knows without being read."""
    return counting.database.sql("SELECT count(*) FROM requests").fetchall()[0][0]


def span_of_requests(counting: Counting) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last time of all requests; None where there is none."""
    found = counting.table("SELECT min(time) AS first, max(time) AS last FROM requests")
    first, last = (found[name].cast(INSTANT)[0].as_py() for name in ("first", "last"))
    return first, last


def settled(counting: Counting) -> tuple[datetime, datetime] | None:
    """Return from when on a request's connection is there, and until when a connection's requests.

    None where one of the logs is empty.
    """
    first, _ = counting.span()
    _, last = span_of_requests(counting)
    return settled_between(first, last)


def settled_between(
    first: datetime | None, last: datetime | None
) -> tuple[datetime, datetime] | None:
    """Return the same of the first connection and the last request."""
    if first is None or last is None:
        return None
    return moved(first, KEEP_ALIVE), moved(last, -KEEP_ALIVE)
