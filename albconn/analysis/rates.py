"""How many connections failed: over time, and split by columns.

A function takes connections and gives a small table that says all that a chart needs: numerator,
denominator and interval travel together.
"""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.by_date import count_by_date
from albconn.analysis.counting.counts import (
    FAILED,
    KNOWN,
    LISTENER_COLUMNS,
    MAPPED,
    OUTCOME_COLUMNS,
    TOLD_COLUMNS,
    UNMAPPED,
    Counting,
    Many,
    Uncounted,
    each_row,
    open_counting,
)
from albconn.analysis.counting.derived import DATE, derive
from albconn.analysis.counting.ends import Ends, ends_of, noted
from albconn.analysis.counting.splits import By, Every, Split, make_split, split_frame
from albconn.analysis.stats.intervals import add_rates
from albconn.opened import Connections
from albconn.storage.places import StorageOptions

_RATE_COLUMNS = (
    "connections", "failures", "unmapped_failures", "failure_rate", "rate_low", "rate_high",
)  # fmt: skip
_COUNTED = ("connections", "failures", "unmapped_failures")
_FEW_VALUES = frozenset(
    {
        "tls_protocol", "tls_cipher", "tls_keyexchange", "listener_port", "elb", "ip_address",
        "account_id", "region", DATE,
    }
)  # fmt: skip


