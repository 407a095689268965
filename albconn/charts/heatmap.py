"""Client × time: who fails together, and since when.

Each row is a client (or any other value), each cell a bin, the colour its failure rate. A
cell without connections is a hole and stays hatched: nothing was seen, which is not zero.
"""

from __future__ import annotations

import math
from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from albconn.charts.drawing.cells import figure_of
from albconn.charts.drawing.colours import rate_colours
from albconn.charts.drawing.dots import label_rows
from albconn.charts.drawing.labels import noun_of, unmapped_caption
from albconn.charts.drawing.look import Look, LookOptions, read_look
from albconn.charts.drawing.marks import Marks, name_lines
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    MUTED,
    TEXT_POINTS,
    open_picture,
    percent_axis,
    rows_that_fit,
    write_caption,
    write_nothing,
)
from albconn.charts.drawing.tables import (
    COUNTS,
    RATE_COLUMNS,
    add_counts,
    group_labels,
    largest_groups,
    require_columns,
    require_top,
    split_columns,
    unmapped_apart,
)
from albconn.charts.drawing.timeaxis import (
    DAY,
    bin_width,
    range_text,
    to_numbers,
    width_text,
)
from albconn.charts.drawing.timeframe import read_time_frame
from albconn.charts.drawing.told import told
from albconn.errors import TableError
from albconn.words import counted, number

HOLE_LINES = "#E9E9E9"  # no louder than the palest rate
MOST_CELLS_ACROSS = 400  # finer cells than pixels would hide single failures
ROUND_WIDTHS = ("1min", "5min", "10min", "15min", "30min", "1h", "2h", "3h", "6h", "12h", "1D")


