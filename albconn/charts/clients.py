"""Who failed: one row per client, its failures and, beside them, its own rate.

Both are needed. A client with most failures may simply be the largest, and a client that
failed every time may have tried once; so n and the interval stand with every rate.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.dots import Dots, draw_dots, label_rows, write_bar_note
from albconn.charts.drawing.labels import labels_of
from albconn.charts.drawing.look import Look, LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    BLUE,
    PALE,
    SMALL_POINTS,
    VERMILLION,
    count_axis,
    name_axes,
    open_picture,
    rows_that_fit,
    split_axes,
    write_nothing,
)
from albconn.charts.drawing.tables import OTHER, require_columns, require_top
from albconn.charts.drawing.timeaxis import in_zone
from albconn.charts.drawing.told import told
from albconn.words import counted, number, percent


def plot_failing_clients(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int = 20,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw the clients with most failures, their share of all, and their own failure rates.

    Parameters
    ----------
    table : DataFrame
        What ``failing_clients`` returns:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        client_ip          str or category         address or network; "other" last
        connections        int64                   denominator
        failures           int64                   numerator
        failure_rate       float64 [1]             failures / connections
        rate_low           float64 [1]             Wilson 95 % interval, lower end
        rate_high          float64 [1]             Wilson 95 % interval, upper end
        first_failure      datetime64[us, UTC]     optional, for the range
        last_failure       datetime64[us, UTC]     optional, for the range
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw; the panel of rates is cut from its own place.
    top : int
        Clients drawn; further rows are added to "other".
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The panel with the bars of failures.

    Raises
    ------
    TableError
        Columns are missing, or an option is no good.
    """
    needed = ["client_ip", "connections", "failures", "failure_rate", "rate_low", "rate_high"]
    require_columns(table, needed, "failing_clients")
    look = read_look(options)
    require_top(top)
    top = rows_that_fit(ax, look, top + 1) - 1 or 1
    when = _when(table, look)
    rows = _fold(table[needed].assign(client_ip=labels_of(table["client_ip"])), top)
    named = int((rows["client_ip"] != OTHER).sum())
    total = counted(rows["failures"].sum(), "failed TLS connection")
    parts = [total, f"{counted(named, 'client')} shown", *when, "whisker: 95 % interval"]
    title = "Clients whose TLS connections failed"
    ax = open_picture(ax, look, title, told(*parts), height=2.0 + 0.3 * max(3, len(rows)))
    if rows.empty:
        return write_nothing(ax, "no failing clients")
    _draw_bars(ax, rows, look)
    panels = split_axes(ax, beside=0.42)
    for panel in panels:
        _draw_rates(panel, rows, look)
    return settle(ax, *panels)


def _fold(rows: pd.DataFrame, top: int) -> pd.DataFrame:
    named = rows[rows["client_ip"] != OTHER]
    kept, rest = named.iloc[:top], pd.concat([named.iloc[top:], rows[rows["client_ip"] == OTHER]])
    if len(rest) <= 1:
        return pd.concat([kept, rest]) if len(rest) else kept
    connections, failures = rest["connections"].sum(), rest["failures"].sum()
    other = {
        "client_ip": OTHER,
        "connections": connections,
        "failures": failures,
        "failure_rate": failures / connections if connections else np.nan,
        "rate_low": np.nan,  # an interval of sums would be counting anew
        "rate_high": np.nan,
    }
    return pd.concat([kept, pd.DataFrame([other])], ignore_index=True)


def _when(table: pd.DataFrame, look: Look) -> list[str]:
    zone = look.zone
    if not {"first_failure", "last_failure"} <= set(table.columns):
        return []
    first, last = table["first_failure"].min(), table["last_failure"].max()
    if pd.isna(first) or pd.isna(last):
        return []
    start, end = (in_zone(moment, zone).strftime("%Y-%m-%d %H:%M") for moment in (first, last))
    return [f"{start} – {end[11:] if end[:10] == start[:10] else end} {zone.key}"]


def _draw_bars(ax: Axes, rows: pd.DataFrame, look: Look) -> None:
    every = max(1, int(rows["failures"].sum()))
    failed, _ = look.colours(failed=VERMILLION, rate=BLUE)
    colours = [PALE if name == OTHER else failed for name in rows["client_ip"]]
    ax.barh(range(len(rows)), rows["failures"].to_numpy(), color=colours, height=0.7)
    for row, failures in enumerate(rows["failures"]):
        write_bar_note(ax, row, failures, f"{number(failures)}  ({percent(failures / every)})")
    label_rows(ax, list(rows["client_ip"]))
    ax.set_xlim(0, 1.32 * max(1, int(rows["failures"].max())))
    count_axis(ax.xaxis, ticks=4)
    name_axes(ax, x="Failures  (share of all failures)")


def _draw_rates(ax: Axes, rows: pd.DataFrame, look: Look) -> None:
    notes = [
        f"{percent(rate)} of {number(n)}"
        for rate, n in zip(rows["failure_rate"], rows["connections"], strict=True)
    ]
    dots = Dots(rows["failure_rate"], rows["rate_low"], rows["rate_high"])
    draw_dots(ax, dots, notes, colour=look.colours(failed=VERMILLION, rate=BLUE)[1])
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", labelleft=False, length=0, labelsize=SMALL_POINTS)
    name_axes(ax, x="Own failure rate  (of n connections)")
