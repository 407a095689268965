"""A rate over time, with what it rests on: its interval and the traffic under it.

Failures of connections, slow ones of handshakes: so many out of so many. The columns keep the
names of ``failure_rate``; what they mean is told in `RateWords`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.dots import Dots, draw_dots
from albconn.charts.drawing.endlabels import EndLabel, write_end_labels
from albconn.charts.drawing.labels import unmapped_caption
from albconn.charts.drawing.marks import Marks, name_lines
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
    require_top,
    split_columns,
    split_title,
    unmapped_apart,
)
from albconn.charts.drawing.timeaxis import (
    bin_width,
    draw_filled,
    draw_steps,
    lay_bins,
    limit_time,
    width_text,
)
from albconn.charts.drawing.timeframe import TimeFrame, read_time_frame
from albconn.charts.drawing.told import told, told_first, told_rate
from albconn.words import number, percent

MOST_BANDS = 3  # more would lie over each other; n then stands with each line's name
LEAST_TOP_OF_AXIS = 0.01  # a quiet hour must not look like an outage
RATES = [*COUNTS, "failure_rate", "rate_low", "rate_high"]


class RateWords(NamedTuple):
    """What the columns mean: `failures` of `connections`, as one of these rates."""

    title: str  # "TLS failure rate"
    axis: str  # "Failure rate"
    noun: str  # what is counted: "TLS connection"
    verb: str  # what so many of them did: "failed"
    traffic: str  # "Connections"
    nothing: str  # said where there are none


FAILURES = RateWords(
    "TLS failure rate",
    "Failure rate",
    "TLS connection",
    "failed",
    "Connections",
    "no TLS connections",
)


class _View(NamedTuple):
    """What every part of the chart needs to know of the table."""

    words: RateWords
    table: pd.DataFrame
    by: list[str]
    labels: pd.Series
    width: pd.Timedelta
    frame: TimeFrame
    apart: int  # unmapped failures that connections and failures leave out


def draw_rate(
    table: pd.DataFrame,
    words: RateWords,
    *,
    ax: Axes | None,
    mark: Marks,
    timezone: str,
    top: int,
) -> Axes:
    """Draw `table`, which has the columns of ``failure_rate``, over time or as one dot a group."""
    require_top(top)
    frame = read_time_frame(table.get("bin_start"), mark, timezone)
    if "bin_start" not in table.columns:
        return _draw_overall(table, words, ax, top)
    ordered = table.sort_values("bin_start", kind="stable")
    view = _view(ordered, words, frame)
    ax = open_axes(ax, height=6.0 if view.apart else 5.4)
    shown = largest_groups(view.table, view.labels, top) if view.by else []
    band = "band: 95 % interval" if len(shown) <= MOST_BANDS else ""
    write_headline(ax, split_title(words.title, view.by), _subtitle(view, band))
    if table.empty:
        return write_nothing(ax, words.nothing)
    panels = [ax, *split_axes(ax, below=2 if view.apart else 1)]
    limit_time(ax, view.table["bin_start"], view.width)
    if view.by:
        _draw_split(ax, view, shown)
    else:
        _draw_whole(ax, view)
    _draw_counts(panels[1:], view)
    name_axes(ax, y=words.axis)
    frame.dress(panels)
    for panel in panels[1:-1]:
        panel.tick_params(axis="x", labelbottom=False)
    write_caption(panels[-1], unmapped_caption(view.apart))
    return ax


def _view(table: pd.DataFrame, words: RateWords, frame: TimeFrame) -> _View:
    by = split_columns(table, RATE_COLUMNS)
    labels, apart = group_labels(table, by), unmapped_apart(table, by)
    return _View(words, table, by, labels, bin_width(table), frame, apart)


def _subtitle(view: _View, band: str) -> str:
    parts = [
        told_rate(view.table, view.words.noun, view.words.verb),
        view.frame.told(view.table["bin_start"], view.width),
        band,
    ]
    unmapped = number(view.table["unmapped_failures"].sum())
    if view.apart:
        parts.insert(1, f"{unmapped} unmapped apart")
    elif unmapped != "0":
        parts[0] += f", {unmapped} of them unmapped"
    return told(*parts)


def _draw_whole(ax: Axes, view: _View) -> None:
    _draw_rate(ax, view.table, view, BLUE, band=0.22)
    _limit_rate(
        ax, view.table["failure_rate"], view.table["rate_high"], name_lines(view.frame.spans)
    )


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
    _limit_rate(ax, every["failure_rate"], highs, name_lines(view.frame.spans))
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
    names = [("connections", f"{view.words.traffic} per {every}", "#9DB8CC")]
    if len(panels) == 2:
        names.insert(0, ("unmapped_failures", f"Unmapped failures per {every}", GREY))
    for panel, (column, name, colour) in zip(panels, names, strict=True):
        draw_filled(panel, laid, bins[column], color=colour, zorder=2)
        panel.set_ylim(0, max(1.0, 1.1 * float(np.nanmax(bins[column]))))
        count_axis(panel.yaxis, ticks=3)
        name_panel(panel, name)


def _draw_overall(table: pd.DataFrame, words: RateWords, ax: Axes | None, top: int) -> Axes:
    by = split_columns(table, RATE_COLUMNS)
    labels = group_labels(table, by)
    apart = unmapped_apart(table, by)
    shown = largest_groups(table, labels, top)
    rows = table.assign(label=labels)[labels.isin(shown)].set_index("label").loc[shown]
    ax = open_axes(ax, height=2.0 + 0.34 * max(2, len(rows)))
    found = int((table["connections"] > 0).sum())
    text = told(
        told_rate(table, words.noun, words.verb),
        told_first(len(rows), found, "groups"),
        "whisker: 95 % interval",
    )
    write_headline(ax, split_title(words.title, by), text, beside=shown)
    if rows.empty:
        return write_nothing(ax, words.nothing)
    notes = [
        f"{percent(rate)} of {number(n)}"
        for rate, n in zip(rows["failure_rate"], rows["connections"], strict=True)
    ]
    dots = Dots(rows["failure_rate"], rows["rate_low"], rows["rate_high"])
    everything = f"all {words.traffic.lower()}"
    draw_dots(ax, dots, notes, labels=[label or everything for label in shown])
    name_axes(ax, x=words.axis)
    write_caption(ax, unmapped_caption(apart), beside=shown)
    return ax
