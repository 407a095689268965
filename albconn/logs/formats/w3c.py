"""W3C extended logs: a ``#Fields:`` line names the fields of the lines that follow it.

The names stand one blank apart whatever stands between the values, so the first line of values
says which delimiter it is. Files that were joined have several such lines; each counts from there.

References
----------
W3C, "Extended Log File Format", WD-logfile-960323.
"""

from __future__ import annotations

import re
from functools import lru_cache

from albconn.logs.lines.exact import likely_fields
from albconn.logs.lines.layout import Layout
from albconn.logs.lines.naming import is_described, names_of
from albconn.schema.table import LogTable

NAME = "w3c"
_FIELDS = re.compile(rb"^#Fields:[ \t]*([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
_BETWEEN = re.compile(r"[ \t]*[ \t,;|][ \t]*")
_DELIMITERS = (b"\t", b" ", b",", b"|", b";")
_SAMPLED = 5


def describe(head: bytes, table: LogTable) -> Layout | None:
    """Return how the lines of a file lie, None where it does not begin with directives."""
    if not head.lstrip().startswith(b"#"):
        return None
    found = _FIELDS.search(head)
    if found is None:
        return None
    told = found[1].decode("utf-8", "replace").strip()
    keys = tuple(key for key in _BETWEEN.split(told) if key)
    if not is_described(keys, table):
        return None
    return _layout(keys, _delimiter(head[found.end() :], told, len(keys)), table)


@lru_cache(maxsize=256)
def _layout(keys: tuple[str, ...], delimiter: bytes, table: LogTable) -> Layout:
    return Layout(
        table, names_of(keys, table), len(keys), delimiter, format=NAME, keys=keys,
        quotes="either", empties=True, closed=True, comment=b"#", zone="utc",
    )  # fmt: skip


def names_fields(text: bytes, at: int) -> bool:
    """Say whether the line that begins at a place names the fields of those behind it."""
    return _FIELDS.match(text, at) is not None


def _delimiter(rest: bytes, told: str, width: int) -> bytes:
    """Return the delimiter by which most of the first lines have as many values as names."""
    between = _BETWEEN.search(told)
    wanted = [*([between[0].encode()] if between else []), *_DELIMITERS]
    lines = [raw for raw in rest.splitlines()[: 4 * _SAMPLED] if raw and raw[:1] != b"#"]
    sample = lines[:_SAMPLED]

    def fitting(delimiter: bytes) -> int:
        return sum(raw.count(delimiter) + 1 == width for raw in sample) + sum(
            likely_fields(raw, delimiter) == width for raw in sample
        )

    return max(wanted, key=fitting)
