"""What was delivered and what is missing: one row per node, one cell per interval.

AWS writes a log file per node every five minutes, eventually. A missing one is a hole in
what we know, not an interval without traffic, so it is drawn as a hole.
"""

from __future__ import annotations

from typing import Unpack
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.dots import label_rows, write_row_note
from albconn.charts.drawing.labels import joined, labels_of
from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.marks import Marks
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    BLUE,
    GREY,
    HOLE,
    open_picture,
    rows_that_fit,
    write_caption,
    write_nothing,
)
from albconn.charts.drawing.tables import require_columns, require_top
from albconn.charts.drawing.timeaxis import (
    DAY,
    bin_width,
    range_text,
    to_numbers,
    width_text,
)
from albconn.charts.drawing.timeframe import read_time_frame
from albconn.charts.drawing.told import told
from albconn.words import counted, number, percent


def plot_coverage(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    mark: Marks = None,
    top: int = 40,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw which log files of which node were seen; holes are drawn as holes.

    Parameters
    ----------
    table : DataFrame
        What ``coverage`` returns:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        elb                str or category         load balancer
        ip_address         str or category         load-balancer node
        interval_end       datetime64[us, UTC]     end of the interval
        seen               bool                    a log file of it was there
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw.
    mark : tuple or list of tuple, optional
        ``(start, end)``, ``(start, end, "name")`` or ``(time, "name")``.
    top : int
        Nodes drawn: those with most holes.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on: collections of seen (filled) and missing (hatched) intervals.

    Raises
    ------
    TableError
        Columns are missing, a mark has no time zone, or an option is no good.
    """
    require_columns(table, ["elb", "ip_address", "interval_end", "seen"], "coverage")
    look = read_look(options)
    require_top(top)
    top = rows_that_fit(ax, look, top)
    frame = read_time_frame(table["interval_end"], mark, look)
    ends = to_numbers(table["interval_end"])
    width = bin_width(table, "interval_end")
    missing = ~table["seen"].astype(bool)
    nodes = _nodes(table)
    holes = missing.groupby(nodes).sum().sort_values(ascending=False, kind="stable")
    shown = sorted(holes.index[:top])
    subtitle = _subtitle(table, width, frame.zone)
    ax = open_picture(
        ax,
        look,
        _title(table),
        subtitle,
        height=2.2 + 0.32 * max(2, len(shown)),
    )
    if table.empty:
        return write_nothing(ax, "no log files")
    (colour,) = look.colours(seen=BLUE)
    for row, node in enumerate(shown):
        here = (nodes == node).to_numpy()
        starts = ends[here] - width / DAY
        _draw_node(ax, row, starts, missing.to_numpy()[here], width / DAY, colour)
        write_row_note(ax, row, f"{number(int(holes[node]))} missing of {number(int(here.sum()))}")
    label_rows(ax, shown)
    ax.set_xlim(ends.min() - width / DAY, ends.max())
    frame.dress([ax])
    write_caption(ax, "Filled: seen. Hatched: missing, a hole and not zero traffic.")
    return settle(ax)


def _nodes(table: pd.DataFrame) -> pd.Series:
    names = zip(labels_of(table["elb"]), labels_of(table["ip_address"]), strict=True)
    named = [joined([elb.removeprefix("app/").split("/")[0], node]) for elb, node in names]
    return pd.Series(named, index=table.index, dtype=object)


def _title(table: pd.DataFrame) -> str:
    """State how many are missing; where none is, name what is drawn."""
    missing = int((~table["seen"].astype(bool)).sum())
    if not missing:
        return "Log files seen, by node and interval"
    return f"{counted(missing, 'log file of a node is', 'log files of nodes are')} missing"


def _subtitle(table: pd.DataFrame, width: pd.Timedelta, zone: ZoneInfo) -> str:
    missing = int((~table["seen"].astype(bool)).sum())
    share = f" ({percent(missing / len(table))})" if len(table) else ""
    starts = table["interval_end"] - width
    return told(
        f"{number(missing)} of {counted(len(table), 'node-interval')} missing{share}",
        range_text(starts, width, zone),
        f"intervals of {width_text(width)}",
    )


def _draw_node(
    ax: Axes, row: int, starts: np.ndarray, missing: np.ndarray, width: float, colour: str
) -> None:
    order = np.argsort(starts, kind="stable")
    starts, missing = starts[order], missing[order]
    seen_runs = _runs(starts[~missing], width)
    hole_runs = _runs(starts[missing], width)
    if seen_runs:
        ax.broken_barh(seen_runs, (row - 0.34, 0.68), facecolor=colour, alpha=0.55, linewidth=0)
    if hole_runs:
        ax.broken_barh(
            hole_runs,
            (row - 0.34, 0.68),
            facecolor=HOLE,
            edgecolor=GREY,
            hatch="//////",
            linewidth=0.6,
        )


def _runs(starts: np.ndarray, width: float) -> list[tuple[float, float]]:
    """Join touching intervals into (start, length); a month of them is few bars."""
    if len(starts) == 0:
        return []
    cuts = np.flatnonzero(np.diff(starts) > 1.5 * width) + 1
    return [(float(run[0]), float(run[-1] - run[0] + width)) for run in np.split(starts, cuts)]
