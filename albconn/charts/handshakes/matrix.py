"""Cipher × TLS version: which handshakes fail, with the rate and n in every cell.

Only handshakes whose protocol and cipher are the client's own stand in a cell. Unmapped
failures have neither, so they stand in one grey strip below and blame nothing. Whoever writes
lines can name a new cipher in each: what is used least is one row, "other".
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.patches import Rectangle

from albconn.charts.drawing.colours import rate_colours
from albconn.charts.drawing.dots import label_rows
from albconn.charts.drawing.labels import labels_of, unmapped_caption
from albconn.charts.drawing.look import LookOptions, read_look
from albconn.charts.drawing.settling import settle
from albconn.charts.drawing.style import (
    INK,
    PALE,
    SMALL_POINTS,
    TEXT_POINTS,
    open_picture,
    rows_that_fit,
    write_caption,
    write_nothing,
)
from albconn.charts.drawing.tables import (
    COUNTS,
    OTHER,
    add_counts,
    fold_labels,
    require_columns,
    require_top,
)
from albconn.charts.drawing.told import told, told_first, told_rate
from albconn.words import counted, number, percent

FEW = 20  # connections; a rate of fewer is drawn paler
MOST_VERSIONS = 8  # columns; there are four, and SSL before them


def plot_cipher_matrix(
    table: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int = 40,
    **options: Unpack[LookOptions],
) -> Axes:
    """Draw the failure rate of every cipher under every TLS version.

    Parameters
    ----------
    table : DataFrame
        What ``failure_rate(connections, every=None, by=("tls_protocol", "tls_cipher"))``
        returns; bins, if any, are added up:

        ================== ======================= =================================
        column             type                    meaning
        ================== ======================= =================================
        tls_protocol       category                TLS version, as logged
        tls_cipher         category                cipher, as logged
        connections        int64                   without unmapped failures
        failures           int64                   without unmapped failures
        unmapped_failures  int64                   counted apart
        ================== ======================= =================================
    ax : Axes, optional
        Where to draw.
    top : int
        Ciphers drawn: the most used ones; the rest is added up as "other".
    **options : LookOptions
        ``title``, ``subtitle``, ``figsize``, ``palette``, ``log``, ``timezone``, as for all charts.

    Returns
    -------
    Axes
        The Axes with the matrix: one Rectangle and one text for each cell.

    Raises
    ------
    TableError
        Columns are missing, `top` draws nothing, or an option is no good.
    """
    require_columns(table, ["tls_protocol", "tls_cipher", *COUNTS], "failure_rate")
    require_top(top)
    look = read_look(options)
    unmapped = int(table["unmapped_failures"].sum())
    cells = _cells(table, top)
    found = _most_used(cells)
    ciphers = found[: rows_that_fit(ax, look, len(found) + 1, each=20.0)]
    versions = sorted(cells["version"].unique())
    title = "TLS failure rate by cipher and TLS version"
    ax = open_picture(
        ax,
        look,
        title,
        told(_subtitle(cells, unmapped), told_first(len(ciphers), len(found), "ciphers")),
        width=8.5,
        height=2.2 + 0.42 * max(2, len(ciphers) + bool(unmapped)),
    )
    if not ciphers and not unmapped:
        return write_nothing(ax, "no TLS connections")
    _dress(ax, ciphers, versions, unmapped)
    for cell in cells.itertuples(index=False):
        if str(cell.cipher) in ciphers:
            place = (versions.index(str(cell.version)), ciphers.index(str(cell.cipher)))
            _draw_cell(ax, place, cell, rate_colours(look))
    if unmapped:
        _draw_strip(ax, len(ciphers), max(1, len(versions)), unmapped)
    pale = f"Pale: fewer than {FEW} connections. " if (cells["connections"] < FEW).any() else ""
    write_caption(ax, pale + unmapped_caption(unmapped))
    return settle(ax)


def _cells(table: pd.DataFrame, top: int) -> pd.DataFrame:
    used = table["connections"]
    named = table[COUNTS].assign(
        version=fold_labels(labels_of(table["tls_protocol"]), used, MOST_VERSIONS),
        cipher=fold_labels(labels_of(table["tls_cipher"]), used, top),
    )
    cells = add_counts(named, ["version", "cipher"])
    return cells[cells["connections"] > 0]


def _most_used(cells: pd.DataFrame) -> list[str]:
    # Under each newest version first, so that the filled cells form steps and not a scatter.
    totals = cells.groupby("cipher").agg(newest=("version", "max"), n=("connections", "sum"))
    ordered = totals.sort_values(["newest", "n"], ascending=False, kind="stable").index
    return sorted(ordered, key=lambda cipher: cipher == OTHER)  # the rest comes last


def _subtitle(cells: pd.DataFrame, unmapped: int) -> str:
    return told(told_rate(cells), f"{number(unmapped)} unmapped apart" if unmapped else "")


def _dress(ax: Axes, ciphers: list[str], versions: list[str], unmapped: int) -> None:
    names = [*ciphers, *(["unmapped"] if unmapped else [])]
    label_rows(ax, names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    across = max(1, len(versions))
    ax.set_xlim(-0.5, across - 0.5)
    ax.set_xticks(range(len(versions)))
    ax.set_xticklabels(versions, parse_math=False, fontsize=TEXT_POINTS, color=INK)
    ax.xaxis.tick_bottom()
    ax.tick_params(axis="x", length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)


def _draw_cell(ax: Axes, place: tuple[int, int], cell: object, colours: Colormap) -> None:
    column, row = place
    rate, connections = float(cell.failure_rate), int(cell.connections)  # type: ignore[attr-defined]
    # One failure of one connection must not stand out like an outage.
    face = np.array(colours(rate)[:3])
    face = 1 - (1 - face) * min(1.0, connections / FEW)
    box = Rectangle(
        (column - 0.48, row - 0.44),
        0.96,
        0.88,
        facecolor=tuple(face),
        edgecolor=PALE,
        linewidth=0.8,
    )
    ax.add_patch(box)
    dark = np.dot(face, [0.299, 0.587, 0.114]) < 0.55
    _write(ax, column, row, f"{percent(rate)} of {number(connections)}", "white" if dark else INK)


def _draw_strip(ax: Axes, row: int, across: int, unmapped: int) -> None:
    box = Rectangle((-0.48, row - 0.44), across - 0.04, 0.88, facecolor=PALE, linewidth=0)
    ax.add_patch(box)
    text = f"{counted(unmapped, 'failure')}; version and cipher unknown"
    _write(ax, (across - 1) / 2, row, text, INK)


def _write(ax: Axes, x: float, y: float, text: str, colour: str) -> None:
    ax.text(x, y, text, ha="center", va="center", fontsize=SMALL_POINTS, color=colour)
