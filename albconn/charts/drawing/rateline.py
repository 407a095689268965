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
from albconn.charts.drawing.evidence import (
    Partial,
    last_bin,
    least_of,
    says_something,
)
from albconn.charts.drawing.evident import Line, ceiling_of, draw_evident
from albconn.charts.drawing.labels import unmapped_caption
from albconn.charts.drawing.look import Look
from albconn.charts.drawing.marks import Marks, name_lines
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    BLUE,
    GREY,
    PALETTE,
    count_axis,
    name_axes,
    name_panel,
    open_picture,
    percent_axis,
    rows_that_fit,
    split_axes,
    write_caption,
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
    lay_bins,
    limit_time,
    mark_partial,
    partial_told,
    width_text,
)
from albconn.charts.drawing.timeframe import TimeFrame, read_time_frame
from albconn.charts.drawing.told import told, told_first, told_rate
from albconn.words import number, percent

MOST_BANDS = 3  # more would lie over each other; n then stands with each line's name
BAND, BAND_OF_SEVERAL = 0.16, 0.11  # opacities
TRAFFIC = "#9DB8CC"
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
    look: Look
    least: int  # connections from which a bin says something
    apart: int  # unmapped failures that connections and failures leave out
    partial: Partial | None


def draw_rate(
    table: pd.DataFrame,
    words: RateWords,
    *,
    ax: Axes | None,
    mark: Marks,
    look: Look,
    top: int,
) -> Axes:
    """Draw `table`, which has the columns of ``failure_rate``, over time or as one dot a group."""
    require_top(top)
    frame = read_time_frame(table.get("bin_start"), mark, look)
    if "bin_start" not in table.columns:
        return _draw_overall(table, words, ax, look, top)
    view = _view(table, words, frame, look)
    shown = largest_groups(view.table, view.labels, top) if view.by else []
    ax = open_picture(
        ax,
        look,
        split_title(words.title, view.by),
        _subtitle(view, shown),
        height=6.0 if view.apart else 5.4,
    )
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
    mark_partial(panels, view.partial, view.width)
    frame.dress(panels)
    write_caption(panels[-1], unmapped_caption(view.apart))
    return settle(ax, *panels[1:])


def _view(table: pd.DataFrame, words: RateWords, frame: TimeFrame, look: Look) -> _View:
    ordered, width = table.sort_values("bin_start", kind="stable"), bin_width(table)
    by = split_columns(table, RATE_COLUMNS)
    labels, apart = group_labels(ordered, by), unmapped_apart(table, by)
    partial = last_bin(table, width)
    return _View(words, ordered, by, labels, width, frame, look, least_of(table), apart, partial)


def _subtitle(view: _View, shown: list[str]) -> str:
    parts = [
        told_rate(view.table, view.words.noun, view.words.verb),
        view.frame.told(view.table["bin_start"], view.width),
        partial_told(view.partial, view.width),
        f"dots: bins of fewer than {view.least}" if _has_dots(view, shown) else "",
        "band: 95 % interval" if len(shown) <= MOST_BANDS else "",
    ]
    unmapped = number(view.table["unmapped_failures"].sum())
    if view.apart:
        parts.insert(1, f"{unmapped} unmapped apart")
    elif unmapped != "0":
        parts[0] += f", {unmapped} of them unmapped"
    return told(*parts)


def _has_dots(view: _View, shown: list[str]) -> bool:
    few = ~says_something(view.table, view.least)
    if view.by:
        few &= view.labels.isin(shown).to_numpy()
    return bool((few & (view.table["failures"] > 0)).any())


def _draw_whole(ax: Axes, view: _View) -> None:
    _limit_rate(ax, view.table, view)
    (colour,) = view.look.colours(failed=BLUE)
    draw_evident(ax, view.table, _line(view, colour, BAND))


