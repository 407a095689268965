"""The log beside CloudWatch: do they tell the same story?

Two counts of nearly the same thing, on one axis, and their difference below. They need not
be equal: the metric also counts clients that rejected the server's certificate.

References
----------
AWS, "CloudWatch metrics for your Application Load Balancer", ClientTLSNegotiationErrorCount.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.evidence import last_bin
from albconn.charts.drawing.look import Look, LookOptions, read_look
from albconn.charts.drawing.marks import Marks
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    BLUE,
    GREY,
    VERMILLION,
    count_axis,
    name_axes,
    name_panel,
    open_picture,
    split_axes,
    stroke_width,
    write_legend,
    write_nothing,
)
from albconn.charts.drawing.tables import require_columns
from albconn.charts.drawing.timeaxis import (
    bin_width,
    draw_filled,
    draw_steps,
    lay_bins,
    limit_time,
    mark_partial,
    partial_told,
    width_text,
)
from albconn.charts.drawing.timeframe import TimeFrame, read_time_frame
from albconn.charts.drawing.told import told
from albconn.words import number

COUNTS = ["log_failures", "metric_errors", "difference"]


def plot_reconcile_metric(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    mark: Marks = None,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw the log's failures beside CloudWatch's ClientTLSNegotiationErrorCount.

    Parameters
    ----------
    table : DataFrame
        What ``reconcile_metric`` returns:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        bin_start          datetime64[us, UTC]     start of the bin
        log_failures       int64                   failures in the log
        metric_errors      int64                   the metric; missing points are 0
        difference         int64                   log minus metric
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw; the panel of differences is cut from its own place.
    mark : tuple or list of tuple, optional
        ``(start, end)``, ``(start, end, "name")`` or ``(time, "name")``.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The panel with both counts.

    Raises
    ------
    TableError
        Columns are missing, a mark has no time zone, or an option is no good.
    """
    require_columns(table, ["bin_start", *COUNTS], "reconcile_metric")
    look = read_look(options)
    frame = read_time_frame(table["bin_start"], mark, look)
    ordered, width = table.sort_values("bin_start", kind="stable"), bin_width(table)
    ax = open_picture(
        ax,
        look,
        "Failures in the log and in CloudWatch",
        _subtitle(ordered, width, frame),
        height=4.8,
    )
    if ordered.empty:
        return write_nothing(ax, "neither failures nor metric points")
    panels = [ax, *split_axes(ax, below=1)]
    limit_time(ax, ordered["bin_start"], width)
    _draw_counts(ax, ordered, width, look)
    for panel in panels[1:]:
        _draw_difference(panel, ordered, width)
    mark_partial(panels, last_bin(_logged(ordered), width), width)
    frame.dress(panels)
    return settle(ax, *panels[1:])


def _subtitle(table: pd.DataFrame, width: pd.Timedelta, frame: TimeFrame) -> str:
    log, metric = (number(table[name].sum()) for name in COUNTS[:2])
    return told(
        f"log: {log} failures, ClientTLSNegotiationErrorCount: {metric}",
        frame.told(table["bin_start"], width),
        partial_told(last_bin(_logged(table), width), width),
    )


def _logged(table: pd.DataFrame) -> pd.DataFrame:
    """Return the bins with the log's end; its failures are all that is known of its density."""
    bins = table[["bin_start"]].assign(connections=table["log_failures"])
    bins.attrs["end"] = table.attrs.get("log_end")
    return bins


def _draw_counts(ax: Axes, table: pd.DataFrame, width: pd.Timedelta, look: Look) -> None:
    bins = lay_bins(table["bin_start"], width)
    ours, theirs = look.colours(log=BLUE, metric=VERMILLION)
    names = ("connection log", "CloudWatch metric")
    log = draw_filled(ax, bins, table["log_failures"], color=ours, alpha=0.45)
    style = {"color": theirs, "linewidth": stroke_width(len(table))}
    metric = draw_steps(ax, bins, table["metric_errors"], **style)
    ax.set_ylim(0, 1.12 * max(1.0, float(np.nanmax(table[COUNTS[:2]].to_numpy(dtype=float)))))
    count_axis(ax.yaxis)
    name_axes(ax, y=f"Failures per {width_text(width)}")
    write_legend(ax, [log, metric], list(names))


def _draw_difference(ax: Axes, table: pd.DataFrame, width: pd.Timedelta) -> None:
    draw_filled(ax, lay_bins(table["bin_start"], width), table["difference"], color=GREY)
    reach = max(1.0, 1.15 * float(np.nanmax(np.abs(table["difference"].to_numpy(dtype=float)))))
    ax.set_ylim(-reach, reach)
    ax.axhline(0, color=GREY, linewidth=0.8)
    count_axis(ax.yaxis, ticks=3)
    name_panel(ax, "Log minus metric")
