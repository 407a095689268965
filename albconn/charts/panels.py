"""Small multiples: one panel for each node (or zone, or client), all on the same two axes.

Lines on top of each other hide which one is different; side by side on one scale, the broken
node is the panel that does not look like the others.
"""

from __future__ import annotations

from typing import NamedTuple, Unpack

import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.dots import write_panel_name
from albconn.charts.drawing.evidence import last_bin, least_of
from albconn.charts.drawing.evident import Line, ceiling_of, draw_evident
from albconn.charts.drawing.labels import unmapped_caption
from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.marks import Marks
from albconn.charts.drawing.rateline import BAND
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    BLUE,
    open_picture,
    percent_axis,
    rows_that_fit,
    split_axes,
    write_caption,
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
from albconn.charts.drawing.timeaxis import bin_width, limit_time, mark_partial, partial_told
from albconn.charts.drawing.timeframe import read_time_frame
from albconn.charts.drawing.told import told, told_first, told_rate
from albconn.errors import TableError
from albconn.words import number, percent

PANEL_HEIGHT = 1.0  # [inch]


class _Group(NamedTuple):
    """One panel: its name and its rows."""

    label: str
    rows: pd.DataFrame


def plot_failure_rate_panels(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    mark: Marks = None,
    top: int = 12,
    **options: Unpack[LookOptions],
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
    top : int
        Panels drawn, most connections first; the subtitle says how many are left out.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

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
    look = read_look(options)
    require_top(top)
    by = split_columns(table, RATE_COLUMNS)
    if not by:
        raise TableError("table: it is not split; give failure_rate() a by=, such as 'ip_address'")
    frame = read_time_frame(table["bin_start"], mark, look)
    width = bin_width(table)
    fitting = rows_that_fit(ax, look, top, each=PANEL_HEIGHT * 50)
    is_inset = ax is not None and ax.get_axes_locator() is not None  # nothing is cut off of those
    groups, left_out = _groups(table, by, 1 if is_inset else fitting)
    text = told(
        told_rate(table),
        frame.told(table["bin_start"], width),
        partial_told(last_bin(table, width), width),
        f"dots: bins of fewer than {least_of(table)}",
        "band: 95 % interval",
        told_first(len(groups), len(groups) + left_out, "panels"),
    )
    ax = open_picture(
        ax,
        look,
        split_title("TLS failure rate", by),
        text,
        height=1.6 + PANEL_HEIGHT * max(2, len(groups)),
    )
    if not groups:
        return write_nothing(ax, "no TLS connections")
    panels = [ax, *split_axes(ax, below=len(groups) - 1, share=1.0)]
    limit_time(ax, table["bin_start"], width)
    (colour,), least = look.colours(failed=BLUE), least_of(table)
    ceiling = max(ceiling_of(group.rows, least) for group in groups)
    for panel, group in zip(panels, groups, strict=True):
        _draw_group(panel, group, Line(width, least, colour, BAND), ceiling)
    mark_partial(panels, last_bin(table, width), width)
    frame.dress(panels)
    write_caption(panels[-1], unmapped_caption(unmapped_apart(table, by)))
    return settle(ax, *panels[1:])


def _groups(table: pd.DataFrame, by: list[str], top: int) -> tuple[list[_Group], int]:
    """Return the busiest groups in the order of their names, and how many are left out."""
    ordered = table.sort_values("bin_start", kind="stable")
    labels = group_labels(ordered, by)
    busy = ordered["connections"].groupby(labels.to_numpy()).sum()
    busy = busy[busy > 0].sort_values(ascending=False, kind="stable")
    groups = []
    for name in sorted(str(label) for label in busy.index[:top]):
        rows = ordered[labels == name]
        groups.append(_Group(name, rows))
    return groups, len(busy) - len(groups)


def _draw_group(ax: Axes, group: _Group, line: Line, ceiling: float) -> None:
    rows = group.rows
    ax.set_ylim(0, ceiling)
    percent_axis(ax.yaxis, ticks=3)
    draw_evident(ax, rows, line)
    connections, failures = rows["connections"].sum(), rows["failures"].sum()
    write_panel_name(
        ax, f"{group.label}\n{percent(failures / connections)} of {number(connections)}"
    )
