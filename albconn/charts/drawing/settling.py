"""The last step of every picture: texts are fitted to its place, and the drawing to the texts.

A layout engine, where there is one, makes room for what is written beside the Axes; it does not
cut a text that is too long. Where there is none, as in ``plt.subplots(1, 2)``, the Axes are moved
inside their own cell until everything is.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from albconn.charts.drawing.cells import PAD, figure_of, has_engine
from albconn.charts.drawing.fitting import break_lines, cut_alike, shorten, width_of
from albconn.charts.drawing.headline import Headline, headline_of

TIME_LABEL = 56.0  # [points] that a label of time takes with its gap
AROUND = 85.0  # [points] of headline and time axis, about
LABEL_SHARE, DRAWN_SHARE = 0.36, 0.3  # of the width: for row labels at most, for marks at least
SMALLEST_DRAWING, EDGE = 12.0, 1.5  # [points]; what stays free at a cell's edge
BESIDE = ("row note", "end label", "panel name")


def settle(ax: Axes, *panels: Axes) -> Axes:
    """Fit what is written on `ax` and its panels into their place, and return `ax`."""
    head, family = headline_of(ax), (ax, *panels)
    if head is None:
        return ax
    _scale_texts(family, head)
    head.scale_axes()
    left = _fit_row_labels(ax, head)
    right = _fit_beside(family, head, head.cell.width - left)
    drawing = max(40.0, head.cell.width - left - right)
    for panel in family:
        _fit_bar_notes(panel, drawing / (2 if _has_neighbour(ax, panels) else 1))
    _fit_axis_labels(family, head, left, right)
    for panel in family:
        _thin_times(panel, drawing, head.scale)
    indent = max(_left_of(panel) for panel in family)
    head.fit(indent, _room_right_of(ax, head, indent))
    for panel in family:
        _fit_caption(panel, head, _room_right_of(ax, head, indent))
    if not has_engine(figure_of(ax)) and ax.get_axes_locator() is None:
        _place(family, head)
    return ax


def _has_neighbour(ax: Axes, panels: tuple[Axes, ...]) -> bool:
    return any(panel in ax.get_shared_y_axes().get_siblings(ax) for panel in panels)


def _points(ax: Axes) -> float:
    """Return how many points a pixel is."""
    root: Any = figure_of(ax).get_figure(root=True)
    return 72 / root.dpi


def _room_right_of(ax: Axes, head: Headline, indent: float) -> float:
    """Return the width [points] from where the headline begins to the cell's right edge.

    A layout engine puts the labels at the cell's left edge; without one the Axes stay where they
    are, and so does what begins at them.
    """
    figure = figure_of(ax)
    if has_engine(figure):
        return head.cell.width
    right = head.cell.limits.transformed(figure.transSubfigure).x1
    begin = ax.get_window_extent().x0 * _points(ax) - indent
    return max(60.0, min(head.cell.width, right * _points(ax) - PAD - begin))


def _thin_times(ax: Axes, drawing: float, scale: float) -> None:
    """Let the labels of time have room: fewer at the least, so that no span is without a step."""
    locator = ax.xaxis.get_major_locator()
    if isinstance(locator, AutoDateLocator):
        most = min(9, max(3, int(drawing / (TIME_LABEL * scale))))
        # An hour to steps of 30 minutes, a day to steps of 12 hours.
        locator.minticks = max(2, (most - 1) // 2)
        locator.maxticks = dict.fromkeys(locator.maxticks, most)


def _scale_texts(family: tuple[Axes, ...], head: Headline) -> None:
    """Let texts, and their distances, grow and shrink with the place."""
    if head.scale == 1.0:
        return
    for panel in family:
        for axis in (panel.xaxis, panel.yaxis):
            labels = axis.get_ticklabels() or [axis.label]
            axis.set_tick_params(labelsize=float(labels[0].get_fontsize()) * head.scale)
        for text in _texts(panel):
            if text in (head.title, head.subtitle):
                continue
            text.set_fontsize(float(text.get_fontsize()) * head.scale)
            if isinstance(text, Annotation) and text.anncoords == "offset points":
                across, up = text.xyann
                text.xyann = (across * head.scale, up * head.scale)


def _texts(ax: Axes) -> list[Text]:
    legend = ax.get_legend()
    titles = [child for child in ax.get_children() if type(child) is Text and child not in ax.texts]
    return [
        *ax.texts, *titles, ax.xaxis.label, ax.yaxis.label,
        *(legend.get_texts() if legend else []),
    ]  # fmt: skip


def _left_of(ax: Axes) -> float:
    """Return how far the labels of the y axis reach left of the drawing [points]."""
    box = ax.yaxis.get_tightbbox() if ax.axison else None
    return 0.0 if box is None else max(0.0, (ax.get_window_extent().x0 - box.x0) * _points(ax))


def _fit_row_labels(ax: Axes, head: Headline) -> float:
    """Cut row labels to their share of the width; return what all labels take [points]."""
    if ax.yaxis.get_gid() == "rows":
        room = LABEL_SHARE * head.cell.width
        labels = ax.get_yticklabels()
        names = [one.get_text() for one in labels]
        names = cut_alike(names, float(labels[0].get_fontsize()), room) if labels else []
        ax.set_yticklabels(names, parse_math=False)
    return _left_of(ax)


def _fit_axis_labels(family: tuple[Axes, ...], head: Headline, left: float, right: float) -> None:
    """Break the axes' labels where they would be longer than their axis."""
    high = max(40.0, head.cell.height - AROUND * head.scale)
    heights = sum(panel.get_position().height for panel in family)
    for panel in family:
        share = panel.get_position().height / heights
        several = sum(panel in other.get_shared_y_axes().get_siblings(panel) for other in family)
        drawing = (head.cell.width - left - right) / max(1, several)
        beside = 0.0 if several > 1 else 2 * min(left, right)
        for label, room in (
            (panel.xaxis.label, drawing + beside),
            (panel.yaxis.label, max(30.0, share * high)),
        ):
            if label.get_text():
                text = label.get_text().replace("\n", " ")
                lines = break_lines(text, float(label.get_fontsize()), room)
                label.set_text("\n".join(lines[:3]))


