"""The widgets: what is chosen, what follows, and what is said when something does not work."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from albconn.charts.drawing.labels import NOUNS
from albconn.errors import AlbconnError, shown
from albconn.lab.recipe import (
    DIMENSIONS,
    NETWORK,
    REASON,
    Recipe,
    largest,
    needed_column,
    recipe_for,
)
from albconn.lab.window import IMPORTS, span_of, window_line, written
from albconn.opened import Connections, open_connections
from albconn.printable import cut
from albconn.storage.places import StorageOptions
from albconn.times import moved
from albconn.words import is_share, percent

EVERYTHING = "all connections"
BINS = ("1min", "5min", "15min", "30min", "1h", "6h", "1D")
_MOST_BINS = 300  # of the bin width to begin with
_MOST_STOPS = 1500  # of the slider; the arrow keys move it by one
_TABLE_STYLE = (
    ".albconn th, .albconn td { text-align: right; padding: 1px 12px 1px 0; line-height: 1.5; }"
    " .albconn th { vertical-align: bottom; } .albconn td { white-space: nowrap; }"
    " .albconn td:first-child, .albconn th:first-child { text-align: left; }"
)
LONGEST = 200  # characters of a value in the table
_RESOLUTION = 110  # [dots per inch] on the screen
_EXPORT_RESOLUTION = 200


class Explorer(widgets.VBox):
    """The widgets of ``explore``; a resource of the notebook, drawn anew at each choice.

    Attributes
    ----------
    dimension, every, window, top : widget
        What is chosen. Client networks are drawn as bars, which have no bin width.
    chart : Image
        The picture, PNG; empty while there is nothing to draw.
    table : DataFrame, shape (groups, columns)
        What stands below the picture: the largest groups of the window.
    code : Textarea
        The lines of code that make the picture.
    path, export : widget
        Where to save the picture, and the button that does.
    message : HTML
        What went wrong, or what was saved.
    """

    def __init__(self, connections: Connections, storage_options: StorageOptions = None) -> None:
        self._connections = connections
        self._opened = open_connections(connections, storage_options=storage_options)
        first, last = span_of(self._opened)
        self._choices(first, last)
        self._answers()
        super().__init__(
            [
                widgets.HBox([self.dimension, self.every, self.top]),
                self.window,
                self._when,
                self.message,
                self.chart,
                self._printed,
                widgets.HBox([self.path, self.export]),
                self.code,
            ]
        )
        for choice in (self.dimension, self.every, self.window, self.top):
            choice.observe(self._follow, names="value")
        self.path.observe(self._write_code, names="value")
        self.export.on_click(self._save)
        self._follow()

    def _choices(self, first: pd.Timestamp, last: pd.Timestamp) -> None:
        there = set(self._opened.columns)
        self.dimension = widgets.Dropdown(options=_dimensions(there), description="split by")
        self.every = widgets.Dropdown(options=BINS, value=_usual_bin(last - first))
        self.every.description = "bin"
        self.window = widgets.SelectionRangeSlider(
            options=_stops(first, last), description="window", continuous_update=False
        )
        self.window.index = (0, len(self.window.options) - 1)
        self.window.layout.width = "95%"
        self.window.readout = False  # too narrow for two times; ``_when`` says them
        self._when = widgets.Label()
        self.top = widgets.BoundedIntText(value=6, min=1, max=50, description="top")

    def _answers(self) -> None:
        self.chart = widgets.Image(format="png")
        self.chart.layout.max_width = "100%"
        self.table = pd.DataFrame()
        self.code = widgets.Textarea(disabled=True, rows=8)
        self.code.layout.width = "95%"
        self.path = widgets.Text(value="failure_rate.png", description="save as")
        self.export = widgets.Button(description="Save picture", icon="download")
        self.message = widgets.HTML()
        self._printed = widgets.HTML()
        self._printed.layout.overflow = "auto"  # the table of clients is wide

    @property
    def _recipe(self) -> Recipe:
        return recipe_for(self.dimension.value or "", str(self.every.value), self.top.value)

    def _follow(self, _: Any = None) -> None:
        """Count and draw what is chosen; say in one sentence what does not work."""
        self._when.value = written(self.window.value)
        self.every.disabled = self.dimension.value == NETWORK
        self.message.value = "counting …"
        self._write_code()
        said = self._said(self._draw)
        if said:
            self._show(pd.DataFrame(), b"")  # what stood there is not what is chosen now
        self.message.value = said

    def _said(self, work: Callable[[], str]) -> str:
        try:
            return work()
        except (AlbconnError, OSError) as error:
            return f"<b>{escape(str(error))}</b>"

    def _draw(self) -> str:
        within = self._opened.within(*self.window.value)
        picture = _as_png(self._plot(within), _RESOLUTION)
        self._show(largest(within, self.dimension.value or "", self.top.value), picture)
        return ""

    def _plot(self, within: Any) -> Axes:
        counted = self._recipe.count(within)
        if counted.empty:
            what = "failures" if self.dimension.value == REASON else "TLS connections"
            when = written(self.window.value)
            raise AlbconnError(f"There are no {what} {when}; choose another window.")
        return self._recipe.draw(counted)

    def _show(self, table: pd.DataFrame, picture: bytes) -> None:
        self.table = table
        self._printed.value = _printed(table) if len(table.columns) else ""
        self.chart.value = picture
        self.chart.layout.display = None if picture else "none"  # no sign of a broken picture

    def _write_code(self, _: Any = None) -> None:
        """Show the code that makes the picture, from the same public functions."""
        counted, drawn = self._recipe.lines()
        path = self.path.value.strip()
        self.code.value = "\n".join(
            [
                *IMPORTS,
                "",
                window_line(self._connections, self.window.value),
                counted,
                f"{drawn}.figure.savefig({path!r}, dpi={_EXPORT_RESOLUTION})",
            ]
        )

    def _save(self, _: Any) -> None:
        self.message.value = self._said(self._saved)

    def _saved(self) -> str:
        path = Path(self.path.value.strip())
        if path.suffix.lower() != ".png":
            raise AlbconnError(f"save as: {shown(str(path))} is no picture's name; end it in .png")
        axes = self._plot(self._opened.within(*self.window.value))
        path.write_bytes(_as_png(axes, _EXPORT_RESOLUTION))
        return f"saved {escape(str(path))}"


def explore(connections: Connections, *, storage_options: StorageOptions = None) -> Explorer:
    """Return a widget that explores connections: put it last in a cell of JupyterLab.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        A DataFrame, Arrow data, log files, or a converted dataset, which is counted without
        being loaded. What can be chosen depends on the columns that are there; ``timestamp``,
        ``outcome`` and ``failure_reason`` are needed. The code that is shown calls what is no
        path ``connections``.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    Explorer
        Choices (dimension, bin width, window, top-N), the chart, the table of the largest
        groups, and the lines of code that make the picture.

    Raises
    ------
    AlbconnError
        There is no connection to explore, or ipywidgets is not installed.
    TableError
        The source lacks columns (all are named).
    DatasetError
        The path holds no dataset.
    """
    return Explorer(connections, storage_options)


def _dimensions(there: set[str]) -> list[tuple[str, str]]:
    usable = [name for name in DIMENSIONS if needed_column(name) in there]
    nouns = {**NOUNS, NETWORK: "client network (/24, /64)"}
    return [(EVERYTHING, ""), *((nouns[name], name) for name in usable)]


def _usual_bin(span: pd.Timedelta) -> str:
    return next((name for name in BINS if span / pd.Timedelta(name) <= _MOST_BINS), BINS[-1])


def _stops(first: pd.Timestamp, last: pd.Timestamp) -> list[tuple[str, datetime]]:
    """Return the slider's stops: round times, so that a window has round ends."""
    widths = (pd.Timedelta(name) for name in BINS)
    days = pd.Timedelta(days=(last - first).days // _MOST_STOPS + 1)  # of years, whole days
    step = next((width for width in widths if (last - first) / width < _MOST_STOPS), days)
    start = first.floor(min(step, pd.Timedelta(days=1)))
    ends = range((last - start) // step + 2)
    moments = [moved(start.to_pydatetime(), n * step.to_pytimedelta()) for n in ends]
    return [(f"{moment:%Y-%m-%d %H:%M}", moment) for moment in moments]


def _as_png(axes: Axes, resolution: int) -> bytes:
    picture, figure = io.BytesIO(), axes.get_figure(root=True)
    assert figure is not None  # a chart's Axes has a figure
    try:
        figure.savefig(picture, format="png", dpi=resolution)
    finally:
        plt.close(figure)  # or each choice would leave a figure in memory
    return picture.getvalue()


def _printed(table: pd.DataFrame) -> str:
    """Return the table as HTML: shares in per cent, thousands separated, foreign text escaped."""
    how: dict[str, Callable[[Any], str]] = {}
    for name in table.columns:
        if is_share(name):
            how[name] = percent
        elif table[name].dtype == "int64":
            how[name] = _cell("{:,}")
        elif isinstance(table[name].dtype, pd.DatetimeTZDtype):
            how[name] = _cell("{:%Y-%m-%d %H:%M}")
        elif table[name].dtype.kind == "O":
            how[name] = _cell("{}")
    named = table.rename(columns=lambda name: name.replace("_", " "))  # such a name can wrap
    how = {name.replace("_", " "): cell for name, cell in how.items()}
    html = named.to_html(index=False, formatters=how, border=0, na_rep="–", classes="albconn")
    return f"<style>{_TABLE_STYLE}</style>{html}"


def _cell(pattern: str) -> Callable[[Any], str]:
    return lambda value: "–" if pd.isna(value) else cut(pattern.format(value), LONGEST)
