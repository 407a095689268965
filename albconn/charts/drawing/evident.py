"""One rate over time as far as it can be trusted: a line, faint dots, and a faint band."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.evidence import is_narrow, says_something
from albconn.charts.drawing.style import stroke_width
from albconn.charts.drawing.timeaxis import DAY, draw_filled, draw_steps, lay_bins, to_numbers

LEAST_TOP_OF_AXIS = 0.01  # a quiet hour must not look like an outage
QUIET = 0.1  # to which dots of few connections may stretch the axis
FAINT = 0.35  # opacity


class Line(NamedTuple):
    """How one rate is drawn: its bins' width, from how many connections on, in which colour."""

    width: pd.Timedelta
    least: int
    colour: str
    band: float  # opacity of the interval; 0 for none


def draw_evident(ax: Axes, group: pd.DataFrame, line: Line) -> None:
    """Draw one rate: a line where bins say something, dots where they do not, and the band.

    Call it after the y limits are set: a dot beyond them stands at the edge, as a small triangle.
    """
    bins, says = lay_bins(group["bin_start"], line.width), says_something(group, line.least)
    rates = group["failure_rate"].to_numpy(dtype="float64")
    if line.band and (narrow := is_narrow(group, line.least)).any():
        low, high = (np.where(narrow, group[name], np.nan) for name in ("rate_low", "rate_high"))
        draw_filled(ax, bins, high, base=low, color=line.colour, alpha=line.band, zorder=2)
    few = ~says & (rates > 0)
    solid = np.where(says, rates, np.nan)
    style = {"color": line.colour, "linewidth": stroke_width(len(group)), "zorder": 3}
    draw_steps(ax, bins, solid, **style)
    middles = to_numbers(group["bin_start"]) + line.width / DAY / 2
    _draw_dots(ax, middles[few], rates[few], line.colour)


def _draw_dots(ax: Axes, middles: Any, rates: Any, colour: str) -> None:
    ceiling = ax.get_ylim()[1]
    style = {"color": colour, "alpha": FAINT, "zorder": 2.5, "linewidths": 0}
    inside = rates <= ceiling
    if inside.any():
        ax.scatter(middles[inside], rates[inside], s=11, **style)
    if not inside.all():
        edge = np.full(int((~inside).sum()), 0.985 * ceiling)
        ax.scatter(middles[~inside], edge, s=14, marker="^", **style)
    ax.set_ylim(top=ceiling)  # dots must not stretch it


def ceiling_of(table: pd.DataFrame, least: int) -> float:
    """Return the rate at which an axis ends: above each that says something, bands or not."""
    says, rates = says_something(table, least), table["failure_rate"].to_numpy(dtype="float64")
    peak = float(np.nanmax(rates[says], initial=0.0))
    few = float(np.nanmax(rates[~says], initial=0.0))
    # Dots alone do not stretch an axis that has lines; without lines they are all there is.
    ceiling = max(1.15 * peak, min(1.15 * few, QUIET if says.any() else 1.0), LEAST_TOP_OF_AXIS)
    return min(ceiling, 1.04)
