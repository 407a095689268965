"""Which key-exchange groups handshakes used over time: how far post-quantum has come.

Shares are stacked to 100 %. Hybrid post-quantum groups (ML-KEM) lie at the bottom in blues,
so that their common upper edge is the post-quantum share.

References
----------
IETF draft-ietf-tls-ecdhe-mlkem: X25519MLKEM768, SecP256r1MLKEM768, SecP384r1MLKEM1024.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.analysis.tls.groups import is_post_quantum
from albconn.charts.drawing.evidence import last_bin
from albconn.charts.drawing.labels import NULL_LABEL, labels_of
from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.marks import Marks
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    GREEN,
    GREY,
    ORANGE,
    PALE,
    PURPLE,
    VERMILLION,
    YELLOW,
    name_axes,
    open_picture,
    percent_axis,
    write_legend,
    write_nothing,
)
from albconn.charts.drawing.tables import OTHER, require_columns, require_top
from albconn.charts.drawing.timeaxis import (
    bin_width,
    draw_filled,
    lay_bins,
    limit_time,
    mark_partial,
    partial_told,
)
from albconn.charts.drawing.timeframe import read_time_frame
from albconn.charts.drawing.told import told
from albconn.words import counted, percent

POST_QUANTUM_COLOURS = ("#0072B2", "#56B4E9", "#003F66")
CLASSIC_COLOURS = (ORANGE, YELLOW, GREEN, VERMILLION, PURPLE)


def plot_key_exchange_share(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    mark: Marks = None,
    top: int = 7,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw the share of each key-exchange group over time, post-quantum groups lowest.

    Parameters
    ----------
    table : DataFrame
        What ``key_exchange_share`` returns; groups of a further split are added up:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        bin_start          datetime64[us, UTC]     start of the bin
        tls_keyexchange    category                group as logged; null: not logged
        connections        int64                   handshakes with that group
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw.
    mark : tuple or list of tuple, optional
        ``(start, end)``, ``(start, end, "name")`` or ``(time, "name")``.
    top : int
        Groups drawn; further ones are added up as "other".
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on.

    Raises
    ------
    TableError
        Columns are missing, a mark has no time zone, or an option is no good.
    """
    require_columns(table, ["bin_start", "tls_keyexchange", "connections"], "key_exchange_share")
    look = read_look(options)
    require_top(top)
    frame = read_time_frame(table["bin_start"], mark, look)
    width = bin_width(table)
    grid = _grid(table, top)
    parts = [
        _post_quantum_text(grid),
        counted(table["connections"].sum(), "handshake"),
        frame.told(table["bin_start"], width),
        partial_told(last_bin(table, width), width),
    ]
    ax = open_picture(ax, look, "Key-exchange groups in TLS handshakes", told(*parts), height=4.4)
    if table.empty:
        return write_nothing(ax, "no handshakes")
    limit_time(ax, table["bin_start"], width)
    _draw_stack(ax, grid, width)
    name_axes(ax, y="Share of handshakes")
    mark_partial([ax], last_bin(table, width), width)
    frame.dress([ax])
    return settle(ax)


def _grid(table: pd.DataFrame, top: int) -> pd.DataFrame:
    """Return connections: one row per bin, one column per group, post-quantum first."""
    labels = pd.Series(labels_of(table["tls_keyexchange"]), index=table.index, dtype=object)
    totals = table["connections"].groupby(labels).sum().sort_values(ascending=False, kind="stable")
    labels = labels.where(labels.isin(totals.index[:top]), OTHER).rename("group")
    grid = table["connections"].groupby([table["bin_start"], labels]).sum().unstack(fill_value=0)
    order = sorted(grid.columns, key=lambda name: (*_layer(name), -grid[name].sum(), name))
    return grid.sort_index()[order]


def _layer(name: str) -> tuple[bool, bool, bool]:
    return (name == NULL_LABEL, name == OTHER, not is_post_quantum(name))


def _post_quantum_text(grid: pd.DataFrame) -> str:
    total = float(grid.to_numpy().sum())
    if not total:
        return ""
    hybrid = [name for name in grid.columns if is_post_quantum(name)]
    return f"post-quantum: {percent(float(grid[hybrid].to_numpy().sum()) / total)}"


def _draw_stack(ax: Axes, grid: pd.DataFrame, width: pd.Timedelta) -> None:
    bins = lay_bins(grid.index.to_series(), width)
    whole = grid.sum(axis=1).to_numpy(dtype="float64")
    whole[whole == 0] = np.nan
    base, handles = np.zeros(len(grid)), []
    for name, colour in _colours(list(grid.columns)).items():
        ceiling = base + grid[name].to_numpy() / whole
        handles.append(draw_filled(ax, bins, ceiling, base=base, color=colour, label=name))
        base = ceiling
    ax.set_ylim(0, 1)
    percent_axis(ax.yaxis)
    shares = [f"{name}  {percent(grid[name].sum() / np.nansum(whole))}" for name in grid.columns]
    write_legend(ax, handles[::-1], shares[::-1])


def _colours(names: list[str]) -> dict[str, str]:
    colours, hybrids, classics = {}, iter(POST_QUANTUM_COLOURS * 9), iter(CLASSIC_COLOURS * 9)
    for name in names:
        fixed = {OTHER: GREY, NULL_LABEL: PALE}.get(name)
        colours[name] = fixed or next(hybrids if is_post_quantum(name) else classics)
    return colours