def plot_failure_heatmap(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    mark: Marks = None,
    top: int = 30,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw the failure rate of each client in each bin as a heat map.

    Parameters
    ----------
    table : DataFrame
        What ``failure_rate(connections, by="client_ip")`` returns, or any other split:
        bin_start, *by*, connections, failures, unmapped_failures, failure_rate [1].
    ax : Axes, optional
        Where to draw; the colour bar is cut from its own place.
    mark : tuple or list of tuple, optional
        ``(start, end)``, ``(start, end, "name")`` or ``(time, "name")``.
    top : int
        Rows drawn: those with most failures, then most connections.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes with the heat map; its QuadMesh holds the rates.

    Raises
    ------
    TableError
        Columns are missing, the table is not split, or an option is no good.
    """
    require_columns(table, ["bin_start", *COUNTS], "failure_rate")
    look = read_look(options)
    require_top(top)
    top = rows_that_fit(ax, look, top)
    by = split_columns(table, RATE_COLUMNS)
    if not by:
        raise TableError("table: not split; expected failure_rate(…, by='client_ip') or another")
    frame = read_time_frame(table["bin_start"], mark, look)
    labels = group_labels(table, by)
    shown = largest_groups(table, labels, top)
    width = bin_width(table)
    cells = _cells(table, labels, shown, width)
    noun = " and ".join(noun_of(name) for name in by)
    left_out = _other_groups(table, labels, shown)
    subtitle = told(
        f"{counted(table['connections'].sum(), 'TLS connection')}",
        range_text(table["bin_start"], width, frame.zone),
        f"cells of {width_text(_cell_width(table, width))}",
        f"{len(shown)} with most failures of {number(len(shown) + left_out)}" if left_out else "",
    )
    names = _row_names(table, labels, shown)
    ax = open_picture(
        ax,
        look,
        f"TLS failure rate by {noun} over time",
        subtitle,
        height=2.3 + 0.24 * max(4, len(shown)),
    )
    if not shown:
        return write_nothing(ax, "no TLS connections")
    bar = _draw_cells(ax, cells, shown, _cell_width(table, width), look)
    label_rows(ax, names)
    room = name_lines(frame.spans)  # a name must not lie on the cells of the worst client
    ax.axhspan(-0.5 - room, -0.5, color="white", linewidth=0)
    ax.set_ylim(len(names) - 0.5, -0.5 - room)
    ax.grid(visible=False)
    frame.dress([ax], opacity=0.0)  # shading would change the cells' colours
    hatched = "Hatched: no connections seen. Numbers: failures / connections. "
    write_caption(ax, hatched + unmapped_caption(unmapped_apart(table, by)))
    return settle(ax, *bar)


def _other_groups(table: pd.DataFrame, labels: pd.Series, shown: list[str]) -> int:
    return int(labels[(table["connections"] > 0) & ~labels.isin(shown)].nunique())


def _row_names(table: pd.DataFrame, labels: pd.Series, shown: list[str]) -> list[str]:
    totals = table[["failures", "connections"]].groupby(labels).sum().loc[shown]
    counts = zip(shown, totals["failures"], totals["connections"], strict=True)
    return [f"{name}  {number(failures)} / {number(n)}" for name, failures, n in counts]


def _cell_width(table: pd.DataFrame, width: pd.Timedelta) -> pd.Timedelta:
    """Return the bins' width, or the smallest multiple of it that keeps cells visible."""
    if table.empty:
        return width
    across = (table["bin_start"].max() - table["bin_start"].min()) / width + 1
    least = width * math.ceil(across / MOST_CELLS_ACROSS)
    round_widths = (pd.Timedelta(text) for text in ROUND_WIDTHS)
    fitting = [one for one in round_widths if one >= least and one % width == pd.Timedelta(0)]
    return fitting[0] if fitting and least > width else least


def _cells(
    table: pd.DataFrame, labels: pd.Series, shown: list[str], width: pd.Timedelta
) -> pd.DataFrame:
    """Return connections and failures per cell: column number, row label, rate."""
    kept = table[labels.isin(shown)]
    first = table["bin_start"].min()
    if _cell_width(table, width) > width:
        first = first.floor(_cell_width(table, width))
    column = ((kept["bin_start"] - first) // _cell_width(table, width)).astype("int64")
    marked = kept[COUNTS].assign(column=column, row=labels[kept.index])
    return add_counts(marked, ["row", "column"]).assign(first=first)


def _draw_cells(
    ax: Axes, cells: pd.DataFrame, shown: list[str], width: pd.Timedelta, look: Look
) -> list[Axes]:
    """Draw the cells; return the Axes of their colour bar."""
    rates = _grid(cells, shown)
    start = to_numbers(cells["first"].iloc[:1])[0]
    across = start + np.arange(rates.shape[1] + 1) * (width / DAY)
    highest = np.nanmax(rates, initial=0.05)
    ax.patch.set_facecolor("white")
    ax.patch.set_hatch("//")
    ax.patch.set_edgecolor(HOLE_LINES)
    ax.patch.set_hatch_linewidth(0.6)
    mesh = ax.pcolormesh(
        across,
        np.arange(rates.shape[0] + 1) - 0.5,
        np.ma.masked_invalid(rates),
        cmap=rate_colours(look),
        vmin=0,
        vmax=highest,
        rasterized=True,  # a vector picture of 10,000 cells is megabytes
    )
    ax.set_xlim(across[0], across[-1])
    if ax.get_axes_locator() is not None:
        return []  # an Axes inside another has no room beside it
    bar = figure_of(ax).colorbar(mesh, ax=ax, fraction=0.03, pad=0.015, aspect=8 + 1.2 * len(shown))
    bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]
    bar.ax.tick_params(labelsize=TEXT_POINTS, colors=MUTED, length=2)
    percent_axis(bar.ax.yaxis)
    bar.set_label("Failure rate", fontsize=TEXT_POINTS, color=MUTED)
    return [bar.ax]


def _grid(cells: pd.DataFrame, shown: list[str]) -> NDArray[np.float64]:
    seen = cells[cells["connections"] > 0]
    rates = np.full((len(shown), int(cells["column"].max()) + 1), np.nan)
    rows = seen["row"].map({name: row for row, name in enumerate(shown)})
    rates[rows.to_numpy(dtype=int), seen["column"].to_numpy()] = seen["failure_rate"]
    return rates
