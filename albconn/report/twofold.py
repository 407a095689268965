# ruff: noqa: D102, N803, FBT002  (names and orders are those of matplotlib's RendererBase)
"""One drawing, two pictures: what is drawn on pixels is written as vectors at the same time.

To place and to measure everything takes longer than to draw it, and twice as long for two files.
So a figure is drawn once, by a renderer that hands each stroke to two of matplotlib's own: as it is
to the one of pixels, and in points to the one of SVG. All is measured in pixels.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from matplotlib.backend_bases import FigureCanvasBase, GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, TransformedBbox, TransformedPath

from albconn.charts.drawing.saving import UNDATED
from albconn.report.drawing import Kinds
from albconn.report.png import png_of

POINTS = 72  # in an inch; the unit of vectors


class TwofoldCanvas(FigureCanvasBase):
    """Takes the place of a figure's canvas: where it is laid out, and then drawn once."""

    def __init__(self, figure: Figure, kinds: Kinds) -> None:
        super().__init__(figure)
        self._renderer = TwofoldRenderer(figure, kinds)

    def get_renderer(self) -> TwofoldRenderer:
        """Return what the figure is measured with, and drawn."""
        return self._renderer

    def drawn(self) -> tuple[bytes, bytes]:
        """Draw the figure, and return it as PNG (nothing, where it is not wanted) and as SVG."""
        self.figure.draw(self._renderer)
        return self._renderer.finish()


