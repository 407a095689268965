"""Everyone, or one client? How concentrated failures are."""

from __future__ import annotations

import pandas as pd

from albconn.analysis.counting.counts import CONNECTIONS, FAILURES, KNOWN, open_counting
from albconn.analysis.counting.networks import check_prefixes, network_query
from albconn.analysis.stats.concentration import concentration_of
from albconn.opened import Connections
from albconn.storage.places import StorageOptions


def failure_concentration(
    connections: Connections,
    *,
    ipv4_prefix: int = 32,
    ipv6_prefix: int = 128,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return how unevenly failures are spread over clients.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    ipv4_prefix, ipv6_prefix : int
        Length of the network [bits] that counts as one client, as for ``failing_clients``.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (1, columns)
        ===============  ============  ==========================================================
        column           type          meaning
        ===============  ============  ==========================================================
        clients          int64         clients with a connection of known outcome
        failing_clients  int64         of them, those with a failure
        failures         int64         all failures
        top_1_share      float64 [1]   share of the failures of the client with most
        top_10_share     float64 [1]   share of the ten with most
        gini             float64 [1]   over failing clients: 0 all alike, near 1 one has them all
        ===============  ============  ==========================================================

        The shares and ``gini`` are NaN where nothing failed.

    Raises
    ------
    TableError
        A prefix is out of range, or the source lacks columns (all are named).
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.

    References
    ----------
    C. Gini, "Variabilità e mutabilità" (1912).
    """
    ipv4_prefix, ipv6_prefix = check_prefixes(ipv4_prefix, ipv6_prefix)
    with open_counting(
        connections,
        columns=("client_ip", "outcome", "failure_reason"),
        storage_options=storage_options,
    ) as counting:
        counting.database.execute(
            f"CREATE TEMP TABLE addresses AS SELECT client_ip, {CONNECTIONS} AS connections, "
            f"{FAILURES} AS failures FROM connections WHERE {KNOWN} GROUP BY client_ip"
        )
        networks = network_query(
            counting, "addresses", ipv4_prefix=ipv4_prefix, ipv6_prefix=ipv6_prefix
        )
        counted = counting.table(
            f"SELECT sum(failures)::BIGINT AS failures FROM ({networks}) GROUP BY client"
        )["failures"].to_numpy()
    return pd.DataFrame([concentration_of(counted)])
