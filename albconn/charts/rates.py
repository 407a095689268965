"""The failure rate over time, with what it rests on: its interval and the traffic under it.

A rate alone misleads: 100 % of one connection is no outage. So the Wilson interval is the
band around the line, and connections per bin are the panel below. Split by TLS version,
cipher or key exchange, failures whose handshake the log does not know are drawn apart.
"""

from __future__ import annotations

from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.dots import Dots, draw_dots
from albconn.charts.drawing.endlabels import EndLabel, write_end_labels
from albconn.charts.drawing.labels import HANDSHAKE_COLUMNS, unmapped_caption
from albconn.charts.drawing.marks import Marks, draw_marks, name_lines, read_marks
from albconn.charts.drawing.style import (
    BLUE,
    GREY,
    PALETTE,
    count_axis,
    name_axes,
    name_panel,
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
    OTHER,
    RATE_COLUMNS,
    add_counts,
    group_labels,
    largest_groups,
    require_columns,
    require_top,
    split_columns,
    split_title,
)
from albconn.charts.drawing.timeaxis import (
    bin_width,
    draw_filled,
    draw_steps,
    dress_time_axis,
    lay_bins,
    limit_time,
    range_text,
    read_zone,
    to_numbers,
    width_text,
)
from albconn.words import counted, number, percent

MOST_BANDS = 3  # more would lie over each other; n then stands with each line's name
LEAST_TOP_OF_AXIS = 0.01  # a quiet hour must not look like an outage


class _View(NamedTuple):
    """What every part of the chart needs to know of the table."""

    table: pd.DataFrame
    by: list[str]
    labels: pd.Series
    width: pd.Timedelta
    zone: ZoneInfo
    room: int  # lines of marks' names over the rates
    apart: int  # unmapped failures that connections and failures leave out


