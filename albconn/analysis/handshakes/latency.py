"""How long successful handshakes took.

A failed handshake has no duration in the log, so a percentile speaks of successes only. A
client that gave up waiting is a failure, and not in here.
"""

from __future__ import annotations

import pandas as pd

from albconn.analysis.counting.counts import open_counting
from albconn.analysis.counting.derived import derive
from albconn.analysis.counting.ends import ends_of_bins, noted
from albconn.analysis.counting.splits import By, Every, Split, make_split, split_frame
from albconn.opened import Connections
from albconn.storage.places import StorageOptions

_LATENCY_COLUMNS = ("connections", "p50", "p95", "p99", "max")
_QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


def handshake_latency(
    connections: Connections,
    *,
    every: Every = "5min",
    by: By = (),
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return percentiles of the handshake's duration; of successes, for only they have one.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    every : str or timedelta, optional
        Bin width, as for ``failure_rate``. None: no bins.
    by : str or sequence of str
        As for ``failure_rate``.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (bins × groups, columns)
        ==================  ==================  =================================================
        column              type                meaning
        ==================  ==================  =================================================
        bin_start           datetime64[us,UTC]  start of the bin; absent when ``every`` is None
        *by*                as in the table     the group
        connections         int64               successes with a latency
        p50, p95, p99       float64 [s]         percentiles, linear between ranks
        max                 float64 [s]         the longest
        ==================  ==================  =================================================

        ``attrs`` holds ``every``, ``start`` and ``end``, as for ``failure_reasons``.

    Raises
    ------
    TableError
        ``every`` or ``by`` is no good, or the source lacks columns (all are named).
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.
    """
    split = make_split(every, by, answer=_LATENCY_COLUMNS)
    columns = ("outcome", "tls_handshake_latency", *split.needs)
    with open_counting(connections, columns=columns, storage_options=storage_options) as counting:
        derive(counting, split.by)
        counted = counting.table(_latency_query(split))
        table = split_frame(counted, split)
        table.attrs.update(noted(ends_of_bins(counting, counted, split)))
    return table


def _latency_query(split: Split) -> str:
    """Count equal latencies and read the percentiles off the counts.

    The log has latencies in whole milliseconds. So this takes memory for the values that are
    different, not for every connection, and it is exact: rank r (from 0) has the first value
    with more than r connections up to it, and a percentile lies between two ranks.
    """
    return (
        f"WITH counted AS (SELECT {split.selected}tls_handshake_latency AS latency, "
        f"count(*) AS n FROM {split.table} "
        f"WHERE outcome = 'success' AND tls_handshake_latency IS NOT NULL GROUP BY ALL), "
        f"ranked AS (SELECT *, sum(n) OVER ({split.partition} ORDER BY latency) AS upto, "
        f"sum(n) OVER ({split.partition}) AS total FROM counted) "
        f"SELECT {split.keys}any_value(total)::BIGINT AS connections, "
        f"{', '.join(_percentile(q, name) for name, q in _QUANTILES.items())}, "
        f"max(latency) AS max FROM ranked "
        f"GROUP BY {split.group_by} HAVING count(*) > 0 ORDER BY {split.order}1"
    )


def _percentile(quantile: float, name: str) -> str:
    rank = f"((total - 1) * {quantile}::DOUBLE)"
    low = f"min(latency) FILTER (upto > floor({rank}))"
    high = f"min(latency) FILTER (upto > ceil({rank}))"
    return f"{low} + ({high} - {low}) * any_value({rank} - floor({rank})) AS {name}"
