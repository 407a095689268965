"""Where every row went: one bar, cut into outcomes, so that nothing is left unsaid.

A failure rate has a denominator; this shows what is in it and what is not.
"""

from __future__ import annotations

from typing import NamedTuple, Unpack

import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.endlabels import spread
from albconn.charts.drawing.headline import headline_of
from albconn.charts.drawing.labels import label_of
from albconn.charts.drawing.look import Look, LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    BLUE,
    GREY,
    INK,
    PALE,
    SMALL_POINTS,
    VERMILLION,
    YELLOW,
    name_axes,
    open_picture,
    percent_axis,
    write_nothing,
)
from albconn.charts.drawing.tables import only_row, require_columns
from albconn.charts.drawing.timeaxis import in_zone
from albconn.charts.drawing.told import told, told_counts
from albconn.words import counted, instant, number, percent

NEEDED = (
    "rows",
    "connections",
    "successes",
    "failures",
    "unmapped_failures",
    "unclassified",
    "not_tls",
)
FOUR_LABELS = 600.0  # [points] of width, below which labels stand on two levels
FIRST_LABEL, LABEL_DISTANCE, LAST_LABEL = 0.08, 0.2, 0.92  # of the width; five labels fit


class _Part(NamedTuple):
    """One piece of the bar."""

    name: str
    rows: int
    colour: str


def plot_outcome_totals(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw all rows of a source as one bar, cut into what became of them.

    Parameters
    ----------
    table : DataFrame
        What ``outcome_totals`` returns, one row:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        rows               int64                   all rows
        connections        int64                   those with a known outcome
        successes          int64                   of them
        failures           int64                   of them
        unmapped_failures  int64                   failures, UnmappedConnectionError
        unclassified       int64                   no outcome, on a TLS listener
        not_tls            int64                   HTTP listeners
        first_timestamp    datetime64[us, UTC]     optional, for the range
        last_timestamp     datetime64[us, UTC]     optional, for the range
        top_reason         category                optional; most frequent reason
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on: one bar for each outcome that occurs, end to end.

    Raises
    ------
    TableError
        Columns are missing, the table has several rows, or an option is no good.
    """
    require_columns(table, NEEDED, "outcome_totals")
    look = read_look(options)
    totals = only_row(table, "outcome_totals")
    subtitle = "0 rows" if totals is None else _subtitle(totals, look)
    ax = open_picture(ax, look, "What became of the connections", subtitle, height=2.9)
    if totals is None or not totals["rows"]:
        return write_nothing(ax, "no rows")
    _draw_bar(ax, [part for part in _parts(totals) if part.rows], int(totals["rows"]))
    return settle(ax)


def _parts(totals: pd.Series) -> list[_Part]:
    unmapped = int(totals["unmapped_failures"])
    return [
        _Part("successes", int(totals["successes"]), BLUE),
        _Part(
            "failures, mapped" if unmapped else "failures",
            totals["failures"] - unmapped,
            VERMILLION,
        ),
        _Part("failures, unmapped", unmapped, GREY),
        _Part("unclassified", int(totals["unclassified"]), YELLOW),
        _Part("not TLS", int(totals["not_tls"]), PALE),
    ]


def _subtitle(totals: pd.Series, look: Look) -> str:
    zone = look.zone
    unmapped = int(totals["unmapped_failures"])
    parts = [
        told_counts(totals["failures"], totals["connections"])
        + (f", {number(unmapped)} of them unmapped" if unmapped else ""),
        f"{counted(totals['rows'], 'row')} in all",
    ]
    ends = [totals.get(name) for name in ("first_timestamp", "last_timestamp")]
    known = [end for end in ends if isinstance(end, pd.Timestamp)]  # NaT is none
    if len(known) == 2:
        start, end = (instant(in_zone(moment, zone)) for moment in known)
        parts.append(f"{start} – {end} {zone.key}")
    if not pd.isna(totals.get("top_reason")):
        parts.append(f"most frequent reason: {label_of(totals['top_reason'])}")
    return told(*parts)


def _draw_bar(ax: Axes, parts: list[_Part], rows: int) -> None:
    ends = [sum(part.rows for part in parts[: place + 1]) / rows for place in range(len(parts))]
    starts = [0.0, *ends[:-1]]
    middles = [(start + end) / 2 for start, end in zip(starts, ends, strict=True)]
    wanted = [min(max(middle, FIRST_LABEL), LAST_LABEL) for middle in middles]
    head = headline_of(ax)
    is_narrow = head is not None and head.cell.width < FOUR_LABELS * head.scale
    labels = spread(wanted, LABEL_DISTANCE * (0.94 if is_narrow else 1), LAST_LABEL)
    for place, (part, start, middle, label) in enumerate(
        zip(parts, starts, middles, labels, strict=True)
    ):
        ax.barh(0, part.rows / rows, left=start, height=0.8, color=part.colour)
        text = f"{part.name}\n{number(part.rows)}  ({percent(part.rows / rows)})"
        _write_label(ax, text, middle, label, level=place % 2 if is_narrow else 0)
    ax.set_xlim(0, 1)
    ax.set_ylim(-3.1 if is_narrow else -1.9, 0.5)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    percent_axis(ax.xaxis)
    name_axes(ax, x="Share of all rows")


def _write_label(ax: Axes, text: str, middle: float, place: float, *, level: int) -> None:
    """Write a part's name below the bar, tied to the part; most are thinner than a name."""
    ax.annotate(
        text,
        (middle, -0.4),
        xytext=(place, -0.95 - 1.15 * level),
        textcoords=("axes fraction", "data"),
        ha="center",
        va="top",
        fontsize=SMALL_POINTS,
        color=INK,
        arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.8, "relpos": (0.5, 1)},
    ).set_gid("part label")
