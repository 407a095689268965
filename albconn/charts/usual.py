"""The incident beside the usual: reasons, nodes and clients, each with both of its rates.

What is raised is seen at once, and so is what is as high as ever: a reason or a client that always
fails is no part of the incident, however many of its failures fall into it.
"""

from __future__ import annotations

from typing import NamedTuple, Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.colours import reason_colours
from albconn.charts.drawing.dots import label_rows, write_row_note
from albconn.charts.drawing.labels import label_of, noun_of
from albconn.charts.drawing.look import Look, LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    INK,
    VERMILLION,
    name_axes,
    open_picture,
    percent_axis,
    rows_that_fit,
    write_nothing,
)
from albconn.charts.drawing.tables import require_columns, require_top, split_title
from albconn.charts.drawing.told import told
from albconn.words import number, percent

COUNTS = ["incident_failures", "incident_connections", "baseline_connections"]
NEEDED = ["dimension", "value", "baseline_rate", "incident_rate", *COUNTS]
REASON = "failure_reason"
DRAWN = (REASON, "elb", "ip_address", "client_network", "client_ip", "leaf_client_cert_subject")
USUAL = "#3A3A3A"  # it stands out from each reason's colour
MOST_OF_EXCESS = 0.5  # from which a reason is the finding


class _Row(NamedTuple):
    """A value with its rates, or the name of a dimension above its values."""

    label: str
    found: pd.Series | None


def plot_incident_and_usual(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int = 5,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw how often values of each dimension fail in the incident, beside how often usually.

    Parameters
    ----------
    table : DataFrame
        What ``compare_windows`` returns; combinations of values are left out, and so are
        dimensions that name neither a reason, nor a place, nor a client:

        ==================== ========== ===========================================
        column               type       meaning
        ==================== ========== ===========================================
        dimension            str        what is compared, such as ``ip_address``
        value                str        which one
        baseline_rate        float [1]  failure rate before; of a reason the share
                                        of all connections
        incident_rate        float [1]  the same during
        baseline_connections int        denominator before
        incident_connections int        denominator during
        incident_failures    int        numerator during
        excess_failures      float      optional; beyond the usual, for the title
        share_of_excess      float [1]  optional; likewise
        ==================== ========== ===========================================
    ax : Axes, optional
        Where to draw.
    top : int
        Values drawn of each dimension: those with most failures in the incident.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on: of each value a wide bar for the incident, a narrow one for the usual.

    Raises
    ------
    TableError
        Columns are missing, or an option is no good.
    """
    require_columns(table, NEEDED, "compare_windows")
    look = read_look(options)
    require_top(top)
    fitting = rows_that_fit(ax, look, len(DRAWN) * (top + 1))
    rows = _rows(table, top)[:fitting]
    while rows and rows[-1].found is None:  # a heading over nothing
        rows.pop()
    values = [row for row in rows if row.found is not None]
    text = told(
        "wide bar: incident", "narrow bar: usual", f"at most {top} of each" if values else ""
    )
    ax = open_picture(ax, look, _title(table), text, height=2.0 + 0.27 * max(4, len(rows)))
    if not values:
        return write_nothing(ax, "nothing failed in the incident")
    _draw(ax, rows, look)
    return settle(ax)


def _rows(table: pd.DataFrame, top: int) -> list[_Row]:
    rows = []
    for dimension in DRAWN:
        values = table[(table["dimension"] == dimension) & (table["incident_failures"] > 0)]
        values = values.sort_values("incident_failures", ascending=False, kind="stable").iloc[:top]
        if len(values):
            rows.append(_Row(f"{noun_of(dimension)}:", None))
        rows += [_Row(label_of(value["value"], 40), value) for _, value in values.iterrows()]
    headings = sum(row.found is None for row in rows)
    return rows if headings > 1 else rows[1:]


def _title(table: pd.DataFrame) -> str:
    """State which reason rose, where one explains most; else name what is drawn."""
    there = [name for name in DRAWN if name in set(table["dimension"])]
    noun = split_title("Failure rates in the incident and usually,", there)
    if "share_of_excess" not in table.columns:
        return noun
    reasons = table[(table["dimension"] == REASON) & (table["share_of_excess"] >= MOST_OF_EXCESS)]
    if reasons.empty:
        return noun
    first = reasons.iloc[int(reasons["share_of_excess"].to_numpy().argmax())]
    usual = percent(first["baseline_rate"]) if first["baseline_connections"] else "not seen"
    return f"{label_of(first['value'])}: {percent(first['incident_rate'])}, usually {usual}"


def _draw(ax: Axes, rows: list[_Row], look: Look) -> None:
    names = [row.label for row in rows if row.found is not None]
    reasons = reason_colours(names, look)
    incident, usual = look.colours(incident=VERMILLION, usual=USUAL)
    rates = [0.01]
    for place, (label, found) in enumerate(rows):
        if found is None:
            continue
        colour = reasons[label] if found["dimension"] == REASON else incident
        during, before = float(found["incident_rate"]), float(found["baseline_rate"])
        ax.barh(place, during, height=0.66, color=colour, zorder=2)
        if before == before:
            ax.barh(place, before, height=0.26, color=usual, edgecolor="white", zorder=3)
        write_row_note(ax, place, _note(found))
        rates += [during, before]
    label_rows(ax, [row.label for row in rows])
    for row, text in zip(rows, ax.get_yticklabels(), strict=True):
        text.set_color(INK)
        text.set_fontweight("normal" if row.found is not None else "bold")
    ax.set_xlim(0, 1.05 * float(np.nanmax(rates)))
    percent_axis(ax.xaxis)
    name_axes(ax, x=_axis({row.found["dimension"] for row in rows if row.found is not None}))


def _axis(dimensions: set[str]) -> str:
    """Name what the axis is: a reason has no connections of its own."""
    if dimensions == {REASON}:
        return "Share of all connections"
    noun = "Failure rate"
    return f"{noun}; of a reason, its share of all connections" if REASON in dimensions else noun


def _note(found: pd.Series) -> str:
    usual = percent(found["baseline_rate"]) if found["baseline_connections"] else "not seen"
    rate = f"{percent(found['incident_rate'])}, usually {usual}"
    counts = f"{number(found['incident_failures'])} of {number(found['incident_connections'])}"
    return f"{rate} ({counts})"
