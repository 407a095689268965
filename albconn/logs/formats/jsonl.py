"""JSON lines, as CloudWatch delivers them: an object a line, members in any order and number.

References
----------
AWS, "CloudWatch Logs User Guide", "Enable logging from AWS services", output formats.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from albconn.errors import LineError
from albconn.logs.lines.exact import decode
from albconn.logs.lines.layout import Layout
from albconn.logs.lines.naming import is_described, names_of
from albconn.logs.lines.objects import load_object
from albconn.schema.table import MOST_FIELDS, LogTable

NAME = "json"
_LINES = 16  # of a file's first ones, from which its members' names are learnt
_LONGEST_KEY = 256  # that the compiled reader looks for


def describe(head: bytes, table: LogTable) -> Layout | None:
    """Return how the lines of a file lie, None where they are no objects of the table's rows."""
    if not head.lstrip().startswith(b"{"):
        return None
    keys = dict.fromkeys(key for members in _objects(head, table) for key in members)
    return layout_of(tuple(keys), table) if is_described(tuple(keys), table) else None


@lru_cache(maxsize=256)
def layout_of(keys: tuple[str, ...], table: LogTable) -> Layout:
    """Return the layout of objects with members of these names, and perhaps others."""
    usual = [key for key in keys if _is_usual(key)]
    known = set(names_of(usual, table))
    rest = [field.name for field in table.line_fields if field.name not in known]
    usual = [*usual[: MOST_FIELDS - len(rest)], *rest]
    return Layout(
        table, names_of(usual, table), 1, format=NAME, keys=tuple(usual), form="object", zone="utc"
    )


def _objects(head: bytes, table: LogTable) -> list[dict[str, Any]]:
    """Return what the first lines hold; some may be no objects."""
    empty, found = layout_of((), table), []
    for raw in head.split(b"\n", _LINES)[:_LINES]:
        try:
            found.append(load_object(decode(raw), empty))
        except (LineError, RecursionError):
            continue
    return found


def _is_usual(key: str) -> bool:
    """Say whether a name stands in JSON as it is."""
    return (
        0 < len(key.encode("utf-8", "replace")) <= _LONGEST_KEY
        and key.isprintable()
        and not {'"', "\\"} & set(key)
    )
