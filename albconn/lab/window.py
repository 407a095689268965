"""A window cut out of connections, and the line of code that cuts it."""

from __future__ import annotations

import os

import pandas as pd

from albconn import analysis
from albconn.errors import AlbconnError
from albconn.opened import Connections, Opened
from albconn.opened.door import is_place
from albconn.times import Window

IMPORTS = ("import albconn as ac", "from albconn import charts")


def span_of(connections: Opened) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and the last timestamp.

    Raises
    ------
    AlbconnError
        There are no connections.
    """
    ends = analysis.failure_rate(connections, every="1D").attrs
    if ends["start"] is None:
        raise AlbconnError("connections: there are none to explore; check the source and its range")
    return pd.Timestamp(ends["start"]), pd.Timestamp(ends["end"])


def window_line(connections: Connections, window: Window) -> str:
    """Return the line that opens the window; a table is called ``connections`` in it."""
    first, last = (f'"{moment.isoformat()[:16]}Z"' for moment in window)
    source = "connections"
    if is_place(connections):
        source = repr(
            os.fspath(connections)
            if isinstance(connections, str | os.PathLike)
            else [os.fspath(each) for each in connections]  # type: ignore[union-attr]
        )
    return f"window = ac.open_connections({source}, start={first}, end={last})"


def written(window: Window) -> str:
    """Return the window in words."""
    start, end = window
    return f"from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
