"""Who breaks if the security policy is raised: each negotiated handshake and its verdict.

Share of connections and share of clients stand beside each other, because a tenth of the
clients may make a thousandth of the connections.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.dots import label_rows, write_row_note
from albconn.charts.drawing.labels import joined, label_of, labels_of
from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    INK,
    name_axes,
    open_picture,
    percent_axis,
    rows_that_fit,
    write_nothing,
)
from albconn.charts.drawing.tables import require_columns, require_top
from albconn.charts.drawing.told import told, told_first
from albconn.charts.drawing.verdicts import VERDICTS, draw_verdicts, rank_verdicts
from albconn.words import counted, number, percent

NEEDED = ["tls_protocol", "tls_cipher", "verdict", "connections", "share_of_connections"]


def plot_policy_impact(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int = 20,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw what a policy would break: share of connections and of clients per handshake.

    Parameters
    ----------
    table : DataFrame
        What ``policy_impact`` returns:

        ==================== ========== ===========================================
        column               type       meaning
        ==================== ========== ===========================================
        tls_protocol         category   negotiated TLS version
        tls_cipher           category   negotiated cipher
        verdict              str        ``breaks``, ``at risk`` or ``fits``
        connections          int64      successful handshakes
        clients              int64      optional; distinct clients
        share_of_connections float [1]  of all successful handshakes
        share_of_clients     float [1]  optional; of all clients
        ==================== ========== ===========================================
    ax : Axes, optional
        Where to draw.
    top : int
        Rows drawn: what breaks first, then what is at risk, largest first.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on: bars for connections, diamonds for clients.

    Raises
    ------
    TableError
        Columns are missing, or an option is no good.
    """
    require_columns(table, NEEDED, "policy_impact")
    look = read_look(options)
    require_top(top)
    top = rows_that_fit(ax, look, top)
    ordered = table.assign(rank=rank_verdicts(table["verdict"])).sort_values(
        ["rank", "connections"], ascending=[True, False], kind="stable"
    )
    rows = ordered.iloc[:top].reset_index(drop=True)
    text = told(_subtitle(table), told_first(len(rows), len(ordered), "kinds of handshakes"))
    ax = open_picture(
        ax, look, _title(table), text, width=12.0, height=2.2 + 0.34 * max(2, len(rows))
    )
    if rows.empty:
        return write_nothing(ax, "no successful handshakes")
    _draw_rows(ax, rows)
    return settle(ax)


def _title(table: pd.DataFrame) -> str:
    """Name the policy, where the table still carries its analysis' note of it."""
    return f"What {label_of(table.attrs.get('policy', 'a raised security policy'))} would break"


def _subtitle(table: pd.DataFrame) -> str:
    verdicts = table["verdict"].astype(object)
    sums = table["share_of_connections"].groupby(verdicts).sum()
    parts = [f"{name} {percent(float(sums[name]))}" for name in VERDICTS if name in sums.index]
    total = counted(table["connections"].sum(), "successful handshake")
    return f"of {total}: {', '.join(parts)}" if parts else total


def _draw_rows(ax: Axes, rows: pd.DataFrame) -> None:
    places = np.arange(len(rows))
    shares = rows["share_of_connections"].to_numpy(dtype="float64")
    clients = (
        rows["share_of_clients"].to_numpy(dtype="float64")
        if "share_of_clients" in rows
        else np.full(len(rows), np.nan)
    )
    draw_verdicts(ax, shares, rows["verdict"])
    ax.plot(clients, places, "D", color=INK, markersize=5, zorder=3)
    reach = np.nanmax(np.concatenate([[0.01], shares, clients]))
    for place in places:
        write_row_note(ax, int(place), _note(rows.iloc[place]))
    label_rows(ax, _names(rows))
    ax.set_xlim(0, 1.05 * reach)
    percent_axis(ax.xaxis)
    name_axes(ax, x="Share of successful handshakes (bar) and of clients (◆)")


def _names(rows: pd.DataFrame) -> list[str]:
    pairs = zip(labels_of(rows["tls_protocol"]), labels_of(rows["tls_cipher"]), strict=True)
    return [joined(pair) for pair in pairs]


def _note(row: pd.Series) -> str:
    note = f"{label_of(row['verdict'])}: {percent(row['share_of_connections'])}"
    note += f" of handshakes ({number(row['connections'])})"
    if "share_of_clients" in row.index:
        note += f", {percent(row['share_of_clients'])} of clients"
    if "clients" in row.index:
        note += f" ({number(row['clients'])})"
    return note
