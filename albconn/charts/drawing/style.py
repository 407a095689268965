"""How every chart looks: palette, figure, headline, caption.

A chart is pasted into an incident review without its notebook, so it carries its own title,
number of connections, time range and zone. Everything is styled on the artist itself: the
caller's rcParams are neither read for meaning nor changed, and a caller's own Axes may be one
cell of a larger grid. Colours are Okabe and Ito's, which stay apart for colour-blind readers.

References
----------
Okabe and Ito, "Color Universal Design" (2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter, MaxNLocator

from albconn.charts.drawing.cells import PAD, cell_of, figure_of, has_engine
from albconn.charts.drawing.headline import INK, MUTED, Headline, headline_of
from albconn.charts.drawing.look import Look, scale_of
from albconn.charts.drawing.settling import settle

BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
PURPLE, SKY, YELLOW, BLACK = "#CC79A7", "#56B4E9", "#F0E442", "#222222"
PALETTE = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, YELLOW, BLACK)
GREY, PALE, RULE, HOLE = "#8A8A8A", "#D9D9D9", "#E6E6E6", "#F5F5F5"
RATE_COLOURS = LinearSegmentedColormap.from_list(
    "failure rate", ["#EAF1F7", "#F6D9A8", "#E8883A", "#B8340B", "#5C0A05"]
)

TEXT_POINTS, SMALL_POINTS = 9.5, 8.5
HEADROOM = 112.0  # [points] of a picture's height that are not its rows
LEAST_HEIGHT, LEAST_WIDTH = 210.0, 420.0  # [points] from which panels can be cut off
TRAFFIC_SHARE = 0.26  # of the height, for each small panel under a chart


def open_picture(
    ax: Axes | None,
    look: Look,
    title: str,
    subtitle: str,
    *,
    width: float = 10.0,
    height: float = 5.0,
) -> Axes:
    """Return `ax`, or the one Axes of a new white figure, with its headline.

    The title says what, the subtitle how many, when, and in which zone; `width` and `height` [inch]
    are the figure's, where the reader asks for no other. Call ``settle`` when all is drawn.
    """
    is_ours = ax is None
    if ax is None:
        figure, ax = plt.subplots(figsize=look.figsize or (width, height), layout="constrained")
        figure.set_facecolor("white")
        engine = figure.get_layout_engine()
        if engine is not None:
            cast(Any, engine).set(w_pad=PAD / 72, h_pad=PAD / 72, hspace=0.03, wspace=0.03)
    dress(ax)
    Headline(ax, look, cell_of(ax, look, is_ours=is_ours), title, subtitle)
    return ax


def rows_that_fit(
    ax: Axes | None, look: Look, wanted: int, *, each: float = 15.0, taken: float = 0.0
) -> int:
    """Return how many rows of `each` [points] have room under what is taken; our figures grow."""
    if ax is None and look.figsize is None:
        return wanted
    if ax is None:
        assert look.figsize is not None
        high, scale = look.figsize[1] * 72, scale_of(*look.figsize)
    else:
        cell = cell_of(ax, look, is_ours=False)
        high, scale = cell.height, cell.scale
    return max(1, min(wanted, int((high - taken - HEADROOM * scale) / (each * scale))))


def dress(ax: Axes) -> None:
    """Give `ax` the house style: two spines, a pale grid behind the marks, readable ticks."""
    ax.set_facecolor("white")
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(PALE)
    ax.grid(visible=True, color=RULE, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.tick_params(colors=MUTED, labelsize=TEXT_POINTS, length=3)


def split_axes(
    ax: Axes,
    *,
    below: int | Sequence[float] = 0,
    beside: float = 0.0,
    share: float = TRAFFIC_SHARE,
) -> list[Axes]:
    """Cut small panels off `ax`, inside its own place, so that a caller's grid stays whole.

    Parameters
    ----------
    ax : Axes
        Keeps the upper (or left) part; it is not replaced.
    below : int or sequence of float
        Number of panels to cut off at the bottom, or the height of each, where that of `ax` is
        1; they share the x axis with `ax`.
    beside : float
        Share of the width to cut off at the right for one panel that shares the y axis.
    share : float
        Height of each panel below, where that of `ax` is 1.

    Returns
    -------
    list of Axes
        The new panels, from `ax` outwards; none where the place is too small for them.
    """
    if not _has_room(ax, beside, share):
        return []
    heights = [share] * below if isinstance(below, int) else below
    ratios = [1 - beside, beside] if beside else [1.0, *heights]
    if len(ratios) == 1:
        return []
    figure, place = figure_of(ax), ax.get_subplotspec()
    shape = (1, 2) if beside else (len(ratios), 1)
    shared = {"sharey": ax} if beside else {"sharex": ax}
    if place is None:
        grid = figure.add_gridspec(*shape, **_outline(ax), **_gaps(ax, beside, ratios))
    else:
        grid = place.subgridspec(*shape, **_gaps(ax, beside, ratios))
    cells = [grid[index] for index in range(len(ratios))]
    ax.set_subplotspec(cells[0])
    panels = [figure.add_subplot(cell, **cast(Any, shared)) for cell in cells[1:]]
    for panel in panels:
        dress(panel)
    return panels


def _has_room(ax: Axes, beside: float, share: float) -> bool:
    """Say whether a panel can be cut off: of an Axes inside another, or a small one, none can."""
    head = headline_of(ax)
    if ax.get_axes_locator() is not None or head is None:
        return False
    if beside:
        return head.cell.width >= LEAST_WIDTH
    return share == 1.0 or head.cell.height >= LEAST_HEIGHT  # equals are counted by who has them


def _gaps(ax: Axes, beside: float, ratios: list[float]) -> dict[str, Any]:
    """Return the panels' sizes, and the gaps between them where no layout engine sees to it."""
    found: dict[str, Any] = {"width_ratios" if beside else "height_ratios": ratios}
    if not has_engine(figure_of(ax)):
        head = headline_of(ax)
        high = 300.0 if head is None else 0.6 * head.cell.height
        found |= {"wspace": 0.06} if beside else {"hspace": 26 * len(ratios) / high}
    return found


