"""Why connections failed: how often each failure reason occurred."""

from __future__ import annotations

from concurrent.futures import Executor

import pandas as pd

from albconn.analysis.counting.by_date import count_by_date
from albconn.analysis.counting.counts import (
    FAILED,
    KNOWN,
    OUTCOME_COLUMNS,
    TOLD_COLUMNS,
    Many,
    each_row,
    open_counting,
)
from albconn.analysis.counting.derived import derive
from albconn.analysis.counting.ends import ends_of_bins, noted
from albconn.analysis.counting.splits import By, Every, Split, make_split, split_frame
from albconn.database import open_cursor
from albconn.opened import Connections
from albconn.schema.kind import CATEGORY
from albconn.storage.places import StorageOptions

_REASON_COLUMNS = ("failure_reason", "failures", "connections", "share")


def failure_reasons(
    connections: Connections,
    *,
    every: Every = None,
    by: By = (),
    executor: Executor | None = None,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return how often each failure reason occurred, over time and split by columns.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    every : str or timedelta, optional
        Bin width, as for ``failure_rate``. None: no bins.
    by : str or sequence of str
        As for ``failure_rate``.
    executor : concurrent.futures.Executor, optional
        As for ``failure_rate``.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (reasons that occurred, columns)
        Within each bin and group, the most frequent first.

        ==================  ==================  =================================================
        column              type                meaning
        ==================  ==================  =================================================
        bin_start           datetime64[us,UTC]  start of the bin; absent when ``every`` is None
        *by*                as in the table     the group; ``date`` as in ``read_dataset``
        failure_reason      category            the code, verbatim; missing where none was logged
        failures            int64               failures with this reason
        connections         int64               connections of the bin and group, known outcome
        share               float64 [1]         share of the failures of the bin and group
        ==================  ==================  =================================================

        Split by ``tls_protocol``, ``tls_cipher`` or ``tls_keyexchange``, unmapped failures are
        in the group of the missing value, for what was logged with them is not the client's.
        ``attrs`` holds ``every``, the bin width (text), ``start`` and ``end`` (ISO 8601; first
        and last timestamp of all lines; None without bins).

    Raises
    ------
    TableError
        ``every`` or ``by`` is no good, or the source lacks columns (all are named).
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.
    """
    split = make_split(every, by, answer=_REASON_COLUMNS)
    needed = (*OUTCOME_COLUMNS, *split.needs)
    if executor is not None:
        answers = count_by_date(
            connections,
            _reason_counts(split),
            columns=needed,
            derived=split.by,
            executor=executor,
            storage_options=storage_options,
        )
        parts = answers.sum((*split.names, "failure_reason"), ("failures", "connections"))
        with open_cursor() as cursor:
            cursor.register("counted", parts)
            counted = cursor.sql(_reason_answer(split)).to_arrow_table()
        ends = answers.span() if split.width is not None else (None, None)
    else:
        with open_counting(
            connections, columns=needed, optional=TOLD_COLUMNS, storage_options=storage_options
        ) as counting:
            derive(counting, split.by)
            counted = counting.table(reason_query(split, counting.many))
            ends = ends_of_bins(counting, counted, split)
    place = counted.column_names.index("failure_reason")
    reasons = counted["failure_reason"].cast(CATEGORY)
    table = split_frame(counted.set_column(place, "failure_reason", reasons), split)
    table.attrs.update(noted(ends))
    return table


def reason_query(split: Split, many: Many = each_row) -> str:
    """Count failures by reason; each group's totals are sums over its reasons."""
    return f"WITH counted AS ({_reason_counts(split, many)}) {_reason_answer(split)}"


def _reason_counts(split: Split, many: Many = each_row) -> str:
    # Successes have no reason, so they come with the failures that have none, counted apart.
    return (
        f"SELECT {split.selected_if_mapped}failure_reason, "
        f"{many(FAILED)} AS failures, {many(KNOWN)} AS connections FROM {split.table} "
        f"WHERE {KNOWN} GROUP BY ALL"
    )


def _reason_answer(split: Split) -> str:
    return (
        f"SELECT * FROM (SELECT {split.keys}failure_reason, failures, "
        f"(sum(connections) OVER ({split.partition}))::BIGINT AS connections, "
        f"failures / sum(failures) OVER ({split.partition}) AS share FROM counted) "
        f"WHERE failures > 0 "
        f"ORDER BY {split.order}failures DESC, failure_reason ASC NULLS LAST"
    )
