"""Time in a picture: bins with their true extent, holes as holes, and a named zone.

A bin is drawn from its start to its end, not as a point somewhere in it, so that "from
10:00" can be read off. A bin that the table lacks had no connections seen: the line breaks
there and is never drawn as zero. Times stay UTC; another zone only changes the labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import StepPatch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from albconn.charts.drawing.evidence import Partial
from albconn.charts.drawing.style import name_axes
from albconn.errors import TableError
from albconn.times import FIRST, LAST

Numbers = NDArray[np.float64]
COMMONEST_BIN = pd.Timedelta(minutes=5)  # one log file's interval
DAY = pd.Timedelta(days=1)
VEIL, EDGE_OF_VEIL = "#F2F2F2", "#8A8A8A"
_EARLIEST, _LATEST = (pd.Timestamp(end).as_unit("us") for end in (FIRST, LAST))
# Of each unit (months, days, hours, minutes, seconds) the step that is one of the next.
_WHOLE = dict(zip((mdates.MONTHLY, mdates.DAILY, mdates.HOURLY, mdates.MINUTELY, mdates.SECONDLY),
                  (12, 31, 24, 60, 60), strict=True))  # fmt: skip
_FORMATS = ["%Y", "%b", "%b %d", "%H:%M", "%H:%M", "%H:%M:%S"]
_ZERO_FORMATS = ["", "%Y", "%b", "%b %d", "%H:%M", "%H:%M"]


class Bins(NamedTuple):
    """Where bins lie on the axis: edges [days since 1970], and each bin's place between them."""

    edges: Numbers
    places: NDArray[np.intp]

    def place(self, values: Any) -> Numbers:
        """Return one value for each gap between edges; NaN in a hole."""
        placed = np.full(max(len(self.edges) - 1, 0), np.nan)
        placed[self.places] = np.asarray(values, dtype="float64")
        return placed


def lay_bins(starts: pd.Series, width: pd.Timedelta) -> Bins:
    """Lay sorted bins of `width` along the axis, with a gap wherever a bin is absent."""
    numbers, days = to_numbers(starts), width / DAY
    if len(numbers) == 0:
        return Bins(numbers, np.zeros(0, dtype=np.intp))
    holes = np.diff(numbers) > 1.5 * days
    before = np.flatnonzero(holes)
    edges = np.insert(numbers, before + 1, numbers[before] + days)
    places = np.arange(len(numbers)) + np.concatenate([[0], np.cumsum(holes)])
    return Bins(np.append(edges, numbers[-1] + days), places.astype(np.intp))


def draw_steps(ax: Axes, bins: Bins, values: Any, **style: Any) -> Any:
    """Draw one value per bin as a level line over the bin's extent; holes break it."""
    placed = bins.place(values)
    levels = np.append(placed, placed[-1:])
    return ax.plot(bins.edges, levels, drawstyle="steps-post", **style)[0]


def draw_filled(
    ax: Axes, bins: Bins, values: Any, *, color: Any, base: Any = None, **style: Any
) -> Any:
    """Fill each bin from `base` (zero unless told) up to its value; holes stay empty."""
    if len(bins.edges) == 0:
        return None
    baseline: Any = 0.0 if base is None else np.nan_to_num(bins.place(base))
    heights = bins.place(values)
    filled = StepPatch(
        heights, bins.edges, baseline=baseline, fill=True, linewidth=0, facecolor=color, **style
    )
    # As ``ax.stairs``, which looks at each step as a curve to find how far all of them reach.
    ax.add_artist(filled)
    ends = np.column_stack([bins.edges[:-1], heights])
    ax.update_datalim(np.vstack([ends[~np.isnan(heights)], [[bins.edges[-1], 0.0]]]))
    return filled


def to_numbers(times: pd.Series) -> Numbers:
    """Return instants as matplotlib's date numbers, in UTC.

    Raises
    ------
    TableError
        The column does not hold times with a zone.
    """
    if not isinstance(times.dtype, pd.DatetimeTZDtype):
        raise TableError(
            f"{times.name}: {times.dtype} has no time zone; expected datetime64[us, UTC]"
        )
    naive = times.dt.tz_convert("UTC").dt.tz_localize(None)
    return np.asarray(mdates.date2num(naive.to_numpy()), dtype="float64")


def bin_width(table: pd.DataFrame, column: str = "bin_start") -> pd.Timedelta:
    """Return the bins' width: as the analysis noted it, else the smallest distance."""
    try:
        noted = pd.Timedelta(table.attrs["every"])
        if noted > pd.Timedelta(0):
            return noted
    except (KeyError, TypeError, ValueError):
        pass  # a table that went through a file or a merge has lost its notes
    distances = table[column].drop_duplicates().sort_values().diff().dropna()
    return COMMONEST_BIN if distances.empty else pd.Timedelta(distances.min())


def dress_time_axis(ax: Axes, zone: ZoneInfo, *, lowest: Axes | None = None) -> None:
    """Label the x axis with times in `zone`, named; the labels go to the `lowest` panel."""
    ax.xaxis_date(tz=zone)  # a caller's own datetime lines then land where they should
    locator = _AnyTimeLocator(tz=zone, minticks=4, maxticks=9)  # settle() thins them
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(
        _AnyTimeFormatter(
            locator,
            tz=zone,
            formats=_FORMATS,
            zero_formats=_ZERO_FORMATS,
            show_offset=False,  # it names the last day only; the subtitle names both
        )
    )
    bottom = lowest or ax
    if bottom is not ax:
        ax.tick_params(axis="x", labelbottom=False)
    name_axes(bottom, x=f"Time [{zone.key}]", y=bottom.get_ylabel())


