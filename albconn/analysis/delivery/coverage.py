"""Is anything missing?

A node of a load balancer delivers a log file every five minutes. Where a file of a node is not
there, between others of the same node, its connections are not in any count: a hole, not zero
traffic. (A node that nobody connected to may have had nothing to deliver; the names of files
cannot tell the two apart.) Only names are looked at; nothing is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from albconn.arrow import to_frame
from albconn.errors import TableError, warn
from albconn.logs.find.selection import Names, Selection, make_selection
from albconn.logs.find.sources import Source
from albconn.opened import Opened
from albconn.opened.door import keys_of
from albconn.schema.kind import CATEGORY, INSTANT
from albconn.storage.places import StorageOptions
from albconn.times import LAST, Instant, earlier, later, moment_of, moved
from albconn.words import counted

INTERVAL = timedelta(minutes=5)
MOST_INTERVALS = 20_000_000  # of all nodes; 190 nodes have as many in a year
Files = Counter[int]  # how many there are of an interval
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS = INTERVAL // timedelta.resolution
_LAST = (LAST - _EPOCH) // INTERVAL  # that ends before the calendar does
_NOTHING = np.array([], dtype=np.int64)
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
        A time is naive, the range is empty, the source does not know its log files, or their names
        say so many intervals (more than twenty million) that no table can hold them.
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
    files: dict[_Node, Files] = {}
    for key in keys:
        if key.elb and key.ip_address and key.interval_end:
            node = _Node(key.elb, key.ip_address)
            files.setdefault(node, Counter())[_number_of(key.interval_end)] += 1
    nodes = sorted(files)
    ends = [_expected(files[node], selection) for node in nodes]
    _require_few(ends)
    table = to_frame(_table(nodes, ends, [files[node] for node in nodes]))
    table.attrs["unplaced"] = len(keys) - sum(total.total() for total in files.values())
    if keys and table.empty and not isinstance(source, Opened):
        have = counted(len(keys), "log file has", "log files have")
        warn(f"coverage: no interval is known; {have} names that do not tell node and interval")
    return table


def _expected(seen: Iterable[int], selection: Selection) -> range:
    """Return the ends of a node's intervals from its first to its last, as far as asked for.

    They are numbers of intervals since 1970.
    """
    first, last = min(seen), max(seen)
    if selection.start is not None:
        first = max(first, _number_of(moved(selection.start, timedelta.resolution)))
    if selection.end is not None:
        last = min(last, _number_of(selection.end))
    return range(first, last + 1)


def _require_few(ends: Sequence[range]) -> None:
    """Refuse intervals that are too many to list: a file's name may say the year 1, or 9999."""
    if sum(map(len, ends)) > MOST_INTERVALS:
        first, last = min(each[0] for each in ends if each), max(each[-1] for each in ends if each)
        times = (str(moment_of(n * _MICROSECONDS).date()) for n in (first, last))
        raise TableError(
            f"source: its files are named from {' to '.join(times)}, which is more than "
            f"{MOST_INTERVALS:,} intervals of five minutes; give start and end"
        )


def _table(nodes: Sequence[_Node], ends: Sequence[range], seen: Sequence[Files]) -> pa.Table:
    places = np.repeat(np.arange(len(nodes)), list(map(len, ends)))
    numbers = np.concatenate([np.asarray(each, dtype=np.int64) for each in ends] or [_NOTHING])
    files = np.array(
        [found.get(n, 0) for each, found in zip(ends, seen, strict=True) for n in each], np.int64
    )
    return pa.table(
        [*(pa.array([node[part] for node in nodes], pa.string()).take(pa.array(places))
           .dictionary_encode().cast(CATEGORY) for part in (0, 1)),
         pa.array(numbers * _MICROSECONDS, INSTANT), files > 0, files],
        schema=_SCHEMA,
    )  # fmt: skip


def _number_of(moment: datetime) -> int:
    """Return the interval, counted from 1970, that a moment is the end of, or lies in."""
    number = -((_EPOCH - moment) // INTERVAL)
    return min(number, _LAST)
