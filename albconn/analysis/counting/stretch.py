"""The years in which a log lies, where some of its lines say another century.

A line may say any time from the year 1 to 9999, and one that does must not become a bin of five
minutes for each since. Whoever needs all bins from the first to the last looks at ten years at
most: at those that hold most connections.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from albconn.analysis.counting.counts import Counting
from albconn.analysis.counting.source import instant_literal
from albconn.analysis.counting.splits import bin_number
from albconn.times import Window, moment_of

MOST_DAYS = 3653  # about a million bins of five minutes
_DAY = 86_400_000_000  # [µs]


class Stretch(NamedTuple):
    """A half-open window that holds most connections, and how many lie outside of it."""

    window: Window
    outside: int


def find_stretch(counting: Counting) -> Stretch | None:
    """Return the ten years with most connections; None where all lie in ten years."""
    first, last = counting.span()
    if first is None or last is None or (last - first).days < MOST_DAYS:
        return None
    counted = counting.table(
        f"SELECT {bin_number(_DAY)} AS day, count(*) AS n FROM connections "
        "WHERE timestamp IS NOT NULL GROUP BY day ORDER BY day"
    )
    days, n = (counted[name].to_numpy() for name in ("day", "n"))
    before = np.concatenate([[0], np.cumsum(n)])
    ends = np.searchsorted(days, days + MOST_DAYS)
    held = before[ends] - before[:-1]
    best = int(np.argmax(held))
    start, end = int(days[best]), int(days[ends[best] - 1]) + 1
    return Stretch((moment_of(start * _DAY), moment_of(end * _DAY)), int(n.sum() - held[best]))


def keep_stretch(counting: Counting) -> Stretch | None:
    """Let the view ``connections`` hold no more than ten years; return which, if it held more."""
    stretch = find_stretch(counting)
    if stretch is not None:
        start, end = map(instant_literal, stretch.window)
        counting.database.execute("ALTER VIEW connections RENAME TO of_all_times")
        counting.database.execute(
            "CREATE TEMP VIEW connections AS SELECT * FROM of_all_times "
            f"WHERE timestamp >= {start} AND timestamp < {end}"
        )
    return stretch
