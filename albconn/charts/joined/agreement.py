"""Whether both logs say the same of a handshake."""

from __future__ import annotations

from typing import Unpack

import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.labels import joined, labels_of
from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.stacks import Layer, draw_stacks
from albconn.charts.drawing.style import (
    BLUE,
    VERMILLION,
    open_picture,
    rows_that_fit,
    write_nothing,
)
from albconn.charts.drawing.tables import require_columns, require_top
from albconn.charts.drawing.told import told, told_first
from albconn.words import counted, percent

NAMES = ["tls_protocol", "ssl_protocol", "tls_cipher", "ssl_cipher"]
NEEDED = [*NAMES, "agrees", "requests"]
LAYERS = [
    Layer("agreeing", "both logs agree", BLUE),
    Layer("differing", "they differ", VERMILLION, "xxx"),
]


def plot_handshake_agreement(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int = 20,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw what both logs say of the same handshakes: those that differ first.

    Parameters
    ----------
    table : DataFrame
        What ``handshake_agreement`` returns: ``tls_protocol``, ``ssl_protocol``, ``tls_cipher``,
        ``ssl_cipher``, ``agrees``, ``requests``.
    ax : Axes, optional
        Where to draw.
    top : int
        Rows drawn, those that differ first.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on.

    Raises
    ------
    TableError
        Columns are missing, or an option is no good.
    """
    require_columns(table, NEEDED, "handshake_agreement")
    look = read_look(options)
    require_top(top)
    top = rows_that_fit(ax, look, top)
    agrees = table["agrees"].astype(bool)
    ordered = table.assign(
        agrees=agrees,
        agreeing=table["requests"].where(agrees, 0),
        differing=table["requests"].mask(agrees, 0),
    ).sort_values(["agrees", "requests"], ascending=[True, False], kind="stable")
    rows = ordered.iloc[:top].reset_index(drop=True)
    total = int(table["requests"].sum())
    share = float(ordered["agreeing"].sum()) / max(1, total)
    text = told(
        f"{percent(share)} of {counted(total, 'request')} agree",
        told_first(len(rows), len(ordered), "combinations"),
    )
    ax = open_picture(
        ax, look, "What both logs say of the same handshakes", text, width=12.0,
        height=2.2 + 0.34 * max(2, len(rows)),
    )  # fmt: skip
    if rows.empty:
        return write_nothing(ax, "no requests of connections that are there")
    notes = [counted(count, "request") for count in rows["requests"]]
    draw_stacks(ax, rows, LAYERS, _labels(rows), notes, x="Requests")
    return settle(ax)


def _labels(rows: pd.DataFrame) -> list[str]:
    """Return what is said, once where both say it."""
    texts = zip(*(labels_of(rows[name], 24) for name in NAMES), strict=True)
    return [
        joined([_pair(protocol, other), _pair(cipher, another)])
        for protocol, other, cipher, another in texts
    ]


def _pair(one: str, other: str) -> str:
    return one if one == other else f"{one} → {other}"
