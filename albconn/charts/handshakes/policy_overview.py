"""Which security policy can be chosen: every policy, and what it would do to the clients."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.dots import label_rows, write_row_note
from albconn.charts.drawing.labels import label_of, labels_of
from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    name_axes,
    open_picture,
    percent_axis,
    rows_that_fit,
    write_nothing,
)
from albconn.charts.drawing.tables import require_columns, require_top
from albconn.charts.drawing.told import told, told_first
from albconn.charts.drawing.verdicts import VERDICTS, draw_verdicts
from albconn.words import counted, number, percent

COUNTS = ["clients_breaking", "clients_at_risk", "clients_fitting"]  # in the verdicts' order


def plot_policy_overview(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int = 60,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw for every security policy the share of clients that break, are at risk, or fit.

    Parameters
    ----------
    table : DataFrame
        What ``policy_overview`` returns, the policies that keep most clients first:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        policy             str                     its name
        clients_breaking   int64                   clients by worst verdict
        clients_at_risk    int64                   the same
        clients_fitting    int64                   the same
        lowest_protocol    str                     optional; its floor
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw.
    top : int
        Policies drawn, in the table's order.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on: for each verdict one bar per policy, stacked to 100 %.

    Raises
    ------
    TableError
        Columns are missing, or an option is no good.
    """
    require_columns(table, ["policy", *COUNTS], "policy_overview")
    look = read_look(options)
    require_top(top)
    top = rows_that_fit(ax, look, top)
    rows = table.iloc[:top].reset_index(drop=True)
    clients = rows[COUNTS].sum(axis=1)
    names = labels_of(rows["policy"])
    text = _subtitle(table, int(clients.max()) if len(rows) else 0, drawn=len(rows))
    ax = open_picture(
        ax,
        look,
        "What each security policy would do to the clients",
        text,
        width=12.0,
        height=2.0 + 0.23 * max(4, len(rows)),
    )
    if rows.empty or not clients.any():
        return write_nothing(ax, "no successful handshakes")
    _draw_stack(ax, rows, clients)
    label_rows(ax, names)
    return settle(ax)


def _subtitle(table: pd.DataFrame, clients: int, *, drawn: int) -> str:
    keeping = int((table["clients_breaking"] == 0).sum())
    return told(
        f"{counted(clients, 'client')}, each by its worst handshake",
        f"{number(keeping)} of {number(len(table))} policies break none",
        told_first(drawn, len(table), "policies"),
    )


def _draw_stack(ax: Axes, rows: pd.DataFrame, clients: pd.Series) -> None:
    whole = clients.where(clients > 0).to_numpy(dtype="float64")
    left = np.zeros(len(rows))
    for verdict, column in zip(VERDICTS, COUNTS, strict=True):
        shares = rows[column].to_numpy() / whole
        draw_verdicts(ax, shares, pd.Series([verdict] * len(rows)), left=left)
        left = left + shares
    for place, counted_clients in enumerate(clients):
        write_row_note(ax, place, _note(rows.iloc[place], int(counted_clients)))
    ax.set_xlim(0, 1)
    percent_axis(ax.xaxis)
    name_axes(ax, x="Share of clients")


def _note(row: pd.Series, clients: int) -> str:
    breaking, at_risk = int(row["clients_breaking"]), int(row["clients_at_risk"])
    note = f"{number(breaking)} break ({percent(breaking / max(1, clients))})"
    note += f", {number(at_risk)} at risk" if at_risk else ""
    return (
        f"{note} · from {label_of(row['lowest_protocol'], 16)}"
        if "lowest_protocol" in row
        else note
    )