def _fit_beside(family: tuple[Axes, ...], head: Headline, room: float) -> float:
    """Shorten what stands right of the drawing; return what it takes [points]."""
    room, widest = room - DRAWN_SHARE * head.cell.width, 0.0
    for panel in family:
        for text in panel.texts:
            if text.get_gid() in BESIDE:
                offset = abs(text.xyann[0]) if isinstance(text, Annotation) else 0.0
                widest = max(widest, offset + _fit_lines(text, room - offset))
        legend = panel.get_legend()
        if legend is not None and legend.get_gid() == "beside":
            for text in legend.get_texts():
                widest = max(widest, 30.0 + _fit_lines(text, room - 30.0))
    return widest


def _fit_lines(text: Text, room: float) -> float:
    points = float(text.get_fontsize())
    lines = [shorten(line, points, max(20.0, room)) for line in text.get_text().split("\n")]
    text.set_text("\n".join(lines))
    return max(width_of(line, points) for line in lines)


def _fit_bar_notes(ax: Axes, drawing: float) -> None:
    """End the axis where the notes at the bars' ends do."""
    notes = [text for text in ax.texts if text.get_gid() == "bar note"]
    if not notes or ax.get_xscale() == "log":
        return
    low, high = ax.get_xlim()
    values = [float(note.xy[0]) for note in notes]  # type: ignore[attr-defined]
    most = max(0.0, *values) - low
    reach = 1.02 * most
    for note, value in zip(notes, values, strict=True):
        taken = 8 + _fit_lines(note, 0.6 * drawing)
        reach = max(reach, (value - low) * drawing / max(0.3 * drawing, drawing - taken))
    ax.set_xlim(low, low + reach if reach > 0 else high)


def _fit_caption(ax: Axes, head: Headline, room: float) -> None:
    """Put the small print below the labels of the x axis, as wide as the headline."""
    for note in ax.texts:
        if note.get_gid() == "caption" and isinstance(note, Annotation):
            points = float(note.get_fontsize())
            lines = break_lines(note.get_text(), points, room)
            note.set_text("\n".join(lines[:3]))
            box = ax.xaxis.get_tightbbox()
            below = 0.0 if box is None else (ax.get_window_extent().y0 - box.y0) * _points(ax)
            note.xyann = (-head.indent, -below - 5)


def _place(family: tuple[Axes, ...], head: Headline) -> None:
    """Move the Axes of a figure without layout engine so that all texts are in the cell."""
    figure = figure_of(family[0])
    root: Any = figure.get_figure(root=True)
    pad = EDGE * root.dpi / 72
    cell = head.cell.limits.transformed(figure.transSubfigure)
    cell = Bbox.from_extents(cell.x0 + pad, cell.y0 + pad, cell.x1 - pad, cell.y1 - pad)
    least = SMALLEST_DRAWING * root.dpi / 72
    for _ in range(2):  # ticks follow the new size, and their labels take other room
        inner = Bbox.union([panel.get_window_extent() for panel in family])
        boxes = [box for panel in family if (box := panel.get_tightbbox()) is not None]
        outer = Bbox.union(boxes)
        wanted = Bbox.from_extents(
            max(inner.x0, cell.x0 + inner.x0 - outer.x0),
            max(inner.y0, cell.y0 + inner.y0 - outer.y0),
            min(inner.x1, cell.x1 + inner.x1 - outer.x1),
            min(inner.y1, cell.y1 + inner.y1 - outer.y1),
        )  # fmt: skip
        across = max(least, wanted.width) / inner.width
        upwards = max(least, wanted.height) / inner.height
        boxes_of = {}
        for panel in family:
            box = panel.get_window_extent()
            moved = Bbox.from_bounds(
                wanted.x0 + (box.x0 - inner.x0) * across,
                wanted.y0 + (box.y0 - inner.y0) * upwards,
                box.width * across, box.height * upwards,
            )  # fmt: skip
            boxes_of[panel] = moved.transformed(figure.transSubfigure.inverted())
        _move(boxes_of, head)


def _move(boxes: dict[Axes, Bbox], head: Headline) -> None:
    """Move Axes to their boxes: as cells of a grid in their own cell, as far as they have one.

    ``tight_layout`` afterwards then still knows where they belong.
    """
    if head.place is None:
        for panel, box in boxes.items():
            panel.set_position(box)
            panel.set_in_layout(True)  # a picture that is cut to its texts needs all of them
        return
    outer = head.place.get_position(figure_of(head.ax))  # type: ignore[arg-type]
    every = [outer, *boxes.values()]
    across = sorted({round(edge, 9) for box in every for edge in (box.x0, box.x1)})
    down = sorted({round(edge, 9) for box in every for edge in (box.y0, box.y1)}, reverse=True)
    grid = head.place.subgridspec(
        len(down) - 1, len(across) - 1, wspace=0, hspace=0,
        width_ratios=[b - a for a, b in pairwise(across)],
        height_ratios=[a - b for a, b in pairwise(down)],
    )  # fmt: skip
    for panel, box in boxes.items():
        rows = slice(down.index(round(box.y1, 9)), down.index(round(box.y0, 9)))
        columns = slice(across.index(round(box.x0, 9)), across.index(round(box.x1, 9)))
        panel.set_subplotspec(grid[rows, columns])
