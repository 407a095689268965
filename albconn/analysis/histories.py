"""Who stopped working, who never worked, who came back? One row per client, from its own history.

A client is its own control: one that succeeded before and fails now is evidence, one that never
succeeded is background, and five hundred retries are one client. What it can speak is told by its
last success, never by a failed line.
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
    rank_of,
    spoken_at,
)
from albconn.analysis.counting.source import instant_literal
from albconn.analysis.counting.top_reasons import top_reasons
from albconn.opened import Connections
from albconn.storage.places import StorageOptions
from albconn.times import Instant, utc_instant

STATES = ("stopped working", "never worked", "came back", "new", "working")
FEWEST = 2  # failures in a row that are more than a stray one

_COLUMNS = (
    "state", "connections", "failures", "first_success", "last_success", "last_tls_protocol",
    "last_tls_cipher", "last_tls_keyexchange", "last_leaf_client_cert_subject",
    "last_listener_port", "last_elb", "first_failure", "last_failure", "failures_since_success",
    "top_reason",
)  # fmt: skip


def client_histories(
    connections: Connections,
    *,
    by: str = "client_ip",
    since: Instant | None = None,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return what became of each client, and what it spoke when it last succeeded.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    by : str
        What a client is: ``"client_ip"``, ``"client_network"`` (/24 and /64),
        ``"leaf_client_cert_subject"``, or another column of text. A connection without a value
        there is no client's. Behind one address there can be many devices, and masked or
        pseudonymised addresses merge or part them; a subject is known only where the client
        presented a certificate.
    since : datetime or str, optional
        With a zone; whoever is first seen at this moment or later is new. None: the last tenth
        of the time that the lines cover.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (clients, columns)
        By state as listed below, then most failures first. Only connections with a known outcome
        and a time are counted.

        =============================  ==================  ======================================
        column                         type                meaning
        =============================  ==================  ======================================
        *by*                           category            the client
        state                          category            see below
        connections                    int64               connections with a known outcome
        failures                       int64               of them, those that failed
        first_success, last_success    datetime64[us,UTC]  when it succeeded first and last
        last_tls_protocol              category            as logged with its last success; null
                                                           where it never succeeded or the source
                                                           lacks the column
        last_tls_cipher                category            likewise
        last_tls_keyexchange           category            likewise
        last_leaf_client_cert_subject  category            likewise
        last_listener_port             int32 (Int32)       likewise
        last_elb                       category            likewise
        first_failure, last_failure    datetime64[us,UTC]  when it failed first and last
        failures_since_success         int64               failures after its last success; all
                                                           of them if there is none
        top_reason                     category            its most frequent failure reason
        =============================  ==================  ======================================

        A *spell* is two or more failures in a row, with no success of that client between them: a
        lone failure is a stray one, also at the very end of the record. Where a success and
        a failure have the same time, the success counts as the later. The first state that fits:

        ===============  ========================================================================
        never worked     it has no success
        stopped working  its last success is followed by a spell: two or more failures, no success
        came back        it had a spell before its last success
        new              all of its connections are at ``since`` or later
        working          the rest
        ===============  ========================================================================

        ``attrs`` holds ``by``, ``states`` (each state's number of clients), ``since``, ``start``
        and ``end`` (ISO 8601; the last two are the first and last timestamp of all lines; None
        without lines), and ``connections_without_client``.

    Raises
    ------
    TableError
        ``by`` names no client, ``since`` has no zone, or the source lacks columns (all are
        named).
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.

    Examples
    --------
    >>> connections = pd.DataFrame({
    ...     "timestamp": pd.date_range("2026-09-23T10:00Z", periods=3, freq="min"),
    ...     "client_ip": "203.0.113.7",
    ...     "outcome": ["success", "failed", "failed"],
    ...     "failure_reason": [None, "ClientCertExpired", "ClientCertExpired"],
    ... })
    >>> client_histories(connections)[["client_ip", "state", "failures_since_success"]]
         client_ip            state  failures_since_success
    0  203.0.113.7  stopped working                       2
    """
    check_client(by, _COLUMNS)
    moment = utc_instant("since", since)
    with open_counting(
        connections,
        columns=("timestamp", *OUTCOME_COLUMNS, *logged((by,))),
        optional=(*LISTENER, *SPOKEN),
        storage_options=storage_options,
    ) as counting:
        follow(counting, by)
        start, end = counting.span()
        if moment is None and start and end:
            moment = end - (end - start) / 10
        _count(counting)
        table = history_frame(counting, _told(moment), by, _COLUMNS)
        without = count_without_client(counting, by)
    table["state"] = table["state"].cat.set_categories(list(STATES))
    table.attrs.update(
        by=by,
        states={state: int((table["state"] == state).sum()) for state in STATES},
        since=moment.isoformat() if moment else None,
        start=start.isoformat() if start else None,
        end=end.isoformat() if end else None,
        connections_without_client=without,
    )
    return table