def failure_rate(
    connections: Connections,
    *,
    every: Every = "5min",
    by: By = (),
    executor: Executor | None = None,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return how many connections failed, over time and split by columns.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    every : str or timedelta, optional
        Bin width, whole seconds, as pandas writes it: ``"30s"``, ``"5min"``, ``"h"``, ``"1D"``,
        ``"W"``. Bins are aligned to 1970-01-01 UTC, those of whole weeks begin on a Monday.
        None: no bins.
    by : str or sequence of str
        Columns to split by, ``client_network`` (/24 and /64) or ``date`` (of UTC) among them. A
        missing value is a group of its own.
    executor : concurrent.futures.Executor, optional
        Where to count a dataset's path, date by date: threads, processes, or a Dask cluster's
        ``Client.get_executor()``. The table is the same.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (bins × groups, columns)
        Sorted by its first columns. A bin or group without connections is absent: a hole is not
        zero traffic.

        ==================  ==================  =================================================
        column              type                meaning
        ==================  ==================  =================================================
        bin_start           datetime64[us,UTC]  start of the bin; absent when ``every`` is None
        *by*                as in the table     the group; ``date`` as in ``read_dataset``
        connections         int64               connections with a known outcome
        failures            int64               of them, those that failed
        unmapped_failures   int64               failures with UnmappedConnectionError
        failure_rate        float64 [1]         failures / connections; NaN without connections
        rate_low, rate_high float64 [1]         Wilson 95 % interval of the rate
        ==================  ==================  =================================================

        Split by ``tls_protocol``, ``tls_cipher`` or ``tls_keyexchange``, unmapped failures are
        in ``unmapped_failures`` only: the values logged with them are not the client's, and no
        TLS version is blamed. In any other split ``failures`` includes them.

        ``attrs`` holds ``every`` (text), ``start`` and ``end`` (ISO 8601; first and last
        timestamp), ``unclassified`` and ``not_tls`` (lines in neither count); None where the
        source lacks the columns to tell.

    Raises
    ------
    TableError
        ``every`` or ``by`` is no good, or the source lacks columns (all are named).
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.

    References
    ----------
    AWS, "Connection logs for your Application Load Balancer", error reason codes.

    Examples
    --------
    >>> connections = pd.DataFrame({
    ...     "timestamp": pd.to_datetime(["2026-09-23T10:01Z", "2026-09-23T10:04Z"]),
    ...     "outcome": ["success", "failed"],
    ...     "failure_reason": [None, "ClientCertExpired"],
    ... })
    >>> failure_rate(connections)[["connections", "failures", "failure_rate"]]
       connections  failures  failure_rate
    0            2         1           0.5
    """
    split = make_split(every, by, answer=_RATE_COLUMNS)
    needed: dict[str, Any] = {
        "columns": (*OUTCOME_COLUMNS, *split.needs),
        "optional": ("timestamp", *LISTENER_COLUMNS, *TOLD_COLUMNS),
        "storage_options": storage_options,
    }
    if executor is not None:
        answers = count_by_date(
            connections, _rate_query(split), **needed, derived=split.by, executor=executor
        )
        rates = _with_rates(answers.sum(split.names, _COUNTED, split.order), split)
        attributes = _attributes(split, answers.uncounted(), answers.span())
    else:
        # While DuckDB looks at what is left, this thread makes the frame.
        with open_counting(connections, **needed) as counting, ThreadPoolExecutor(1) as beside:
            derive(counting, split.by)
            counted = counting.table(_rate_query(split, counting.many))
            rest = beside.submit(_rest, counting, counted, split)
            rates = _with_rates(counted, split)
            attributes = _attributes(split, *rest.result())
    rates.attrs.update(attributes)
    return rates


def rates_of_clients(connections: Connections, clients: pd.Series, *, every: Every) -> pd.DataFrame:
    """Return ``failure_rate`` by client, of some clients only: of most nobody asks.

    ``attrs`` holds ``every``; what is in no group is not looked for.
    """
    split = make_split(every, "client_ip", answer=_RATE_COLUMNS)
    asked = pa.table({"client_ip": pa.array(clients, pa.string(), from_pandas=True)})
    with open_counting(connections, columns=(*OUTCOME_COLUMNS, *split.needs)) as counting:
        counting.database.register("asked", asked)
        counting.database.execute(
            "ALTER VIEW connections RENAME TO all_connections; "
            "CREATE TEMP VIEW connections AS SELECT * FROM all_connections SEMI JOIN asked "
            "ON all_connections.client_ip IS NOT DISTINCT FROM asked.client_ip"
        )
        rates = _with_rates(counting.table(_rate_query(split)), split)
    rates.attrs["every"] = split.text
    return rates


def _rate_query(split: Split, many: Many = each_row) -> str:
    """Count each bin and group that has connections with a known outcome."""
    mapped = f" AND {MAPPED}" if split.by_handshake else ""
    counts = {
        "connections": KNOWN + mapped,
        "failures": FAILED + mapped,
        "unmapped_failures": UNMAPPED,
    }
    if set(split.by) <= _FEW_VALUES or many is not each_row:
        # Few values: grouped first by outcome and reason, each condition is asked once a group
        # and not once a row, which takes half the time. Many clients would be hashed twice.
        selected, count = split.keys, "CAST(coalesce(sum(n) FILTER ({}), 0) AS BIGINT) AS {}"
        source = (
            f"(SELECT {split.selected}outcome, failure_reason, {many('true')} AS n "
            f"FROM {split.table} "
            "GROUP BY ALL)"
        )
        having = f"HAVING sum(n) FILTER ({KNOWN}) > 0 "
    else:
        selected, count = split.selected, "count(*) FILTER ({}) AS {}"
        source = f"{split.table} WHERE {KNOWN}"
        having = ""  # every group has a connection, and to ask for it costs time
    columns = ", ".join(count.format(condition, name) for name, condition in counts.items())
    return (
        f"SELECT {selected}{columns} FROM {source} "
        f"GROUP BY {split.group_by} {having}ORDER BY {split.order}1"
    )


def _left_out(counting: Counting, counted: pa.Table, split: Split) -> int:
    """Return how many lines are in no group, because their outcome is not known."""
    known = ["connections", *(["unmapped_failures"] if split.by_handshake else [])]
    return counting.lines() - sum(int(np.asarray(counted[name]).sum()) for name in known)


def _attributes(
    split: Split,
    uncounted: Uncounted | None,
    ends: Ends,
) -> dict[str, Any]:
    return {
        "every": split.text,
        "unclassified": uncounted.unclassified if uncounted else None,
        "not_tls": uncounted.not_tls if uncounted else None,
        **noted(ends),
    }


def _with_rates(counted: pa.Table, split: Split) -> pd.DataFrame:
    rates = split_frame(counted, split)
    add_rates(rates)
    return rates


def _rest(counting: Counting, counted: pa.Table, split: Split) -> tuple[Uncounted | None, Ends]:
    """Count what is in no group, and find the ends of time."""
    left_out = _left_out(counting, counted, split)
    return counting.uncounted(left_out), ends_of(counting, counted, split)
