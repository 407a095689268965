"""An explorer for JupyterLab: pick a dimension, a bin, a window; chart and table follow.

Everything that is shown comes from the public functions, and the lines of code that make the same
picture stand below it: what was found by clicking can go into a notebook, and be run again.
Needs the extra ``lab`` (ipywidgets).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeGuard

import pandas as pd
from matplotlib import pyplot as plt

from albconn import analysis, charts
from albconn.analysis.source import Connections
from albconn.charts.words import NOUNS
from albconn.dataset import open_dataset
from albconn.dataset.opened import within
from albconn.errors import AlbconnError

try:
    import ipywidgets as widgets
except ImportError as error:
    raise AlbconnError(
        "albconn.lab: ipywidgets is not installed; run: pip install 'albconn[lab]'"
    ) from error

EVERYTHING = "all connections"
REASON = "failure_reason"
DIMENSIONS = (
    "failure_reason", "tls_protocol", "tls_cipher", "tls_keyexchange", "client_ip", "ip_address",
    "elb", "listener_port", "leaf_client_cert_subject",
)  # fmt: skip
BINS = ("1min", "5min", "15min", "30min", "1h", "6h", "1D")
_MOST_BINS = 300  # of the bin width to begin with
_MOST_STOPS = 1500  # of the slider; the arrow keys move it by one
_TABLE_STYLE = ".albconn th, .albconn td { text-align: right; padding: 1px 14px 1px 0; }"
_RESOLUTION = 110  # [dots per inch] on the screen
_EXPORT_RESOLUTION = 200


class Explorer(widgets.VBox):
    """The widgets of ``explore``; a resource of the notebook, drawn anew at each choice.

    Attributes
    ----------
    dimension, every, window, top : widget
        What is chosen.
    chart : Image
        The picture, PNG.
    table : DataFrame, shape (groups, columns)
        What stands below the picture: the largest groups of the window.
    code : Textarea
        The lines of code that make the picture.
    path, export : widget
        Where to save the picture, and the button that does.
    message : HTML
        What went wrong, or what was saved.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._opened = open_dataset(connections) if _is_place(connections) else connections
        first, last = _span(self._opened)
        self.dimension = widgets.Dropdown(options=_dimensions(), description="split by")
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
        self.chart = widgets.Image(format="png")
        self.chart.layout.max_width = "100%"
        self.table = pd.DataFrame()
        self.code = widgets.Textarea(disabled=True, rows=6)
        self.code.layout.width = "95%"
        self.path = widgets.Text(value="failure_rate.png", description="save as")
        self.export = widgets.Button(description="Save picture", icon="download")
        self.message = widgets.HTML()
        self._printed = widgets.HTML()
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
        self.export.on_click(self._save)
        self._follow()

    def _follow(self, _: Any = None) -> None:
        """Count and draw what is chosen; say in one sentence what does not work."""
        self.message.value = "counting …"
        self.message.value = self._said(self._draw)

    def _said(self, work: Callable[[], str]) -> str:
        try:
            return work()
        except (AlbconnError, OSError) as error:
            return f"<b>{_escaped(str(error))}</b>"

    def _draw(self) -> str:
        start, end = self.window.value
        self._when.value = f"from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
        inside = _inside(self._opened, start, end)
        self.table = self._count(inside)
        self._printed.value = _printed(self.table)
        self.chart.value = _as_png(self._plot(inside), _RESOLUTION)
        self.code.value = self._lines()
        return ""

    def _count(self, inside: Any) -> pd.DataFrame:
        if self.dimension.value == REASON:
            return analysis.failure_reasons(inside).head(self.top.value)
        by = self.dimension.value or ()
        rates = analysis.failure_rate(inside, every=None, by=by)
        order = rates.sort_values(["failures", "connections"], ascending=False, kind="stable")
        return order.head(self.top.value).reset_index(drop=True)

    def _plot(self, inside: Any) -> Any:
        every, top = self.every.value, self.top.value
        if self.dimension.value == REASON:
            return charts.plot_failure_reasons(analysis.failure_reasons(inside, every=every))
        rates = analysis.failure_rate(inside, every=every, by=self.dimension.value or ())
        return charts.plot_failure_rate(rates, top=top)

    def _lines(self) -> str:
        """Return the code that makes the picture, from the same public functions."""
        every, top, by = self.every.value, self.top.value, self.dimension.value
        if by == REASON:
            counted = f'counted = ac.failure_reasons(window, every="{every}")'
            drawn = "charts.plot_failure_reasons(counted)"
        else:
            split = f', by="{by}"' if by else ""
            counted = f'counted = ac.failure_rate(window, every="{every}"{split})'
            drawn = f"charts.plot_failure_rate(counted, top={top})"
        return "\n".join(
            [
                *_imports(self._connections),
                _window_line(self._connections, *self.window.value),
                counted,
                f'{drawn}.figure.savefig("{self.path.value}", dpi={_EXPORT_RESOLUTION})',
            ]
        )

    def _save(self, _: Any) -> None:
        def save() -> str:
            inside = _inside(self._opened, *self.window.value)
            Path(self.path.value).write_bytes(_as_png(self._plot(inside), _EXPORT_RESOLUTION))
            self.code.value = self._lines()
            return f"saved {_escaped(self.path.value)}"

        self.message.value = self._said(save)


