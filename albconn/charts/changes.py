"""When the failure rate changed: a step between levels, each step with its time and both rates.

Before the first change and after the last one the table does not say how far its traffic
reaches, so those two levels are drawn dashed.
"""

from __future__ import annotations

from typing import Unpack
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.marks import Marks, name_lines
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    BLUE,
    INK,
    MUTED,
    SMALL_POINTS,
    VERMILLION,
    name_axes,
    open_picture,
    percent_axis,
    write_nothing,
)
from albconn.charts.drawing.tables import require_columns, require_top
from albconn.charts.drawing.timeaxis import DAY, in_zone, to_numbers
from albconn.charts.drawing.timeframe import read_time_frame
from albconn.charts.drawing.told import told, told_counts
from albconn.words import counted, instant, number, percent

COUNTS = ["connections_before", "connections_after", "failures_before", "failures_after"]
NEEDED = ["bin_start", *COUNTS, "rate_before", "rate_after"]
LEAST_END = pd.Timedelta(hours=1) / DAY  # drawn before the first and after the last change
LINE = 13  # [points] from one label to the next
HEIGHT = 230  # [points] of the drawing, about; labels take their share of it


def plot_change_points(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    mark: Marks = None,
    top: int = 8,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw the failure rate as steps between its changes, and label the changes.

    Parameters
    ----------
    table : DataFrame
        What ``change_points`` returns:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        bin_start          datetime64[us, UTC]     from here on the rate differs
        connections_before int64                   since the change before
        connections_after  int64                   until the next change
        failures_before    int64                   of connections_before
        failures_after     int64                   of connections_after
        rate_before        float64 [1]             failure rate
        rate_after         float64 [1]             failure rate
        p_value            float64 [1]             optional; the surest are labelled
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw.
    mark : tuple or list of tuple, optional
        ``(start, end)``, ``(start, end, "name")`` or ``(time, "name")``.
    top : int
        Changes labelled; every change is drawn.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on; its first line holds the rates between the changes.

    Raises
    ------
    TableError
        Columns are missing, a mark has no time zone, or an option is no good.
    """
    require_columns(table, NEEDED, "change_points")
    look = read_look(options)
    require_top(top)
    frame = read_time_frame(table["bin_start"], mark, look)
    changes = table.sort_values("bin_start", kind="stable").reset_index(drop=True)
    labelled = _surest(changes, top)
    ax = open_picture(
        ax,
        look,
        _title(changes),
        _subtitle(changes, labelled, frame.zone),
        height=4.6,
    )
    if changes.empty:
        return write_nothing(ax, "no change of the failure rate found")
    taken = name_lines(frame.spans)
    _draw_levels(ax, changes, lines=taken + len(labelled))
    for line, (_, change) in enumerate(labelled.iterrows()):
        _write_change(ax, change, frame.zone, taken + line)
    name_axes(ax, y="Failure rate")
    frame.dress([ax])
    return settle(ax)


def _title(changes: pd.DataFrame) -> str:
    """State the largest rise, where there is one; else name what is drawn."""
    rises = changes["rate_after"] - changes["rate_before"]
    if not (rises > 0).any():
        return "Changes of the TLS failure rate"
    change = changes.iloc[int(rises.to_numpy().argmax())]
    before, after = percent(change["rate_before"]), percent(change["rate_after"])
    return f"The TLS failure rate rose from {before} to {after}"


def _surest(changes: pd.DataFrame, top: int) -> pd.DataFrame:
    """Return the changes to label, in the order of time."""
    if "p_value" not in changes.columns:
        return changes.iloc[:top]
    return changes.sort_values("p_value", kind="stable").iloc[:top].sort_index()


def _subtitle(changes: pd.DataFrame, labelled: pd.DataFrame, zone: ZoneInfo) -> str:
    """Tell the whole: what lies before the first change, and after each."""
    if changes.empty:
        return f"0 changes · {zone.key}"
    before = changes.iloc[0]
    failures = before["failures_before"] + changes["failures_after"].sum()
    connections = before["connections_before"] + changes["connections_after"].sum()
    parts = [counted(len(changes), "change"), told_counts(failures, connections)]
    if len(labelled) < len(changes):
        parts.insert(1, f"the {number(len(labelled))} surest labelled")
    return told(*parts, "dashed: to the ends of the traffic", zone.key)


def _draw_levels(ax: Axes, changes: pd.DataFrame, *, lines: int) -> None:
    times = to_numbers(changes["bin_start"])
    end = max(LEAST_END, 0.12 * float(times[-1] - times[0]))
    edges = np.concatenate([[times[0] - end], times, [times[-1] + end]])
    rates = np.append(changes["rate_before"].iloc[:1], changes["rate_after"]).astype("float64")
    levels = np.append(rates, rates[-1])
    style = {"color": BLUE, "drawstyle": "steps-post", "zorder": 3}
    ax.plot(edges[1:-1], levels[1:-1], linewidth=2.2, label="rate", **style)
    for place in (slice(0, 2), slice(-2, None)):
        x, y = edges[place], levels[[place.start] * 2]
        ax.plot(x, y, linewidth=1.6, linestyle=(0, (3, 2)), label="", **style)
    ax.vlines(times, rates[:-1], rates[1:], color=BLUE, linewidth=2.2, zorder=3)
    ax.set_xlim(edges[0], edges[-1])
    peak = max(0.01, float(np.nanmax(rates, initial=0.0)))
    ax.set_ylim(0, 1.08 * peak / (1 - min(0.6, lines * LINE / HEIGHT)))
    percent_axis(ax.yaxis)


def _write_change(ax: Axes, change: pd.Series, zone: ZoneInfo, line: int) -> None:
    """Write one change on a line of its own above the rates, tied to its moment."""
    moment = float(to_numbers(pd.Series([change["bin_start"]], name="bin_start"))[0])
    rises = change["rate_after"] > change["rate_before"]
    colour = VERMILLION if rises else MUTED
    ax.axvline(moment, color=colour, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1.5)
    low, high = ax.get_xlim()
    to_left = moment > (low + high) / 2
    text = (
        f"{instant(in_zone(change['bin_start'], zone))}  {percent(change['rate_before'])} → "
        f"{percent(change['rate_after'])} of {number(change['connections_after'])}"
    )
    ax.annotate(
        text,
        (moment, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-4 if to_left else 4, -2 - LINE * line),
        textcoords="offset points",
        ha="right" if to_left else "left",
        va="top",
        fontsize=SMALL_POINTS,
        color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5},
        zorder=6,
    ).set_gid("change")
