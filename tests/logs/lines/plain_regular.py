"""The compiled reader a second time: slow and plain, apart from albconn, to compare with it.

Nothing here needs more than the standard library, so that it also runs where the reader is under
a sanitizer and every import costs.
"""

from __future__ import annotations

import re
import struct
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

TAIL = "c"  # what follows the last field is a category
_FORMATS = {"T": "q", "t": "q", "p": "i", "i": "q", "s": "d", "e": "d", "c": "i"}
_QUOTED = re.compile(rb'"((?:[^"\\\n]|\\[^\n])*)"')
_SHAPES = {
    "t": re.compile(rb"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:\d\d(\.\d{1,6})?Z"),
    "p": re.compile(rb"\d{1,5}"),
    "i": re.compile(rb"-?\d{1,18}"),
    "s": re.compile(rb"(?=[\d.]{1,16}\Z)\d{1,15}(\.\d+)?"),
    "e": re.compile(rb"-1|(?=[\d.]{1,16}\Z)\d{1,15}(\.\d+)?"),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = tuple[Any, ...]


class Layout(NamedTuple):
    """How lines are written: one letter a field, and what a line is split by."""

    kinds: str
    fewest: int = 1
    delimiter: bytes = b" "
    null: bytes = b"-"
    shapes: tuple[bytes, ...] = ()
    ways: tuple[bytes, ...] = ()

    @property
    def parts(self) -> str:
        """The kinds of all parts of fields that are taken apart."""
        return "".join(way[2:].decode() for way in self.ways)


def read_plainly(line: bytes, layout: Layout) -> Row | None:
    """Return the values of a line without its newline, its tail, parts; None when in doubt."""
    split = split_plainly(line, layout)
    if split is None or len(split[0]) < layout.fewest:
        return None
    if b"\r" in line.removesuffix(b"\r"):
        return None
    texts, tail = split
    if not fit_plainly(texts, layout.shapes):
        return None
    texts += [None] * (len(layout.kinds) - len(texts))
    try:
        line.decode()
        values = [_value(kind, text) for kind, text in zip(layout.kinds, texts, strict=True)]
        parts = [part for way in layout.ways for part in _parts(texts[way[0]], way, layout.null)]
    except ValueError:
        return None
    return (*values, tail.decode() or None, *parts)


def _parts(text: bytes | None, way: bytes, null: bytes) -> list[Any]:
    """Return the parts of a field; ValueError when in doubt."""
    kinds = way[2:].decode()
    if text is None:
        return [None] * len(kinds)
    parts = _endpoint(text) if way[1:2] == b"a" else _request(text)
    told = [None if part in (None, b"", null) else part for part in parts]
    return [_value(kind, part) for kind, part in zip(kinds, told, strict=True)]


def _endpoint(text: bytes) -> list[bytes | None]:
    found = re.fullmatch(rb"([^[].*):([^:]{1,5})", text, re.DOTALL)
    if found is None:
        raise ValueError("no address and port")
    return [*found.groups()]


def _request(text: bytes) -> list[bytes | None]:
    url = rb"([A-Za-z]+)://([^/?]*)((?:/[^?]*)?)(?:\?(.*))?"
    found = re.fullmatch(rb"([^ ]*) " + url + rb" ([^ ]*)", text, re.DOTALL)
    if found is None:
        raise ValueError("no method, URL and version")
    method, protocol, authority, path, query, version = found.groups()
    host, colon, behind = authority.rpartition(b":")
    digits = re.match(rb"[0-9]*", behind if colon else b"")
    port = digits[0] if digits else b""
    if authority[:1] == b"[" or len(port) > 5:
        raise ValueError("an unusual host")
    return [method, protocol, host if colon else authority, port, path, query, version]


def fit_plainly(texts: list[bytes | None], shapes: tuple[bytes, ...]) -> bool:
    """Say whether each value begins as its field's do, or as no other field's."""
    bare = [shape[1:] if shape[:1] >= b"\x80" else shape for shape in shapes]
    known = [text for shape in bare for text in shape.split(b"\n") if text]
    for text, shape in zip(texts, shapes, strict=False):
        if shape[:1] >= b"\x80":
            beside = shape[0] - 0x80
            if not text and beside < len(texts) and texts[beside]:
                return False
            shape = shape[1:]
        own = [beginning for beginning in shape.split(b"\n") if beginning]
        if text and shape == b"\n" and any(text[: len(k)] == k for k in known):
            return False
        if text and own and not any(text[: len(k)] == k for k in own):
            return False
    return True


def split_plainly(line: bytes, layout: Layout) -> tuple[list[bytes | None], bytes] | None:
    """Return a line's fields and the verbatim rest; None when in doubt."""
    texts: list[bytes | None] = []
    at = 0
    while len(texts) < len(layout.kinds):
        if line[at : at + 1] == b'"':
            found = _QUOTED.match(line, at)
            if found is None:
                return None
            text, at = found[1], found.end()
        else:
            end = line.find(layout.delimiter, at)
            text = line[at:end] if end >= 0 else _without_return(line[at:])
            at = end if end >= 0 else len(line)
            if not text:
                return None
        texts.append(None if text in (b"", layout.null) else text)
        if at == len(line):
            return texts, b""
        if line[at : at + 1] != layout.delimiter:
            return None
        at += 1
    tail = _without_return(line[at:])
    return None if tail is None else (texts, tail)


def _without_return(text: bytes) -> bytes | None:
    text = text.removesuffix(b"\r")
    return None if text.endswith(b"\r") else text


def _value(kind: str, text: bytes | None) -> Any:
    """Return what a field says; ValueError when in doubt."""
    if text is None:
        if kind == "T":
            raise ValueError("an instant must not be missing")
        return None
    if kind in "xc":
        return text.decode()
    if not _SHAPES[kind.lower()].fullmatch(text):
        raise ValueError("an unusual number")
    if kind in "Tt":
        since = datetime.fromisoformat(text.decode()) - _EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if kind == "p" and int(text) > 65_535:
        raise ValueError("no port")
    if kind == "e" and text == b"-1":
        return None
    return float(text) if kind in "se" else int(text)


def rows_of(made: tuple[Any, ...], kinds: str, parts: str = "") -> list[Row]:
    """Return the rows of the compiled reader's answer; a column nobody asked for is all None."""
    rows, _, columns, _ = made
    values = [_values(rows, kind, c) for kind, c in zip(kinds + TAIL + parts, columns, strict=True)]
    return list(zip(*values, strict=True))


def _values(rows: int, kind: str, column: tuple[Any, ...] | None) -> list[Any]:
    if column is None:
        return [None] * rows
    nulls, validity, values, texts = column
    valid = [validity[n >> 3] >> (n & 7) & 1 for n in range(rows)]
    assert nulls == valid.count(0)
    if kind == "x":
        held, codes = _texts(*texts), range(rows)
    else:
        letter = _FORMATS[kind]
        codes = struct.unpack_from(f"={rows}{letter}", values)
        assert not any(values[rows * struct.calcsize(f"={letter}") :]), "room of lines left"
        assert not any(c for c, is_there in zip(codes, valid, strict=True) if not is_there)
        held = _texts(*texts) if texts else codes
    if kind in "xc":
        return [held[c] if is_there else None for c, is_there in zip(codes, valid, strict=True)]
    return [value if is_there else None for value, is_there in zip(held, valid, strict=True)]


def _texts(offsets: bytes, data: bytes) -> list[str]:
    ends = struct.unpack(f"={len(offsets) // 4}i", offsets)
    assert (ends[0], ends[-1]) == (0, len(data))
    return [data[a:b].decode() for a, b in pairwise(ends)]
