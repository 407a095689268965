"""Counts that add up to a whole, one bar a row: each part in its colour, and in its hatching."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from albconn.charts.drawing.dots import label_rows, write_bar_note
from albconn.charts.drawing.style import count_axis, name_axes, write_legend


class Layer(NamedTuple):
    """A part of the whole: the column of its counts, its name, and how it looks."""

    column: str
    name: str
    colour: str
    hatch: str = ""


def draw_stacks(
    ax: Axes,
    rows: pd.DataFrame,
    layers: list[Layer],
    labels: list[str],
    notes: list[str],
    *,
    x: str,
) -> None:
    """Draw one bar a row, of its layers; the note stands right of the drawing.

    Parameters
    ----------
    labels, notes : list of str
        Of the rows, from the top.
    x : str
        What is counted.
    """
    left = np.zeros(len(rows))
    for layer in layers:
        counts = rows[layer.column].to_numpy(dtype="float64")
        ax.barh(
            np.arange(len(rows)), counts, left=left, height=0.66, color=layer.colour,
            hatch=layer.hatch, edgecolor="white",
        )  # fmt: skip
        left += counts
    for place, note in enumerate(notes):
        write_bar_note(ax, place, left[place], note)
    label_rows(ax, labels)
    ax.set_xlim(0, 1.05 * max(1.0, left.max(initial=0.0)))
    count_axis(ax.xaxis)
    name_axes(ax, x=x)
    there = [layer for layer in layers if rows[layer.column].sum()]
    patches = [
        Patch(facecolor=layer.colour, hatch=layer.hatch, edgecolor="white") for layer in there
    ]
    if len(there) > 1:
        write_legend(ax, patches, [layer.name for layer in there])
