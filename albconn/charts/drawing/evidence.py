"""What a bin of few connections can say, and a bin that the log does not fill.

One failure of four connections is a quarter, and no outage. So a line is drawn only through bins
of at least 20 connections (in a quiet log, of fewer); the rate of the others is a faint dot. A
band shows the interval where it narrows something down: it is narrower than the rate itself, or
than five points. The last bin is often cut off by the end of the log; what is missing of it looks
like recovery, so it is marked.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FEW, FEWEST = 20, 5  # connections; of 20, one failure is 5 %
BUSY = 0.9  # the share of bins that have no more connections than the busy ones
NARROW = 0.05  # [1] of an interval: it says something even of a rate of zero
ROUNDING = 1e-9
MISSING = 0.1  # of a bin's width, from which it is called partial
GAPS = 4  # mean distances between connections that the end of the log is off by chance
Mask = NDArray[np.bool_]


class Partial(NamedTuple):
    """The last bin, where the log ends within it: from when on, and what it lacks."""

    start: pd.Timestamp
    covered: pd.Timedelta


def least_of(table: pd.DataFrame) -> int:
    """Return of how many connections a bin must be to say something.

    In a log so quiet that hardly a bin has 20, those with most of them are all that there is.

    Examples
    --------
    >>> [least_of(pd.DataFrame({"connections": n})) for n in ([500, 4], [12, 12, 1], [4, 4])]
    [20, 12, 5]
    """
    busy = table["connections"].quantile(BUSY, interpolation="lower") if len(table) else FEW
    return int(min(FEW, max(FEWEST, busy)))


def says_something(table: pd.DataFrame, least: int) -> Mask:
    """Say which bins have connections enough for a line."""
    return np.asarray(table["connections"].to_numpy(dtype="float64") >= least)


def is_narrow(table: pd.DataFrame, least: int) -> Mask:
    """Say which bins have an interval that narrows their rate down."""
    width = (table["rate_high"] - table["rate_low"]).to_numpy(dtype="float64")
    rate = table["failure_rate"].to_numpy(dtype="float64")
    return says_something(table, least) & (width <= np.maximum(rate, NARROW) + ROUNDING)


def last_bin(table: pd.DataFrame, width: pd.Timedelta) -> Partial | None:
    """Return the last bin where the log ends within it, as the analysis noted its end.

    The last connection is seldom at the bin's very end: it is partial only if more is missing
    than the distances between its connections explain.
    """
    end = table.attrs.get("end")
    if table.empty or not isinstance(end, str):
        return None
    start, ended = table["bin_start"].max(), pd.Timestamp(end)
    here = table["bin_start"] == start
    count = float(table.loc[here, "connections"].sum()) if "connections" in table else 0.0
    covered = ended - start
    missing = width - covered
    gap = covered / max(1.0, count)
    if pd.Timedelta(0) <= covered and missing > max(MISSING * width, GAPS * gap):
        return Partial(start, covered)
    return None
