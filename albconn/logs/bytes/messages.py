"""CSV of whole messages, as Logs Insights gives them: the messages become lines.

    @timestamp,@message
    2026-09-23 07:11:27.691,"{""time"":""2026-09-23T07:11:27.691358Z"",…}"

The line of names becomes an empty one, so a message keeps its number. What cannot be taken apart
stays as it is, and is rejected as what it is.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

from albconn.logs.formats.header import first_line, keys_of

CSV = "CSV of messages"
_COLUMN = "@message"
_DELIMITERS = (",", "\t", ";")

Pieces = Iterator[bytes]


def as_lines(head: bytes, pieces: Pieces) -> Pieces | None:
    """Return the messages of a CSV as lines, None where it is none of messages."""
    line = first_line(head)
    for delimiter in _DELIMITERS:
        keys = keys_of(
            line + (b"" if delimiter.encode() in line else delimiter.encode()), delimiter
        )
        if _COLUMN in keys:
            return _messages(pieces, line, keys.index(_COLUMN), delimiter)
    return None


def _messages(pieces: Pieces, names: bytes, column: int, delimiter: str) -> Pieces:
    carried = b""
    for piece in pieces:
        lines = (carried + piece).split(b"\n") if b"\n" in piece else None
        if lines is None:
            carried += piece
            if len(carried) > _LONGEST:
                yield carried  # a line without end, which whoever cuts lines cuts
                carried = b""
            continue
        carried = lines.pop()
        yield b"".join(_message(raw, names, column, delimiter) + b"\n" for raw in lines)
    if carried:
        yield _message(carried, names, column, delimiter)


def _message(raw: bytes, names: bytes, column: int, delimiter: str) -> bytes:
    raw = raw.removesuffix(b"\r")
    if raw == names:
        return b""
    try:
        values = next(csv.reader([raw.decode()], delimiter=delimiter, strict=True), [])
    except (csv.Error, UnicodeDecodeError):
        return raw
    return values[column].strip().encode() if column < len(values) else raw


_LONGEST = 2 << 20  # of a line, quotes doubled [bytes]
