"""The totals of a source: every row is in one of the counts."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.counts import (
    CONNECTIONS,
    FAILURES,
    LISTENER_COLUMNS,
    OUTCOME_COLUMNS,
    UNMAPPED_FAILURES,
    Uncounted,
    open_counting,
)
from albconn.analysis.counting.splits import Split
from albconn.analysis.reasons import reason_query
from albconn.analysis.stats.intervals import add_rates
from albconn.opened import Connections
from albconn.schema.kind import CATEGORY, INSTANT
from albconn.storage.places import StorageOptions


def outcome_totals(
    connections: Connections,
    *,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return the totals of a source.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (1, columns)
        ``rows = connections + unclassified + not_tls``, ``connections = successes + failures``.

        ===============================  ==================  ====================================
        column                           type                meaning
        ===============================  ==================  ====================================
        rows                             int64               all rows
        connections                      int64               those with a known outcome
        successes, failures              int64               of them
        unmapped_failures                int64               failures, UnmappedConnectionError
        unclassified                     int64               no outcome, on a TLS listener
        not_tls                          int64               HTTP listeners
        failure_rate                     float64 [1]         failures / connections
        rate_low, rate_high              float64 [1]         Wilson 95 % interval of the rate
        first_timestamp, last_timestamp  datetime64[us,UTC]  of all rows
        top_reason                       category            the most frequent reason; missing
                                                             without failures, or without a code
        ===============================  ==================  ====================================

    Raises
    ------
    TableError
        The source lacks columns (all are named).
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.
    """
    columns = ("timestamp", *OUTCOME_COLUMNS, *LISTENER_COLUMNS)
    with open_counting(connections, columns=columns, storage_options=storage_options) as counting:
        counted = counting.table(
            f"SELECT count(*) AS rows, {CONNECTIONS} AS connections, "
            f"{CONNECTIONS} - {FAILURES} AS successes, {FAILURES} AS failures, "
            f"{UNMAPPED_FAILURES} AS unmapped_failures FROM connections"
        ).to_pylist()[0]
        uncounted = counting.uncounted() or Uncounted(0, 0)
        first, last = counting.span()
        reasons = counting.table(reason_query(Split(None, ())))["failure_reason"]
    totals = pd.DataFrame([{**counted, **uncounted._asdict()}])
    add_rates(totals)
    totals["first_timestamp"], totals["last_timestamp"] = _instant(first), _instant(last)
    top = reasons.slice(0, 1) if len(reasons) else pa.nulls(1, pa.string())
    totals["top_reason"] = top.cast(CATEGORY).to_pandas()
    return totals


def _instant(moment: datetime | None) -> pd.Series:
    return pa.array([moment], INSTANT).to_pandas()
