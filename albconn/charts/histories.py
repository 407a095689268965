"""What became of each client: when it last succeeded, and from when on it only failed.

Those that stopped working come first: they have a time before. Those that never worked are
background and stand below them. The many that work are a number in the subtitle.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.dots import label_rows, write_row_note
from albconn.charts.drawing.labels import LONGEST_CLIENT, label_of, labels_of
from albconn.charts.drawing.look import Look, LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    BLUE,
    GREY,
    VERMILLION,
    open_picture,
    rows_that_fit,
    write_caption,
    write_nothing,
)
from albconn.charts.drawing.tables import require_columns, require_top
from albconn.charts.drawing.timeaxis import dress_time_axis, range_text, to_numbers
from albconn.charts.drawing.told import told, told_first
from albconn.words import counted, number, percent

TIMES = ["first_success", "last_success", "first_failure", "last_failure"]
NEEDED = ["state", "failures", *TIMES]
STOPPED = "stopped working"
DRAWN = (STOPPED, "never worked", "came back")
STATES = (*DRAWN, "new", "working")
MINUTE = pd.Timedelta(minutes=1)  # times are told to the minute, the last one included
SHORTEST = 10 / 1440  # [days] that an axis spans


def plot_client_histories(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int = 20,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw when clients succeeded and when they failed: those that stopped, never, or again work.

    Parameters
    ----------
    table : DataFrame
        What ``client_histories`` returns, a row for each client, its first column the client:

        =========================== ======================= ========================
        column                      type                    meaning
        =========================== ======================= ========================
        *by*                        str or category         the client
        state                       str or category         what became of it
        failures                    int64                   its failures
        first_success, last_success datetime64[us, UTC]     when it succeeded
        first_failure, last_failure datetime64[us, UTC]     when it failed
        last_tls_protocol           str or category         optional, for the note
        last_tls_cipher             str or category         optional, for the note
        =========================== ======================= ========================
    ax : Axes, optional
        Where to draw.
    top : int
        Clients drawn: those that stopped working, then never worked, then came back; of each
        state in the table's order.
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes drawn on: for each client a blue span from its first to its last success, and
        a vermillion one from its first to its last failure; if it stopped working, of those
        after its last success, as far as the table knows.

    Raises
    ------
    TableError
        Columns are missing, times have no zone, or an option is no good.
    """
    require_columns(table, NEEDED, "client_histories")
    look = read_look(options)
    require_top(top)
    top = rows_that_fit(ax, look, top)
    zone, numbers = look.zone, {name: to_numbers(table[name]) for name in TIMES}
    states = table["state"].astype(object)
    ranks = states.map({state: rank for rank, state in enumerate(DRAWN)})
    clients = table.iloc[:, 0] if table.columns[0] not in NEEDED else pd.Series(table.index)
    lines = pd.DataFrame(numbers).assign(
        client=labels_of(clients, LONGEST_CLIENT), state=states.to_numpy(), rank=ranks.to_numpy(),
        failures=table["failures"].to_numpy(), spoken=_spoken(table),
    )  # fmt: skip
    lines = lines[lines["rank"].notna()].sort_values("rank", kind="stable")
    rows = lines.iloc[:top].reset_index(drop=True)
    times = pd.concat([table[name] for name in TIMES]).dropna()
    text = told(
        _counts(states),
        told_first(len(rows), len(lines), "clients that stopped, never worked or came back"),
        range_text(times, MINUTE, zone),
    )
    ax = open_picture(
        ax,
        look,
        "What became of the clients",
        text,
        width=12.0,
        height=2.3 + 0.3 * max(3, len(rows)),
    )
    if rows.empty:
        return write_nothing(ax, "no client stopped working, never worked or came back")
    _draw(ax, rows, look)
    dress_time_axis(ax, zone)
    write_caption(ax, "Thick: succeeded, from the first to the last time. Thin: failed.")
    return settle(ax)


def _counts(states: pd.Series) -> str:
    found, clients = states.value_counts(), max(1, len(states))
    parts = [
        f"{number(found[state])} {state} ({percent(found[state] / clients)})"
        for state in STATES
        if state in found.index
    ]
    return f"of {counted(len(states), 'client')}: {', '.join(parts)}" if parts else "0 clients"


def _spoken(table: pd.DataFrame) -> list[str]:
    """Return what each client last spoke, where that is known."""
    lengths = {"last_tls_protocol": 12, "last_tls_cipher": 30}
    columns = [
        ["" if pd.isna(value) else label_of(value, longest) for value in table[name].astype(object)]
        for name, longest in lengths.items()
        if name in table.columns
    ]
    told = [" · ".join(filter(None, values)) for values in zip(*columns, strict=True)]
    return told or [""] * len(table)


def _draw(ax: Axes, rows: pd.DataFrame, look: Look) -> None:
    begins = rows["first_failure"]
    begins = begins.where(rows["state"] != STOPPED, begins.clip(lower=rows["last_success"]))
    succeeded, failed = look.colours(succeeded=BLUE, failed=VERMILLION)
    spans = {
        "succeeded": (rows["first_success"], rows["last_success"], succeeded, 6.0),
        "failed": (begins, rows["last_failure"], failed, 2.6),
    }
    for start, end, colour, width in spans.values():
        ax.hlines(rows.index, start, end, color=colour, linewidth=width, zorder=3)
        # A single moment has no length, but a dot.
        ax.plot(end, rows.index, "o", color=colour, markersize=width + 1.5, zorder=3)
    for place in range(len(rows)):
        row = rows.iloc[place]
        note = told(label_of(row["state"]), counted(row["failures"], "failure"), row["spoken"])
        write_row_note(ax, place, note)
        if place and row["state"] != rows["state"].iloc[place - 1]:
            ax.axhline(place - 0.5, color=GREY, linewidth=0.8, zorder=1.5)
    label_rows(ax, list(rows["client"]))
    _limit(ax, rows)


def _limit(ax: Axes, rows: pd.DataFrame) -> None:
    """Let the axis span all times of the clients that are drawn."""
    times = rows[TIMES].to_numpy(dtype="float64")
    first, last = float(np.nanmin(times)), float(np.nanmax(times))
    margin = 0.02 * max(last - first, SHORTEST)
    ax.set_xlim(first - margin, last + margin)
