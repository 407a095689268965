"""Slow rather than failing: the share of successful handshakes that took far longer than usual.

It is a count of so many out of so many, like a failure rate, so it is drawn like one.
"""

from __future__ import annotations

from typing import Unpack

import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.marks import Marks
from albconn.charts.drawing.rateline import RateWords, draw_rate
from albconn.charts.drawing.tables import require_columns

NEEDED = ["connections", "slow", "slow_rate", "rate_low", "rate_high"]


def plot_slow_handshakes(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    mark: Marks = None,
    top: int = 6,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw the share of slow handshakes over time, its 95 % interval, and the handshakes below.

    Parameters
    ----------
    table : DataFrame
        What ``slow_handshakes`` returns; the subtitle names ``attrs["slower_than"]`` [s]:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        bin_start          datetime64[us, UTC]     start of the bin; without this
                                                   column, one dot for each group
        *by*               any                     what the share is split by
        connections        int64                   successes with a latency
        slow               int64                   of them, those that took longer
        slow_rate          float64 [1]             slow / connections
        rate_low           float64 [1]             Wilson 95 % interval, lower end
        rate_high          float64 [1]             Wilson 95 % interval, upper end
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw; the panel below is cut from its own place.
    mark : tuple or list of tuple, optional
        ``(start, end)``, ``(start, end, "name")`` or ``(time, "name")``: shaded or ruled.
    top : int
        Lines drawn; further groups are added up in the line "other".
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The panel with the share.

    Raises
    ------
    TableError
        Columns are missing, a mark has no time zone, or an option is no good.
    """
    require_columns(table, NEEDED, "slow_handshakes")
    look = read_look(options)
    counts = table.rename(columns={"slow": "failures", "slow_rate": "failure_rate"})
    counts = counts.assign(unmapped_failures=0)  # a handshake that succeeded is always known
    return draw_rate(counts, _words(table), ax=ax, mark=mark, look=look, top=top)


def _words(table: pd.DataFrame) -> RateWords:
    """Name the limit, where the table still carries its analysis' note of it."""
    limit = table.attrs.get("slower_than")
    took = f"took longer than {limit:.3g} s" if isinstance(limit, int | float) else "were slow"
    return RateWords(
        "Slow TLS handshakes",
        "Share of slow handshakes",
        "successful handshake",
        took,
        "Handshakes",
        "no successful handshakes",
    )
