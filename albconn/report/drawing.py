"""A chart to be drawn, and how it becomes the files of a picture.

What is to be drawn is told by the name of a public chart function, its small table and its
options, so that another process can do it. Each drawing is laid out once: PNG and SVG are both
saved from that layout. The SVG has real text.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RESOLUTION = 160  # [dots per inch]
LARGEST_SVG = 400_000  # [bytes]; above, the page carries the PNG instead
LONGEST_TITLE = 240  # characters
NARROW = (4.3, 3.9)  # [inch]; what a phone shows at its own width
STRIPS_HIGH = 5.2  # [inch]
_STRIPS = ("plot_handshakes_over_time", "plot_failure_rate_panels")
_QUICK = {"compress_level": 3}  # a third of the time of the usual level, a tenth more bytes


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


def saved(axes: Axes) -> tuple[bytes, bytes]:
    """Return a chart as PNG and as SVG, and close it; it is laid out once."""
    from matplotlib import pyplot as plt

    figure: Any = axes.get_figure()
    frame = _laid_out(figure, 0.1)
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=RESOLUTION, bbox_inches=frame, pil_kwargs=_QUICK)
    svg = _svg(figure, frame)
    plt.close(figure)
    return png.getvalue(), svg


def plotted(chart: Chart, **options: Any) -> Axes:
    """Draw a chart, its axis over the time that it is to show."""
    from matplotlib.dates import date2num

    from albconn import charts
    from albconn.charts.drawing.labels import label_of

    asked = {**chart.options, **options}
    if "title" in asked:  # names in it may be a stranger's
        asked["title"] = label_of(asked["title"], LONGEST_TITLE)
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
    from matplotlib import pyplot as plt

    figure: Any = plotted(chart, figsize=narrow_size(chart)).get_figure()
    svg = _svg(figure, _laid_out(figure, 0.05))
    plt.close(figure)
    return svg if len(svg) <= LARGEST_SVG else None


def _laid_out(figure: Any, margin: float) -> Any:
    """Lay a figure out for good, and return the frame that holds all of it.

    With no engine left, saving does not draw it once more to see where things lie.
    """
    from matplotlib import rc_context

    figure.draw_without_rendering()
    with rc_context({"figure.autolayout": False, "figure.constrained_layout.use": False}):
        figure.set_layout_engine(None)
    return figure.get_tightbbox().padded(margin)


def _svg(figure: Any, frame: Any) -> bytes:
    from matplotlib import rc_context

    svg = io.BytesIO()
    with rc_context({"svg.hashsalt": "albconn", "svg.fonttype": "none"}):
        figure.savefig(svg, format="svg", bbox_inches=frame, metadata={"Date": None})
    return svg.getvalue()