def explore(connections: Connections) -> Explorer:
    """Return a widget that explores connections: put it last in a cell of JupyterLab.

    Parameters
    ----------
    connections : DataFrame, pyarrow.Table, pyarrow.dataset.Dataset, str or path
        Connections; a text is the path or URL of a converted dataset, which is counted without
        being loaded.

    Returns
    -------
    Explorer
        Choices (dimension, bin width, window, top-N), the chart, the table of the largest
        groups, and the lines of code that make the picture.

    Raises
    ------
    AlbconnError
        There is no connection to explore, or ipywidgets is not installed.
    DatasetError
        The path holds no dataset.
    """
    return Explorer(connections)


def _is_place(connections: Any) -> TypeGuard[str | Path]:
    return isinstance(connections, str | Path)


def _inside(connections: Any, start: datetime, end: datetime) -> Any:
    if isinstance(connections, pd.DataFrame):
        return connections[connections["timestamp"].between(start, end, inclusive="left")]
    return within(connections, start, end)


def _span(connections: Connections) -> tuple[pd.Timestamp, pd.Timestamp]:
    totals = analysis.outcome_totals(connections).iloc[0]
    if not totals["rows"]:
        raise AlbconnError("connections: there are none to explore; check the source and its range")
    return totals["first_timestamp"], totals["last_timestamp"]


def _dimensions() -> list[tuple[str, str]]:
    return [(EVERYTHING, ""), *((NOUNS[name], name) for name in DIMENSIONS)]


def _usual_bin(span: pd.Timedelta) -> str:
    return next((name for name in BINS if span / pd.Timedelta(name) <= _MOST_BINS), BINS[-1])


def _stops(first: pd.Timestamp, last: pd.Timestamp) -> list[tuple[str, datetime]]:
    """Return the slider's stops: round times, so that a window has round ends."""
    step = pd.Timedelta(
        next((b for b in BINS if (last - first) / pd.Timedelta(b) < _MOST_STOPS), BINS[-1])
    )
    moments = pd.date_range(first.floor(step), last.floor(step) + step, freq=step)
    return [(f"{moment:%Y-%m-%d %H:%M}", moment.to_pydatetime()) for moment in moments]


def _imports(connections: Connections) -> list[str]:
    lines = ["import albconn as ac", "from albconn import charts"]
    if isinstance(connections, pd.DataFrame):
        return lines
    if _is_place(connections):
        return ["from datetime import datetime", *lines]
    return ["from datetime import datetime", "from pyarrow.compute import field", *lines]


def _window_line(connections: Connections, start: datetime, end: datetime) -> str:
    """Return the line that cuts out the window, for the kind of connections there are."""
    first, last = (f'"{moment:%Y-%m-%dT%H:%MZ}"' for moment in (start, end))
    if isinstance(connections, pd.DataFrame):
        cut = f'connections["timestamp"].between({first}, {last}, inclusive="left")'
        return f"window = connections[{cut}]"
    since, until = (f"datetime.fromisoformat({text})" for text in (first, last))
    if _is_place(connections):
        return f"window = ac.read_dataset({str(connections)!r}, start={since}, end={until})"
    time = 'field("timestamp")'
    return f"window = connections.filter(({time} >= {since}) & ({time} < {until}))"


def _as_png(axes: Any, resolution: int) -> bytes:
    picture = io.BytesIO()
    axes.figure.savefig(picture, format="png", dpi=resolution)
    plt.close(axes.figure)  # or each choice would leave a figure in memory
    return picture.getvalue()


def _printed(table: pd.DataFrame) -> str:
    shares = {
        name: "{:.2%}".format
        for name in table.columns
        if name in ("failure_rate", "rate_low", "rate_high", "share")
    }
    html = table.to_html(index=False, formatters=shares, border=0, na_rep="–", classes="albconn")
    return f"<style>{_TABLE_STYLE}</style>{html}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
