"""Everyone, or one client? The failures of the worst client, the next nine, and all others.

The diamond is each group's share of the failing clients: were failures spread evenly, it would
stand at the bar's end.
"""

from __future__ import annotations

from typing import NamedTuple, Unpack

import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.dots import label_rows, write_bar_note
from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    INK,
    ORANGE,
    PALE,
    VERMILLION,
    name_axes,
    open_picture,
    percent_axis,
    write_nothing,
)
from albconn.charts.drawing.tables import only_row, require_columns
from albconn.charts.drawing.told import told, told_counts
from albconn.words import counted, percent

NEEDED = ("clients", "failing_clients", "failures", "top_1_share", "top_10_share")


class _Group(NamedTuple):
    """Some of the failing clients, and their share [1] of all failures."""

    name: str
    clients: int
    share: float
    colour: str


def plot_failure_concentration(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw which share of the failures the worst client, the next nine and all others have.

    Parameters
    ----------
    table : DataFrame
        What ``failure_concentration`` returns, one row:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        clients            int64                   clients with a known outcome
        failing_clients    int64                   of them, those with a failure
        failures           int64                   all failures
        top_1_share        float64 [1]             failures of the worst client
        top_10_share       float64 [1]             failures of the ten worst
        gini               float64 [1]             optional; 0 all alike, near 1 one
                                                   client has them all
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on: bars of shares of failures, diamonds of shares of failing clients.

    Raises
    ------
    TableError
        Columns are missing, or the table has several rows.
    """
    require_columns(table, NEEDED, "failure_concentration")
    look = read_look(options)
    found = only_row(table, "failure_concentration")
    groups = [] if found is None else [one for one in _groups(found) if one.clients > 0]
    names = [f"{one.name} ({counted(one.clients, 'client')})" for one in groups]
    title = "How failures are spread over clients"
    ax = open_picture(
        ax, look, title, "0 failures" if found is None else _subtitle(found), height=3.2
    )
    if not groups:
        return write_nothing(ax, "no failures")
    _draw_groups(ax, groups, failures=int(table["failures"].iloc[0]))
    label_rows(ax, names)
    return settle(ax)


def _groups(found: pd.Series) -> list[_Group]:
    failing = int(found["failing_clients"])
    first, ten = float(found["top_1_share"]), float(found["top_10_share"])
    return [
        _Group("the worst", min(failing, 1), first, VERMILLION),
        _Group("the next", min(failing, 10) - 1, ten - first, ORANGE),
        _Group("all others", failing - 10, 1 - ten, PALE),
    ]


def _subtitle(found: pd.Series) -> str:
    parts = [
        counted(found["failures"], "failed TLS connection"),
        told_counts(found["failing_clients"], found["clients"], "client", "had a failure"),
    ]
    gini = found.get("gini")
    if not pd.isna(gini):
        parts.append(f"Gini {gini:.2f} (0: all alike, 1: one has them all)")
    return told(*parts)


def _draw_groups(ax: Axes, groups: list[_Group], *, failures: int) -> None:
    failing = sum(one.clients for one in groups)
    for row, one in enumerate(groups):
        clients = one.clients / failing
        ax.barh(row, one.share, height=0.6, color=one.colour)
        ax.plot([clients], [row], "D", color=INK, markersize=5, zorder=3)
        note = f"{percent(one.share)} of failures ({counted(one.share * failures, 'failure')}), "
        note += f"{percent(clients)} of failing clients"
        write_bar_note(ax, row, max(one.share, clients) + 0.012, note)
    ax.set_xlim(0, 1.02 if max(one.share for one in groups) < 0.5 else 1.6)
    percent_axis(ax.xaxis)
    name_axes(ax, x="Share of failures (bar) and of failing clients (◆)")
