"""What clients spoke over time, and when they stopped: the picture of a raised security policy.

One strip for each TLS version (or cipher, or key-exchange group), with successful handshakes only
and a scale of its own: what few speak is as plain to see as what most do. Below them, on the same
time axis, failures whose version the log cannot tell. Where a strip ends and those begin, clients
were locked out. Strips that end stand lowest, next to the failures.
"""

from __future__ import annotations

from typing import NamedTuple, Unpack
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from albconn.charts.drawing.dots import write_panel_name
from albconn.charts.drawing.evidence import last_bin
from albconn.charts.drawing.labels import UNMAPPED, noun_of
from albconn.charts.drawing.look import Look, LookOptions, read_look
from albconn.charts.drawing.marks import Marks, name_lines
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    BLUE,
    ORANGE,
    VERMILLION,
    count_axis,
    open_picture,
    rows_that_fit,
    split_axes,
    write_nothing,
)
from albconn.charts.drawing.tables import (
    COUNTS,
    HANDSHAKE_COLUMNS,
    RATE_COLUMNS,
    group_labels,
    require_columns,
    require_top,
    split_columns,
    split_title,
)
from albconn.charts.drawing.timeaxis import (
    bin_width,
    draw_filled,
    lay_bins,
    limit_time,
    mark_partial,
    partial_told,
)
from albconn.charts.drawing.timeframe import read_time_frame
from albconn.charts.drawing.told import told, told_first
from albconn.errors import TableError
from albconn.words import counted, join

STRIP = 0.78  # [inch]
ROOM = 0.42  # of the uppermost strip, above it, for the marks' names
MOST_NAMED = 3  # values in a title
MOST_LOOKED_AT = 100  # values; a stranger may log a new one in each line
TOGETHER = pd.Timedelta(minutes=30)  # values that end within it end at one moment
EXPECTED = 10.0  # handshakes that the usual share would have given afterwards
FALLEN = 0.35  # of the expected: more are left where only one of several load balancers changed
_Counts = NDArray[np.float64]


class _Strip(NamedTuple):
    """One value: its bins' starts and successes, and from when on there are none, or hardly any."""

    label: str
    starts: pd.Series
    successes: pd.Series
    ended: pd.Timestamp | None


