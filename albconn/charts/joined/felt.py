"""Who failed and came back: how long each waited, and what it asked for then."""

from __future__ import annotations

from typing import Unpack

import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.labels import LONGEST_CLIENT, label_of, labels_of
from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.stacks import Layer, draw_stacks
from albconn.charts.drawing.style import (
    BLUE,
    GREY,
    ORANGE,
    name_axes,
    open_picture,
    rows_that_fit,
    write_nothing,
)
from albconn.charts.drawing.tables import require_columns, require_top
from albconn.charts.drawing.told import told, told_first
from albconn.words import counted

NEEDED = ["client_ip", "agent", "failures", "seconds_to_return", "request_host", "request_path"]
LAYERS = [
    Layer("of_user", "user", BLUE),
    Layer("of_crawler", "crawler", ORANGE, "//"),
    Layer("of_other", "asked for nothing", GREY, ".."),
]


def plot_felt_failures(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int = 20,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw how long clients that failed waited until they got through, with what they asked for.

    Parameters
    ----------
    table : DataFrame
        What ``felt_failures`` returns: ``client_ip``, ``agent``, ``failures``,
        ``seconds_to_return``, ``request_host``, ``request_path``, a row for each run of failures.
    ax : Axes, optional
        Where to draw.
    top : int
        Rows drawn, users first; those that waited longest first.
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
    require_columns(table, NEEDED, "felt_failures")
    look = read_look(options)
    require_top(top)
    top = rows_that_fit(ax, look, top)
    ordered = _by_agent(table).sort_values(
        ["rank", "seconds_to_return"], ascending=[True, False], kind="stable"
    )
    rows = ordered.iloc[:top].reset_index(drop=True)
    clients = counted(table["client_ip"].nunique(), "client")
    text = told(
        f"{clients} came back; {counted(int((ordered['rank'] == 0).sum()), 'return')} of users",
        told_first(len(rows), len(ordered), "returns"),
    )
    ax = open_picture(
        ax, look, "Who felt a failed handshake", text, width=12.0,
        height=2.2 + 0.34 * max(2, len(rows)),
    )  # fmt: skip
    if rows.empty:
        return write_nothing(ax, "nobody who failed came back in time")
    notes = [_note(rows.iloc[place]) for place in range(len(rows))]
    labels = labels_of(rows["client_ip"], LONGEST_CLIENT)
    draw_stacks(ax, rows, LAYERS, labels, notes, x="")
    name_axes(ax, x="Seconds from the first failure to the success")
    return settle(ax)


def _by_agent(table: pd.DataFrame) -> pd.DataFrame:
    agent, waited = table["agent"].astype(object), table["seconds_to_return"]
    kinds = [agent == "user", agent == "crawler"]
    rank = (~kinds[0]).astype(int) + (~(kinds[0] | kinds[1])).astype(int)
    names = [layer.column for layer in LAYERS]
    waiting = {name: waited.where(rank == place, 0.0) for place, name in enumerate(names)}
    return table.assign(rank=rank, **waiting)


def _note(row: pd.Series) -> str:
    failed = counted(row["failures"], "failure")
    if pd.isna(row["request_host"]) and pd.isna(row["request_path"]):
        return f"{failed}; then no request"
    return f"{failed}; then {label_of(row['request_host'], 30)} {label_of(row['request_path'], 30)}"
