"""What the fields of a file are to a table, where the file names them.

AWS's names count in any case, with ``-`` for ``_``. The time is called ``time`` by what CloudWatch
delivers and ``timestamp`` by the text files. A table that albconn wrote and somebody exported has
columns that are made of others: those are made again, and taken as they are only where the others
are missing. A row's identity is always where it is read.
"""

from __future__ import annotations

from collections.abc import Sequence

from albconn.logs.lines.layout import KEPT, LEFT
from albconn.schema.field import FromColumn, FromKey
from albconn.schema.table import IDENTITY, LogTable

_TIMES = ("time", "timestamp")
_OF_THE_EVENT = "@timestamp"  # Logs Insights' own; the time of what has no other
# What Logs Insights says of an event, and where pandas writes the number of a row.
_NOT_OF_THE_RECORD = ("@", "__index_level_", "Unnamed: ")
_IDENTITY = {field.name for field in IDENTITY}


def column_of(key: str, table: LogTable) -> str | None:
    """Return the column of the table that a file's name for a field means; None for no column.

    Examples
    --------
    >>> from albconn.schema.connections import CONNECTIONS
    >>> [column_of(key, CONNECTIONS) for key in ("time", "Client-IP", "x")]
    ['timestamp', 'client_ip', None]
    """
    name = key.strip().lower().replace("-", "_")
    if name in _TIMES or name == table.time_column:
        return table.time_column
    if name not in table.columns or name == table.tail:
        return None
    return name


def names_of(keys: Sequence[str], table: LogTable) -> tuple[str, ...]:
    """Return the names that a layout has for the fields that a file calls ``keys``.

    Examples
    --------
    >>> from albconn.schema.connections import CONNECTIONS
    >>> names_of(("time", "elb", "source_file", "new"), CONNECTIONS)
    ('timestamp', 'elb', '-source_file', '+new')
    """
    columns = [column_of(key, table) for key in keys]
    if table.time_column not in columns and _OF_THE_EVENT in keys:
        columns[keys.index(_OF_THE_EVENT)] = table.time_column
    there = set(columns)
    taken: set[str] = set()
    names = []
    for key, column in zip(keys, columns, strict=True):
        name = _name_of(key, column, table, there)
        if name in taken:  # a second name for the same
            name = f"{KEPT}{key}"
        taken.add(name)
        names.append(name)
    return tuple(names)


def _name_of(key: str, column: str | None, table: LogTable, there: set[str | None]) -> str:
    if column is None:
        return unknown_name(key)
    origin = table.field(column).origin
    is_made = isinstance(origin, FromColumn) and origin.column in there
    return f"{LEFT}{key}" if is_made or column in _IDENTITY else column


def unknown_name(key: str) -> str:
    """Return the name of what is no column: left out where it is not of the record itself."""
    return f"{LEFT if key.startswith(_NOT_OF_THE_RECORD) else KEPT}{key}"


def is_described(keys: Sequence[str], table: LogTable) -> bool:
    """Say whether fields of these names make a table's row: its time, and another of its fields."""
    known = {column_of(key, table) for key in keys}
    others = {field.name for field in table.line_fields} - {table.time_column}
    has_time = table.time_column in known or _OF_THE_EVENT in keys
    return has_time and bool(known & others) and not _is_of_another_log(keys, table)


def _is_of_another_log(keys: Sequence[str], table: LogTable) -> bool:
    """Say whether most names are no columns, and some are those of requests: an access log."""
    unknown = {key.lower() for key in keys if column_of(key, table) is None}
    return bool(unknown & _OF_REQUESTS) and not any(key in table.columns for key in _OF_REQUESTS)


_OF_REQUESTS = {"elb_status_code", "request_processing_time", "target_status_code", "user_agent"}


def is_made_by_key(column: str, table: LogTable) -> bool:
    """Say whether a column is no field of AWS's line, but what a file's key says."""
    field = table.field(column)
    return isinstance(field.origin, FromKey) and field.position is None
