"""What stands above a picture, and stays right when its reader goes on with the Axes.

Title and subtitle begin where the row labels begin. An empty child Axes keeps the subtitle's
height free, in any layout and under any title: ``ax.set_title`` afterwards replaces ours, and the
subtitle stays. The same child is asked for its place before each drawing, so there a logarithmic
scale that was set afterwards gets an axis that has no zero.
"""

from __future__ import annotations

from typing import Any, cast

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter
from matplotlib.transforms import Bbox

from albconn.charts.drawing.cells import Cell, figure_of
from albconn.charts.drawing.fitting import break_lines
from albconn.charts.drawing.look import Look

TITLE_POINTS, SUBTITLE_POINTS = 13.0, 9.5
LINE, BELOW, BETWEEN = 1.26, 6.0, 3.0  # of the points; [points] under the subtitle, and over it
INK, MUTED = "#1A1A1A", "#5A5A5A"
DECADES = 1e4  # that a logarithmic axis shows at most, where the reader sets it


class Headline:
    """The title and subtitle of `ax`, and the place that both may take."""

    def __init__(self, ax: Axes, look: Look, cell: Cell, title: str, subtitle: str) -> None:
        self.ax, self.look, self.cell = ax, look, cell
        self.scale = cell.scale
        self.place = ax.get_subplotspec()  # before anything is cut off it
        self.indent = self.height = 0.0  # [points]
        self.formats: dict[str, Any] = {}
        text = title if look.title is None else look.title
        self.title = ax.set_title(
            text, loc="left", pad=0, fontsize=TITLE_POINTS * self.scale, color=INK, weight="bold",
            parse_math=False,
        )  # fmt: skip
        self.subtitle = ax.annotate(
            subtitle if look.subtitle is None else look.subtitle, (0, 1), xycoords="axes fraction",
            xytext=(0, BELOW), textcoords="offset points", fontsize=SUBTITLE_POINTS * self.scale,
            color=MUTED, parse_math=False, annotation_clip=False, va="bottom",
            linespacing=LINE * 0.83,
        )  # fmt: skip
        self.subtitle.set_gid("subtitle")
        self.subtitle.set_in_layout(False)  # the room above keeps its place
        room = ax.inset_axes((0, 1, 1, 0.01))
        room.set_axis_off()
        for axis in (room.xaxis, room.yaxis):
            axis.set_visible(False)  # else their ticks are placed each time that the title is
        room.set_navigate(False)
        room.set_axes_locator(cast(Any, self))
        room.set_gid("headline")
        ax.title.add_callback(self._yield)

    def __call__(self, _: Axes, renderer: Any) -> Bbox:  # noqa: ARG002  (as matplotlib calls it)
        """Return the place of the room above, in the figure's fractions, and mend the rest."""
        self.mend()
        box, figure = self.ax.get_position(), figure_of(self.ax)
        pixels = figure.get_figure(root=True).dpi / 72  # type: ignore[union-attr]
        across = max(1e-9, box.width * figure.bbox.width)
        self.title.set_x(-self.indent * pixels / across)
        high = self.height * pixels / figure.bbox.height
        return Bbox.from_extents(box.x0, box.y1, box.x1, box.y1 + high)

    def fit(self, indent: float, width: float) -> None:
        """Break both texts into lines of `width`, `indent` left of the drawing [points]."""
        self.indent = indent
        lines = _lines(self.title.get_text(), TITLE_POINTS * self.scale, width, 2, "bold")
        self.title.set_text("\n".join(lines))
        points = SUBTITLE_POINTS * self.scale
        most = 3 if self.cell.height > 200 else 2
        lines = _lines(self.subtitle.get_text(), points, width, most)
        self.subtitle.set_text("\n".join(lines))
        self.subtitle.xyann = (-indent, BELOW)
        taken = len(lines) * points * LINE if lines else 0.0
        self.height = BELOW + taken + BETWEEN * bool(lines)

    def mend(self) -> None:
        """Give an axis that became logarithmic an end above zero, and our numbers."""
        for name in ("x", "y"):
            axis = getattr(self.ax, f"{name}axis")
            if axis.get_scale() != "log":
                continue
            low, high = sorted(axis.get_view_interval())
            if low <= 0 < high:
                least = float(getattr(self.ax.dataLim, f"minpos{name}"))
                least = least if 0 < least < high else high / 100
                ends = {"x": ("left", "right"), "y": ("bottom", "top")}[name]
                edges = dict(zip(ends, (max(least / 1.3, high / DECADES), high), strict=True))
                getattr(self.ax, f"set_{name}lim")(**edges)
            ours = self.formats.get(name)
            if ours is not None and axis.get_major_formatter() is not ours:
                axis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=6))
                axis.set_major_formatter(ours)
                axis.set_minor_formatter(NullFormatter())

    def scale_axes(self) -> None:
        """Remember how numbers are written, and make the axis logarithmic that was asked for."""
        for name in ("x", "y"):
            axis = getattr(self.ax, f"{name}axis")
            formatter, locator = axis.get_major_formatter(), axis.get_major_locator()
            # Rows have names at fixed places: there is nothing to be logarithmic.
            if isinstance(formatter, FuncFormatter) and not isinstance(locator, FixedLocator):
                self.formats[name] = formatter
        if self.look.log in self.formats:
            getattr(self.ax, f"set_{self.look.log}scale")("log")
            self.mend()

    def _yield(self, title: Any) -> None:
        """Leave the place to a title that the reader sets."""
        if title.get_text():
            self.title.set_text("")


def _lines(text: str, points: float, room: float, most: int, weight: str = "normal") -> list[str]:
    """Break a text; of more than so many lines, the last says that it goes on."""
    lines = break_lines(text, points, room, weight) if text else []
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1]} …"]


def headline_of(ax: Axes) -> Headline | None:
    """Return the headline of a picture's first Axes."""
    for child in cast(Any, ax).child_axes:
        found = child.get_axes_locator()
        if isinstance(found, Headline):
            return found
    return None
