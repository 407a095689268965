"""What a raised security policy would cut off: hosts and paths, by the verdict of their clients."""

from __future__ import annotations

from typing import Unpack

import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.labels import label_of
from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.stacks import Layer, draw_stacks
from albconn.charts.drawing.style import (
    GREEN,
    ORANGE,
    VERMILLION,
    open_picture,
    rows_that_fit,
    write_nothing,
)
from albconn.charts.drawing.tables import group_labels, require_columns, require_top, split_columns
from albconn.charts.drawing.told import told, told_first
from albconn.words import counted, number

NEEDED = [
    "requests", "requests_breaking", "requests_at_risk", "clients_breaking", "users_breaking",
]  # fmt: skip
_FIXED = [*NEEDED, "clients", "crawlers_breaking"]
LAYERS = [
    Layer("requests_breaking", "breaks", VERMILLION, "xxx"),
    Layer("requests_at_risk", "at risk", ORANGE, "//"),
    Layer("requests_fitting", "fits", GREEN),
]


def plot_policy_exceptions(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int = 20,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw the hosts, or paths, that a policy would cut clients off from.

    Parameters
    ----------
    table : DataFrame
        What ``policy_exceptions`` returns: the columns that it is split by, ``requests``,
        ``requests_breaking``, ``requests_at_risk``, ``clients_breaking``, ``users_breaking``.
    ax : Axes, optional
        Where to draw.
    top : int
        Rows drawn, those with most requests that break first.
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
    require_columns(table, NEEDED, "policy_exceptions")
    look = read_look(options)
    require_top(top)
    top = rows_that_fit(ax, look, top)
    ordered = table.sort_values(
        ["requests_breaking", "requests_at_risk", "requests"], ascending=False, kind="stable"
    )
    rows = ordered.iloc[:top].reset_index(drop=True)
    breaking = counted(table["requests_breaking"].sum(), "request")
    text = told(
        f"{breaking} of {number(table['requests'].sum())} would break",
        told_first(len(rows), len(ordered), "rows"),
    )
    policy = label_of(table.attrs.get("policy", "a raised security policy"))
    ax = open_picture(
        ax, look, f"What clients ask for whom {policy} would break", text, width=12.0,
        height=2.2 + 0.34 * max(2, len(rows)),
    )  # fmt: skip
    if rows.empty:
        return write_nothing(ax, "no requests of connections that are there")
    fitting = rows["requests"] - rows["requests_breaking"] - rows["requests_at_risk"]
    labels = list(group_labels(rows, split_columns(table, _FIXED)))
    notes = [_note(rows.iloc[place]) for place in range(len(rows))]
    draw_stacks(ax, rows.assign(requests_fitting=fitting), LAYERS, labels, notes, x="Requests")
    return settle(ax)


def _note(row: pd.Series) -> str:
    clients = counted(row["clients_breaking"], "client")
    return f"{counted(row['requests_breaking'], 'request')} of {clients} break; " + (
        f"{number(row['users_breaking'])} of them users"
    )
