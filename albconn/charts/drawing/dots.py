"""Rows of a table as rows of a picture: bars of counts, dots of rates with whiskers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.style import (
    BLUE,
    INK,
    MUTED,
    SMALL_POINTS,
    TEXT_POINTS,
    name_axes,
    percent_axis,
)

FEWEST_ROWS = 3  # a lone bar as high as the chart looks like an area


class Dots(NamedTuple):
    """Rates [1] with the ends of their intervals; NaN ends draw no whisker."""

    rates: pd.Series
    lows: pd.Series
    highs: pd.Series


def label_rows(ax: Axes, labels: Sequence[str]) -> None:
    """Name the rows 0, 1, 2, … of `ax`, the first on top; foreign text stays text."""
    ax.set_yticks(range(len(labels)))
    ax.set_yticklabels(list(labels), parse_math=False, fontsize=TEXT_POINTS, color=INK)
    ax.set_ylim(max(len(labels), FEWEST_ROWS) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.yaxis.set_gid("rows")
    ax.grid(visible=False, axis="y")


def draw_dots(
    ax: Axes,
    dots: Dots,
    notes: Sequence[str],
    *,
    labels: Sequence[str] | None = None,
    colour: Any = BLUE,
) -> None:
    """Draw one rate per row with its interval; the note stands right of the drawing."""
    rows = np.arange(len(dots.rates))
    rates, lows, highs = (np.asarray(values, dtype="float64") for values in dots)
    ax.hlines(rows, lows, highs, color=colour, linewidth=2.2, alpha=0.45, zorder=2)
    ax.plot(rates, rows, "o", color=colour, markersize=6, zorder=3)
    reach = np.nanmax(np.concatenate([[0.01], rates, highs]))
    ax.set_xlim(-0.02 * reach, 1.04 * reach)
    percent_axis(ax.xaxis)
    name_axes(ax, x="Failure rate")
    if labels is not None:
        label_rows(ax, labels)
    for row, note in zip(rows, notes, strict=True):
        write_row_note(ax, int(row), note)


def write_row_note(ax: Axes, row: int, note: str) -> None:
    """Write a note at the right edge of `ax`, level with a row."""
    ax.annotate(
        note,
        (1, row),
        xycoords=ax.get_yaxis_transform(),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL_POINTS,
        color=MUTED,
        parse_math=False,
        annotation_clip=False,
    ).set_gid("row note")


def write_bar_note(ax: Axes, row: int, value: float, note: str) -> None:
    """Write a note right of a bar's end."""
    ax.annotate(
        note,
        (value, row),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL_POINTS,
        color=MUTED,
        parse_math=False,
    ).set_gid("bar note")


def write_panel_name(ax: Axes, text: str) -> None:
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
    ).set_gid("panel name")
