"""What went wrong, when, and for whom: clients that failed over time, and each incident's window.

Clients are drawn, not failures: one client that tries five hundred times is one. What never gets
through (scanners, misfits) has a panel of its own, so that nobody takes it for an outage. Below,
each incident has a line: overlapping ones stay apart, and the strongest comes first.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Unpack
from zoneinfo import ZoneInfo

import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.evidence import Partial, last_bin
from albconn.charts.drawing.fitting import cut
from albconn.charts.drawing.headline import Headline, headline_of
from albconn.charts.drawing.incidents_told import SLOW, facts_told, when_told
from albconn.charts.drawing.labels import label_of
from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.marks import Marks
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    BLUE,
    GREY,
    HEADROOM,
    INK,
    MUTED,
    PURPLE,
    SMALL_POINTS,
    TEXT_POINTS,
    VERMILLION,
    count_axis,
    name_axes,
    name_panel,
    open_picture,
    rows_that_fit,
    split_axes,
    write_nothing,
)
from albconn.charts.drawing.tables import require_columns, require_top
from albconn.charts.drawing.timeaxis import (
    DAY,
    draw_filled,
    lay_bins,
    mark_partial,
    partial_told,
    range_text,
    to_numbers,
    width_text,
)
from albconn.charts.drawing.timeframe import TimeFrame, read_time_frame
from albconn.charts.drawing.told import told, told_first
from albconn.words import counted

NEEDED = (
    "start", "end", "going_on", "kind", "cause", "clients", "failures", "failure_rate", "usual",
)  # fmt: skip
SERIES, APART, ROW = 2.3, 0.6, 0.62  # heights [inch]
LEAST_SERIES = 0.9  # [inch]
LEVELS = 4  # of numbers above each other, where windows begin together
NEAR = 0.025  # of the axis, within which numbers would lie on each other
NARROWEST = 0.004  # of the axis, that a bar is drawn wide


class _Series(NamedTuple):
    """Clients that failed, and failures of the background, bin by bin."""

    starts: pd.Series
    width: pd.Timedelta
    clients: list[int]
    apart: list[int]
    partial: Partial | None  # the last bin, where the log ends within it


def plot_incidents(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    mark: Marks = None,
    top: int = 8,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw clients that failed over time, the incidents' windows, and a line for each incident.

    Parameters
    ----------
    table : DataFrame
        What ``incidents`` returns, the strongest first. Where its ``attrs`` were lost (a file, a
        merge), only the lines of the incidents are drawn.

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        start, end         datetime64[us, UTC]     the window
        going_on           bool                    still so when the log ends
        kind, cause        str                     what it is, and of what
        clients            int64                   that failed in it
        failures           int64                   theirs
        failure_rate       float64 [1]             in the window
        usual              float64 [1]             outside of it
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw; the panels below are cut from its own place.
    mark : tuple or list of tuple, optional
        ``(start, end)``, ``(start, end, "name")`` or ``(time, "name")``.
    top : int
        Incidents drawn: the strongest.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The panel with the clients; without ``attrs`` the one with the incidents.

    Raises
    ------
    TableError
        Columns are missing, a mark has no time zone, or an option is no good.
    """
    require_columns(table, NEEDED, "incidents")
    look = read_look(options)
    require_top(top)
    frame = read_time_frame(table["start"], mark, look)
    series = _series(table)
    taken = 72 * (APART + LEAST_SERIES) if series else 0.0
    drawn = table.iloc[: rows_that_fit(ax, look, top, each=72 * ROW, taken=taken)]
    lines = ROW * len(drawn)
    ax = open_picture(
        ax,
        look,
        _title(table),
        _subtitle(table, series, frame, len(drawn)),
        height=1.5 + lines + (SERIES + APART if series else 0.6),
    )
    if series is None and drawn.empty:
        return write_nothing(ax, "no incident found")
    panels = [ax]
    if series is not None:
        height = _series_height(ax, lines)
        panels += split_axes(ax, below=[n / height for n in (APART, lines) if n])
        _draw_series(ax, series, peak_at=0.75 if lines else 0.5)
        for panel in panels[1:2]:
            _draw_background(panel, series)
    ax.set_xlim(*_extent(table, series))
    if series is not None:
        _draw_windows(ax, drawn)
        mark_partial(panels[:2], series.partial, series.width)
    if lines and (series is None or len(panels) > 1):  # else there is no room for them
        _draw_lines(panels[-1], drawn, frame.zone, headline_of(ax))
    frame.dress(panels)
    return settle(ax, *panels[1:])


def _series(table: pd.DataFrame) -> _Series | None:
    noted: Any = table.attrs.get("over_time")
    if not noted or not noted["bin_start"]:
        return None
    moments = pd.Series(noted["bin_start"], name="bin_start", dtype="str")
    starts = moments.astype("datetime64[us, UTC]")
    width = pd.Timedelta(noted["every"])
    partial = last_bin(_bins(table, starts), width)
    return _Series(starts, width, noted["clients"], noted["background_failures"], partial)


def _bins(table: pd.DataFrame, starts: pd.Series) -> pd.DataFrame:
    """Return the bins with the end of the log, and connections as if spread over all of them."""
    each = table.attrs.get("connections", 0) / len(starts)
    bins = starts.to_frame().assign(connections=each)
    bins.attrs["end"] = table.attrs.get("end")
    return bins


def _series_height(ax: Axes, lines: float) -> float:
    """Return the height [inch] for the clients: what lines and background leave."""
    head = headline_of(ax)
    height = 5.0 if head is None else head.cell.height / 72
    return max(LEAST_SERIES, height - HEADROOM / 72 - APART - lines)


