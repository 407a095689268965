"""Who fails: the clients with the most failures, and everyone else in one row.

A client is an address or, with shorter prefixes, a network. The rest is shown too, so the table
always adds up to the whole, and one client with one failure is seen for what it is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from albconn.analysis.counting.counts import (
    CONNECTIONS,
    FAILED,
    FAILURES,
    KNOWN,
    OUTCOME_COLUMNS,
    UNMAPPED_FAILURES,
    Counting,
    open_counting,
)
from albconn.analysis.counting.networks import check_prefixes, network_query
from albconn.analysis.counting.top_reasons import top_reasons
from albconn.analysis.stats.intervals import add_rates, rate_of
from albconn.arguments import whole
from albconn.arrow import to_frame
from albconn.opened import Connections
from albconn.schema.kind import CATEGORY, INSTANT
from albconn.storage.places import StorageOptions

OTHER = "other"
_COLUMNS = [
    "client_ip", "connections", "failures", "unmapped_failures", "failure_rate", "rate_low",
    "rate_high", "share_of_failures", "top_reason", "first_failure", "last_failure",
]  # fmt: skip


class Listed(NamedTuple):
    """A list of clients: how many, and the lengths of networks that count as one [bits]."""

    top: int
    ipv4_prefix: int = 32
    ipv6_prefix: int = 128


def failing_clients(
    connections: Connections,
    *,
    top: int = 20,
    ipv4_prefix: int = 32,
    ipv6_prefix: int = 128,
    min_connections: int = 1,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return the clients with the most failures, and all others as one row.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    top : int
        How many clients to list.
    ipv4_prefix, ipv6_prefix : int
        Length of the network [bits] that counts as one client, for example 24 and 64. An IPv4
        address mapped into IPv6 goes by the IPv4 prefix; a masked address keeps its text.
    min_connections : int
        A client with fewer connections is among the others.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (at most top + 1, columns)
        Most failures first, then the higher rate. ``other`` comes last, when it has connections;
        it holds everyone else, so that connections and failures sum to the whole.

        ===========================  ==================  ========================================
        column                       type                meaning
        ===========================  ==================  ========================================
        client_ip                    category            address, network (203.0.113.0/24), other
        connections                  int64               connections with a known outcome
        failures                     int64               of them, those that failed
        unmapped_failures            int64               failures with UnmappedConnectionError
        failure_rate                 float64 [1]         failures / connections
        rate_low, rate_high          float64 [1]         Wilson 95 % interval of the rate
        share_of_failures            float64 [1]         share of all failures
        top_reason                   category            its most frequent failure reason
        first_failure, last_failure  datetime64[us,UTC]  when it failed first and last
        ===========================  ==================  ========================================

    Raises
    ------
    TableError
        An argument is out of range, or the source lacks columns (all are named).
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.
    """
    top = whole("top", top, 1)
    min_connections = whole("min_connections", min_connections, 1)
    wanted = Listed(top, *check_prefixes(ipv4_prefix, ipv6_prefix))
    columns = ("timestamp", "client_ip", *OUTCOME_COLUMNS)
    with open_counting(connections, columns=columns, storage_options=storage_options) as counting:
        _make_addresses(counting)
        return _list(counting, wanted, min_connections)


def list_failing(
    connections: Connections, *wanted: Listed
) -> tuple[list[pd.DataFrame], NDArray[np.int64]]:
    """Return several lists as ``failing_clients`` has them, and how many failures each address has.

    All come of one look at the log.
    """
    columns = ("timestamp", "client_ip", *OUTCOME_COLUMNS)
    with open_counting(connections, columns=columns) as counting:
        _make_addresses(counting)
        failures = counting.table(
            "SELECT sum(failures)::BIGINT AS failures FROM addresses GROUP BY client_ip"
        )["failures"]
        return [_list(counting, each, 1) for each in wanted], failures.to_numpy()


def _list(counting: Counting, wanted: Listed, min_connections: int) -> pd.DataFrame:
    _make_clients(counting, wanted)
    clients = to_frame(_typed(counting.table(_ranked(wanted.top, min_connections))))
    add_rates(clients)
    clients["share_of_failures"] = rate_of(clients["failures"], clients["all_failures"])
    return clients[_COLUMNS]


def _make_addresses(counting: Counting) -> None:
    """Make the temporary table ``addresses``: one row for each address and reason."""
    counting.database.execute(
        f"CREATE TEMP TABLE addresses AS SELECT client_ip, failure_reason, "
        f"{CONNECTIONS} AS connections, {FAILURES} AS failures, "
        f"{UNMAPPED_FAILURES} AS unmapped_failures, "
        f"min(timestamp) FILTER ({FAILED}) AS first_failure, "
        f"max(timestamp) FILTER ({FAILED}) AS last_failure "
        f"FROM connections WHERE {KNOWN} GROUP BY client_ip, failure_reason"
    )


def _make_clients(counting: Counting, wanted: Listed) -> None:
    """Make the temporary table ``counted``: one row for each client and reason."""
    networks = network_query(
        counting, "addresses", ipv4_prefix=wanted.ipv4_prefix, ipv6_prefix=wanted.ipv6_prefix
    )
    counting.database.execute(
        f"CREATE OR REPLACE TEMP TABLE counted AS SELECT client, failure_reason, {_SUMS} "
        f"FROM ({networks}) GROUP BY client, failure_reason"
    )


_SUMS = (
    "sum(connections)::BIGINT AS connections, sum(failures)::BIGINT AS failures, "
    "sum(unmapped_failures)::BIGINT AS unmapped_failures, "
    "min(first_failure) AS first_failure, max(last_failure) AS last_failure"
)


def _ranked(top: int, min_connections: int) -> str:
    """Return the query: rank the clients, let the rest be one, find each one's top reason.

    A null client is a client like any other, so the rest is told by its rank, not its name.
    """
    reasons = top_reasons(
        "by_reason", ["place"], condition="failures > 0", failures="sum(failures)"
    )
    return f"""
        WITH clients AS (SELECT client, {_SUMS} FROM counted GROUP BY client),
        competing AS (
            SELECT client, row_number() OVER (
                ORDER BY failures DESC, connections ASC, client ASC NULLS LAST) AS place
            FROM clients WHERE failures > 0 AND connections >= {min_connections}
            QUALIFY place <= {top}
        ),
        placed AS (
            SELECT counted.*, coalesce(place, {top} + 1) AS place
            FROM counted LEFT JOIN competing
            ON counted.client IS NOT DISTINCT FROM competing.client
        ),
        by_reason AS (
            SELECT place, any_value(client) AS client, failure_reason, {_SUMS}
            FROM placed GROUP BY place, failure_reason
        ),
        reasons AS (
            {reasons}
        ),
        summed AS (
            SELECT place, any_value(client) AS client, {_SUMS} FROM by_reason GROUP BY place
        )
        SELECT if(place > {top}, '{OTHER}', client) AS client_ip, connections, failures,
            unmapped_failures, top_reason, first_failure, last_failure,
            (sum(failures) OVER ())::BIGINT AS all_failures
        FROM summed LEFT JOIN reasons USING (place) ORDER BY place
    """


def _typed(counted: pa.Table) -> pa.Table:
    types = {
        "client_ip": CATEGORY,
        "top_reason": CATEGORY,
        "first_failure": INSTANT,
        "last_failure": INSTANT,
    }
    return counted.cast(
        pa.schema([pa.field(f.name, types.get(f.name, f.type)) for f in counted.schema])
    )
