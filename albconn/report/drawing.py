"""A chart to be drawn, and how it becomes the files of a picture.

What is to be drawn is told by the name of a public chart function, its small table and its
options, so that another process can do it. Each drawing is laid out once, and drawn once: PNG and
SVG come of the same strokes. The SVG has real text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LARGEST_SVG = 400_000  # [bytes]; above, the page carries the PNG instead
LONGEST_TITLE = 240  # characters
NARROW = (4.3, 3.9)  # [inch]; what a phone shows at its own width
STRIPS_HIGH = 5.2  # [inch]
Kinds: TypeAlias = Literal["png and svg", "svg"]
_STRIPS = ("plot_handshakes_over_time", "plot_failure_rate_panels")
_NO_ENGINE: dict[Any, Any] = {"figure.autolayout": False, "figure.constrained_layout.use": False}


@dataclass(frozen=True)
class Chart:
    """A chart to be drawn.

    Attributes
    ----------
    name : str
        Of its files, without their endings.
    plot : str
        A function of ``albconn.charts``.
    table : DataFrame
        What it draws.
    options : mapping
        Its keyword arguments.
    span : (datetime, datetime), optional
        The time that its axis shows.
    narrow : {"no", "too"}
        Whether a second drawing is made, for a narrow screen.
    """

    name: str
    plot: str
    table: pd.DataFrame
    options: Mapping[str, Any] = field(default_factory=dict)
    span: tuple[datetime, datetime] | None = None
    narrow: Literal["no", "too"] = "no"


@dataclass(frozen=True)
class Picture:
    """What was drawn: its title, and the images as the page carries them."""

    title: str
    image: bytes
    kind: Literal["svg+xml", "png"]
    narrow: bytes | None = None


def draw(chart: Chart, folder: Path) -> Picture:
    """Draw a chart, and save it as PNG and SVG in a folder."""
    axes = plotted(chart)
    title = " ".join(axes.get_title(loc="left").split()) or chart.name.replace("_", " ")
    png, svg = saved(axes)
    (folder / f"{chart.name}.png").write_bytes(png)
    (folder / f"{chart.name}.svg").write_bytes(svg)
    narrow = _narrow(chart) if chart.narrow == "too" else None
    if len(svg) <= LARGEST_SVG:
        return Picture(title, svg, "svg+xml", narrow)
    return Picture(title, png, "png", narrow)


def saved(axes: Axes, kinds: Kinds = "png and svg") -> tuple[bytes, bytes]:
    """Return a chart as PNG and as SVG, and close it; it is laid out once, and drawn once.

    Of what is not wanted nothing is returned.
    """
    from matplotlib import pyplot as plt, rc_context

    from albconn.charts.drawing.saving import REAL_TEXT
    from albconn.report.twofold import TwofoldCanvas

    figure: Any = axes.get_figure()
    canvas, engine = TwofoldCanvas(figure, kinds), figure.get_layout_engine()
    try:
        if engine is not None:
            engine.execute(figure)
        with rc_context(REAL_TEXT | _NO_ENGINE):
            figure.set_layout_engine(None)  # to draw it would lay it out once more
            return canvas.drawn()
    finally:
        plt.close(figure)


def plotted(chart: Chart, *, figsize: tuple[float, float] | None = None) -> Axes:
    """Draw a chart as its pixels will be, its axis over the time that it is to show."""
    from matplotlib import rc_context
    from matplotlib.dates import date2num

    from albconn import charts
    from albconn.charts.drawing.labels import label_of
    from albconn.charts.drawing.saving import RESOLUTION

    asked = dict(chart.options) if figsize is None else {**chart.options, "figsize": figsize}
    if "title" in asked:  # names in it may be a stranger's
        asked["title"] = label_of(asked["title"], LONGEST_TITLE)
    with rc_context({"figure.dpi": RESOLUTION}):
        axes: Axes = getattr(charts, chart.plot)(chart.table, **asked)
    if chart.span is not None:
        first, last = (float(date2num(moment)) for moment in chart.span)
        axes.set_xlim(first, last)
    return axes


def narrow_size(chart: Chart) -> tuple[float, float]:
    """Return the size of a narrow drawing [inch]: panels below each other need more height."""
    return (NARROW[0], STRIPS_HIGH) if chart.plot in _STRIPS else NARROW


def _narrow(chart: Chart) -> bytes | None:
    """Return a chart as an SVG for a narrow screen; None where it would be too large."""
    _, svg = saved(plotted(chart, figsize=narrow_size(chart)), "svg")
    return svg if len(svg) <= LARGEST_SVG else None