def _outline(ax: Axes) -> dict[str, float]:
    box = ax.get_position()
    return {"left": box.x0, "right": box.x1, "bottom": box.y0, "top": box.y1}


def write_caption(ax: Axes, text: str) -> None:
    """Put the small print below `ax`; nothing for an empty text."""
    if text:
        note = ax.annotate(
            text, (0, 0), xycoords="axes fraction", xytext=(0, -40), textcoords="offset points",
            fontsize=SMALL_POINTS, color=MUTED, va="top", parse_math=False, annotation_clip=False,
        )  # fmt: skip
        note.set_gid("caption")


def write_nothing(ax: Axes, text: str) -> Axes:
    """Say in the middle of an empty chart that there is nothing to draw."""
    ax.grid(visible=False)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=MUTED)
    return settle(ax)


def write_legend(ax: Axes, handles: list[Any], labels: list[str]) -> None:
    """Put a frameless legend to the right of `ax`, outside the drawing."""
    legend = ax.legend(
        handles,
        labels,
        loc="upper left",
        bbox_to_anchor=(1.005, 1.0),
        frameon=False,
        fontsize=TEXT_POINTS,
        labelcolor=INK,
        handlelength=1.2,
        borderaxespad=0.0,
    )
    legend.set_gid("beside")
    for text in legend.get_texts():
        text.set_parse_math(False)


def name_panel(ax: Axes, name: str) -> None:
    """Name a small panel above its left corner; a y label would be longer than the panel."""
    ax.set_title(name, loc="left", pad=3, fontsize=SMALL_POINTS, color=MUTED, parse_math=False)


def stroke_width(points: int) -> float:
    """Return the line width [points] that so many bins leave legible."""
    return 1.7 if points <= 150 else 1.1 if points <= 1000 else 0.8


def name_axes(ax: Axes, *, x: str = "", y: str = "") -> None:
    """Write the axes' labels, with their units."""
    ax.set_xlabel(x, fontsize=TEXT_POINTS, color=MUTED)
    ax.set_ylabel(y, fontsize=TEXT_POINTS, color=MUTED)


def _percent_tick(value: float, _: object) -> str:
    return f"{round(value * 100, 6):g} %" if value <= 1 else ""  # room for marks' names


class _FewTicks(MaxNLocator):
    """At most so many round ticks, and no more than their labels have room for."""

    def __init__(self, most: int, **options: Any) -> None:
        super().__init__(nbins=most, **options)
        self._most = most

    def __call__(self) -> Any:
        """Return the ticks of the axis as long as it is now."""
        room = self.axis.get_tick_space() if self.axis is not None else self._most
        self.set_params(nbins=max(1, min(self._most, room)))
        return super().__call__()


def percent_axis(axis: Any, *, ticks: int = 5) -> None:
    """Label an axis that holds shares from 0 to 1 in per cent."""
    axis.set_major_locator(_FewTicks(ticks, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(_percent_tick))


def count_axis(axis: Any, *, ticks: int = 5) -> None:
    """Label an axis that holds counts: whole numbers only, thousands separated."""
    axis.set_major_locator(_FewTicks(ticks, integer=True, min_n_ticks=1))
    axis.set_major_formatter(FuncFormatter(_count_tick))


def _count_tick(value: float, _: object) -> str:
    return f"{value:,.0f}"