class TwofoldRenderer(RendererBase):
    """Draws a figure on pixels, and writes it as SVG; each once, at the size that it has now.

    What is to be pixels in the SVG, too (``rasterized``), is drawn there on an empty sheet of the
    same size, and becomes an image.
    """

    def __init__(self, figure: Figure, kinds: Kinds) -> None:
        super().__init__()
        wide, high = figure.get_size_inches()
        self._dpi, self._size = figure.dpi, (wide * figure.dpi, high * figure.dpi)
        self._share = POINTS / figure.dpi
        self._scale = Affine2D().scale(self._share)
        self._pixels = RendererAgg(*self._size, self._dpi)  # measures, also where it draws nothing
        self._sheets = [self._pixels] if kinds == "png and svg" else []
        self._empty: RendererAgg | None = None
        self._heights: dict[Any, Any] = {}
        self._written = io.StringIO()
        self._svg: Any = RendererSVG(
            wide * POINTS, high * POINTS, self._written, image_dpi=self._dpi,  # type: ignore[arg-type]  (as its own canvas gives it)
            metadata=UNDATED["svg"],
        )  # fmt: skip

    def finish(self) -> tuple[bytes, bytes]:
        """Return what was drawn: PNG, SVG."""
        self._svg.finalize()
        png = png_of(np.asarray(self._pixels.buffer_rgba()), self._dpi) if self._sheets else b""
        return png, self._written.getvalue().encode()

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self._size

    def points_to_pixels(self, points: Any) -> Any:
        return self._pixels.points_to_pixels(points)

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> Any:
        return self._pixels.get_text_width_height_descent(s, prop, ismath)

    def _get_font_height_metrics(self, prop: Any) -> Any:
        """Return how high a font's lines are; matplotlib else looks for the font at each text."""
        known = self._heights.get(prop)
        if known is None:
            known = self._heights[prop.copy()] = _heights_of(prop, self._dpi)
        return known

    def open_group(self, s: str, gid: str | None = None) -> None:
        self._svg.open_group(s, gid)

    def close_group(self, s: str) -> None:
        self._svg.close_group(s)

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:
        for sheet in self._sheets:
            sheet.draw_path(gc, path, transform, rgbFace)
        if self._empty is None:
            self._svg.draw_path(self._in_points(gc), path, transform + self._scale, rgbFace)

    def draw_markers(
        self, gc: Any, marker_path: Any, marker_trans: Any, path: Any, trans: Any,
        rgbFace: Any = None,
    ) -> None:  # fmt: skip
        for sheet in self._sheets:
            sheet.draw_markers(gc, marker_path, marker_trans, path, trans, rgbFace)
        if self._empty is None:
            shape, where = marker_trans + self._scale, trans + self._scale
            self._svg.draw_markers(self._in_points(gc), marker_path, shape, path, where, rgbFace)

    def draw_path_collection(
        self, gc: Any, master_transform: Any, paths: Any, all_transforms: Any, offsets: Any,
        offset_trans: Any, *more: Any, **named: Any,
    ) -> None:  # fmt: skip
        shapes = (paths, all_transforms, offsets)
        for sheet in self._sheets:
            sheet.draw_path_collection(gc, master_transform, *shapes, offset_trans, *more, **named)
        if self._empty is None:
            shape, where = master_transform + self._scale, offset_trans + self._scale
            gc = self._in_points(gc)
            self._svg.draw_path_collection(gc, shape, *shapes, where, *more, **named)

    def draw_quad_mesh(
        self, gc: Any, master_transform: Any, meshWidth: Any, meshHeight: Any, coordinates: Any,
        offsets: Any, offsetTrans: Any, facecolors: Any, antialiased: Any, edgecolors: Any,
    ) -> None:  # fmt: skip
        mesh, colours = (meshWidth, meshHeight, coordinates, offsets), (facecolors, antialiased)
        for sheet in self._sheets:
            sheet.draw_quad_mesh(gc, master_transform, *mesh, offsetTrans, *colours, edgecolors)
        if self._empty is None:
            shape, where = master_transform + self._scale, offsetTrans + self._scale
            gc = self._in_points(gc)
            self._svg.draw_quad_mesh(gc, shape, *mesh, where, *colours, edgecolors)

    def draw_image(self, gc: Any, x: float, y: float, im: Any, transform: Any = None) -> None:
        assert transform is None  # only who scales images is given one
        for sheet in self._sheets:
            sheet.draw_image(gc, x, y, im)
        if self._empty is None:
            self._svg.draw_image(self._in_points(gc), x * self._share, y * self._share, im)

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False,
        mtext: Text | None = None,
    ) -> None:  # fmt: skip
        for sheet in self._sheets:
            sheet.draw_text(gc, x, y, s, prop, angle, ismath, mtext)
        if self._empty is None:
            place = (x * self._share, y * self._share)
            anchor = None if mtext is None else _Anchor(mtext, self._scale)
            self._svg.draw_text(self._in_points(gc), *place, s, prop, angle, ismath, anchor)

    def start_rasterizing(self) -> None:
        self._empty = RendererAgg(*self._size, self._dpi)
        self._sheets.append(self._empty)

    def stop_rasterizing(self) -> None:
        """Write what is on the sheet as an image, without its empty edges."""
        image = np.asarray(self._sheets.pop().buffer_rgba())
        self._empty = None
        rows, columns = (np.flatnonzero(image[..., 3].any(axis=axis)) for axis in (1, 0))
        if len(rows):
            drawn = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1][::-1]
            left, bottom = columns[0], self._size[1] - rows[-1] - 1
            place = (left * self._share, bottom * self._share)
            self._svg.draw_image(self._svg.new_gc(), *place, drawn)

    def _in_points(self, gc: Any) -> GraphicsContextBase:
        """Return how to draw, with what it is clipped to in points; all else is in points."""
        scaled: Any = GraphicsContextBase()
        scaled.copy_properties(gc)
        rectangle, (path, transform) = gc.get_clip_rectangle(), gc.get_clip_path()
        if rectangle is not None:
            scaled.set_clip_rectangle(TransformedBbox(rectangle, self._scale))
        if path is not None:
            scaled.set_clip_path(TransformedPath(path, transform + self._scale))
        return scaled


def _heights_of(prop: Any, dpi: float) -> tuple[float | None, float | None, float | None]:
    """Return ascent, descent and gap [pixel] as the font has them; None where it does not say."""
    font: Any = get_font(findfont(prop))
    scale = prop.get_size_in_points() * dpi / POINTS / font.units_per_EM
    for name, gap, up, down in (
        ("OS/2", "sTypoLineGap", "sTypoAscender", "sTypoDescender"),
        ("hhea", "lineGap", "ascent", "descent"),
    ):
        table = font.get_sfnt_table(name)
        if table is not None:
            return table[up] * scale, -table[down] * scale, table[gap] * scale
    return None, None, None


class _Anchor:
    """A text, whose place is in points: the SVG says where it begins, ends or has its middle."""

    def __init__(self, text: Text, scale: Affine2D) -> None:
        self._text, self._scale = text, scale

    def get_transform(self) -> Any:
        return self._text.get_transform() + self._scale

    def __getattr__(self, name: str) -> Any:
        return getattr(self._text, name)
