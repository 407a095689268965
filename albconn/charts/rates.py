"""The failure rate over time, with what it rests on: its interval and the traffic under it.

A rate alone misleads: 100 % of one connection is no outage. So the Wilson interval is the
band around the line, and connections per bin are the panel below. Split by TLS version,
cipher or key exchange, failures whose handshake the log does not know are drawn apart.
"""

from __future__ import annotations

from typing import Unpack

import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.marks import Marks
from albconn.charts.drawing.rateline import FAILURES, RATES, draw_rate
from albconn.charts.drawing.tables import require_columns


def plot_failure_rate(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    mark: Marks = None,
    top: int = 6,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw the failure rate over time, its 95 % interval, and the traffic below.

    Parameters
    ----------
    table : DataFrame
        What ``failure_rate`` returns:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        bin_start          datetime64[us, UTC]     start of the bin; without this
                                                   column, one dot for each group
        *by*               any                     what the rate is split by
        connections        int64                   denominator
        failures           int64                   numerator
        unmapped_failures  int64                   failures of unknown handshake
        failure_rate       float64 [1]             failures / connections
        rate_low           float64 [1]             Wilson 95 % interval, lower end
        rate_high          float64 [1]             Wilson 95 % interval, upper end
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw; the panels below are cut from its own place.
    mark : tuple or list of tuple, optional
        ``(start, end)``, ``(start, end, "name")`` or ``(time, "name")``: shaded or ruled.
    top : int
        Lines drawn; further groups are added up in the line "other".
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The panel with the rate.

    Raises
    ------
    TableError
        Columns are missing, a mark has no time zone, or an option is no good.
    """
    require_columns(table, RATES, "failure_rate")
    look = read_look(options)
    return draw_rate(table, FAILURES, ax=ax, mark=mark, look=look, top=top)
