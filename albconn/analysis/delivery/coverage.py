"""Is anything missing?

A node of a load balancer delivers a log file every five minutes. Where a file of a node is not
there, between others of the same node, its connections are not in any count: a hole, not zero
traffic. (A node that nobody connected to may have had nothing to deliver; the names of files
cannot tell the two apart.) Only names are looked at; nothing is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from albconn.arrow import to_frame
from albconn.errors import warn
from albconn.logs.find.selection import Names, Selection, make_selection
from albconn.logs.find.sources import Source
from albconn.opened import Opened
from albconn.opened.door import keys_of
from albconn.schema.kind import CATEGORY, INSTANT
from albconn.storage.places import StorageOptions
from albconn.times import Instant, earlier, later
from albconn.words import counted

INTERVAL = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCHEMA = pa.schema(
    [("elb", CATEGORY), ("ip_address", CATEGORY), ("interval_end", INSTANT), ("seen", pa.bool_()),
     ("files", pa.int64())]
)  # fmt: skip


class _Node(NamedTuple):
    elb: str
    ip_address: str


def coverage(
    source: Source | Opened,
    *,
    start: Instant | None = None,
    end: Instant | None = None,
    load_balancer: Names = None,
    account_id: Names = None,
    region: Names = None,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return which five-minute intervals of which nodes there are log files of.

    Parameters
    ----------
    source : str, path or several, or what ``open_connections`` returned
        Log files (as for ``read_connections``; they are listed, not read) or a converted
        dataset.
    start, end : datetime or str, optional
        Aware, or ISO 8601 text with its zone, half-open ``[start, end)``: intervals
        that reach into the range.
    load_balancer, account_id, region : str or sequence of str, optional
        As for ``read_connections``.
    storage_options : dict, optional
        For s3fs.

    Returns
    -------
    DataFrame, shape (nodes × expected intervals, columns)
        By load balancer, node and time. A node is expected in every interval from its first to
        its last log file: nodes come and go with the load.

        ==============  ==================  =====================================================
        column          type                meaning
        ==============  ==================  =====================================================
        elb             category            load balancer
        ip_address      category            the node
        interval_end    datetime64[us,UTC]  the end of the five minutes
        seen            bool                there is a log file; False is a hole
        files           int64               how many there are
        ==============  ==================  =====================================================

        ``attrs["unplaced"]`` says how many log files have names that do not tell their node and
        interval.

    Raises
    ------
    SourceError
        A location does not exist or cannot be listed.
    DatasetError
        The dataset's records cannot be read.
    TableError
        A time is naive, the range is empty, or the source does not know its log files.
    """
    selection = make_selection(
        start=start, end=end, load_balancer=load_balancer, account_id=account_id, region=region
    )
    if isinstance(source, Opened):
        asked = source.selection
        selection = replace(
            selection,
            start=later(asked.start, selection.start),
            end=earlier(asked.end, selection.end),
        )
    keys = keys_of(source, selection, storage_options)
    files: dict[_Node, Counter[datetime]] = {}
    for key in keys:
        if key.elb and key.ip_address and key.interval_end:
            node = _Node(key.elb, key.ip_address)
            files.setdefault(node, Counter())[_on_grid(key.interval_end)] += 1
    rows = [
        (*node, moment, files[node][moment] > 0, files[node][moment])
        for node in sorted(files)
        for moment in _expected(files[node], selection)
    ]
    columns = list(zip(*rows, strict=True)) or [[]] * len(_SCHEMA)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, _SCHEMA, strict=True)]
    table = to_frame(pa.table(arrays, schema=_SCHEMA))
    table.attrs["unplaced"] = len(keys) - sum(total.total() for total in files.values())
    if keys and table.empty and not isinstance(source, Opened):
        have = counted(len(keys), "log file has", "log files have")
        warn(f"coverage: no interval is known; {have} names that do not tell node and interval")
    return table


def _expected(seen: Iterable[datetime], selection: Selection) -> list[datetime]:
    """Return the interval ends from a node's first to its last, as far as they are asked for."""
    first, last = min(seen), max(seen)
    if selection.start is not None:
        first = max(first, _on_grid(selection.start + timedelta.resolution))
    if selection.end is not None:
        last = min(last, _on_grid(selection.end))
    return [first + n * INTERVAL for n in range((last - first) // INTERVAL + 1)]


def _on_grid(moment: datetime) -> datetime:
    """Return the end of the five minutes that a moment is the end of, or lies in."""
    return _EPOCH + -((_EPOCH - moment) // INTERVAL) * INTERVAL