def _draw_split(ax: Axes, view: _View, shown: list[str]) -> None:
    drawn = view.table[view.labels.isin(shown)]
    _limit_rate(ax, drawn if len(drawn) else view.table, view)
    colours = {
        label: view.look.colour(label, place, PALETTE[place % len(PALETTE)])
        for place, label in enumerate(sorted(shown))
    }
    ends = []
    for label in shown:
        group = view.table[view.labels == label]
        band = BAND_OF_SEVERAL if len(shown) <= MOST_BANDS else 0.0
        draw_evident(ax, group, _line(view, colours[label], band))
        ends.append(_end_label(label, group, colours[label], view.least))
    rest = view.table[~view.labels.isin(shown)]
    if rest["connections"].sum() > 0:
        count = view.labels[rest.index][rest["connections"] > 0].nunique()
        rest = add_counts(rest, ["bin_start"])
        draw_evident(ax, rest, _line(view, GREY, 0.0))
        ends.append(_end_label(f"{OTHER} ({number(count)})", rest, GREY, view.least))
    write_end_labels(ax, ends)


def _line(view: _View, colour: str, band: float) -> Line:
    return Line(view.width, view.least, colour, band)


def _end_label(label: str, group: pd.DataFrame, colour: str, least: int) -> EndLabel:
    connections, failures = group["connections"].sum(), group["failures"].sum()
    rates = group["failure_rate"][says_something(group, least)].dropna()
    last = float(rates.iloc[-1]) if len(rates) else 0.0
    text = f"{label}  {percent(failures / connections)} of {number(connections)}"
    return EndLabel(text, last, colour)


def _limit_rate(ax: Axes, table: pd.DataFrame, view: _View) -> None:
    """End the axis above the rates; above that is room for the marks' names."""
    ax.set_ylim(0, ceiling_of(table, view.least) * (1 + 0.08 * name_lines(view.frame.spans)))
    percent_axis(ax.yaxis)


def _draw_counts(panels: list[Axes], view: _View) -> None:
    bins = view.table.groupby("bin_start", sort=True)[COUNTS].sum().reset_index()
    laid = lay_bins(bins["bin_start"], view.width)
    every = width_text(view.width)
    names = [("connections", f"{view.words.traffic} per {every}", TRAFFIC)]
    if view.apart:
        names.insert(0, ("unmapped_failures", f"Unmapped failures per {every}", GREY))
    for panel, (column, name, colour) in zip(
        panels, names, strict=False
    ):  # none, where it is small
        draw_filled(panel, laid, bins[column], color=colour, zorder=2)
        panel.set_ylim(0, max(1.0, 1.1 * float(np.nanmax(bins[column]))))
        count_axis(panel.yaxis, ticks=3)
        name_panel(panel, name)


def _draw_overall(
    table: pd.DataFrame, words: RateWords, ax: Axes | None, look: Look, top: int
) -> Axes:
    by = split_columns(table, RATE_COLUMNS)
    labels = group_labels(table, by)
    shown = largest_groups(table, labels, rows_that_fit(ax, look, top))
    rows = table.assign(label=labels)[labels.isin(shown)].set_index("label").loc[shown]
    found = int((table["connections"] > 0).sum())
    text = told(
        told_rate(table, words.noun, words.verb),
        told_first(len(rows), found, "groups"),
        "whisker: 95 % interval",
    )
    height = 2.0 + 0.34 * max(2, len(rows))
    ax = open_picture(ax, look, split_title(words.title, by), text, height=height)
    if rows.empty:
        return write_nothing(ax, words.nothing)
    notes = [
        f"{percent(rate)} of {number(n)}"
        for rate, n in zip(rows["failure_rate"], rows["connections"], strict=True)
    ]
    dots = Dots(rows["failure_rate"], rows["rate_low"], rows["rate_high"])
    everything = f"all {words.traffic.lower()}"
    (colour,) = look.colours(failed=BLUE)
    draw_dots(ax, dots, notes, labels=[label or everything for label in shown], colour=colour)
    name_axes(ax, x=words.axis)
    write_caption(ax, unmapped_caption(unmapped_apart(table, by)))
    return settle(ax)
