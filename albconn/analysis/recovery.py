"""Did they come back? Clients that failed and then got through, and those that never did.

A client that fails once and is in half a second later has a flaky network; one that tries for
forty minutes and gives up has a customer. A client is an address: behind a shared one, the
success may be another device's.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.counts import FAILED, KNOWN, OUTCOME_COLUMNS, open_counting
from albconn.analysis.counting.top_reasons import top_reasons
from albconn.arrow import to_frame
from albconn.opened import Connections
from albconn.schema.kind import CATEGORY, INSTANT
from albconn.storage.places import StorageOptions

_TYPES = {
    "client_ip": CATEGORY, "top_reason": CATEGORY, "first_failure": INSTANT,
    "last_failure": INSTANT, "recovered_at": INSTANT,
}  # fmt: skip


def recoveries(
    connections: Connections,
    *,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return, for each client that failed, how long it took until it got through.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data. Give those from the start
        of an incident on to ask about that incident.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (clients with a failure, columns)
        Those that never recovered first, then those that took longest.

        ======================  ==================  =============================================
        column                  type                meaning
        ======================  ==================  =============================================
        client_ip               category            the address
        failures                int64               its failures, all of them
        attempts                int64               connections from its first failure to the
                                                    first success after it, that one included;
                                                    to its last connection if there is none
        first_failure           datetime64[us,UTC]  its first failure
        last_failure            datetime64[us,UTC]  its last failure
        recovered_at            datetime64[us,UTC]  first success after the first failure
        seconds_to_success      float64 [s]         recovered_at - first_failure; NaN if never
        recovered               bool                there is such a success
        still_failing           bool                no success follows its last failure
        top_reason              category            its most frequent failure reason
        ======================  ==================  =============================================

    Raises
    ------
    TableError
        The source lacks columns (all are named).
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.
    """
    columns = ("timestamp", "client_ip", *OUTCOME_COLUMNS)
    with open_counting(connections, columns=columns, storage_options=storage_options) as counting:
        counted = counting.table(_QUERY)
    typed = pa.schema([pa.field(f.name, _TYPES.get(f.name, f.type)) for f in counted.schema])
    return to_frame(counted.cast(typed))


_QUERY = f"""
    WITH failing AS (
        SELECT client_ip, count(*) AS failures, min(timestamp) AS first_failure,
            max(timestamp) AS last_failure
        FROM connections WHERE {FAILED} GROUP BY client_ip
    ),
    through AS (
        SELECT failing.client_ip,
            min(timestamp) FILTER (timestamp > first_failure) AS recovered_at,
            max(timestamp) > any_value(last_failure) AS is_through
        FROM connections JOIN failing
        ON connections.client_ip IS NOT DISTINCT FROM failing.client_ip
        WHERE outcome = 'success' AND timestamp >= first_failure GROUP BY failing.client_ip
    ),
    followed AS (
        SELECT failing.*, recovered_at, coalesce(is_through, false) AS is_through
        FROM failing LEFT JOIN through ON failing.client_ip IS NOT DISTINCT FROM through.client_ip
    ),
    tried AS (
        SELECT followed.client_ip, count(*) AS attempts
        FROM connections JOIN followed
        ON connections.client_ip IS NOT DISTINCT FROM followed.client_ip
        WHERE {KNOWN} AND timestamp >= first_failure
            AND (recovered_at IS NULL OR timestamp <= recovered_at)
        GROUP BY followed.client_ip
    ),
    reasons AS (
        {top_reasons("connections", ["client_ip"])}
    ),
    clients AS (
        SELECT followed.client_ip, failures, attempts, first_failure, last_failure, recovered_at,
            (epoch_us(recovered_at) - epoch_us(first_failure)) / 1e6 AS seconds_to_success,
            recovered_at IS NOT NULL AS recovered, NOT is_through AS still_failing
        FROM followed JOIN tried ON followed.client_ip IS NOT DISTINCT FROM tried.client_ip
    )
    SELECT clients.*, top_reason FROM clients LEFT JOIN reasons
    ON clients.client_ip IS NOT DISTINCT FROM reasons.client_ip
    ORDER BY recovered, seconds_to_success DESC, failures DESC, clients.client_ip
"""
