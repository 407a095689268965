"""How long handshakes took: percentiles of the successful ones, and only of those.

A failed handshake has no latency in the log. When many fail, the percentiles describe the
clients that still got through; the subtitle says so.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from albconn.charts.drawing.endlabels import EndLabel, write_end_labels
from albconn.charts.drawing.evidence import last_bin
from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.marks import Marks
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    BLUE,
    ORANGE,
    PALETTE,
    VERMILLION,
    name_axes,
    open_picture,
    stroke_width,
    write_nothing,
)
from albconn.charts.drawing.tables import (
    group_labels,
    require_columns,
    require_top,
    split_columns,
    split_title,
)
from albconn.charts.drawing.timeaxis import (
    bin_width,
    draw_steps,
    lay_bins,
    limit_time,
    mark_partial,
    partial_told,
)
from albconn.charts.drawing.timeframe import TimeFrame, read_time_frame
from albconn.charts.drawing.told import told
from albconn.words import counted, number

PERCENTILES = {"p50": BLUE, "p95": ORANGE, "p99": VERMILLION}
COLUMNS = ("bin_start", "connections", "p50", "p95", "p99", "max")
LOG_FROM = 15  # highest over lowest value from which a linear axis would flatten the lowest


def plot_handshake_latency(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    mark: Marks = None,
    top: int = 6,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw handshake latency over time: p50, p95 and p99, or p95 of each group of a split.

    Parameters
    ----------
    table : DataFrame
        What ``handshake_latency`` returns:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        bin_start          datetime64[us, UTC]     start of the bin
        *by*               any                     what the table is split by
        connections        int64                   successes with a latency
        p50, p95, p99      float64 [s]             percentiles
        max                float64 [s]             slowest handshake
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw.
    mark : tuple or list of tuple, optional
        ``(start, end)``, ``(start, end, "name")`` or ``(time, "name")``.
    top : int
        Groups drawn in a split: those with most connections.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on; the y axis is logarithmic where the values span decades.

    Raises
    ------
    TableError
        Columns are missing, a mark has no time zone, or an option is no good.
    """
    require_columns(table, ["bin_start", "connections", *PERCENTILES], "handshake_latency")
    look = read_look(options)
    require_top(top)
    frame = read_time_frame(table["bin_start"], mark, look)
    ordered, width = table.sort_values("bin_start", kind="stable"), bin_width(table)
    by = split_columns(table, COLUMNS)
    labels = group_labels(ordered, by)
    ax = open_picture(ax, look, *_headline(ordered, by, width, frame, top), height=4.4)
    if table.empty:
        return write_nothing(ax, "no successful handshakes")
    limit_time(ax, ordered["bin_start"], width)
    ends = _draw_groups(ax, ordered, labels, width, top) if by else _draw_whole(ax, ordered, width)
    _scale(ax, ordered, ["p95"] if by else list(PERCENTILES))
    write_end_labels(ax, ends)
    name_axes(ax, y="Handshake latency [s]")
    mark_partial([ax], last_bin(table, width), width)
    frame.dress([ax])
    return settle(ax)


def _headline(
    table: pd.DataFrame, by: list[str], width: pd.Timedelta, frame: TimeFrame, top: int
) -> tuple[str, str]:
    title = "TLS handshake latency"
    groups = group_labels(table, by).nunique() if by else 0
    parts = [
        f"successes only: {counted(table['connections'].sum(), 'handshake')}",
        frame.told(table["bin_start"], width),
        partial_told(last_bin(table, width), width),
        f"{top} largest groups of {number(groups)}" if groups > top else "",
    ]
    if by:
        title = split_title("TLS handshake latency, 95th percentile,", by)
    return title, told(*parts)


def _draw_whole(ax: Axes, table: pd.DataFrame, width: pd.Timedelta) -> list[EndLabel]:
    bins, ends = lay_bins(table["bin_start"], width), []
    for name, colour in PERCENTILES.items():
        draw_steps(
            ax, bins, table[name], color=colour, linewidth=stroke_width(len(table)), label=name
        )
        ends.append(EndLabel(name, float(table[name].iloc[-1]), colour))
    return ends


def _draw_groups(
    ax: Axes, table: pd.DataFrame, labels: pd.Series, width: pd.Timedelta, top: int
) -> list[EndLabel]:
    totals = table["connections"].groupby(labels).sum()
    shown = list(totals.sort_values(ascending=False, kind="stable").index[:top])
    ends = []
    for rank, label in enumerate(sorted(shown)):
        group, colour = table[labels == label], PALETTE[rank % len(PALETTE)]
        style = {"color": colour, "linewidth": stroke_width(len(group)), "label": label}
        draw_steps(ax, lay_bins(group["bin_start"], width), group["p95"], **style)
        text = f"{label}  n = {number(totals[label])}"
        ends.append(EndLabel(text, float(group["p95"].iloc[-1]), colour))
    return ends


def _scale(ax: Axes, table: pd.DataFrame, names: list[str]) -> None:
    values = table[names].to_numpy(dtype="float64")
    values = values[np.isfinite(values)]
    if len(values) and values.min() > 0 and values.max() / values.min() >= LOG_FROM:
        ax.set_yscale("log")
        ax.set_ylim(values.min() / 1.3, values.max() * 1.5)
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_minor_formatter(NullFormatter())
    else:
        ax.set_ylim(0, 1.15 * (values.max() if len(values) and values.max() > 0 else 0.001))
    ax.yaxis.set_major_formatter(FuncFormatter(_seconds))


def _seconds(value: float, _: object) -> str:
    return f"{value:g}"