class _AnyTimeLocator(mdates.AutoDateLocator):
    """Round times; near the years 1 and 9999, which matplotlib can't step over, round numbers.

    Each drawing asks a dozen times, for a calendar's rules that are slow: the answer is kept.
    Where few labels have room, each unit's widest step is a whole one of the next: nearly two days
    have midnights, nearly two hours have whole hours.
    """

    _asked: Any = None
    _answer: Any = None

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for unit, whole in _WHOLE.items():
            self.intervald[unit] = [*self.intervald[unit], whole]

    def tick_values(self, vmin: Any, vmax: Any) -> Any:
        try:
            return super().tick_values(vmin, vmax)
        except (ValueError, OverflowError):
            return self._round_numbers()

    def __call__(self) -> Any:
        asked = repr((self._view(), self.minticks, self.maxticks, self.intervald, self.tz))
        if asked != self._asked:
            self._asked, self._answer = asked, self._ticks()
        return self._answer

    def _ticks(self) -> Any:
        try:
            return super().__call__()
        except (ValueError, OverflowError):
            return self._round_numbers()

    def _round_numbers(self) -> Any:
        return MaxNLocator(nbins=6).tick_values(*self._view())

    def _view(self) -> tuple[float, float]:
        return tuple(map(float, self.axis.get_view_interval()))  # type: ignore[union-attr]


class _AnyTimeFormatter(mdates.ConciseDateFormatter):
    """Times as short as can be; near the ends of the calendar, dates."""

    _asked: Any = None
    _answer: Sequence[str] = ()

    def format_ticks(self, values: Any) -> list[str]:
        asked = repr((list(values), self.formats, self.zero_formats))
        if asked != self._asked or self.show_offset:  # the offset is told besides
            self._asked, self._answer = asked, self._texts(values)
        return list(self._answer)

    def _texts(self, values: Any) -> list[str]:
        try:
            return super().format_ticks(values)
        except (ValueError, OverflowError):
            return [str(np.datetime64(int(np.floor(value)), "D")) for value in values]


def limit_time(ax: Axes, starts: pd.Series, width: pd.Timedelta) -> None:
    """Let the axis begin with the first bin and end with the last."""
    numbers = to_numbers(starts)
    ax.set_xlim(numbers.min(), numbers.max() + width / DAY)


def in_zone(moment: pd.Timestamp, zone: ZoneInfo) -> pd.Timestamp:
    """Return a moment in a zone; what no calendar has there, in UTC at the calendar's end.

    Examples
    --------
    >>> in_zone(pd.Timestamp("9999-12-31T23:00Z"), ZoneInfo("Asia/Tokyo")).hour
    23
    """
    known = min(max(moment, _EARLIEST), _LATEST)
    try:
        local = known.tz_convert(zone)
        return local if FIRST.year <= local.year <= LAST.year else known
    except (NotImplementedError, OverflowError):
        return known


def range_text(starts: pd.Series, width: pd.Timedelta, zone: ZoneInfo) -> str:
    """Return "2026-11-20 10:00 – 10:40 UTC": from the first bin's start to the last one's end."""
    if starts.empty:
        return zone.key
    first, last = (in_zone(moment, zone) for moment in (starts.min(), starts.max() + width))
    shape = "%Y-%m-%d %H:%M:%S" if width < pd.Timedelta(minutes=1) else "%Y-%m-%d %H:%M"
    end = last.strftime(shape)
    if first.date() == last.date():
        end = end[11:]
    return f"{first.strftime(shape)} – {end} {zone.key}"


def width_text(width: pd.Timedelta) -> str:
    """Return a bin's width in words.

    Examples
    --------
    >>> width_text(pd.Timedelta("5min")), width_text(pd.Timedelta("36h"))
    ('5 min', '36 h')
    """
    seconds = int(width.total_seconds())
    for unit, length in (("day", 86400), ("h", 3600), ("min", 60)):
        if seconds and seconds % length == 0:
            plural = "s" if unit == "day" and seconds != length else ""
            return f"{seconds // length} {unit}{plural}"
    return f"{width.total_seconds():g} s"


def mark_partial(panels: Sequence[Axes], partial: Partial | None, width: pd.Timedelta) -> None:
    """Veil the last bin where the log ends within it: its low counts are no recovery."""
    if partial is None:
        return
    start = float(to_numbers(pd.Series([partial.start], name="bin_start"))[0])
    for panel in panels:
        veil = panel.axvspan(start, start + width / DAY, facecolor=VEIL, alpha=0.75, linewidth=0)
        veil.set_zorder(3.5)
        veil.set_gid("partial bin")
        panel.axvline(start, color=EDGE_OF_VEIL, linewidth=0.8, linestyle=(0, (2, 2)), zorder=3.6)


def partial_told(partial: Partial | None, width: pd.Timedelta) -> str:
    """Return that the last bin is cut off, and what there is of it; nothing where it is not."""
    if partial is None:
        return ""
    covered = max(pd.Timedelta("1s"), partial.covered.floor("s"))
    if covered >= pd.Timedelta(minutes=2):
        covered = covered.floor("min")
    return f"last bin partial: {width_text(covered)} of {width_text(width)}"
