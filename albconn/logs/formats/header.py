"""CSV with a first line that names the columns: what Athena, Logs Insights and people export.

References
----------
RFC 4180; AWS, "Athena User Guide", "Work with query results"; "CloudWatch Logs User Guide",
"Export query results".
"""

from __future__ import annotations

import csv
from functools import lru_cache

from albconn.logs.lines.layout import Layout
from albconn.logs.lines.naming import is_described, names_of
from albconn.schema.table import MOST_FIELDS, LogTable

NAME = "csv"
_DELIMITERS = ",\t;| "
_NAMELESS = "@"  # before the number of a column without a name, such as the index of pandas
_LONGEST = 1 << 14  # of the line [bytes]


def describe(head: bytes, table: LogTable) -> Layout | None:
    """Return how the lines of a file lie, None where its first line names no table's row."""
    line = first_line(head)
    for delimiter in _DELIMITERS:
        keys = keys_of(line, delimiter)
        if keys and is_described(keys, table):
            return layout_of(keys, delimiter.encode(), line, table)
    return None


@lru_cache(maxsize=256)
def layout_of(keys: tuple[str, ...], delimiter: bytes, line: bytes, table: LogTable) -> Layout:
    """Return the layout of lines below a line of names."""
    return Layout(
        table, names_of(keys, table), len(keys), delimiter, format=NAME, keys=keys,
        quotes="doubled", empties=True, closed=True, header=line, zone="utc",
    )  # fmt: skip


def first_line(head: bytes) -> bytes:
    """Return the first line of a file, without its end; nothing where it is far too long."""
    line = head[:_LONGEST].partition(b"\n")[0].removesuffix(b"\r")
    return line if len(line) < _LONGEST else b""


def keys_of(line: bytes, delimiter: str) -> tuple[str, ...]:
    """Return the names in a line; none where several are alike, or too many."""
    if delimiter.encode() not in line:
        return ()
    try:
        keys = next(csv.reader([line.decode()], delimiter=delimiter, strict=True), [])
    except (csv.Error, UnicodeDecodeError):
        return ()
    names = tuple(key.strip() or f"{_NAMELESS}{n}" for n, key in enumerate(keys))
    return names if len(set(names)) == len(names) <= MOST_FIELDS else ()
