"""Rows of a log table, wherever they are, cut to a time range or by filters.

A DataFrame, an Arrow table or an Arrow dataset: what comes out is of the same kind where it can
be, and a dataset stays in its files. There is one half-open filter, here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa
import pyarrow.dataset as ds

from albconn.arrow import flags
from albconn.errors import TableError
from albconn.logs.find.selection import EVERYTHING, Selection
from albconn.schema.connections import CONNECTIONS
from albconn.schema.kind import INSTANT
from albconn.schema.table import LogTable

if TYPE_CHECKING:
    import pandas as pd

Rows: TypeAlias = "pd.DataFrame | pa.Table | ds.Dataset"

_DATE = "date"  # the folders of a dataset, of which most can be passed over


def within(
    rows: Rows, start: datetime | None, end: datetime | None, table: LogTable = CONNECTIONS
) -> Rows:
    """Return the rows of a half-open time range ``[start, end)``, UTC-aware.

    Raises
    ------
    TableError
        The rows have no time, or one without a zone.
    """
    if start is None and end is None:
        return rows
    time = table.time_column
    if isinstance(rows, pa.Table | ds.Dataset):
        require_instants(rows.schema, [time], table)
        return rows.filter(half_open(rows.schema.names, start, end, table))
    arrow = to_arrow(rows, [time], table)
    require_instants(arrow.schema, [time], table)
    times = rows[time]
    inside = times.notna()
    if start is not None:
        inside &= times >= start
    if end is not None:
        inside &= times < end
    return rows[inside]


def half_open(
    names: list[str],
    start: datetime | None,
    end: datetime | None,
    table: LogTable = CONNECTIONS,
) -> ds.Expression:
    """Return the filter of a half-open time range, at least one end of which is given."""
    bounds, time = [], ds.field(table.time_column)
    if start is not None:
        bounds.append(time >= pa.scalar(start, INSTANT))
        bounds += [ds.field(_DATE) >= start.date()] * (_DATE in names)
    if end is not None:
        bounds.append(time < pa.scalar(end, INSTANT))
        last = (end - timedelta.resolution).date()  # at midnight, the day before is the last
        bounds += [ds.field(_DATE) <= last] * (_DATE in names)
    return reduce(and_, bounds)


def selected(rows: Rows, selection: Selection, table: LogTable = CONNECTIONS) -> Rows:
    """Return the rows that a selection wants; a dataset is read only where a filter asks for it.

    Raises
    ------
    TableError
        The rows lack a column that the selection looks at.
    """
    inside = within(rows, selection.start, selection.end, table)
    filters = replace(selection, start=None, end=None)
    if filters == EVERYTHING:
        return inside
    looked_at = [name for name in table.columns if name in filters.needs(table)]
    if isinstance(inside, ds.Dataset):
        require_columns(inside.schema.names, looked_at, table=table)
        texts = {name: _wanted_texts(inside, name, filters) for name in looked_at}
        if not all(map(len, texts.values())):
            return inside.filter(ds.scalar(False))  # noqa: FBT003  (no file need be opened)
        return inside.filter(reduce(and_, (ds.field(n).isin(t) for n, t in texts.items())))
    held: pa.Table = (
        inside if isinstance(inside, pa.Table) else to_arrow(inside, _names(inside), table)
    )
    require_columns(held.column_names, looked_at, table=table)
    compared = held.select(looked_at).cast(
        pa.schema([table.file_schema.field(name) for name in looked_at])
    )
    mask = filters.mask(compared, table)
    return held if mask is None else held.filter(flags(mask))


def is_empty(rows: Rows, table: LogTable = CONNECTIONS) -> bool:
    """Say whether there are no rows; of a dataset, only its first one is looked for."""
    if isinstance(rows, ds.Dataset):
        return rows.head(1, columns=[table.time_column]).num_rows == 0  # type: ignore[call-arg]
    return rows.shape[0] == 0


def _wanted_texts(rows: ds.Dataset, column: str, filters: Selection) -> pa.StringArray:
    """Return which of a column's texts are wanted, so that files need not be read for the rest."""
    found: set[str | None] = set()
    for batch in rows.to_batches(columns=[column]):
        found.update(batch[column].unique().to_pylist())
    wanted = [text for text in found if text is not None and filters.wants(column, text)]
    return pa.array(sorted(wanted), pa.string())


def to_arrow(frame: pd.DataFrame, columns: list[str], table: LogTable = CONNECTIONS) -> pa.Table:
    """Return columns of a DataFrame as an Arrow table.

    Raises
    ------
    TableError
        A column is not there, or holds values of several types.
    """
    require_columns(_names(frame), columns, table=table)
    try:
        return pa.Table.from_pandas(frame[columns], preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        said = " ".join(str(part) for part in error.args)
        raise TableError(f"{table.name}: {said}; expected the types of the table") from error


def _names(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame.columns]


def require_columns(
    there: list[str],
    columns: list[str],
    *,
    index: Sequence[str] = (),
    table: LogTable = CONNECTIONS,
) -> None:
    """Refuse rows that lack columns, or have one twice; all problems are named.

    ``index`` are the names of a DataFrame's index, which is no column.
    """
    problems = []
    for name in dict.fromkeys(columns):
        if there.count(name) > 1:
            problems.append(f"{table.name}: column {name!r} is there twice; keep one")
        elif name not in there and name in index:
            problems.append(f"{table.name}: {name!r} is the index; call reset_index() first")
        elif name not in there and name in table.columns:
            problems.append(f"{table.name}: no column {name!r}; read it too (columns=)")
        elif name not in there:
            expected = ", ".join(table.columns)
            problems.append(f"{table.name}: no column {name!r}; expected of {expected}")
    if problems:
        raise TableError(problems)


def require_instants(schema: pa.Schema, columns: list[str], table: LogTable = CONNECTIONS) -> None:
    """Refuse columns of times that hold none, or times without a zone."""
    require_columns(schema.names, columns, table=table)
    problems = []
    for name in columns:
        kind = schema.field(name).type
        if name not in table.columns or table.field(name).type != INSTANT:
            continue
        if kind == pa.null():
            continue
        if not pa.types.is_timestamp(kind):
            problems.append(
                f"{table.name}: column {name!r} holds {kind}, not times; "
                "convert it with pandas.to_datetime(..., utc=True)"
            )
        elif kind.tz is None:
            problems.append(
                f"{table.name}: column {name!r} has no time zone; "
                'if its times are UTC, say so with .dt.tz_localize("UTC")'
            )
    if problems:
        raise TableError(problems)
