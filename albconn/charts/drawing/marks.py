"""Marks: a window that is shaded or a moment that is ruled, each with its name.

An incident, a deployment, the end of a certificate: what people know and the log does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias, cast

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.fitting import cut, width_of
from albconn.charts.drawing.headline import headline_of
from albconn.charts.drawing.labels import label_of
from albconn.charts.drawing.style import INK, ORANGE, SMALL_POINTS
from albconn.errors import TableError, shown

Time: TypeAlias = datetime | str
Mark: TypeAlias = tuple[Time, Time] | tuple[Time, Time, str | None] | tuple[Time, str | None]
Marks: TypeAlias = Mark | Sequence[Mark] | None

EDGE = "#B07800"
NAME_LINES = 4  # above each other; a name that would lie on others is left out
DRAWN = 0.72  # of a cell's width, about, that the drawing takes
_WRITTEN_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?$")
_EXPECTED = 'expected (start, end), (start, end, "name") or (time, "name")'


class Span(NamedTuple):
    """A mark, read: `end` is None for a moment."""

    start: pd.Timestamp
    end: pd.Timestamp | None
    name: str


def read_marks(mark: Marks) -> list[Span]:
    """Read one mark or several.

    Raises
    ------
    TableError
        A mark has another shape, a time without zone, or ends before it starts.
    """
    if mark is None:
        return []
    several = [mark] if _is_single(mark) else list(cast(Sequence[Mark], mark))
    return [_read_mark(one) for one in several]


def _is_single(mark: Any) -> bool:
    return isinstance(mark, str | datetime) or (len(mark) > 0 and _is_time(mark[0]))


def _read_mark(mark: Any) -> Span:
    parts: list[Any] = [mark] if isinstance(mark, str | datetime) else list(mark)
    if not 1 <= len(parts) <= 3 or not _is_time(parts[0]):
        raise TableError(f"mark: {shown(mark)} is not a mark; {_EXPECTED}")
    has_end = len(parts) > 1 and _is_time(parts[1])
    if len(parts) == 3 and not has_end:
        raise TableError(f"mark: {shown(parts[1])} is not an end; {_EXPECTED}")
    start = _read_time(parts[0])
    end = _read_time(parts[1]) if has_end else None
    if end is not None and end <= start:
        raise TableError(f"mark: the end {end} is not after the start {start}")
    name = parts[2:] if has_end else parts[1:]
    return Span(start, end, label_of(name[0], 40) if name and name[0] is not None else "")


def _is_time(value: object) -> bool:
    return isinstance(value, datetime) or (
        isinstance(value, str) and _WRITTEN_TIME.match(value) is not None
    )


def _read_time(value: Time) -> pd.Timestamp:
    try:
        moment = pd.Timestamp(value)
    except ValueError as error:
        raise TableError(f"mark: {shown(value)} is not a time") from error
    if moment.tzinfo is None:
        raise TableError(
            f"mark: {shown(str(value))} has no time zone; expected one such as '2026-11-20T10:00Z'"
        )
    return moment.tz_convert("UTC")


def name_lines(spans: Sequence[Span]) -> int:
    """Return how many lines the marks' names take over the drawing."""
    return min(NAME_LINES, sum(1 for span in spans if span.name))


def draw_marks(panels: Sequence[Axes], spans: Sequence[Span], *, opacity: float = 0.18) -> None:
    """Shade or rule every mark through all panels, and name it in the first.

    Edges are ruled too: in a month of bins a window of minutes is narrower than a pixel.
    """
    taken: list[tuple[int, float, float]] = []
    for span in spans:
        start = _number(span.start)
        for panel in panels:
            if span.end is None:
                panel.axvline(start, color=INK, linewidth=1, linestyle=(0, (4, 3)), zorder=1.5)
            else:
                end = _number(span.end)
                panel.axvspan(start, end, facecolor=ORANGE, alpha=opacity, linewidth=0)
                for edge in (start, end):
                    panel.axvline(edge, color=EDGE, linewidth=0.9, zorder=1.5 if opacity else 4)
        if span.name:
            _write_name(panels[0], start, span.name, taken)


def _write_name(ax: Axes, start: float, name: str, taken: list[tuple[int, float, float]]) -> None:
    """Write a name on the first line that is free beside its mark; nothing where none is."""
    low, high = ax.get_xlim()
    start = max(low, min(start, high))
    to_left = start > low + 0.75 * (high - low)  # else the name would leave the drawing
    head = headline_of(ax)
    scale, wide = (1.0, 500.0) if head is None else (head.scale, DRAWN * head.cell.width)
    points = SMALL_POINTS * scale
    edge = (start - low) / (high - low) * wide
    name = cut(name, points, (edge if to_left else wide - edge) - 8)
    length = width_of(name, points) + 12
    begin, end = (edge - length, edge) if to_left else (edge, edge + length)
    full = {line for line, first, last in taken if begin < last and first < end}
    line = next((line for line in range(NAME_LINES) if line not in full), None)
    if line is None:
        return
    taken.append((line, begin, end))
    note = ax.annotate(
        name,
        (start, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-4 if to_left else 4, -4 - 13 * line),
        textcoords="offset points",
        ha="right" if to_left else "left",
        va="top",
        fontsize=SMALL_POINTS,
        color=INK,
        parse_math=False,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.0},
        zorder=6,
    )
    note.set_gid("mark")


def _number(moment: pd.Timestamp) -> float:
    return float(mdates.date2num(moment.tz_localize(None).to_datetime64()))