def _count(counting: Counting) -> None:
    """Make the tables ``successes``, ``failed`` (by reason), ``clients`` and ``in_spells``.

    Two narrow groupings are several times faster than one with conditions, and only the
    connections of clients that may have come back are ever put in order of time.
    """
    for name, query in (
        ("successes", _SUCCESSES),
        ("failed", _FAILURES),
        ("clients", _CLIENTS),
        ("in_spells", _SPELLS),
    ):
        counting.database.execute(f"CREATE TEMP TABLE {name} AS {query}")


_SUCCESSES = f"""
    SELECT client, count(timestamp) AS successes, min(timestamp) AS first_success,
        max(timestamp) AS last_success
    FROM history WHERE {SUCCEEDED} GROUP BY client HAVING {PLACED}
"""
_FAILURES = f"""
    SELECT client, failure_reason, count(timestamp) AS failures,
        count(timestamp) FILTER (last_success IS NULL OR timestamp > last_success)
            AS since_success,
        min(timestamp) AS first_failure, max(timestamp) AS last_failure
    FROM history LEFT JOIN successes USING (client)
    WHERE {FAILED} GROUP BY client, failure_reason HAVING {PLACED}
"""
_CLIENTS = f"""
    WITH failing AS (
        SELECT client, sum(failures)::BIGINT AS failures,
            sum(since_success)::BIGINT AS failures_since_success,
            min(first_failure) AS first_failure, max(last_failure) AS last_failure
        FROM failed GROUP BY client
    ),
    reasons AS (
        {top_reasons("failed", ["client"], condition="true", failures="sum(failures)")}
    )
    SELECT client, coalesce(successes, 0) + coalesce(failures, 0) AS connections,
        coalesce(failures, 0) AS failures, first_success, last_success, first_failure,
        last_failure, coalesce(failures_since_success, 0) AS failures_since_success, top_reason
    FROM successes FULL JOIN failing USING (client) LEFT JOIN reasons USING (client)
"""
# A moment and an outcome in one number, which is sorted in half the time: even is a failure, and
# comes before a success of the same moment. Without a known outcome there is none; nulls sort last.
_SPELLS = f"""
    WITH suspects AS (
        SELECT client, row_number() OVER () AS id, first_failure, last_success FROM clients
        WHERE failures_since_success < {FEWEST}
            AND failures - failures_since_success >= {FEWEST}
    ),
    ticks AS (
        SELECT id, epoch_us(timestamp) * 2
            + CASE outcome WHEN 'failed' THEN 0 WHEN 'success' THEN 1 END AS tick
        FROM history JOIN suspects USING (client)
        WHERE timestamp BETWEEN first_failure AND last_success
    ),
    following AS (
        SELECT id, tick, lag(tick) OVER (PARTITION BY id ORDER BY tick) AS before FROM ticks
    )
    SELECT DISTINCT client FROM following JOIN suspects USING (id)
    WHERE tick & 1 = 0 AND before & 1 = 0
"""


def _told(since: datetime | None) -> str:
    """Return the query of the answer: each client, its state, and what it last spoke."""
    first_seen = "least(first_success, first_failure)"
    moment = instant_literal(since) if since else "NULL"
    return f"""
        WITH spoken AS ({spoken_at("successes", ["client"])}),
        judged AS (
            SELECT clients.*, CASE
                WHEN last_success IS NULL THEN 'never worked'
                WHEN failures_since_success >= {FEWEST} THEN 'stopped working'
                WHEN client IN (SELECT client FROM in_spells) THEN 'came back'
                WHEN {first_seen} >= {moment} THEN 'new'
                ELSE 'working' END AS state
            FROM clients
        )
        SELECT judged.*, spoken.* EXCLUDE (client, successes, first_success, last_success)
        FROM judged LEFT JOIN spoken USING (client)
        ORDER BY {rank_of("state", STATES)}, failures DESC, client
    """
