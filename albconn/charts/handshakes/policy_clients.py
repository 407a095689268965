"""Whom a raised security policy would lock out: the clients by name, with what they speak.

A share of clients says whether to raise it; this says whom to call before.
"""

from __future__ import annotations

from typing import Unpack

import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.dots import label_rows, write_row_note
from albconn.charts.drawing.labels import LONGEST_CLIENT, label_of, labels_of
from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    count_axis,
    name_axes,
    open_picture,
    rows_that_fit,
    write_nothing,
)
from albconn.charts.drawing.tables import require_columns, require_top
from albconn.charts.drawing.told import told, told_first
from albconn.charts.drawing.verdicts import VERDICTS, draw_verdicts, rank_verdicts
from albconn.words import counted, number, percent

NEEDED = ["client_ip", "verdict", "connections", "affected", "tls_protocol", "tls_cipher"]
FITS = list(VERDICTS).index("fits")


def plot_policy_clients(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int = 20,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw the clients that a policy would break or put at risk, with what they speak.

    Parameters
    ----------
    table : DataFrame
        What ``policy_clients`` returns, a row for each client:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        client_ip          str or category         the address
        verdict            str or category         its worst: ``breaks``, ``at risk``
                                                   or ``fits``
        connections        int64                   its successful handshakes
        affected           int64                   of them, those with that verdict
        tls_protocol       str or category         of the most frequent of those
        tls_cipher         str or category         of the same
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw.
    top : int
        Clients listed: those that break first, then those at risk; most handshakes first.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on: a bar of affected handshakes for each client listed.

    Raises
    ------
    TableError
        Columns are missing, or an option is no good.
    """
    require_columns(table, NEEDED, "policy_clients")
    look = read_look(options)
    require_top(top)
    top = rows_that_fit(ax, look, top)
    ranks = rank_verdicts(table["verdict"])
    ordered = table.assign(rank=ranks).sort_values(
        ["rank", "affected"], ascending=[True, False], kind="stable"
    )
    affected = ordered[ordered["rank"] < FITS]
    rows = affected.iloc[:top].reset_index(drop=True)
    text = told(_subtitle(ranks), told_first(len(rows), len(affected), "affected clients"))
    names = labels_of(rows["client_ip"], LONGEST_CLIENT)
    ax = open_picture(
        ax, look, _title(table), text, width=12.0, height=2.0 + 0.3 * max(3, len(rows))
    )
    if rows.empty:
        return write_nothing(ax, "no client would break or be at risk")
    draw_verdicts(ax, rows["affected"], rows["verdict"])
    for place in range(len(rows)):
        write_row_note(ax, place, _note(rows.iloc[place]))
    label_rows(ax, names)
    ax.set_xlim(0, 1.05 * max(1, int(rows["affected"].max())))
    count_axis(ax.xaxis)
    name_axes(ax, x="Successful handshakes that the policy would refuse or endanger")
    return settle(ax)


def _title(table: pd.DataFrame) -> str:
    """Name the policy, where the table still carries its analysis' note of it."""
    return f"Clients that {label_of(table.attrs.get('policy', 'a raised policy'))} would break"


def _subtitle(ranks: pd.Series) -> str:
    clients = max(1, len(ranks))
    parts = [
        f"{name} {number(count)} ({percent(count / clients)})"
        for place, name in enumerate(VERDICTS)
        if (count := int((ranks == place).sum()))
    ]
    return f"of {counted(len(ranks), 'client')}: {', '.join(parts)}" if parts else "0 clients"


def _note(client: pd.Series) -> str:
    spoken = f"{label_of(client['tls_protocol'], 16)} · {label_of(client['tls_cipher'], 40)}"
    counts = f"{number(client['affected'])} of {counted(client['connections'], 'handshake')}"
    return f"{label_of(client['verdict'])}: {counts} · {spoken}"
