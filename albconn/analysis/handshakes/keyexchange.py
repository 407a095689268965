"""Which key-exchange groups clients use, and how far post-quantum ones have come.

Successes only: a failed handshake agreed on nothing. The group's name is compared without regard
to case, for sources spell it differently. Lines from before the field existed (2026) say nothing
of it: they are not in the shares.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.counts import TOLD_COLUMNS, open_counting
from albconn.analysis.counting.derived import derive
from albconn.analysis.counting.ends import ends_of_bins, noted
from albconn.analysis.counting.splits import By, Every, make_split, split_frame
from albconn.analysis.tls.groups import groups, is_post_quantum
from albconn.opened import Connections
from albconn.schema.kind import CATEGORY
from albconn.storage.places import StorageOptions

_COLUMNS = ("tls_keyexchange", "connections", "share", "post_quantum")


def key_exchange_share(
    connections: Connections,
    *,
    every: Every = "1D",
    by: By = (),
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return the share of each key-exchange group among successful handshakes.

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
    DataFrame, shape (groups that occurred, columns)
        Within each bin and group of ``by``, the most frequent first.

        ==================  ==================  =================================================
        column              type                meaning
        ==================  ==================  =================================================
        bin_start           datetime64[us,UTC]  start of the bin; absent when ``every`` is None
        *by*                as in the table     what it is split by
        tls_keyexchange     category            the group, in its usual spelling
        connections         int64               successes with this group
        share               float64 [1]         of the successes whose group is known, in the
                                                same bin and group of ``by``
        post_quantum        bool                the group resists quantum computers
        ==================  ==================  =================================================

        ``attrs["unknown"]`` says how many successes have no group on record; ``every``, ``start``
        and ``end`` are there as for ``failure_reasons``.

    Raises
    ------
    TableError
        ``every`` or ``by`` is no good, or the source lacks columns (all are named).
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.

    References
    ----------
    AWS, "Security policies for your Application Load Balancer", post-quantum policies.
    """
    split = make_split(every, by, answer=_COLUMNS)
    columns = ("outcome", "tls_keyexchange", *split.needs)
    with open_counting(
        connections, columns=columns, optional=TOLD_COLUMNS, storage_options=storage_options
    ) as counting:
        derive(counting, split.by)
        counting.database.register("spellings", _spellings())
        counted = counting.table(
            f"WITH counted AS (SELECT {split.selected}lower(tls_keyexchange) AS lowered, "
            f"min(tls_keyexchange) AS spelled, {counting.many('true')} AS connections "
            f"FROM {split.table} "
            f"WHERE outcome = 'success' AND tls_keyexchange IS NOT NULL GROUP BY ALL), "
            f"shared AS (SELECT {split.keys}coalesce(usual, spelled) AS tls_keyexchange, "
            f"connections, connections / sum(connections) OVER ({split.partition}) AS share "
            f"FROM counted LEFT JOIN spellings USING (lowered)) "
            f"SELECT * FROM shared ORDER BY {split.order}connections DESC, tls_keyexchange"
        )
        unknown = counting.table(
            f"SELECT {counting.many('true')} AS n FROM connections "
            "WHERE outcome = 'success' AND tls_keyexchange IS NULL"
        )["n"][0].as_py()
        ends = ends_of_bins(counting, counted, split)
    place = counted.column_names.index("tls_keyexchange")
    names = counted["tls_keyexchange"].cast(CATEGORY)
    shares = split_frame(counted.set_column(place, "tls_keyexchange", names), split)
    shares["post_quantum"] = shares["tls_keyexchange"].map(is_post_quantum).astype("bool")
    shares.attrs.update(every=split.text, unknown=unknown, **noted(ends))
    return shares


def _spellings() -> pa.Table:
    known = groups()
    return pa.table({"lowered": list(known), "usual": [name for name, _ in known.values()]})
