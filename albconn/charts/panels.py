"""Small multiples: one panel for each node (or zone, or client), all on the same two axes.

Lines on top of each other hide which one is different; side by side on one scale, the broken
node is the panel that does not look like the others.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.labels import unmapped_caption
from albconn.charts.drawing.marks import Marks
from albconn.charts.drawing.style import (
    BLUE,
    INK,
    SMALL_POINTS,
    open_axes,
    percent_axis,
    split_axes,
    stroke_width,
    write_caption,
    write_headline,
    write_nothing,
)
from albconn.charts.drawing.tables import (
    COUNTS,
    RATE_COLUMNS,
    group_labels,
    require_columns,
    require_top,
    split_columns,
    split_title,
    unmapped_apart,
)
from albconn.charts.drawing.timeaxis import (
    Bins,
    bin_width,
    draw_filled,
    draw_steps,
    lay_bins,
    limit_time,
)
from albconn.charts.drawing.timeframe import read_time_frame
from albconn.charts.drawing.told import told, told_first, told_rate
from albconn.errors import TableError
from albconn.words import number, percent

LEAST_TOP_OF_AXIS = 0.01  # a quiet day must not look like an outage
PANEL_HEIGHT = 1.0  # [inch]


class _Group(NamedTuple):
    """One panel: its name, its rows, and where its bins lie."""

    label: str
    rows: pd.DataFrame
    bins: Bins


def plot_failure_rate_panels(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    mark: Marks = None,
    timezone: str = "UTC",
    top: int = 12,
) -> Axes:
    """Draw one panel of failure rate over time for each group, on shared axes.

    Parameters
    ----------
    table : DataFrame
        What ``failure_rate`` returns when it is split, such as ``by="ip_address"``; its columns
        are those of ``plot_failure_rate``.
    ax : Axes, optional
        Where to draw; the panels are cut from its own place.
    mark : tuple or list of tuple, optional
        ``(start, end)``, ``(start, end, "name")`` or ``(time, "name")``: shaded or ruled.
    timezone : str
        Zone of the labels; the bins stay what they are.
    top : int
        Panels drawn, most connections first; the subtitle says how many are left out.

    Returns
    -------
    Axes
        The uppermost panel.

    Raises
    ------
    TableError
        Columns are missing, the table is not split, a mark has no time zone, or the zone is
        unknown.
    """
    require_columns(
        table, ["bin_start", *COUNTS, "failure_rate", "rate_low", "rate_high"], "failure_rate"
    )
    require_top(top)
    by = split_columns(table, RATE_COLUMNS)
    if not by:
        raise TableError("table: it is not split; give failure_rate() a by=, such as 'ip_address'")
    frame = read_time_frame(table["bin_start"], mark, timezone)
    width = bin_width(table)
    groups, left_out = _groups(table, by, width, top)
    ax = open_axes(ax, height=1.6 + PANEL_HEIGHT * max(2, len(groups)))
    text = told(
        told_rate(table),
        frame.told(table["bin_start"], width),
        "band: 95 % interval",
        told_first(len(groups), len(groups) + left_out, "panels"),
    )
    write_headline(ax, split_title("TLS failure rate", by), text)
    if not groups:
        return write_nothing(ax, "no TLS connections")
    panels = [ax, *split_axes(ax, below=len(groups) - 1, share=1.0)]
    limit_time(ax, table["bin_start"], width)
    ceiling = _ceiling(groups)
    for panel, group in zip(panels, groups, strict=True):
        _draw_group(panel, group, ceiling)
        panel.tick_params(axis="x", labelbottom=panel is panels[-1])
    frame.dress(panels)
    write_caption(panels[-1], unmapped_caption(unmapped_apart(table, by)))
    return ax


def _groups(
    table: pd.DataFrame, by: list[str], width: pd.Timedelta, top: int
) -> tuple[list[_Group], int]:
    """Return the busiest groups in the order of their names, and how many are left out."""
    ordered = table.sort_values("bin_start", kind="stable")
    labels = group_labels(ordered, by)
    busy = ordered["connections"].groupby(labels.to_numpy()).sum()
    busy = busy[busy > 0].sort_values(ascending=False, kind="stable")
    groups = []
    for name in sorted(str(label) for label in busy.index[:top]):
        rows = ordered[labels == name]
        groups.append(_Group(name, rows, lay_bins(rows["bin_start"], width)))
    return groups, len(busy) - len(groups)


def _ceiling(groups: list[_Group]) -> float:
    """Return one end of the axis for all panels: above every rate; a wide band may leave it."""
    peak = max(float(group.rows["failure_rate"].max()) for group in groups)
    return min(max(1.15 * peak, LEAST_TOP_OF_AXIS), 1.04)


def _draw_group(ax: Axes, group: _Group, ceiling: float) -> None:
    rows, bins = group.rows, group.bins
    draw_filled(
        ax, bins, rows["rate_high"], base=rows["rate_low"], color=BLUE, alpha=0.18, zorder=2
    )
    width = stroke_width(len(rows))
    draw_steps(ax, bins, rows["failure_rate"], color=BLUE, linewidth=width, zorder=3)
    ax.set_ylim(0, ceiling)
    percent_axis(ax.yaxis, ticks=3)
    connections, failures = rows["connections"].sum(), rows["failures"].sum()
    _write_name(ax, f"{group.label}\n{percent(failures / connections)} of {number(connections)}")


def _write_name(ax: Axes, text: str) -> None:
    """Name a panel at its right end, where no line of it can be hidden."""
    ax.annotate(
        text,
        (1, 0.5),
        xycoords="axes fraction",
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL_POINTS,
        color=INK,
        parse_math=False,
        annotation_clip=False,
    )
