"""What a report is asked, and what every part of it needs to answer.

An incident has one scope and one rate, counted once: the load balancer, listener or node that it
is at, in its window, against the time outside of all incidents. The sentences, the tiles, the
tables and the charts all take it from here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from albconn.analysis import outcome_totals
from albconn.analysis.comparing.beside import Beside, Place, compare_beside
from albconn.analysis.counting.alike import count_alike
from albconn.analysis.counting.counts import open_counting
from albconn.analysis.counting.stretch import find_stretch
from albconn.analysis.outages.binned import Binned, binned
from albconn.analysis.outages.findings import outside
from albconn.analysis.outages.incidents import incidents_and
from albconn.analysis.outages.kinds import SLOW
from albconn.opened import Opened
from albconn.report.incidents import Row, place_of, rows_of
from albconn.times import Window

Mark = tuple[datetime, str]
UTC = ZoneInfo("UTC")
MOST_OF_EXCESS = 0.8  # share from which one load balancer, or one cause, is "it"
BEFORE_AND_AFTER = 3  # times its own length, that is shown around an incident
_LEAST_SHOWN = timedelta(hours=1)  # before and after
_BIN = pd.Timedelta("5min")
_WIDTH = 300  # [s], the same

# Bin widths [s], and of the bins of a chart how many at most, how full on average at least:
# finer ones show noise. Splits share the connections out, so their bins have to be wider.
_BINS = {"1min": 60, "5min": 300, "15min": 900, "30min": 1800, "1h": 3600, "6h": 21600, "1D": 86400}
_MOST_BINS = 600
_CONNECTIONS_A_BIN = 60
_CONNECTIONS_A_SPLIT_BIN = 250


@dataclass(frozen=True)
class Asked:
    """What the user may say: windows, marks, a policy, a metric; all of it optional."""

    incident: Window | None = None
    baseline: Window | None = None
    marks: tuple[Mark, ...] = ()
    zone: ZoneInfo = UTC
    policy: str | None = None
    from_policy: str | None = None
    policies: Any = None
    metric: Any = None


@dataclass(frozen=True)
class Question:
    """The connections, their totals, the bins of the charts, and the windows.

    Attributes
    ----------
    every, every_split, every_near : str
        Bin widths of charts over all connections, of those that share them out, and of those
        around the incident.
    incident : (datetime, datetime), optional
        The window in question; ``usual`` are the windows that it is held against.
    chosen : bool
        It is the first of ``found``, and was not given.
    found : list
        The incidents that were found, the strongest first, in the zone of the page.
    bins : Binned
        All connections in bins of five minutes.
    beside : Beside, optional
        The incident beside what is usual.
    outside : int
        Connections outside of the ten years that hold most; they are not on the page.
    """

    connections: Opened
    totals: Any
    every: str
    every_split: str
    every_near: str
    asked: Asked
    incident: Window | None
    usual: tuple[Window, ...]
    chosen: bool
    incidents: pd.DataFrame
    bins: Binned
    beside: Beside | None
    outside: int

    @cached_property
    def found(self) -> list[Row]:
        """Return the incidents that were found; the first is told by the one scope and rate."""
        rows = rows_of(self.incidents, self.asked.zone)
        if not self.chosen or self.beside is None:
            return rows
        total = self.beside.total
        first = rows[0]._replace(
            place_failures=int(total["incident_failures"]),
            place_connections=int(total["incident_connections"]),
            place_usual=usual_rate(self.beside),
        )
        return [first, *rows[1:]]

    @cached_property
    def alike(self) -> Opened:
        """Return all connections for what is counted by bins and few columns, told in short."""
        wide = not any(_BINS[every] % _WIDTH for every in (self.every, self.every_split))
        return count_alike(self.connections, _WIDTH if wide else _BINS["1min"])

    @property
    def failing(self) -> list[Row]:
        """Return the incidents in which connections failed, the strongest first."""
        return [row for row in self.found if row.kind != SLOW]

    @property
    def marks(self) -> list[tuple[Any, ...]]:
        """Return what charts over time shade and mark."""
        window = [(*self.incident, "incident")] if self.incident else []
        return [*window, *self.asked.marks]

    @property
    def whole(self) -> Window:
        """Return the time that charts of all connections show, so that they share their axis."""
        width = pd.Timedelta(self.every_split)
        first = self.totals["first_timestamp"].floor(width)
        return first, self.totals["last_timestamp"].floor(width) + width

    @property
    def near(self) -> Window | None:
        """Return the incident with some time before and after it, within the log."""
        if self.incident is None:
            return None
        start, end = self.incident
        around = max(BEFORE_AND_AFTER * (end - start), _LEAST_SHOWN)
        first, last = span_of(self.totals)
        return max(start - around, first), min(end + around, last)

    def within(self, window: Window) -> Opened:
        """Return the connections of a half-open window."""
        return self.connections.within(*window)

    def local(self, moment: datetime) -> datetime:
        """Return a moment in the zone of the page."""
        return moment.astimezone(self.asked.zone)

    def over_time(self) -> dict[str, Any]:
        """Return the arguments that all charts over time share."""
        return {"mark": self.marks or None, "timezone": self.asked.zone.key}


def ask(
    opened: Opened, asked: Asked, check: Callable[[Any, Asked], None] = lambda *_: None
) -> Question:
    """Count what every section needs, and look for the windows that were not given.

    ``check`` may refuse what was asked, once the totals are known.
    """
    opened, totals, outside_years = _in_their_years(opened)
    check(totals, asked)
    found, bins = incidents_and(lambda counting: binned(counting, _WIDTH, _WIDTH), opened)
    failing = found[found["kind"] != SLOW]
    windows = [_window(row) for _, row in failing.iterrows()]
    incident = asked.incident or (windows[0] if windows else None)
    question = Question(
        connections=opened,
        totals=totals,
        every=bin_width(totals, _CONNECTIONS_A_BIN),
        every_split=bin_width(totals, _CONNECTIONS_A_SPLIT_BIN),
        every_near="5min",
        asked=asked,
        incident=incident,
        usual=_usual(totals, incident, windows, asked.baseline),
        chosen=asked.incident is None and incident is not None,
        incidents=found,
        bins=bins,
        beside=None,
        outside=outside_years,
    )
    if question.incident is None or not question.usual or not totals["failures"]:
        return question
    compared = _compare(question)
    return replace(question, beside=compared, every_near=_near_width(question, compared))


def _in_their_years(opened: Opened) -> tuple[Opened, Any, int]:
    """Return the connections of ten years at most, their totals, and how many lie outside."""
    totals = outcome_totals(opened).iloc[0]
    if totals["rows"] == 0:
        return opened, totals, 0
    with open_counting(opened, columns=("timestamp",)) as counting:
        stretch = find_stretch(counting)
    if stretch is None:
        return opened, totals, 0
    inside = opened.within(*stretch.window)
    return inside, outcome_totals(inside).iloc[0], stretch.outside


def _compare(question: Question) -> Beside:
    """Return the incident beside what is usual, at the place that it is found at."""
    assert question.incident is not None
    first = rows_of(question.incidents)[0] if question.chosen else None
    return compare_beside(
        question.connections,
        incident=question.incident,
        usual=question.usual,
        place_of=_leading_balancer if first is None else lambda _: place_of(first),
    )


def _leading_balancer(changed: pd.DataFrame) -> Place:
    row = leading(changed, "elb")
    return {} if row is None else {"elb": row["value"]}


def leading(changed: pd.DataFrame, dimension: str) -> Any:
    """Return the significant value of a dimension that explains most of the excess, or None."""
    rows = changed[
        (changed["dimension"] == dimension)
        & changed["significant"]
        & (changed["share_of_excess"] >= MOST_OF_EXCESS)
    ]
    return rows.sort_values("excess_failures").iloc[-1] if len(rows) else None


def usual_rate(beside: Beside) -> float | None:
    """Return the place's rate outside of all incidents; None without connections."""
    of = beside.total["baseline_connections"]
    return float(beside.total["baseline_failures"] / of) if of else None


