"""What a reader sees of a picture's texts: which are drawn, and whether any is in the way."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from matplotlib.text import Text
from matplotlib.transforms import Bbox

LEADING = 0.16  # of a line's height that is above and below its letters
TOUCH = 1.0  # [pixel] that boxes may share


def drawn_texts(figure: Any) -> list[Text]:
    """Return every text that is drawn; ticks outside of the view have labels that are not."""
    figure.canvas.draw()
    found = [text for ax in _every_axes(figure) for text in _texts(ax)]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def _every_axes(figure: Any) -> Iterator[Any]:
    for ax in figure.axes:
        yield ax
        yield from ax.child_axes


def _texts(ax: Any) -> Iterator[Text]:
    yield from ax.texts
    yield from (child for child in ax.get_children() if type(child) is Text)
    legend = ax.get_legend()
    if legend is not None:
        yield from legend.get_texts()
    if not ax.axison:
        return
    for axis, place in ((ax.xaxis, 0), (ax.yaxis, 1)):
        yield axis.label
        yield axis.get_offset_text()
        low, high = sorted(axis.get_view_interval())
        for label in axis.get_ticklabels():
            at = label.get_position()[place]
            if low - 1e-9 <= at <= high + 1e-9:
                yield label


def box_of(text: Text) -> Bbox:
    """Return the pixels of a text's letters, without the leading of its lines."""
    box = Text.get_window_extent(text)  # an annotation's would hold its arrow, too
    lines = text.get_text().count("\n") + 1
    trim = LEADING * box.height / lines
    if text.get_rotation() % 180 == 90:
        trim = LEADING * box.width / lines
        return Bbox.from_extents(box.x0 + trim, box.y0, box.x1 - trim, box.y1)
    return Bbox.from_extents(box.x0, box.y0 + trim, box.x1, box.y1 - trim)


def in_the_way(figure: Any) -> list[str]:
    """Return which texts lie on each other, and which leave the figure."""
    texts = drawn_texts(figure)
    boxes = [box_of(text) for text in texts]
    page, said = figure.bbox, []
    for text, box in zip(texts, boxes, strict=True):
        outside = max(page.x0 - box.x0, box.x1 - page.x1, page.y0 - box.y0, box.y1 - page.y1)
        if outside > TOUCH:
            said.append(f"{text.get_text()!r} leaves the figure by {outside:.0f} pixels")
    for (one, a), (other, b) in combinations(zip(texts, boxes, strict=True), 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        up = min(a.y1, b.y1) - max(a.y0, b.y0)
        if across > TOUCH and up > TOUCH and one is not other:
            said.append(f"{one.get_text()!r} and {other.get_text()!r} overlap")
    return said
