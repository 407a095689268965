"""Who expires next: client certificates by days left, weighted by their handshakes.

A certificate that nobody uses may expire; one that carries a tenth of the traffic may not.
"""

from __future__ import annotations

import re
from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.dots import label_rows, write_row_note
from albconn.charts.drawing.headline import headline_of
from albconn.charts.drawing.labels import label_of
from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    BLUE,
    GREEN,
    INK,
    LEAST_WIDTH,
    ORANGE,
    PALE,
    SMALL_POINTS,
    VERMILLION,
    name_axes,
    open_picture,
    rows_that_fit,
    write_caption,
    write_nothing,
)
from albconn.charts.drawing.tables import require_columns, require_top
from albconn.charts.drawing.told import told, told_first
from albconn.words import counted, number

HORIZONS = (0, 7, 30, 90)  # days left
COLOURS = (INK, VERMILLION, ORANGE, BLUE, GREEN)  # expired, within 7, 30, 90, later
NEAREST, FARTHEST = -30.0, 120.0  # days drawn; what lies beyond stands at the edge


def plot_client_certificates(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int = 20,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw the certificates that expire soonest against horizons of 7, 30 and 90 days.

    Parameters
    ----------
    table : DataFrame
        What ``client_certificates`` returns:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        subject            str                     subject as logged
        serial             str                     serial number
        days_left          float or int [d]        until it ends; negative: expired
        handshakes         int64                   handshakes that presented it
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw.
    top : int
        Certificates drawn: those with fewest days left.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on; a dot's area grows with the handshakes.

    Raises
    ------
    TableError
        Columns are missing, or an option is no good.
    """
    require_columns(table, ["subject", "days_left", "handshakes"], "client_certificates")
    look = read_look(options)
    require_top(top)
    top = rows_that_fit(ax, look, top)
    known = table[table["days_left"].notna()].sort_values("days_left", kind="stable")
    rows = known.iloc[:top].reset_index(drop=True)
    text = told(_subtitle(known), told_first(len(rows), len(known), "certificates"))
    names = _names(rows)
    ax = open_picture(ax, look, _title(known), text, height=2.3 + 0.3 * max(3, len(rows)))
    if rows.empty:
        return write_nothing(ax, "no client certificates")
    _draw_rows(ax, rows)
    label_rows(ax, names)
    _draw_horizons(ax)
    name_axes(ax, x="Days left  (size: handshakes)")
    write_caption(ax, _beyond(rows["days_left"]))
    return settle(ax)


def _title(table: pd.DataFrame) -> str:
    """State what has expired, else what soon will; else name what is drawn."""
    expired, soon = (int((table["days_left"] < days).sum()) for days in (0, HORIZONS[1] + 1))
    if expired:
        has = "has" if len(table) == 1 else "have"
        return f"{number(expired)} of {counted(len(table), 'client certificate')} {has} expired"
    if soon:
        return f"{counted(soon, 'client certificate expires', 'client certificates expire')} soon"
    return "Client certificates by days left"


def _beyond(days: pd.Series) -> str:
    """Say which marks stand at the edge for what lies beyond it."""
    far, past = int((days > FARTHEST).sum()), int((days < NEAREST).sum())
    parts = [
        f"▷ more than {FARTHEST:.0f} days left ({number(far)})" if far else "",
        f"◁ expired more than {-NEAREST:.0f} days ago ({number(past)})" if past else "",
    ]
    return told(*parts)


def _horizon(days: float) -> int:
    """Return 0 for expired, then the first horizon that the days fall within."""
    return 0 if days < 0 else int(np.searchsorted(HORIZONS[1:], days, side="left")) + 1


def _subtitle(table: pd.DataFrame) -> str:
    places = table["days_left"].astype("float64").map(_horizon)
    names = ("expired", "within 7 days", "8–30 days", "31–90 days", "later")
    parts = [counted(len(table), "certificate")]
    for place, name in enumerate(names):
        group = table[places == place]
        if len(group):
            weight = counted(group["handshakes"].sum(), "handshake")
            parts.append(f"{name}: {number(len(group))} ({weight})")
    return told(*parts)


def _draw_rows(ax: Axes, rows: pd.DataFrame) -> None:
    days = rows["days_left"].to_numpy(dtype="float64")
    drawn = np.clip(days, NEAREST, FARTHEST)
    colours = [COLOURS[_horizon(value)] for value in days]
    weights = rows["handshakes"].to_numpy(dtype="float64")
    sizes = 25 + 320 * weights / max(1.0, float(np.nanmax(weights)))
    places = np.arange(len(rows))
    ax.hlines(places, 0, drawn, color=colours, linewidth=1.4, alpha=0.6, zorder=2)
    ax.scatter(drawn, places, s=sizes, color=colours, zorder=3, linewidth=0)
    for beyond, marker in ((days > FARTHEST, ">"), (days < NEAREST, "<")):
        style = {"s": 34, "color": "white", "edgecolor": INK, "linewidth": 0.8, "zorder": 4}
        if beyond.any():
            ax.scatter(drawn[beyond], places[beyond], marker=marker, **style).set_gid("beyond")
    for place, (left, weight) in enumerate(zip(days, weights, strict=True)):
        days_left = f"{left:.0f}" if abs(left) >= 1 else f"{left:.1f}"
        write_row_note(ax, place, f"{days_left} d · {counted(weight, 'handshake')}")
    room = 14.0 if _is_narrow(ax) else 5.0  # [days] for half of the largest dot
    ax.set_xlim(min(-2.0, float(drawn.min()) - room), max(100.0, float(drawn.max()) + room + 2))


def _is_narrow(ax: Axes) -> bool:
    head = headline_of(ax)
    return head is not None and head.cell.width < LEAST_WIDTH


def _draw_horizons(ax: Axes) -> None:
    first = 2 if _is_narrow(ax) else 1  # "now" would lie on "7"
    named = {0: "now", **{days: str(days) for days in HORIZONS[first:]}}
    ax.set_xticks(HORIZONS)
    ax.set_xticklabels([named.get(days, "") for days in HORIZONS], fontsize=SMALL_POINTS)
    for days in HORIZONS:
        ax.axvline(days, color=INK if days == 0 else PALE, linewidth=1, zorder=1)


def _names(table: pd.DataFrame) -> list[str]:
    """Return the decoded common names where the table has them, else what the subjects hold."""
    names = [_common_name(subject) for subject in table["subject"].astype(object)]
    if "common_name" not in table.columns:
        return names
    decoded = table["common_name"].astype(object)
    return [
        name if pd.isna(value) else label_of(value, 40)
        for name, value in zip(names, decoded, strict=True)
    ]


def _common_name(subject: object) -> str:
    """Return the subject's CN for display, else the whole subject."""
    text = subject if isinstance(subject, str) else ""
    found = re.search(r"(?:^|,)CN=((?:[^,\\]|\\.)*)", text[:4096])
    return label_of(found.group(1) if found and found.group(1) else subject, 40)
