"""What is drawn once is what matplotlib draws twice: the same pixels, the same vectors."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.collections import LineCollection
from PIL import Image

from albconn.charts.drawing.saving import REAL_TEXT, UNDATED
from albconn.report.twofold import TwofoldCanvas

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def lines(ax: Any) -> None:
    ax.plot([0, 1, 2], [1, 3, 2], "o--", label="a line")
    ax.axvspan(0.5, 0.7, alpha=0.2)
    ax.stairs([1, 2, 1.5], [0, 0.5, 1.5, 2], fill=True, alpha=0.3)
    ax.annotate("a note", (1, 3), (1.4, 2.2), arrowprops={"arrowstyle": "-"})
    ax.annotate("two\nlines", (0, 1), ha="center", bbox={"facecolor": "white"})
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1))


def marks(ax: Any) -> None:
    ax.scatter([0, 1, 2], [2, 1, 0], s=[20, 300, 80], c=["red", "green", "blue"])
    ax.add_collection(LineCollection([[(0, 0), (1, 2)], [(1, 0), (2, 2)]], colors="grey"))
    ax.barh([0, 1], [1, 2], height=0.3, hatch="//", edgecolor="black")
    ax.text(1, 1.5, "upright", rotation=90, ha="right", va="top")
    ax.text(5, 0, "outside", clip_on=True)
    ax.set_xlim(-1, 3)


def cells(ax: Any) -> None:
    values = np.arange(48.0).reshape(6, 8)
    ax.pcolormesh(values, rasterized=True)
    ax.pcolormesh(np.arange(8, 12), np.arange(4), values[:3, :3])
    ax.imshow(values, extent=(0, 8, 7, 12), aspect="auto")
    ax.set_ylim(0, 12)


def drawn(what: Callable[[Any], None], kinds: Any = "png and svg") -> tuple[bytes, bytes, Any]:
    """Return a figure as both, drawn once; and the figure itself, to be drawn by matplotlib."""
    figure, ax = plt.subplots(figsize=(6, 4), dpi=120)
    what(ax)
    with rc_context(REAL_TEXT):
        png, svg = TwofoldCanvas(figure, kinds).drawn()
    return png, svg, figure


def elements(svg: bytes, tag: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(f"{SVG}{tag}"))


@pytest.mark.parametrize("what", [lines, marks, cells])
def test_the_pixels_are_the_same(what: Callable[[Any], None]) -> None:
    png, _, figure = drawn(what)
    expected = io.BytesIO()
    figure.savefig(expected, format="png", dpi=120)
    plt.close(figure)
    ours, theirs = (np.asarray(Image.open(io.BytesIO(each)).convert("RGB"))
                    for each in (png, expected.getvalue()))  # fmt: skip
    assert ours.shape == theirs.shape
    assert (ours == theirs).all()


@pytest.mark.parametrize("what", [lines, marks, cells])
def test_the_vectors_are_the_same(what: Callable[[Any], None]) -> None:
    _, svg, figure = drawn(what)
    expected = io.BytesIO()
    with rc_context(REAL_TEXT):
        figure.savefig(expected, format="svg", dpi=120, metadata=UNDATED["svg"])
    plt.close(figure)
    for tag in ("path", "use", "image", "text", "clipPath"):
        ours, theirs = elements(svg, tag), elements(expected.getvalue(), tag)
        assert len(ours) == len(theirs), tag
        for one, other in zip(ours, theirs, strict=True):
            assert one.text == other.text
            for name in ("d", "x", "y", "transform", "width", "height"):
                a, b = (map(float, NUMBER.findall(each.get(name, ""))) for each in (one, other))
                # Letters are set on whole pixels: what ends somewhere begins elsewhere.
                near = 2.0 if tag == "text" else 0.5
                assert list(a) == pytest.approx(list(b), abs=near), (tag, name)


def test_where_no_pixels_are_wanted_the_vectors_stay_as_they_are() -> None:
    _, both, figure = drawn(cells)
    plt.close(figure)
    png, svg, figure = drawn(cells, "svg")
    plt.close(figure)
    assert png == b""
    assert svg == both
