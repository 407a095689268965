"""Plain text, as CloudWatch delivers it: somebody chose the fields, their order, the delimiter.

Nothing in the file says which. A user may say it, as the line of names that the file lacks. Else
the values of the first lines do: a trace id begins with ``TID_``, a cipher is in capitals; the two
addresses and the two ports are told apart by their order. What stays in doubt is no format.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from albconn.errors import LineError, TableError, shown
from albconn.logs.lines.exact import decode, split_line
from albconn.logs.lines.layout import KEPT, Layout
from albconn.logs.lines.naming import is_described, names_of
from albconn.schema.table import MOST_FIELDS, LogTable

NAME = "plain"
_LINES = 50  # of a file's first ones
_MOST_MISFITS = 0.1  # of them, that may be no lines of the layout that is found
_LONGEST_DELIMITER = 5  # [characters]
_APART = 3  # times as many distinct values has a client's column as a node's or a listener's
_FEW = 4  # distinct values may be chance
_USUAL = ("\t", ",", "||", "|", ";", "::", " ")
_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:?\d\d)?"
_AFTER_TIME = re.compile(_TIME + r'"?([^\w"\\.:+-][^\w"\\.:+-]{0,4}?)(?=["\w.:-])')
_NAME = r"[A-Za-z@_][\w@-]*"
_NAMES = re.compile(rf"{_NAME}((?:(?!{_NAME}).){{1,{_LONGEST_DELIMITER}}}){_NAME}")
_ADDRESS = r"(?:(?:[0-9xX]{1,3}\.){3}[0-9xX]{1,3}|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)"
_PORT = r"\d{1,5}"
_VALUES = {
    name: re.compile(pattern, re.ASCII)
    for name, pattern in {
        "timestamp": _TIME,
        "client_ip": _ADDRESS,
        "client_port": _PORT,
        "listener_port": _PORT,
        "tls_protocol": r"(?:TLS|SSL)v\d(?:\.\d)?",
        "tls_cipher": r"(?!TID_)[A-Z0-9]+(?:[-_][A-Z0-9]+)+",
        "tls_handshake_latency": r"\d+\.\d+",
        "leaf_client_cert_subject": r"[A-Za-z0-9.]+=.*",
        "leaf_client_cert_validity": r"NotBefore=.*",
        "leaf_client_cert_serial_number": r"(?:[0-9A-F]{2})+",
        "tls_verify_status": r"Success|Failed.*",
        "conn_trace_id": r"TID_.*",
        "tls_keyexchange": r"(?i:x25519|x448|secp|prime|ffdhe|[a-z0-9]*mlkem)[A-Za-z0-9]*",
        "elb": r"(?:app|net)/[^/]+/\w+",
        "ip_address": _ADDRESS,
    }.items()
}
_TWINS = (
    ("client_ip", "ip_address"),
    ("client_port", "listener_port"),
)  # the first has more values

Columns = Sequence[frozenset[str]]  # for each column of the lines, which values it has


def given_layout(told: str, table: LogTable) -> Layout:
    r"""Return the layout that a user gives, as the line of names that a file lacks.

    Parameters
    ----------
    told : str
        The names of the fields in their order, with the delimiter between them; a tab may be
        written ``\t``.

    Raises
    ------
    TableError
        It is no such line.
    """
    if not isinstance(told, str):
        raise TableError(f"layout: {shown(told)} is not a text; {_EXPECTED}")
    told = told.replace("\\t", "\t").strip("\n")
    found = _NAMES.match(told)
    delimiter = found[1] if found else ""
    keys = tuple(key.strip() for key in told.split(delimiter)) if delimiter else ()
    if not is_described(keys, table) or len(set(keys)) < len(keys) or not all(keys):
        raise TableError(
            f"layout: {shown(told)} does not name the time and another field of "
            f"{table.name}; {_EXPECTED}"
        )
    return _layout(keys, delimiter, told, table)


_EXPECTED = "expected the fields as they stand in a line, such as 'time,client_ip,tls_protocol'"


def guess(head: bytes, table: LogTable) -> Layout | None:
    """Return how the lines of a file lie, None where their values do not say it beyond doubt."""
    lines = [decode(raw.removesuffix(b"\r")) for raw in head.split(b"\n")[:_LINES] if raw.strip()]
    for delimiter in _delimiters(lines):
        columns = _columns(lines, delimiter, table)
        names = _assigned(columns, table) if columns else None
        if names and is_described(names, table):
            return _layout(names, delimiter, "", table)
    return None


@lru_cache(maxsize=256)
def _layout(keys: tuple[str, ...], delimiter: str, header: str, table: LogTable) -> Layout:
    names = names_of(keys, table)
    is_whole = names == tuple(field.name for field in table.line_fields)[: len(names)]
    return Layout(
        table, names, table.fewest_fields if is_whole and len(names) > table.fewest_fields
        else len(names), delimiter.encode(), format=NAME, keys=keys, quotes="either",
        empties=True, closed=not is_whole, header=header.encode(), zone="utc",
    )  # fmt: skip


def _delimiters(lines: Sequence[str]) -> list[str]:
    """Return what may stand between fields: what follows a time in the first line comes first."""
    found = _AFTER_TIME.search(lines[0]) if lines else None
    return list(dict.fromkeys([*([found[1]] if found else []), *_USUAL]))


def _columns(lines: Sequence[str], delimiter: str, table: LogTable) -> Columns | None:
    """Return the values of each column where nearly all lines have as many as the first."""
    loose = Layout(
        table, tuple(f"{KEPT}{n}" for n in range(MOST_FIELDS)), 1, delimiter.encode(),
        quotes="either", empties=True,
    )  # fmt: skip
    rows = []
    for line in lines:
        try:
            texts, tail = split_line(line, loose)
        except LineError:
            continue
        if tail is None:
            rows.append(texts)
    if not rows:
        return None
    width = len(rows[0])
    alike = [row for row in rows if len(row) == width]
    if width < 2 or len(alike) < (1 - _MOST_MISFITS) * len(lines):
        return None
    return [frozenset(text for text in column if text) for column in zip(*alike, strict=True)]


def _assigned(columns: Columns, table: LogTable) -> tuple[str, ...] | None:
    """Return the field of each column; None where there are several ways."""
    fields = [field.name for field in table.line_fields if field.name in _VALUES]
    may_be = [
        [name for name in fields if all(_VALUES[name].fullmatch(text) for text in column)]
        for column in columns
    ]
    ordered = _in_order(may_be, fields)
    if len(ordered) == 1:
        return ordered[0]
    if tuple(fields[: len(columns)]) in ordered and len(columns) >= table.fewest_fields:
        return tuple(fields[: len(columns)])
    return None if ordered else _shuffled(may_be, columns)


def _in_order(may_be: Sequence[Sequence[str]], fields: list[str]) -> list[tuple[str, ...]]:
    """Return the ways in which the columns are fields in AWS's order: none, one, or a few."""
    ways: list[tuple[int, ...]] = [()]
    for names in may_be:
        places = [fields.index(name) for name in names]
        ways = [(*way, n) for way in ways for n in places if not way or n > way[-1]]
        ways.sort()
        ways = [*ways[:1], *(way for before, way in pairwise(ways) if way != before)][:_MOST_WAYS]
    return [tuple(fields[n] for n in way) for way in ways]


_MOST_WAYS = 64


def _shuffled(may_be: Sequence[Sequence[str]], columns: Columns) -> tuple[str, ...] | None:
    """Return the fields of columns in another order, where each has but one that it can be."""
    left = [set(names) for names in may_be]
    for more, fewer in _TWINS:
        _tell_twins(left, columns, more, fewer)
    while True:
        sure = {next(iter(names)) for names in left if len(names) == 1}
        reduced = [names if len(names) == 1 else names - sure for names in left]
        if reduced == left:
            break
        left = reduced
    names = [next(iter(names)) for names in left if len(names) == 1]
    return tuple(names) if len(names) == len(set(names)) == len(columns) else None


def _tell_twins(left: list[set[str]], columns: Columns, more: str, fewer: str) -> None:
    """Tell columns that may be either of two fields by how many distinct values they have."""
    both = [n for n, names in enumerate(left) if {more, fewer} <= names and columns[n]]
    if len(both) != 2:
        return
    both.sort(key=lambda n: len(columns[n]))
    few, many = (len(columns[n]) for n in both)
    if many >= max(_FEW, _APART * few):
        left[both[0]], left[both[1]] = {fewer}, {more}
