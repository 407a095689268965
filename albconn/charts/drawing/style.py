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

import textwrap
from collections.abc import Sequence
from typing import Any, cast

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import FuncFormatter, MaxNLocator

BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
PURPLE, SKY, YELLOW, BLACK = "#CC79A7", "#56B4E9", "#F0E442", "#222222"
PALETTE = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, YELLOW, BLACK)
GREY, PALE, RULE = "#8A8A8A", "#D9D9D9", "#E6E6E6"
INK, MUTED = "#1A1A1A", "#5A5A5A"
RATE_COLOURS = LinearSegmentedColormap.from_list(
    "failure rate", ["#EAF1F7", "#F6D9A8", "#E8883A", "#B8340B", "#5C0A05"]
)

TITLE_POINTS, TEXT_POINTS, SMALL_POINTS = 13, 9.5, 8.5
TRAFFIC_SHARE = 0.26  # of the height, for each small panel under a chart


def open_axes(ax: Axes | None, *, width: float = 10.0, height: float = 5.0) -> Axes:
    """Return `ax`, or the one Axes of a new white figure of `width` × `height` [inch]."""
    if ax is None:
        figure, ax = plt.subplots(figsize=(width, height), layout="constrained")
        figure.set_facecolor("white")
        engine = figure.get_layout_engine()
        if engine is not None:
            cast(Any, engine).set(w_pad=0.12, h_pad=0.12, hspace=0.03, wspace=0.03)
    dress(ax)
    return ax


def figure_of(ax: Axes) -> Figure | SubFigure:
    """Return the figure that holds `ax`."""
    figure = ax.get_figure()
    assert figure is not None  # an Axes that was never removed has a figure
    return figure


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
        The new panels, from `ax` outwards.
    """
    heights = [share] * below if isinstance(below, int) else below
    ratios = [1 - beside, beside] if beside else [1.0, *heights]
    if len(ratios) == 1:
        return []
    figure, place = figure_of(ax), ax.get_subplotspec()
    shape = (1, 2) if beside else (len(ratios), 1)
    shared = {"sharey": ax} if beside else {"sharex": ax}
    if place is None:
        grid = figure.add_gridspec(*shape, **_outline(ax), **_ratios(beside, ratios))
    else:
        grid = place.subgridspec(*shape, **_ratios(beside, ratios))
    cells = [grid[index] for index in range(len(ratios))]
    ax.set_subplotspec(cells[0])
    panels = [figure.add_subplot(cell, **cast(Any, shared)) for cell in cells[1:]]
    for panel in panels:
        dress(panel)
    return panels


def _ratios(beside: float, ratios: list[float]) -> dict[str, Any]:
    return {"width_ratios" if beside else "height_ratios": ratios}


def _outline(ax: Axes) -> dict[str, float]:
    box = ax.get_position()
    return {"left": box.x0, "right": box.x1, "bottom": box.y0, "top": box.y1}


def write_headline(ax: Axes, title: str, subtitle: str, *, beside: Sequence[str] = ()) -> None:
    """Put the title (what) and the subtitle (how many, when, which zone) above `ax`.

    Call it before `ax` is split; `beside` are the row labels that will stand left of it.
    """
    lines = _wrap_parts(subtitle, line_width(ax, beside))
    pad = 9 + 12.5 * len(lines)
    ax.set_title(title, loc="left", pad=pad, fontsize=TITLE_POINTS, color=INK, weight="bold")
    note = _note(ax, "\n".join(lines), (0, 1), (0, 7), "subtitle")
    note.set_verticalalignment("bottom")
    note.set_in_layout(False)  # the title's pad keeps its place; its width must not shrink ax


def _wrap_parts(text: str, width: int) -> list[str]:
    """Wrap at the dots between parts, so that "5" and "min" stay together."""
    parts = [part if len(part) > width else part.replace(" ", "\xa0") for part in text.split(" · ")]
    lines = textwrap.wrap("\xa0· ".join(parts), width) or [""]
    return [line.replace("\xa0", " ") for line in lines]


def write_caption(ax: Axes, text: str, *, offset: float = 40, beside: Sequence[str] = ()) -> None:
    """Put the small print `offset` [points] below `ax`; nothing for an empty text."""
    if text:
        wrapped = "\n".join(textwrap.wrap(text, line_width(ax, beside)))
        _note(ax, wrapped, (0, 0), (0, -offset), "caption").set_verticalalignment("top")


def write_nothing(ax: Axes, text: str) -> Axes:
    """Say in the middle of an empty chart that there is nothing to draw."""
    ax.grid(visible=False)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=MUTED)
    return ax


def line_width(ax: Axes, beside: Sequence[str] = ()) -> int:
    """Return how many characters fit into one line above `ax`, right of its row labels.

    Constrained layout widens an Axes only when the figure is drawn, so its present extent
    says too little: the width it will have is its place in the grid less its labels.
    """
    figure, place = figure_of(ax), ax.get_subplotspec()
    width = ax.get_window_extent().width / figure.dpi  # [inch]
    if place is not None:
        width = place.get_topmost_subplotspec().get_position(figure).width  # type: ignore[arg-type]
        width *= figure.bbox.width / figure.dpi
        if getattr(figure, "get_layout_engine", lambda: None)() is not None:
            outline = figure.subplotpars
            width = width / (outline.right - outline.left) - 1.15  # y ticks and margins
    labels = max((len(label) for label in beside), default=0) * 0.55 * TEXT_POINTS / 72
    return max(30, int((width - labels) * 72 / (TEXT_POINTS * 0.545)))


def _note(
    ax: Axes, text: str, xy: tuple[float, float], offset: tuple[float, float], gid: str
) -> Any:
    note = ax.annotate(
        text,
        xy,
        xycoords="axes fraction",
        xytext=offset,
        textcoords="offset points",
        fontsize=TEXT_POINTS if gid == "subtitle" else SMALL_POINTS,
        color=MUTED,
        parse_math=False,
        annotation_clip=False,
    )
    note.set_gid(gid)
    return note


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


def percent_axis(axis: Any, *, ticks: int = 5) -> None:
    """Label an axis that holds shares from 0 to 1 in per cent."""
    axis.set_major_locator(MaxNLocator(nbins=ticks, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(_percent_tick))


def count_axis(axis: Any, *, ticks: int = 5) -> None:
    """Label an axis that holds counts: whole numbers only, thousands separated."""
    axis.set_major_locator(MaxNLocator(nbins=ticks, integer=True, min_n_ticks=1))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