def span_of(totals: Any) -> Window:
    """Return the half-open time of the log, in whole bins of five minutes."""
    first, last = totals["first_timestamp"], totals["last_timestamp"]
    return first.floor(_BIN).to_pydatetime(), (last.floor(_BIN) + _BIN).to_pydatetime()


def _usual(
    totals: Any, incident: Window | None, found: Sequence[Window], baseline: Window | None
) -> tuple[Window, ...]:
    """Return the baseline that was given, or what is outside of all incidents, or of this one."""
    if incident is None or totals["connections"] == 0:
        return ()
    if baseline is not None:
        return (baseline,)
    span = span_of(totals)
    return tuple(outside(span, [incident, *found]) or outside(span, [incident]))


def _window(row: pd.Series) -> Window:
    return row["start"].to_pydatetime(), row["end"].to_pydatetime()


def bin_width(totals: Any, connections_a_bin: int) -> str:
    """Return the finest bin width that gives a readable chart."""
    if totals["connections"] == 0:
        return "5min"
    seconds = (totals["last_timestamp"] - totals["first_timestamp"]).total_seconds()
    return _finest(seconds, min(_MOST_BINS, totals["connections"] / connections_a_bin))


def _near_width(question: Question, beside: Beside) -> str:
    """Return the bin width of charts around the incident, by how busy its place is in it.

    The incident begins and ends with a bin, so that its bins add up to its numbers.
    """
    assert question.incident is not None
    assert question.near is not None
    seconds, length = (
        (end - start).total_seconds() for start, end in (question.near, question.incident)
    )
    inside = beside.total["incident_connections"] * seconds / max(length, 1)
    widest = _BINS[_finest(seconds, min(_MOST_BINS / 5, inside / _CONNECTIONS_A_BIN))]
    ends = [int(moment.timestamp()) for moment in question.incident]
    fit = [name for name, w in _BINS.items() if w <= widest and not any(end % w for end in ends)]
    return fit[-1] if fit else "1min"


def _finest(seconds: float, most: float) -> str:
    return next((name for name, width in _BINS.items() if seconds / width <= most), "1D")