def plot_handshakes_over_time(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    mark: Marks = None,
    top: int = 6,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw successful handshakes by TLS version over time, above the failures of unknown version.

    Parameters
    ----------
    table : DataFrame
        What ``failure_rate`` returns, split by ``tls_protocol``, ``tls_cipher`` or
        ``tls_keyexchange``, and by other columns where that is asked for:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        bin_start          datetime64[us, UTC]     start of the bin
        *by*               any                     what the strips are
        connections        int64                   of known handshake
        failures           int64                   of them; the rest succeeded
        unmapped_failures  int64                   failures of unknown handshake
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw; the strips below are cut from its own place.
    mark : tuple or list of tuple, optional
        ``(start, end)``, ``(start, end, "name")`` or ``(time, "name")``: shaded or ruled.
    top : int
        Strips drawn: those that end, then those of most handshakes.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The uppermost strip; the lowest panel of the figure holds the unmapped failures.

    Raises
    ------
    TableError
        Columns are missing, the table is not split by what a handshake agrees on, a mark has no
        time zone, or an option is no good.
    """
    require_columns(table, ["bin_start", *COUNTS], "failure_rate")
    look = read_look(options)
    require_top(top)
    by = split_columns(table, RATE_COLUMNS)
    if not set(by) & set(HANDSHAKE_COLUMNS):
        raise TableError(
            "table: not split by a handshake; give failure_rate() a by= of 'tls_protocol', "
            "'tls_cipher' or 'tls_keyexchange'"
        )
    frame, width = read_time_frame(table["bin_start"], mark, look), bin_width(table)
    found, values = _strips(table, by, width)
    fitting = rows_that_fit(ax, look, top + 1, each=72 * STRIP * 0.7) - 1
    if ax is not None and ax.get_axes_locator() is not None:
        fitting = 0
    shown = _chosen(found, max(1, fitting))
    subtitle = told(
        _counts(table),
        frame.told(table["bin_start"], width),
        partial_told(last_bin(table, width), width),
        told_first(len(shown), values, "values"),
    )
    height = 1.6 + STRIP * (1 + max(2, len(shown)))
    ax = open_picture(ax, look, _title(by, found, table, frame.zone), subtitle, height=height)
    if not shown:
        return write_nothing(ax, "no successful handshakes")
    panels = [ax, *split_axes(ax, below=len(shown) if fitting else 0, share=1.0)]
    limit_time(ax, table["bin_start"], width)
    for panel, strip in zip(panels, shown, strict=False):
        _draw_strip(panel, strip, width, look)
    ax.set_ylim(0, ax.get_ylim()[1] * (1 + ROOM * min(1, name_lines(frame.spans))))
    if fitting:
        _draw_unmapped(panels[-1], table, by, width, look)
    mark_partial(panels, last_bin(table, width), width)
    frame.dress(panels)
    return settle(ax, *panels[1:])


def _strips(table: pd.DataFrame, by: list[str], width: pd.Timedelta) -> tuple[list[_Strip], int]:
    """Return the most frequent values' successes, most first, and how many values there are."""
    counts = table[["bin_start", "unmapped_failures"]].assign(
        label=group_labels(table, by), successes=table["connections"] - table["failures"]
    )
    summed = counts.groupby("bin_start", sort=True)[["successes", "unmapped_failures"]].sum()
    every = summed.sum(axis=1).to_numpy(dtype="float64")
    succeeded = counts[counts["successes"] > 0]
    totals = succeeded.groupby("label", sort=True)["successes"].sum()
    looked_at = totals.nlargest(MOST_LOOKED_AT).index
    strips = []
    for label, rows in succeeded[succeeded["label"].isin(looked_at)].groupby("label", sort=True):
        here = rows.groupby("bin_start", sort=True)["successes"].sum()
        fell = _fell_at(here.reindex(summed.index, fill_value=0).to_numpy(dtype="float64"), every)
        ended = None if fell is None else summed.index[fell] + width
        found = here.reset_index()
        strips.append(_Strip(str(label), found["bin_start"], found["successes"], ended))
    return sorted(strips, key=lambda strip: -int(strip.successes.sum())), len(totals)


def _fell_at(counts: _Counts, every: _Counts) -> int | None:
    """Return the last bin before a value falls away, if it does.

    Of all moments it is the one that makes the counts likeliest, with one number a bin before it
    and another one after it. Its share of all that was tried must have fallen, too: at night there
    is less of everything.
    """
    before, tried = np.cumsum(counts)[:-1], np.cumsum(every)[:-1]
    if len(before) == 0:
        return None
    bins = np.arange(1, len(counts))
    after, rest = counts.sum() - before, len(counts) - bins
    place = int(np.argmax(_likelihood(before, bins) + _likelihood(after, rest)))
    usual = before[place] / bins[place] * rest[place]
    by_share = before[place] / max(1.0, tried[place]) * (every.sum() - tried[place])
    expected = min(usual, by_share, before[place])  # of one that was seen once nothing can be said
    return place if expected >= EXPECTED and after[place] <= FALLEN * expected else None


def _likelihood(counts: _Counts, bins: NDArray[np.int_]) -> _Counts:
    """Return how likely counts are [nat] with so many a bin, less what is the same for all."""
    return np.where(counts > 0, counts * np.log(np.maximum(counts, 1e-9) / bins), 0.0)


def _chosen(found: list[_Strip], most: int) -> list[_Strip]:
    """Return the strips to draw: those that go on, most successes first, then those that end."""
    ending = [strip for strip in found if strip.ended is not None][:most]
    lasting = [strip for strip in found if strip.ended is None]
    return [*lasting[: most - len(ending)], *ending]


def _counts(table: pd.DataFrame) -> str:
    successes = int((table["connections"] - table["failures"]).sum())
    unmapped = int(table["unmapped_failures"].sum())
    return (
        f"{counted(successes, 'successful handshake')}, "
        f"{counted(unmapped, 'failure')} with {UNMAPPED}"
    )


def _title(by: list[str], found: list[_Strip], table: pd.DataFrame, zone: ZoneInfo) -> str:
    """State what falls away as unmapped failures begin, and when; else name what is drawn."""
    fallen = [strip for strip in found if strip.ended is not None]
    moments = [strip.ended for strip in fallen if strip.ended is not None]
    if not fallen or len(fallen) > MOST_NAMED or not _failures_begin(table, min(moments)):
        return split_title("Successful handshakes", by)
    names, verb = join([strip.label for strip in fallen]), "falls" if len(fallen) == 1 else "fall"
    if max(moments) - min(moments) > TOGETHER:
        return f"{names} {verb} away as unmapped failures begin"
    return f"{names} {verb} away about {min(moments).tz_convert(zone):%H:%M}, failures begin"


def _failures_begin(table: pd.DataFrame, moment: pd.Timestamp) -> bool:
    """Say whether unmapped failures are a larger part of all that was tried from then on."""
    late = table["bin_start"] >= moment
    tried = (table["connections"] + table["unmapped_failures"]).groupby(late).sum()
    failed = table["unmapped_failures"].groupby(late).sum()
    before, after = (failed.get(part, 0) / max(1, tried.get(part, 0)) for part in (False, True))
    return failed.get(True, 0) >= EXPECTED and after >= 2 * before


def _draw_strip(ax: Axes, strip: _Strip, width: pd.Timedelta, look: Look) -> None:
    lasting, ending, _ = _colours(look)
    colour = lasting if strip.ended is None else ending
    _fill(ax, strip.starts, strip.successes, width, colour)
    note = f"{strip.label}\n{counted(strip.successes.sum(), 'success', 'successes')}"
    if strip.ended is not None:
        later = strip.successes[strip.starts >= strip.ended].sum()
        few = "fewer" if later else "none"
        note += f"\n{few} from {strip.ended.tz_convert(look.zone):%H:%M}"
    write_panel_name(ax, note)


def _draw_unmapped(
    ax: Axes, table: pd.DataFrame, by: list[str], width: pd.Timedelta, look: Look
) -> None:
    counts = table.groupby("bin_start", sort=True)["unmapped_failures"].sum().reset_index()
    _fill(ax, counts["bin_start"], counts["unmapped_failures"], width, _colours(look)[2])
    unknown = next(noun_of(name) for name in by if name in HANDSHAKE_COLUMNS)
    failures = counted(counts["unmapped_failures"].sum(), "failure")
    write_panel_name(ax, f"{unknown} unknown\n{failures}")


def _colours(look: Look) -> tuple[str, ...]:
    return look.colours(lasting=BLUE, ending=ORANGE, unmapped=VERMILLION)


def _fill(ax: Axes, starts: pd.Series, counts: pd.Series, width: pd.Timedelta, colour: str) -> None:
    draw_filled(ax, lay_bins(starts, width), counts, color=colour, zorder=2)
    ax.set_ylim(0, 1.1 * max(1.0, float(counts.max())))
    count_axis(ax.yaxis, ticks=2)
