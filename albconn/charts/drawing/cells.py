"""The place that a picture may take: its figure, or a cell of a figure that others share.

A caller's figure may have a layout engine or none, be a subfigure, hold one Axes or twenty. What a
picture writes beside its Axes has to stay inside of its own cell in all of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.transforms import Bbox

from albconn.charts.drawing.look import Look, scale_of

PAD = 8.0  # [points] that stay free at a figure's edge and between cells


class Cell(NamedTuple):
    """A place in a figure: what texts stay in, in fractions; its size [points] less the pads, and
    the scale of texts.
    """

    limits: Bbox
    width: float
    height: float
    scale: float


def figure_of(ax: Axes) -> Figure | SubFigure:
    """Return the figure that holds `ax`."""
    figure = ax.get_figure()
    assert figure is not None  # an Axes that was never removed has a figure
    return figure


def has_engine(figure: Figure | SubFigure) -> bool:
    """Say whether something else places the Axes of the figure when it is drawn."""
    root: Any = figure.get_figure(root=True)
    return root.get_layout_engine() is not None


def cell_of(ax: Axes, look: Look | None, *, is_ours: bool) -> Cell:
    """Return the place of `ax`; texts grow in a figure only if its size was asked for."""
    figure = figure_of(ax)
    box = _box(ax, figure)
    root: Any = figure.get_figure(root=True)
    points = 72 / root.dpi
    wide, high = box.width * figure.bbox.width * points, box.height * figure.bbox.height * points
    scale = scale_of(wide / 72, high / 72)
    if is_ours and (look is None or look.figsize is None):
        scale = 1.0
    limits = Bbox.unit() if ax.get_subplotspec() is None else box
    return Cell(limits, max(60.0, wide - 2 * PAD), max(60.0, high - 2 * PAD), scale)


def _box(ax: Axes, figure: Figure | SubFigure) -> Bbox:
    spec = ax.get_subplotspec()
    if spec is None:
        alone = ax.get_axes_locator() is None and len(figure.axes) == 1
        return Bbox.unit() if alone else ax.get_position()
    grid = spec.get_gridspec()
    bottoms, tops, lefts, rights = grid.get_grid_positions(cast(Figure, figure))
    rows, columns = spec.rowspan, spec.colspan
    outer = _outline(spec, figure)
    across = _edges(lefts, rights, outer.x0, outer.x1)
    upwards = _edges(bottoms[::-1], tops[::-1], outer.y0, outer.y1)
    last = len(tops)
    return Bbox.from_extents(
        across[columns.start], upwards[last - rows.stop],
        across[columns.stop], upwards[last - rows.start],
    )  # fmt: skip


def _outline(spec: Any, figure: Figure | SubFigure) -> Bbox:
    """Return what all cells share: the figure, or the cell that the grid was cut from."""
    parent = getattr(spec.get_gridspec(), "_subplot_spec", None)
    return Bbox.unit() if parent is None else parent.get_position(figure)


def _edges(starts: Any, ends: Any, first: float, last: float) -> list[float]:
    """Return where cells meet: in the middle between drawings."""
    middles = [
        (float(end) + float(start)) / 2 for end, start in zip(ends[:-1], starts[1:], strict=True)
    ]
    return [first, *middles, last]
