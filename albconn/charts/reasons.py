"""Why connections failed: failures stacked by reason over time, or as bars.

``UnmappedConnectionError`` is always grey: it says that AWS could not tell, not why.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.colours import NO_CODE, reason_colours
from albconn.charts.drawing.dots import label_rows, write_bar_note
from albconn.charts.drawing.evidence import last_bin
from albconn.charts.drawing.labels import NULL_LABEL, labels_of
from albconn.charts.drawing.look import Look, LookOptions, read_look
from albconn.charts.drawing.marks import Marks
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    count_axis,
    name_axes,
    open_picture,
    write_legend,
    write_nothing,
)
from albconn.charts.drawing.tables import OTHER, require_columns, require_top, split_columns
from albconn.charts.drawing.timeaxis import (
    bin_width,
    draw_filled,
    lay_bins,
    limit_time,
    mark_partial,
    partial_told,
    width_text,
)
from albconn.charts.drawing.timeframe import read_time_frame
from albconn.charts.drawing.told import told, told_counts
from albconn.words import counted, number, percent

FIXED = ("bin_start", "failure_reason", "failures", "connections", "share")
MOST = 0.5  # of the failures, from which one reason is the finding


def plot_failure_reasons(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    mark: Marks = None,
    top: int = 7,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw failures by reason: stacked over time, or as horizontal bars without bins.

    Parameters
    ----------
    table : DataFrame
        What ``failure_reasons`` returns; groups of a further split are added up:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        bin_start          datetime64[us, UTC]     start of the bin (with ``every=``)
        failure_reason     category                code as logged; null: none logged
        failures           int64                   failures with that reason
        connections        int64                   connections of the bin or group
        share              float64 [1]             of the bin's or group's failures
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw.
    mark : tuple or list of tuple, optional
        ``(start, end)``, ``(start, end, "name")`` or ``(time, "name")``.
    top : int
        Reasons drawn; further ones are added up as "other".
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on.

    Raises
    ------
    TableError
        Columns are missing, a mark has no time zone, or an option is no good.
    """
    require_columns(table, ["failure_reason", "failures"], "failure_reasons")
    look = read_look(options)
    require_top(top)
    frame = read_time_frame(table.get("bin_start"), mark, look)
    reasons = _fold(table, top)
    if "bin_start" not in table.columns:
        return _plot_bars(table, reasons, ax, look)
    width = bin_width(table)
    total = counted(table["failures"].sum(), "failed TLS connection")
    partial = last_bin(_each_bin_once(table), width)
    text = told(total, frame.told(table["bin_start"], width), partial_told(partial, width))
    ax = open_picture(ax, look, _title(table, reasons), text, height=4.4)
    if table.empty:
        return write_nothing(ax, "no failures")
    limit_time(ax, table["bin_start"], width)
    _draw_stack(ax, table, reasons, look)
    name_axes(ax, y=f"Failures per {width_text(width)}")
    mark_partial([ax], partial, width)
    frame.dress([ax])
    return settle(ax)


def _title(table: pd.DataFrame, reasons: pd.Series) -> str:
    """State the reason of most failures, where one is; else name what is drawn."""
    totals = table["failures"].groupby(reasons).sum()
    every = int(totals.sum())
    if len(totals) > 1 and totals.max() >= MOST * every and totals.idxmax() != OTHER:
        return f"{totals.idxmax()}: {percent(totals.max() / every)} of the TLS failures"
    return "TLS failures by reason"


def _each_bin_once(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row a bin and group: each of its reasons carries all of its connections."""
    return table.drop_duplicates(["bin_start", *split_columns(table, FIXED)])


def _fold(table: pd.DataFrame, top: int) -> pd.Series:
    """Return each row's reason as a label; beyond the `top` largest it is "other"."""
    labels = pd.Series(labels_of(table["failure_reason"]), index=table.index, dtype=object)
    labels = labels.replace(NULL_LABEL, NO_CODE)
    totals = table["failures"].groupby(labels).sum().sort_values(ascending=False, kind="stable")
    return labels.where(labels.isin(totals.index[:top]), OTHER)


def _draw_stack(ax: Axes, table: pd.DataFrame, reasons: pd.Series, look: Look) -> None:
    counts = table["failures"].groupby([table["bin_start"], reasons.rename("reason")]).sum()
    grid = counts.unstack(fill_value=0).sort_index()
    order = sorted(grid.columns, key=lambda name: (name == OTHER, -grid[name].sum(), name))
    bins = lay_bins(grid.index.to_series(), bin_width(table))
    base = np.zeros(len(grid))
    colours, handles = reason_colours(order, look), []
    for name in order:
        ceiling = base + grid[name].to_numpy()
        handles.append(draw_filled(ax, bins, ceiling, base=base, color=colours[name], label=name))
        base = ceiling
    ax.set_ylim(0, 1.08 * max(1.0, float(base.max())))
    count_axis(ax.yaxis)
    names = [f"{name}  {number(grid[name].sum())}" for name in order]
    write_legend(ax, handles[::-1], names[::-1])


def _plot_bars(table: pd.DataFrame, reasons: pd.Series, ax: Axes | None, look: Look) -> Axes:
    totals = table["failures"].groupby(reasons).sum()
    order = sorted(totals.index, key=lambda name: (name == OTHER, -totals[name], name))
    every = int(totals.sum())
    ax = open_picture(
        ax,
        look,
        _title(table, reasons),
        _bars_subtitle(table, every),
        height=1.7 + 0.34 * max(2, len(order)),
    )
    if not order:
        return write_nothing(ax, "no failures")
    colours = reason_colours(order, look)
    values = [int(totals[name]) for name in order]
    ax.barh(range(len(order)), values, color=[colours[name] for name in order], height=0.7)
    for row, value in enumerate(values):
        share = percent(value / every) if every else "–"
        write_bar_note(ax, row, value, f"{number(value)}  ({share})")
    label_rows(ax, order)
    ax.set_xlim(0, 1.2 * max(1, *values, 1))
    count_axis(ax.xaxis)
    name_axes(ax, x="Failures")
    return settle(ax)


def _bars_subtitle(table: pd.DataFrame, failures: int) -> str:
    if "connections" not in table.columns or split_columns(table, FIXED) or table.empty:
        return counted(failures, "failed TLS connection")  # groups without failures are absent
    connections = int(table["connections"].max())
    return told_counts(failures, connections)
