"""Did they come back? How soon clients that failed got through, and how many never did.

The curve is the share of all clients that failed, so it ends where those that never got
through begin.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import NDArray

from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    BLUE,
    INK,
    PALE,
    SMALL_POINTS,
    name_axes,
    open_picture,
    percent_axis,
    write_nothing,
)
from albconn.charts.drawing.tables import require_columns
from albconn.charts.drawing.told import told, told_counts
from albconn.words import counted, number, percent

SHORTEST = 1e-3  # [s] a log axis has no zero
TICKS = {
    0.001: "1 ms", 0.01: "10 ms", 0.1: "0.1 s", 1.0: "1 s", 10.0: "10 s", 60.0: "1 min",
    600.0: "10 min", 3600.0: "1 h", 6 * 3600.0: "6 h", 86400.0: "1 day", 7 * 86400.0: "7 days",
    30 * 86400.0: "30 days",
}  # fmt: skip


def plot_recoveries(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw the share of failed clients that got through within a time, and those that never did.

    Parameters
    ----------
    table : DataFrame
        What ``recoveries`` returns, a row for each client that failed:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        seconds_to_success float64 [s]             from its first failure to its
                                                   first success; NaN: never
        still_failing      bool                    optional; no success follows its
                                                   last failure
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on; its first line holds times [s] and cumulative shares [1].

    Raises
    ------
    TableError
        Columns are missing, or an option is no good.
    """
    require_columns(table, ["seconds_to_success"], "recoveries")
    look = read_look(options)
    seconds = table["seconds_to_success"].to_numpy(dtype="float64")
    took = np.sort(seconds[np.isfinite(seconds)])
    ax = open_picture(
        ax, look, "How soon clients that failed got through", _subtitle(table, took), height=4.4
    )
    if table.empty:
        return write_nothing(ax, "no client failed")
    if len(took):
        _draw_curve(ax, took, len(table))
    _draw_never(ax, len(table) - len(took), len(table))
    _dress(ax, took)
    return settle(ax)


def _subtitle(table: pd.DataFrame, took: NDArray[np.float64]) -> str:
    parts = [told_counts(len(took), len(table), "client", "got through after failing")]
    if len(took):
        parts.append(f"half of those within {_span(float(np.median(took)))}")
    if "still_failing" in table.columns:
        parts.append(f"{number(table['still_failing'].sum())} failing at their last connection")
    return told(*parts)


def _span(seconds: float) -> str:
    """Return a duration with its unit.

    Examples
    --------
    >>> _span(0.0042), _span(12.3), _span(90.0), _span(7200.0), _span(200000.0)
    ('4.2 ms', '12 s', '1.5 min', '2 h', '2.3 days')
    """
    for unit, length in (("days", 86400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0)):
        if seconds >= length * (1.5 if unit == "days" else 1):
            return f"{seconds / length:.2g} {unit}"
    return f"{seconds * 1000:.2g} ms"


def _draw_curve(ax: Axes, took: NDArray[np.float64], clients: int) -> None:
    times = np.maximum(took, SHORTEST)
    shares = np.arange(1, len(took) + 1) / clients
    ax.plot(times, shares, drawstyle="steps-post", color=BLUE, linewidth=2, zorder=3)
    # The last client is at the curve's end; without a dot one client alone draws nothing.
    ax.plot(times[-1:], shares[-1:], "o", color=BLUE, markersize=6, zorder=3)


def _draw_never(ax: Axes, never: int, clients: int) -> None:
    """Hatch the share that never got through, and say how many they are."""
    if not never:
        return
    share = never / clients
    ax.axhspan(1 - share, 1, facecolor="white", edgecolor=PALE, hatch="////", linewidth=0)
    note = ax.annotate(
        f"{counted(never, 'client')} ({percent(share)}) never got through",
        (0.01, 1 - share / 2),
        xycoords=ax.get_yaxis_transform(),
        va="center",
        fontsize=SMALL_POINTS,
        color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        zorder=4,
    )
    note.set_gid("never")


def _dress(ax: Axes, took: NDArray[np.float64]) -> None:
    low, high = (max(took[0], SHORTEST), took[-1]) if len(took) else (1.0, 3600.0)
    ax.set_xscale("log")
    ax.set_xlim(min(low / 2, 0.5), max(high * 2, 100.0))
    ax.xaxis.set_major_locator(FixedLocator(list(TICKS)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(_duration))
    ax.set_ylim(0, 1.03)
    percent_axis(ax.yaxis)
    name_axes(ax, x="Time from the first failure to the first success", y="Share of failed clients")


def _duration(value: float, _: object) -> str:
    return TICKS.get(value, f"{value:g} s")
