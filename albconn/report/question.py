"""What a report is asked, and what every part of it needs to answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from albconn.opened import Opened
from albconn.report.page import Folder
from albconn.times import Window

Mark = tuple[datetime, str]


@dataclass(frozen=True)
class Asked:
    """What the user may say: windows, marks, a policy, a metric; all of it optional."""

    incident: Window | None = None
    baseline: Window | None = None
    marks: tuple[Mark, ...] = ()
    timezone: str = "UTC"
    policy: str | None = None
    from_policy: str | None = None
    policies: Any = None
    metric: Any = None


@dataclass(frozen=True)
class Question:
    """The connections, their totals, the bins of the charts, and the windows.

    ``every`` is the bin width of charts over all connections, ``every_split`` of those that
    share them out. ``incidents`` are all that were found, the strongest first; ``chosen`` says
    that ``incident`` is the first of them, and not given. ``outside`` is how many connections lie
    outside of the ten years that hold most, and are not on the page.
    """

    connections: Opened
    totals: Any
    every: str
    every_split: str
    asked: Asked
    incident: Window | None
    baseline: Window | None
    chosen: bool
    incidents: pd.DataFrame
    outside: int
    folder: Folder

    @property
    def marks(self) -> list[tuple[Any, ...]]:
        """Return what charts over time shade and mark."""
        window = [(*self.incident, "incident")] if self.incident else []
        return [*window, *self.asked.marks]

    def within(self, window: Window) -> Opened:
        """Return the connections of a half-open window."""
        return self.connections.within(*window)

    def over_time(self) -> dict[str, Any]:
        """Return the arguments that all charts over time share."""
        return {"mark": self.marks or None, "timezone": self.asked.timezone}

    def spanned(self, axes: Axes) -> Axes:
        """Let a chart over time span all connections, so that all charts share their axis."""
        width = pd.Timedelta(self.every_split)
        first = self.totals["first_timestamp"].floor(width)
        last = self.totals["last_timestamp"].floor(width) + width
        axes.set_xlim(float(date2num(first)), float(date2num(last)))
        return axes
