"""Who worked before a moment and has only failed from it on: whom a change locked out.

The moment is given: a deployment, a raised policy, the end of a certificate. Of each client one
success before it is enough to be believed, and what it spoke then names what it can speak.
"""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from albconn.analysis.counting.counts import FAILED, OUTCOME_COLUMNS, Counting, open_counting
from albconn.analysis.counting.derived import logged
from albconn.analysis.counting.history import (
    LISTENER,
    PLACED,
    SPOKEN,
    SUCCEEDED,
    check_client,
    count_without_client,
    follow,
    history_frame,
    spoken_at,
)
from albconn.analysis.counting.source import instant_literal
from albconn.analysis.counting.top_reasons import top_reasons
from albconn.errors import TableError
from albconn.opened import Connections
from albconn.storage.places import StorageOptions
from albconn.times import Instant, utc_instant

_COLUMNS = (
    "elb", "listener_port", "last_success", "last_tls_protocol", "last_tls_cipher",
    "last_tls_keyexchange", "last_leaf_client_cert_subject", "first_failure", "last_failure",
    "failures", "top_reason",
)  # fmt: skip


def stopped_working(
    connections: Connections,
    *,
    since: Instant,
    by: str = "client_ip",
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return who succeeded before a moment and has only failed from it on.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data. A client that still gets
        through anywhere, any time from ``since`` on, has not stopped working: to ask about one
        load balancer, or about an incident that is over, open that part alone.
    since : datetime or str
        With a zone; from this moment on a client must have failed, and never succeeded.
    by : str
        What a client is, as for ``client_histories``.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (clients × the listeners that they failed at, columns)
        Most failures first. One failure since then is enough; a client that fell silent is not
        here, for it cannot be told from one that has nothing to do.

        =============================  ==================  ======================================
        column                         type                meaning
        =============================  ==================  ======================================
        *by*                           category            the client
        elb                            category            load balancer that it failed at; null
                                                           where the source lacks the column
        listener_port                  int32 (Int32)       port that it failed at; likewise
        last_success                   datetime64[us,UTC]  its last success at that listener; if
                                                           none, at that load balancer; if none,
                                                           anywhere
        last_tls_protocol              category            as logged with that success, never
                                                           with a failure
        last_tls_cipher                category            likewise
        last_tls_keyexchange           category            likewise
        last_leaf_client_cert_subject  category            likewise
        first_failure, last_failure    datetime64[us,UTC]  its first and last failure there from
                                                           ``since`` on
        failures                       int64               its failures there from ``since`` on
        top_reason                     category            the most frequent reason of those
        =============================  ==================  ======================================

        ``attrs`` holds ``by``, ``since`` (ISO 8601), ``clients`` and ``failures`` of the table,
        and of the same time ``failures_of_others`` (clients that never worked before, or still
        do) and ``failures_without_client`` (lines with no value of ``by``): the three add up to
        all failures.

    Raises
    ------
    TableError
        ``since`` is no time or has no zone, ``by`` names no client, or the source lacks columns
        (all are named).
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.

    Examples
    --------
    >>> connections = pd.DataFrame({
    ...     "timestamp": pd.date_range("2026-09-23T10:00Z", periods=2, freq="h"),
    ...     "client_ip": "203.0.113.7",
    ...     "outcome": ["success", "failed"],
    ...     "failure_reason": [None, "UnmappedConnectionError"],
    ...     "tls_protocol": ["TLSv1.1", "TLSv1.2"],
    ... })
    >>> stopped = stopped_working(connections, since="2026-09-23T10:30Z")
    >>> stopped[["client_ip", "last_tls_protocol", "failures"]]
         client_ip last_tls_protocol  failures
    0  203.0.113.7           TLSv1.1         1
    """
    check_client(by, _COLUMNS)
    moment = utc_instant("since", since)
    if moment is None:
        raise TableError("since: None is not a datetime; give the moment at which things changed")
    with open_counting(
        connections,
        columns=("timestamp", *OUTCOME_COLUMNS, *logged((by,))),
        optional=(*LISTENER, *SPOKEN),
        storage_options=storage_options,
    ) as counting:
        follow(counting, by)
        _count(counting, moment)
        table = history_frame(counting, _ANSWER, by, _COLUMNS)
        failing = counting.table("SELECT coalesce(sum(failures), 0)::BIGINT AS n FROM failing")
        without = count_without_client(counting, by, _failed_since(moment))
    stopped = int(table["failures"].sum())
    table.attrs.update(
        by=by,
        since=moment.isoformat(),
        clients=int(table[by].nunique()),
        failures=stopped,
        failures_of_others=failing["n"][0].as_py() - stopped,
        failures_without_client=without,
    )
    return table


def _failed_since(since: datetime) -> str:
    return f"{FAILED} AND timestamp >= {instant_literal(since)}"


def _count(counting: Counting, since: datetime) -> None:
    """Make the tables ``failing`` (by listener and reason), ``successes`` and ``stopped``.

    Successes are looked at only of clients that failed since then.
    """
    counting.database.execute(f"""
        CREATE TEMP TABLE failing AS SELECT client, elb, listener_port, failure_reason,
            count(*) AS failures, min(timestamp) AS first_failure, max(timestamp) AS last_failure
        FROM history WHERE {_failed_since(since)} GROUP BY ALL HAVING {PLACED}
    """)
    counting.database.execute(f"""
        CREATE TEMP TABLE successes AS SELECT client, elb, listener_port,
            max(timestamp) AS last_success
        FROM history SEMI JOIN failing USING (client)
        WHERE {SUCCEEDED} GROUP BY ALL HAVING {PLACED}
    """)
    counting.database.execute(f"""
        CREATE TEMP TABLE stopped AS SELECT client FROM successes GROUP BY client
        HAVING max(last_success) < {instant_literal(since)}
    """)


_ROW = ("client", *LISTENER)
_OF_STOPPED = "(SELECT * FROM {} SEMI JOIN stopped USING (client))"
# Each listener that a client failed at, beside the nearest one that it succeeded at.
_ANSWER = f"""
    WITH failed AS {_OF_STOPPED.format("failing")},
    spoken AS ({spoken_at(_OF_STOPPED.format("successes"), _ROW)}),
    reasons AS (
        {top_reasons("failed", _ROW, condition="true", failures="sum(failures)")}
    ),
    rows AS (
        SELECT client, elb, listener_port, sum(failures)::BIGINT AS failures,
            min(first_failure) AS first_failure, max(last_failure) AS last_failure
        FROM failed GROUP BY ALL
    ),
    nearest AS (
        SELECT rows.*, spoken.* EXCLUDE (client, elb, listener_port)
        FROM rows JOIN spoken USING (client)
        QUALIFY row_number() OVER (
            PARTITION BY client, rows.elb, rows.listener_port
            ORDER BY CASE WHEN rows.elb IS DISTINCT FROM last_elb THEN 2
                WHEN rows.listener_port IS DISTINCT FROM last_listener_port THEN 1 ELSE 0 END,
                last_success DESC, last_elb NULLS LAST, last_listener_port NULLS LAST
        ) = 1
    )
    SELECT nearest.*, top_reason FROM nearest JOIN reasons
        ON nearest.client = reasons.client AND nearest.elb IS NOT DISTINCT FROM reasons.elb
        AND nearest.listener_port IS NOT DISTINCT FROM reasons.listener_port
    ORDER BY failures DESC, client, nearest.elb NULLS LAST, nearest.listener_port NULLS LAST
"""
