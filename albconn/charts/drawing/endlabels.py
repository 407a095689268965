"""Names at the lines' ends instead of a legend: the eye need not travel.

Each name stands right of the drawing, at the height of its line's last value, in the line's
colour. Names that would overlap are moved apart and tied to their line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import OffsetFrom

from albconn.charts.drawing.cells import figure_of
from albconn.charts.drawing.headline import headline_of
from albconn.charts.drawing.style import SMALL_POINTS

LINE_POINTS = SMALL_POINTS * 1.45
ABOVE_AND_BELOW = 95.0  # [points] of headline and time axis


class EndLabel(NamedTuple):
    """A name, the value [data units] at which its line ends, and the line's colour."""

    text: str
    value: float
    colour: str


def write_end_labels(ax: Axes, labels: Sequence[EndLabel]) -> None:
    """Name the lines of `ax` at its right edge, the first of them where there is no room for all.

    Call it after the y limits are set. The names keep their distances whatever height the Axes get:
    they are placed from its lower end, and a thin line ties each to its own.
    """
    head = headline_of(ax)
    scale = 1.0 if head is None else head.scale
    line, height = LINE_POINTS * scale, _height(ax)
    named = [label for label in labels if np.isfinite(label.value)][: max(1, int(height / line))]
    finite = sorted(named, key=lambda one: one.value)
    wanted = [_share(ax, label.value) * height for label in finite]
    for label, at, moved in zip(finite, wanted, spread(wanted, line, height), strict=True):
        ax.annotate(
            label.text,
            (1, at / height),
            xycoords="axes fraction",
            xytext=(16, moved),
            textcoords=OffsetFrom(ax, (1, 0), "points"),
            va="center",
            fontsize=SMALL_POINTS,
            color=label.colour,
            parse_math=False,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": label.colour,
                "linewidth": 0.8,
                "relpos": (0, 0.5),
                "shrinkA": 0,
                "shrinkB": 1,
            },
        ).set_gid("end label")


def _height(ax: Axes) -> float:
    """Return about how high [points] the Axes will be under their headline, over their labels."""
    root: Any = figure_of(ax).get_figure(root=True)
    height, head = float(ax.get_window_extent().height * 72 / root.dpi), headline_of(ax)
    if head is None:
        return height
    return max(20.0, height * min(1.0, 1.2 * (1 - ABOVE_AND_BELOW * head.scale / head.cell.height)))


def _share(ax: Axes, value: float) -> float:
    """Return how far up the axis a value lies, from 0 to 1, on a linear or a log scale."""
    inside = ax.transData.transform((0, value))[1]
    low, high = (ax.transAxes.transform((0, edge))[1] for edge in (0, 1))
    return float(np.clip((inside - low) / (high - low), 0, 1))


def spread(heights: Sequence[float], distance: float, ceiling: float) -> list[float]:
    """Move sorted heights apart to at least `distance`: upwards, but down from the ceiling."""
    spread: list[float] = []
    for height in heights:
        spread.append(height if not spread else max(height, spread[-1] + distance))
    for place in range(len(spread) - 1, -1, -1):
        spread[place] = min(spread[place], ceiling)
        ceiling = spread[place] - distance
    return spread
