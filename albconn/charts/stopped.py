"""What the clients that stopped working last spoke: the trace that names a raised policy.

Each client counts once, however often it tried again, for what it last agreed on itself.
"""

from __future__ import annotations

from typing import Unpack

import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.dots import label_rows, write_bar_note
from albconn.charts.drawing.labels import joined, label_of, labels_of
from albconn.charts.drawing.look import Look, LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    GREY,
    PALETTE,
    VERMILLION,
    count_axis,
    name_axes,
    open_picture,
    rows_that_fit,
    write_legend,
    write_nothing,
)
from albconn.charts.drawing.tables import OTHER, require_columns, require_top, split_columns
from albconn.charts.drawing.timeaxis import in_zone
from albconn.charts.drawing.told import told, told_first
from albconn.words import counted, instant, number, percent

NEEDED = ("elb", "last_tls_protocol", "last_tls_cipher", "failures")
CLIENTS = "clients"
FIXED = (
    *NEEDED, CLIENTS, "listener_port", "last_success", "last_tls_keyexchange",
    "last_leaf_client_cert_subject", "first_failure", "last_failure", "top_reason",
)  # fmt: skip
REST = ("failures_of_others", "failures_without_client")
MOST = 5  # load balancers with a colour of their own


def plot_stopped_working(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int = 12,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw what clients that stopped working last spoke, by the load balancer they fail at.

    Parameters
    ----------
    table : DataFrame
        What ``stopped_working`` returns, a row for each client and listener:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        *by*               str or category         the client: the one further column
        elb                str or category         load balancer that it fails at
        last_tls_protocol  str or category         of its last success
        last_tls_cipher    str or category         of its last success
        failures           int64                   its failures there
        clients            int64                   optional: that a row stands for,
                                                   where they are counted already
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw.
    top : int
        Kinds of handshakes drawn: those of most clients.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on: a bar of clients for each protocol and cipher, cut by load balancer
        where there are several. A client that fails at several listeners is counted once, where
        it fails most.

    Raises
    ------
    TableError
        Columns are missing, or an option is no good.
    """
    require_columns(table, NEEDED, "stopped_working")
    look = read_look(options)
    require_top(top)
    top = rows_that_fit(ax, look, top)
    rows = _one_each(table)
    subtitle = _subtitle(table, int(rows[CLIENTS].sum()), look)
    kinds = rows.groupby("spoken", sort=True)[[CLIENTS, "failures"]].sum()
    kinds = kinds.sort_values(["clients", "failures"], ascending=False, kind="stable")
    drawn = kinds.iloc[:top]
    text = told(*subtitle, told_first(len(drawn), len(kinds), "kinds of handshakes"))
    ax = open_picture(
        ax, look, _title(rows), text, width=11.0, height=2.2 + 0.36 * max(3, len(drawn))
    )
    if rows.empty:
        return write_nothing(ax, "no client stopped working")
    _draw(ax, rows, drawn, look)
    return settle(ax)


def _title(rows: pd.DataFrame) -> str:
    """State how many stopped, and which version most of them last spoke; else name the picture."""
    if rows.empty:
        return "What clients that stopped working last spoke"
    every = int(rows[CLIENTS].sum())
    versions = rows[CLIENTS].groupby(rows["spoken"].str.split(" · ").str[0]).sum()
    versions = versions.sort_values(ascending=False, kind="stable")
    version, clients = str(versions.index[0]), int(versions.iloc[0])
    stopped = f"{counted(every, 'client')} stopped working"
    most = "all of them" if clients == every else f"{number(clients)} of them"
    return f"{stopped}; {most} last spoke {version}" if every > 1 else stopped


def _one_each(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per client: where it fails most, with all its failures."""
    by = split_columns(table, FIXED)
    pairs = zip(labels_of(table["last_tls_protocol"]), labels_of(table["last_tls_cipher"]),
                strict=True)  # fmt: skip
    rows = pd.DataFrame(
        {
            "client": table[by[0]].astype(object).to_numpy() if by else range(len(table)),
            "elb": [_short(value) for value in table["elb"].astype(object)],
            "spoken": pd.Series([joined(pair) for pair in pairs], dtype=object),
            "failures": table["failures"].to_numpy(dtype="int64"),
            CLIENTS: table[CLIENTS].to_numpy(dtype="int64") if CLIENTS in table else 1,
        }
    )
    rows = rows.sort_values("failures", ascending=False, kind="stable")
    if CLIENTS in table:
        return rows
    sums = rows.groupby("client", sort=False)["failures"].transform("sum")
    return rows.assign(failures=sums).drop_duplicates("client")


def _short(elb: object) -> str:
    """Return a load balancer's name without what is the same in all."""
    parts = elb.split("/") if isinstance(elb, str) else []
    return label_of(parts[1] if len(parts) == 3 else elb, 30)


def _subtitle(table: pd.DataFrame, clients: int, look: Look) -> list[str]:
    """Tell how many they are, since when, and their share where the table carries the notes."""
    zone, since = look.zone, table.attrs.get("since")
    moment = f" {instant(in_zone(pd.Timestamp(since), zone))} {zone.key}" if since else ""
    failures = int(table["failures"].sum())
    whole = failures + sum(table.attrs.get(name) or 0 for name in REST)
    parts = [
        f"{counted(clients, 'client')} worked before and only failed since{moment}",
        f"{number(failures)} of {counted(whole, 'failure')} since then"
        + (f" ({percent(failures / whole)})" if whole else ""),
    ]
    return (
        [*parts, "the rest: clients that never worked or still work"] if whole > failures else parts
    )


def _draw(ax: Axes, rows: pd.DataFrame, drawn: pd.DataFrame, look: Look) -> None:
    sizes = rows.groupby("elb", sort=True)[CLIENTS].sum()
    sizes = sizes.sort_values(ascending=False, kind="stable")
    named = [str(name) for name in sizes.index[:MOST]]
    colours = [VERMILLION] if len(sizes) == 1 else [c for c in PALETTE if c != VERMILLION]
    parts = rows.assign(elb=rows["elb"].where(rows["elb"].isin(named), OTHER))
    counts = parts.groupby(["spoken", "elb"])[CLIENTS].sum().unstack(fill_value=0)
    ends = pd.Series(0, index=drawn.index)
    handles = []
    groups = [*named, OTHER] if len(sizes) > MOST else named
    usual = [*colours[: len(named)], GREY]
    for place, (name, one) in enumerate(zip(groups, usual, strict=False)):
        colour = look.colour(name, place, one)
        lengths = counts[name].reindex(drawn.index, fill_value=0)
        bars = ax.barh(range(len(drawn)), lengths, left=ends, height=0.68, color=colour)
        handles.append(bars)
        ends = ends + lengths
    for row, (_, kind) in enumerate(drawn.iterrows()):
        clients, failures = counted(kind["clients"], "client"), counted(kind["failures"], "failure")
        write_bar_note(ax, row, float(ends.iloc[row]), f"{clients}, {failures}")
    if len(groups) > 1:
        write_legend(ax, handles, groups)
    label_rows(ax, list(drawn.index))
    ax.set_xlim(0, 1.4 * max(1, int(ends.max())))
    count_axis(ax.xaxis)
    name_axes(ax, x="Clients")
