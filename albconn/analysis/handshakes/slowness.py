"""Slow rather than failing: how many successful handshakes took far longer than usual.

A percentile over time shows it; a share of slow handshakes can also be tested, for it is a count
of so many out of so many, like a failure rate, and the same scan finds when it was different.
"""

from __future__ import annotations

import pandas as pd

from albconn.analysis.changes import worst_window
from albconn.analysis.counting.counts import open_counting
from albconn.analysis.counting.derived import derive
from albconn.analysis.counting.ends import ends_of_bins, noted
from albconn.analysis.counting.splits import Bins, By, Every, make_split, require_bins, split_frame
from albconn.analysis.stats.intervals import rate_of, wilson_interval
from albconn.arguments import seconds
from albconn.opened import Connections
from albconn.storage.places import StorageOptions
from albconn.times import Window

SLOW_FACTOR = 3.0  # times the median: about one handshake in a hundred of ordinary traffic
_COLUMNS = ("connections", "slow", "slow_rate", "rate_low", "rate_high")


def slow_handshakes(
    connections: Connections,
    *,
    every: Every = "5min",
    by: By = (),
    slower_than: float | None = None,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return how many successful handshakes were slow, over time and split by columns.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    every : str or timedelta, optional
        Bin width, as for ``failure_rate``. None: no bins.
    by : str or sequence of str
        As for ``failure_rate``.
    slower_than : float, optional
        What is slow [s]. Without it: three times the median of all.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (bins × groups, columns)
        ===================  ==================  ================================================
        column               type                meaning
        ===================  ==================  ================================================
        bin_start            datetime64[us,UTC]  start of the bin; absent when ``every`` is None
        *by*                 as in the table     the group
        connections          int64               successes with a latency
        slow                 int64               of them, those that took longer
        slow_rate            float64 [1]         slow / connections
        rate_low, rate_high  float64 [1]         Wilson 95 % interval of the rate
        ===================  ==================  ================================================

        ``attrs`` holds ``slower_than`` [s], and ``every``, ``start`` and ``end`` as for
        ``failure_reasons``.

    Raises
    ------
    TableError
        ``every``, ``by`` or ``slower_than`` is no good, or the source lacks columns.
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.
    """
    split = make_split(every, by, answer=_COLUMNS)
    if slower_than is not None:
        slower_than = seconds("slower_than", slower_than)
    columns = ("outcome", "tls_handshake_latency", *split.needs)
    timed = "outcome = 'success' AND tls_handshake_latency IS NOT NULL"
    with open_counting(connections, columns=columns, storage_options=storage_options) as counting:
        if slower_than is None:
            median = counting.table(
                f"SELECT median(tls_handshake_latency) AS m FROM connections WHERE {timed}"
            )["m"][0].as_py()
            slower_than = SLOW_FACTOR * (median or 0.0)
        derive(counting, split.by)
        counted = counting.table(
            f"SELECT {split.selected}count(*) AS connections, "
            f"count(*) FILTER (tls_handshake_latency > {float(slower_than)!r}) AS slow "
            f"FROM {split.table} WHERE {timed} GROUP BY {split.group_by} HAVING count(*) > 0 "
            f"ORDER BY {split.order}1"
        )
        ends = ends_of_bins(counting, counted, split)
    table = split_frame(counted, split)
    table["slow_rate"] = rate_of(table["slow"], table["connections"])
    table["rate_low"], table["rate_high"] = wilson_interval(table["slow"], table["connections"])
    table.attrs.update(slower_than=float(slower_than), every=split.text, **noted(ends))
    return table


def slow_window(
    connections: Connections, *, every: Bins = "5min", storage_options: StorageOptions = None
) -> Window | None:
    """Return the time range in which handshakes were slow more often than the rest of the time.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    every : str or timedelta
        Bin width.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    tuple of datetime, or None
        As for ``worst_window``, with slow handshakes in the place of failures.

    Raises
    ------
    TableError
        ``every`` is no good, or the source lacks columns (all are named).
    """
    require_bins(every)
    slow = slow_handshakes(connections, every=every, storage_options=storage_options)
    return worst_window(slow.rename(columns={"slow": "failures"}), every=every)
