"""How many requests came by which connections, and what they got."""

from __future__ import annotations

from typing import Unpack

import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.labels import label_of
from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.stacks import Layer, draw_stacks
from albconn.charts.drawing.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    VERMILLION,
    open_picture,
    rows_that_fit,
    write_nothing,
)
from albconn.charts.drawing.tables import group_labels, require_columns, require_top, split_columns
from albconn.charts.drawing.told import told, told_first
from albconn.words import counted, number

NEEDED = ["half", "connections", "with_requests", "requests"]
LAYERS = [
    Layer("status_2xx", "2xx", GREEN),
    Layer("status_3xx", "3xx", BLUE),
    Layer("status_4xx", "4xx", ORANGE, "//"),
    Layer("status_5xx", "5xx", VERMILLION, "xxx"),
    Layer("status_other", "other", GREY, ".."),
]
STATUS = [layer.column for layer in LAYERS]
_FIXED = [
    *NEEDED, *STATUS, "failures", "requests_per_connection", "most_requests",
]  # fmt: skip


def plot_requests_per_connection(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int = 20,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw the requests of each group of connections, by the class of their answers.

    Parameters
    ----------
    table : DataFrame
        What ``requests_per_connection`` returns: ``half``, the columns that it is split by,
        ``connections``, ``with_requests``, ``requests`` and ``status_2xx`` to ``status_other``.
    ax : Axes, optional
        Where to draw.
    top : int
        Rows drawn, those with most requests first.
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
    require_columns(table, [*NEEDED, *STATUS], "requests_per_connection")
    look = read_look(options)
    require_top(top)
    top = rows_that_fit(ax, look, top)
    by = split_columns(table, _FIXED)
    ordered = table.sort_values("requests", ascending=False, kind="stable")
    rows = ordered.iloc[:top].reset_index(drop=True)
    total = int(table["requests"].sum())
    text = told(
        f"{counted(total, 'request')} by {counted(_connections(table), 'connection')}",
        told_first(len(rows), len(ordered), "groups"),
    )
    ax = open_picture(
        ax, look, "Requests, and what they got", text, width=12.0,
        height=2.2 + 0.34 * max(2, len(rows)),
    )  # fmt: skip
    if rows.empty or not total:
        return write_nothing(ax, "no requests")
    notes = [_note(rows.iloc[place]) for place in range(len(rows))]
    draw_stacks(ax, rows, LAYERS, _labels(rows, by), notes, x="Requests")
    return settle(ax)


def _connections(table: pd.DataFrame) -> int:
    """Return how many there are; split by a column of requests, a connection is in several rows."""
    return int(table.attrs.get("connections", table["connections"].sum()))


def _labels(rows: pd.DataFrame, by: list[str]) -> list[str]:
    halves = [label_of(half) for half in rows["half"]]
    if not by:
        return halves
    names = group_labels(rows, by)
    alone = rows["half"].astype(object) == "requests alone"
    return [
        half if is_alone else name
        for name, half, is_alone in zip(names, halves, alone, strict=True)
    ]


def _note(row: pd.Series) -> str:
    if not row["connections"]:
        return counted(row["requests"], "request")
    asked = f"{number(row['with_requests'])} of {counted(row['connections'], 'connection')}"
    return f"{counted(row['requests'], 'request')} by {asked}"
