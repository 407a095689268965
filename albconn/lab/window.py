"""A window cut out of connections, and the line of code that cuts it.

What is in files stays there: a dataset is filtered, not read.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import TypeGuard

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from albconn import analysis
from albconn.analysis.counting.source import Connections
from albconn.dataset import open_dataset
from albconn.errors import AlbconnError
from albconn.opened import within

Held = pd.DataFrame | pa.Table | ds.Dataset
Window = tuple[datetime, datetime]


def opened(connections: Connections) -> Held:
    """Return connections with a path opened, once for all that is asked of it."""
    return open_dataset(connections) if is_place(connections) else connections


def is_place(connections: Connections) -> TypeGuard[str | os.PathLike[str]]:
    """Say whether connections are a text or path that leads to them."""
    return isinstance(connections, str | os.PathLike)


def names_of(connections: Held) -> list[str]:
    """Return the names of the columns."""
    return list(
        connections.columns if isinstance(connections, pd.DataFrame) else connections.schema.names
    )


def span_of(connections: Held) -> tuple[pd.Timestamp, pd.Timestamp]:
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


def inside(connections: Held, window: Window) -> Held:
    """Return the connections of a half-open window."""
    start, end = window
    if isinstance(connections, pd.DataFrame):
        return connections[connections["timestamp"].between(start, end, inclusive="left")]
    if isinstance(connections, pa.Table) or "date" in connections.schema.names:
        return within(connections, start, end)  # folders of other dates are passed over
    time = ds.field("timestamp")
    return connections.filter((time >= start) & (time < end))


def import_lines(connections: Connections) -> list[str]:
    """Return the imports that ``window_line`` and the two lines after it need."""
    lines = ["import albconn as ac", "from albconn import charts"]
    if isinstance(connections, pd.DataFrame):
        return lines
    return ["from datetime import datetime", "from pyarrow.compute import field", *lines]


def window_line(connections: Connections, window: Window) -> str:
    """Return the line that cuts out the window, for the kind of connections there are."""
    first, last = (f'"{moment:%Y-%m-%dT%H:%MZ}"' for moment in window)
    if isinstance(connections, pd.DataFrame):
        cut = f'connections["timestamp"].between({first}, {last}, inclusive="left")'
        return f"window = connections[{cut}]"
    source = "connections"
    if is_place(connections):
        source = f"ac.open_dataset({os.fspath(connections)!r})"
    since, until = (f"datetime.fromisoformat({text})" for text in (first, last))
    time = 'field("timestamp")'
    return f"window = {source}.filter(({time} >= {since}) & ({time} < {until}))"


def written(window: Window) -> str:
    """Return the window in words."""
    start, end = window
    return f"from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
