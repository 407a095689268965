"""What changed between a quiet window and an incident: what explains the excess failures.

Left, how much of the excess each value explains; right, its own rate before and during.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.dots import label_rows, write_bar_note, write_row_note
from albconn.charts.drawing.labels import label_of, noun_of
from albconn.charts.drawing.look import Look, LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    BLUE,
    GREY,
    PALE,
    VERMILLION,
    count_axis,
    name_axes,
    open_picture,
    percent_axis,
    rows_that_fit,
    split_axes,
    write_nothing,
)
from albconn.charts.drawing.tables import require_columns, require_top
from albconn.charts.drawing.told import told, told_first
from albconn.words import number, percent

NEEDED = ["dimension", "value", "baseline_rate", "incident_rate", "excess_failures"]


def plot_compare_windows(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int = 15,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw the values that explain most excess failures, and their rates before and during.

    Parameters
    ----------
    table : DataFrame
        What ``compare_windows`` returns, largest first:

        ===================== ========== ==========================================
        column                type       meaning
        ===================== ========== ==========================================
        dimension             str        what is compared, such as ``tls_cipher``
        value                 str        which one
        baseline_rate         float [1]  failure rate before
        incident_rate         float [1]  failure rate during
        incident_failures     int        optional; numerator during
        incident_connections  int        optional; denominator during
        excess_failures       float      failures beyond what the baseline's rate gives
        share_of_excess       float [1]  optional; of all excess failures
        significant           bool       optional; False is drawn grey
        ===================== ========== ==========================================
    ax : Axes, optional
        Where to draw; the panel of rates is cut from its own place.
    top : int
        Rows drawn.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The panel with the bars of excess failures.

    Raises
    ------
    TableError
        Columns are missing, or an option is no good.
    """
    require_columns(table, NEEDED, "compare_windows")
    look = read_look(options)
    require_top(top)
    top = rows_that_fit(ax, look, top)
    rows = table.iloc[:top].reset_index(drop=True)
    chance = "significant" in rows and not rows["significant"].all()
    text = told(
        "excess: failures beyond what the baseline's rate would have given",
        "grey: may be chance" if chance else "",
        told_first(len(rows), len(table), "values"),
    )
    ax = open_picture(
        ax,
        look,
        "What changed between baseline and incident",
        text,
        width=12.0,
        height=2.0 + 0.34 * max(3, len(rows)),
    )
    if rows.empty:
        return write_nothing(ax, "nothing changed beyond chance")
    _draw_excess(ax, rows, look)
    panels = split_axes(ax, beside=0.42)
    for panel in panels:
        _draw_rates(panel, rows, look)
    return settle(ax, *panels)


def _draw_excess(ax: Axes, rows: pd.DataFrame, look: Look) -> None:
    excess = rows["excess_failures"].to_numpy(dtype="float64")
    sure = rows["significant"] if "significant" in rows else pd.Series(data=True, index=rows.index)
    incident, _ = look.colours(incident=VERMILLION, baseline=BLUE)
    colours = [incident if one else PALE for one in sure]
    ax.barh(range(len(rows)), excess, color=colours, height=0.7)
    shares = rows["share_of_excess"] if "share_of_excess" in rows else pd.Series(np.nan, rows.index)
    for row, (value, share) in enumerate(zip(excess, shares, strict=True)):
        note = number(round(value)) + (f"  ({percent(share)})" if share == share else "")
        write_bar_note(ax, row, max(0.0, value), note)
    label_rows(ax, _names(rows))
    reach = max(1.0, float(np.nanmax(excess)))
    ax.set_xlim(min(0.0, 1.1 * float(np.nanmin(excess))), 1.32 * reach)
    count_axis(ax.xaxis, ticks=4)
    name_axes(ax, x="Excess failures")


def _names(rows: pd.DataFrame) -> list[str]:
    pairs = zip(rows["dimension"].astype(object), rows["value"].astype(object), strict=True)
    return [f"{_nouns(label_of(dimension))}: {label_of(value, 40)}" for dimension, value in pairs]


def _nouns(dimension: str) -> str:
    return " × ".join(noun_of(name) for name in dimension.split(" × "))


def _draw_rates(ax: Axes, rows: pd.DataFrame, look: Look) -> None:
    places = np.arange(len(rows))
    before, during = (rows[name].to_numpy(dtype="float64") for name in NEEDED[2:4])
    incident, baseline = look.colours(incident=VERMILLION, baseline=BLUE)
    ax.hlines(places, before, during, color=GREY, linewidth=1.5, zorder=2)
    ax.plot(
        before, places, "o", color="white", markeredgecolor=baseline, zorder=3, label="baseline"
    )
    ax.plot(during, places, "o", color=incident, zorder=3, label="incident")
    reach = np.nanmax(np.concatenate([[0.01], before, during]))
    ax.set_xlim(-0.03 * reach, 1.05 * reach)
    percent_axis(ax.xaxis, ticks=3)
    for place in places:
        write_row_note(ax, int(place), _rate_note(rows.iloc[place]))
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", labelleft=False, length=0)
    name_axes(ax, x="Failure rate: baseline ○, incident ●")


def _rate_note(row: pd.Series) -> str:
    note = f"{percent(row['baseline_rate'])} → {percent(row['incident_rate'])}"
    if "incident_connections" in row.index:
        note += f" of {number(row['incident_connections'])}"
    return note
