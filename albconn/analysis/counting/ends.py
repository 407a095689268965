"""From when to when the lines are that bins were counted of.

A log seldom ends with a bin. What is missing of the last one looks like a recovery, so every table
of bins notes where the log ends, and a picture of it can say so.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa

from albconn.analysis.counting.counts import Counting
from albconn.analysis.counting.splits import Split
from albconn.schema.kind import INSTANT
from albconn.times import LAST, moved

Ends = tuple[datetime | None, datetime | None]


def ends_of(counting: Counting, counted: pa.Table, split: Split) -> Ends:
    """Return the first and the last timestamp of all lines; None where they are not read.

    ``counted`` is the answer by bins, in their order: they say near where to look.
    """
    return counting.span(*_near(split, counted))


def ends_of_bins(counting: Counting, counted: pa.Table, split: Split) -> Ends:
    """Return the same for an answer by bins; of one without bins nothing is looked for."""
    return (None, None) if split.width is None else ends_of(counting, counted, split)


def noted(ends: Ends) -> dict[str, str | None]:
    """Return the ends as a table's ``attrs`` have them."""
    first, last = ends
    return {
        "start": first.isoformat() if first else None,
        "end": last.isoformat() if last else None,
    }


def _near(split: Split, counted: pa.Table) -> Ends:
    """Return the end of the first bin and the start of the last."""
    if split.width is None or counted["bin_start"].null_count == len(counted):
        return None, None
    bins = counted["bin_start"].drop_null().cast(INSTANT)  # in order
    first_end = moved(bins[0].as_py(), timedelta(seconds=split.width))
    return (None if first_end == LAST else first_end), bins[-1].as_py()