def _title(table: pd.DataFrame) -> str:
    if table.empty:
        return "No incident found"
    first = label_of(table.iloc[0]["kind"])
    few = "1 incident" if len(table) == 1 else f"{len(table)} incidents, the strongest"
    return f"{few}: {first}"


def _subtitle(table: pd.DataFrame, series: _Series | None, frame: TimeFrame, drawn: int) -> str:
    notes = table.attrs
    looked = (
        f"{counted(notes['connections'], 'TLS connection')} of "
        f"{counted(notes['clients'], 'client')}"
        if "connections" in notes and "clients" in notes
        else ""
    )
    when, partial = frame.zone.key, ""
    if series is not None:
        when = range_text(series.starts, series.width, frame.zone)
        partial = partial_told(series.partial, series.width)
    return told(looked, told_first(drawn, len(table), "incidents"), when, partial)


def _extent(table: pd.DataFrame, series: _Series | None) -> tuple[float, float]:
    """Return the ends of the axis: all that was looked at, else all incidents and some room."""
    if series is not None:
        numbers = to_numbers(series.starts)
        return float(numbers[0]), float(numbers[-1] + series.width / DAY)
    first, last = float(to_numbers(table["start"]).min()), float(to_numbers(table["end"]).max())
    room = 0.05 * (last - first)
    return first - room, last + room


def _draw_series(ax: Axes, series: _Series, *, peak_at: float) -> None:
    """Draw the clients; above the peak there is room for the windows' numbers, or a word."""
    bins, every = lay_bins(series.starts, series.width), width_text(series.width)
    draw_filled(ax, bins, series.clients, color=BLUE, zorder=2)
    ax.set_ylim(0, max(3, *series.clients) / peak_at)
    count_axis(ax.yaxis)
    name_axes(ax, y=f"Clients that failed\nper {every}")


def _draw_background(ax: Axes, series: _Series) -> None:
    draw_filled(ax, lay_bins(series.starts, series.width), series.apart, color=GREY, zorder=2)
    ax.set_ylim(0, max(1.0, 1.1 * max(series.apart)))
    count_axis(ax.yaxis, ticks=2)
    failures = counted(sum(series.apart), "failure")
    name_panel(ax, f"Not counted above: {failures} of sources that never get through")


def _draw_windows(ax: Axes, drawn: pd.DataFrame) -> None:
    """Shade each window, and number it at its middle; numbers that would touch are stacked."""
    if drawn.empty:
        note = ax.annotate(
            "no window stands out", (0.5, 1), xycoords="axes fraction", xytext=(0, -12),
            textcoords="offset points", ha="center", va="top", color=MUTED, fontsize=TEXT_POINTS,
        )  # fmt: skip
        note.set_gid("nothing")
    low, high = ax.get_xlim()
    placed: list[tuple[float, int]] = []
    for rank, (start, end, colour) in enumerate(_windows(drawn), 1):
        shade = ax.axvspan(start, end, facecolor=colour, alpha=0.14, linewidth=0, zorder=1)
        shade.set_gid("window")
        for edge in (start, end):
            ax.axvline(edge, color=colour, linewidth=0.8, zorder=1.2)
        middle = (max(start, low) + min(end, high)) / 2
        near = {level for at, level in placed if abs(at - middle) < NEAR * (high - low)}
        level = next((n for n in range(LEVELS) if n not in near), LEVELS - 1)
        placed.append((middle, level))
        _write_number(ax, middle, level, rank, colour)


def _windows(drawn: pd.DataFrame) -> list[tuple[float, float, str]]:
    colours = [PURPLE if kind == SLOW else VERMILLION for kind in drawn["kind"]]
    return list(zip(to_numbers(drawn["start"]), to_numbers(drawn["end"]), colours, strict=True))


def _write_number(ax: Axes, at: float, level: int, rank: int, colour: str) -> None:
    note = ax.annotate(
        str(rank), (at, 1), xycoords=("data", "axes fraction"), xytext=(0, -9 - 17 * level),
        textcoords="offset points", ha="center", va="center", fontsize=TEXT_POINTS,
        color="white", weight="bold", zorder=6, annotation_clip=False,
        bbox={"boxstyle": "circle,pad=0.22", "facecolor": colour, "edgecolor": "white"},
    )  # fmt: skip
    note.set_gid("number")


def _draw_lines(ax: Axes, drawn: pd.DataFrame, zone: ZoneInfo, head: Headline | None) -> None:
    """Draw each incident as a bar on a line of its own, under its words."""
    low, high = ax.get_xlim()
    least = NARROWEST * (high - low)
    room, scale = (500.0, 1.0) if head is None else (head.cell.width - 70, head.scale)
    for rank, (start, end, colour) in enumerate(_windows(drawn)):
        ax.broken_barh(
            [(start, max(end - start, least))], (rank + 0.7, 0.2), color=colour, zorder=3
        ).set_gid("incident")
        row = drawn.iloc[rank]
        title = f"{rank + 1}  {when_told(row, zone)}  {label_of(row['kind'])}"
        for y, weight, text in ((0.1, "bold", title), (0.38, "normal", facts_told(row))):
            points = SMALL_POINTS * scale * (1.1 if weight == "bold" else 1.0)  # as wide as that
            note = ax.annotate(
                cut(text, points, room), (0, rank + y), xycoords=("axes fraction", "data"),
                xytext=(4, 0), textcoords="offset points", va="top", ha="left",
                fontsize=SMALL_POINTS, weight=weight, color=INK, parse_math=False, zorder=6,
                annotation_clip=False,
            )  # fmt: skip
            note.set_gid("words")
            note.set_in_layout(False)
    ax.set_ylim(len(drawn), 0)
    ax.set_yticks([])
    ax.grid(visible=False, axis="y")
    for edge in range(1, len(drawn)):
        ax.axhline(edge, color="#E6E6E6", linewidth=0.8, zorder=0)
