"""What every picture over time begins and ends with: its marks, its zone, its dressed axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.look import Look
from albconn.charts.drawing.marks import Marks, Span, draw_marks, read_marks
from albconn.charts.drawing.timeaxis import (
    dress_time_axis,
    range_text,
    to_numbers,
    width_text,
)


class TimeFrame(NamedTuple):
    """The marks and the zone of one picture, read."""

    spans: list[Span]
    zone: ZoneInfo

    def dress(self, panels: Sequence[Axes], *, opacity: float = 0.18) -> None:
        """Draw the marks through `panels`, and the labels of time below the last of them."""
        draw_marks(panels, self.spans, opacity=opacity)
        dress_time_axis(panels[0], self.zone, lowest=panels[-1])
        for panel in panels[:-1]:
            panel.tick_params(axis="x", labelbottom=False)

    def told(self, starts: pd.Series, width: pd.Timedelta) -> str:
        """Return "2026-11-20 10:00 – 10:40 UTC · bins of 5 min"."""
        return f"{range_text(starts, width, self.zone)} · bins of {width_text(width)}"


def read_time_frame(times: pd.Series | None, mark: Marks, look: Look) -> TimeFrame:
    """Read the marks, and refuse times without a zone before a figure exists.

    A table that is not over time has no times; what was asked of its axis is checked all the same.

    Raises
    ------
    TableError
        A mark cannot be read, or `times` have no zone.
    """
    frame = TimeFrame(read_marks(mark), look.zone)
    if times is not None:
        to_numbers(times)
    return frame
