"""What is said when a dataset or a table has nothing of what was asked for."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pyarrow.compute as pc
import pyarrow.dataset as ds

from albconn.errors import IncompleteWarning, warn
from albconn.logs.find.selection import COLUMN_OF, Selection
from albconn.logs.find.told import missing_names
from albconn.opened.rows import Rows
from albconn.schema.connections import CONNECTIONS
from albconn.schema.table import LogTable


def tell_of_empty(
    place: str, rows: Rows, selection: Selection, table: LogTable = CONNECTIONS
) -> None:
    """Warn that none of the rows is wanted; of a name that none has, say what there is instead."""
    there = {
        argument: texts
        for argument in selection.names()
        if (texts := _texts_of(rows, COLUMN_OF[argument]))
    }
    for _, text, _ in (missing := missing_names(selection, there)):
        warn(f"{place}: {text}", IncompleteWarning)
    if not missing:
        warn(
            f"{place}: holds no {table.row} of that time and those filters: {selection.told()}"
            f"{_times_of(rows, table.time_column)}"
        )


def _times_of(rows: Rows, column: str) -> str:
    """Return of which time there are rows."""
    ends: list[datetime] = []
    if isinstance(rows, pd.DataFrame):
        times = rows[column].dropna() if column in rows else []
        ends = [min(times), max(times)] if len(times) else []
    elif column in rows.schema.names:
        batches = rows.to_batches(columns=[column]) if isinstance(rows, ds.Dataset) else [rows]
        for batch in batches:
            found = pc.call_function("min_max", [batch[column]]).as_py()
            ends += [end for end in found.values() if end is not None]
    if not ends:
        return ""
    return f"; there are some of {min(ends):%Y-%m-%d %H:%M} to {max(ends):%Y-%m-%d %H:%M} UTC"


def _texts_of(rows: Rows, column: str) -> set[str]:
    """Return the different texts of a column; nothing where there is none."""
    if isinstance(rows, pd.DataFrame):
        return set(rows[column].dropna().unique()) if column in rows else set()
    if column not in rows.schema.names:
        return set()
    batches = rows.to_batches(columns=[column]) if isinstance(rows, ds.Dataset) else [rows]
    texts = {text for batch in batches for text in batch[column].unique().to_pylist()}
    return texts - {None}