def plot_failure_rate(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    mark: Marks = None,
    timezone: str = "UTC",
    top: int = 6,
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
    timezone : str
        Zone of the labels; the bins stay what they are.
    top : int
        Lines drawn; further groups are added up in the line "other".

    Returns
    -------
    Axes
        The panel with the rate.

    Raises
    ------
    TableError
        Columns are missing, a mark has no time zone, or the zone is unknown.
    """
    require_columns(table, [*COUNTS, "failure_rate", "rate_low", "rate_high"], "failure_rate")
    require_top(top)
    spans, zone = read_marks(mark), read_zone(timezone)
    if "bin_start" not in table.columns:
        return _plot_overall(table, ax, top)
    ordered = table.sort_values("bin_start", kind="stable")
    view = _view(ordered, zone, name_lines(spans))
    ax = open_axes(ax, height=6.0 if view.apart else 5.4)
    shown = largest_groups(view.table, view.labels, top) if view.by else []
    band = "band: 95 % interval" if len(shown) <= MOST_BANDS else ""
    write_headline(ax, split_title("TLS failure rate", view.by), _subtitle(view, band))
    if table.empty:
        return write_nothing(ax, "no TLS connections")
    panels = [ax, *split_axes(ax, below=2 if view.apart else 1)]
    limit_time(ax, view.table["bin_start"], view.width)
    if view.by:
        _draw_split(ax, view, shown)
    else:
        _draw_whole(ax, view)
    _draw_counts(panels[1:], view)
    name_axes(ax, y="Failure rate")
    draw_marks(panels, spans)
    dress_time_axis(ax, zone, lowest=panels[-1])
    for panel in panels[1:-1]:
        panel.tick_params(axis="x", labelbottom=False)
    write_caption(panels[-1], unmapped_caption(view.apart))
    return ax


def _view(table: pd.DataFrame, zone: ZoneInfo, room: int) -> _View:
    to_numbers(table["bin_start"])  # refuse naive times before a figure exists
    by = split_columns(table, RATE_COLUMNS)
    apart = int(table["unmapped_failures"].sum()) if set(by) & set(HANDSHAKE_COLUMNS) else 0
    return _View(table, by, group_labels(table, by), bin_width(table), zone, room, apart)


def _subtitle(view: _View, band: str) -> str:
    connections, failures = (int(view.table[name].sum()) for name in ("connections", "failures"))
    share = f" ({percent(failures / connections)})" if connections else ""
    when = range_text(view.table["bin_start"], view.width, view.zone)
    parts = [
        f"{number(failures)} of {counted(connections, 'TLS connection')} failed{share}",
        when,
        f"bins of {width_text(view.width)}",
        band,
    ]
    unmapped = number(view.table["unmapped_failures"].sum())
    if view.apart:
        parts.insert(1, f"{unmapped} unmapped apart")
    elif unmapped != "0":
        parts[0] += f", {unmapped} of them unmapped"
    return " · ".join(part for part in parts if part)


def _draw_whole(ax: Axes, view: _View) -> None:
    _draw_rate(ax, view.table, view, BLUE, band=0.22)
    _limit_rate(ax, view.table["failure_rate"], view.table["rate_high"], view.room)


def _draw_split(ax: Axes, view: _View, shown: list[str]) -> None:
    colours = dict(zip(sorted(shown), PALETTE * (len(shown) // 8 + 1), strict=False))
    opacity = 0.13 if len(shown) <= MOST_BANDS else 0.0
    ends, drawn = [], []
    for label in shown:
        group = view.table[view.labels == label]
        _draw_rate(ax, group, view, colours[label], band=opacity)
        ends.append(_end_label(label, group, colours[label]))
        drawn.append(group)
    rest = view.table[~view.labels.isin(shown)]
    if rest["connections"].sum() > 0:
        count = view.labels[rest.index][rest["connections"] > 0].nunique()
        rest = add_counts(rest, ["bin_start"])
        draw_steps(ax, lay_bins(rest["bin_start"], view.width), rest["failure_rate"], color=GREY)
        ends.append(_end_label(f"{OTHER} ({number(count)})", rest, GREY))
        drawn.append(rest)
    every = pd.concat(drawn) if drawn else view.table
    highs = every["rate_high"] if opacity and "rate_high" in every else every["failure_rate"]
    _limit_rate(ax, every["failure_rate"], highs, view.room)
    write_end_labels(ax, ends)


def _draw_rate(ax: Axes, group: pd.DataFrame, view: _View, colour: str, band: float) -> None:
    bins = lay_bins(group["bin_start"], view.width)
    low, high = group["rate_low"], group["rate_high"]
    if band:
        draw_filled(ax, bins, high, base=low, color=colour, alpha=band, zorder=2)
    width = stroke_width(len(group))
    draw_steps(ax, bins, group["failure_rate"], color=colour, linewidth=width, zorder=3)


def _end_label(label: str, group: pd.DataFrame, colour: str) -> EndLabel:
    connections, failures = group["connections"].sum(), group["failures"].sum()
    rates = group["failure_rate"].dropna()
    last = float(rates.iloc[-1]) if len(rates) else float("nan")
    text = f"{label}  {percent(failures / connections)} of {number(connections)}"
    return EndLabel(text, last, colour)


def _limit_rate(ax: Axes, rates: pd.Series, highs: pd.Series, room: int) -> None:
    """End the axis above the rates; a wide band of a few connections may leave it."""
    finite = rates.dropna()
    peak = float(finite.max()) if len(finite) else 0.0
    usual_band = float(highs.dropna().quantile(0.9)) if highs.notna().any() else 0.0
    ceiling = max(1.15 * peak, min(1.1 * usual_band, max(3 * peak, 0.1)), LEAST_TOP_OF_AXIS)
    ax.set_ylim(0, min(ceiling, 1.04) * (1 + 0.08 * room))
    percent_axis(ax.yaxis)


def _draw_counts(panels: list[Axes], view: _View) -> None:
    bins = view.table.groupby("bin_start", sort=True)[COUNTS].sum().reset_index()
    laid = lay_bins(bins["bin_start"], view.width)
    every = width_text(view.width)
    names = [("connections", f"Connections per {every}", "#9DB8CC")]
    if len(panels) == 2:
        names.insert(0, ("unmapped_failures", f"Unmapped failures per {every}", GREY))
    for panel, (column, name, colour) in zip(panels, names, strict=True):
        draw_filled(panel, laid, bins[column], color=colour, zorder=2)
        panel.set_ylim(0, max(1.0, 1.1 * float(np.nanmax(bins[column]))))
        count_axis(panel.yaxis, ticks=3)
        name_panel(panel, name)


def _plot_overall(table: pd.DataFrame, ax: Axes | None, top: int) -> Axes:
    by = split_columns(table, RATE_COLUMNS)
    labels = group_labels(table, by)
    apart = int(table["unmapped_failures"].sum()) if set(by) & set(HANDSHAKE_COLUMNS) else 0
    shown = largest_groups(table, labels, top)
    rows = table.assign(label=labels)[labels.isin(shown)].set_index("label").loc[shown]
    ax = open_axes(ax, height=2.0 + 0.34 * max(2, len(rows)))
    connections, failures = (int(table[name].sum()) for name in ("connections", "failures"))
    share = f" ({percent(failures / connections)})" if connections else ""
    text = f"{number(failures)} of {counted(connections, 'TLS connection')} failed{share}"
    left_out = int((table["connections"] > 0).sum()) - len(rows)
    text += f" · the first {len(rows)} groups of {left_out + len(rows)}" if left_out else ""
    write_headline(
        ax, split_title("TLS failure rate", by), f"{text} · whisker: 95 % interval", beside=shown
    )
    if rows.empty:
        return write_nothing(ax, "no TLS connections")
    notes = [
        f"{percent(rate)} of {number(n)}"
        for rate, n in zip(rows["failure_rate"], rows["connections"], strict=True)
    ]
    dots = Dots(rows["failure_rate"], rows["rate_low"], rows["rate_high"])
    draw_dots(ax, dots, notes, labels=[label or "all connections" for label in shown])
    write_caption(ax, unmapped_caption(apart), beside=shown)
    return ax
