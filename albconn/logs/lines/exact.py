"""One line, read slowly and exactly: the definition that the fast path must agree with.

Fields are separated by one space. A field that begins with a quote ends at the next quote that
no odd run of backslashes precedes, and its text is kept raw. ``-`` and ``""`` are missing.
What follows the fifteenth field is kept verbatim. Timestamp, ports and latency must be what
they say; every other field may hold any text, because AWS adds values without notice.
"""

from __future__ import annotations

import re
import sys
from typing import Any, NamedTuple

import pyarrow as pa

from albconn.errors import LineError, shown
from albconn.schema.connections import FEWEST_FIELDS, LINE_FIELDS
from albconn.schema.field import INSTANT

HIGHEST_PORT = 65535
_FIELDS = re.compile(rb'"(?:[^"\\]|\\.)*"|[^ ]+')
# What the typed fields may hold: [µs since 1970 UTC] the years 1 to 9999, as Python's datetime.
RANGES: dict[str, tuple[float, float]] = {
    "timestamp": (-62_135_596_800_000_000, 253_402_300_799_999_999),
    "client_port": (0, HIGHEST_PORT),
    "listener_port": (0, HIGHEST_PORT),
    "tls_handshake_latency": (0.0, sys.float_info.max),
}
_FIELD = re.compile(r'"((?:[^"\\]|\\.)*)"(?= |$)|([^ "][^ ]*)', re.DOTALL)


def likely_width(raw: bytes) -> int:
    """Return how many fields a line seems to have; a guess, good enough to sort lines by."""
    return len(_FIELDS.findall(raw))


class ParsedLine(NamedTuple):
    """The values of one line in the order of ``LINE_FIELDS``, None where missing."""

    values: tuple[Any, ...]
    extra_fields: str | None
    width: int


def decode(raw: bytes) -> str:
    r"""Decode a line; a byte that is not UTF-8 stays visible as ``\xNN``."""
    return raw.decode("utf-8", errors="backslashreplace")


def parse_line(text: str) -> ParsedLine:
    """Return the typed values of one line without its line end.

    Raises
    ------
    LineError
        The text is not an ALB connection log line; the message says which field and why.
    """
    texts, tail = split_line(text)
    if len(texts) < FEWEST_FIELDS:
        raise LineError(f"fields: {len(texts)} found; expected at least {FEWEST_FIELDS}")
    values: list[Any] = list(texts)
    for name, convert in _TYPED.items():
        at = LINE_FIELDS.index(name)
        values[at] = convert(name, texts[at])
    values += [None] * (len(LINE_FIELDS) - len(values))
    extra = 1 + tail.count(" ") if tail is not None else 0
    return ParsedLine(tuple(values), tail, len(texts) + extra)


def split_line(text: str) -> tuple[list[str | None], str | None]:
    """Split a line into at most fifteen texts and the verbatim rest.

    Examples
    --------
    >>> split_line('a "b c" - "-" d')
    (['a', 'b c', None, None, 'd'], None)
    """
    texts: list[str | None] = []
    at = 0
    while at <= len(text):
        if len(texts) == len(LINE_FIELDS):
            return texts, text[at:] or None
        found = _FIELD.match(text, at)
        if found is None or (found.end() < len(text) and text[found.end()] != " "):
            raise LineError(_why_no_field(text, at, len(texts) + 1))
        value = found[2] if found[1] is None else found[1]
        texts.append(None if value in ("", "-") else value)
        at = found.end() + 1
    return texts, None


def _why_no_field(text: str, at: int, position: int) -> str:
    name = LINE_FIELDS[position - 1]
    if at >= len(text) or text[at] == " ":
        return f"{name}: field {position} is empty; fields are separated by one space"
    return f"{name}: the quoted text {shown(text[at:])} does not end at a quote and a space"


def _timestamp(name: str, text: str | None) -> int:
    try:
        instant = pa.scalar(text or "-").cast(INSTANT).value
    except pa.ArrowInvalid:
        instant = None
    if instant is None or not _in_range(name, instant):
        raise LineError(
            f"{name}: {shown(text or '-')} is not a time; expected 2026-09-23T07:11:27.691358Z"
        )
    return instant


def _in_range(name: str, value: float) -> bool:
    lowest, highest = RANGES[name]
    return lowest <= value <= highest


def _port(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        port = pa.scalar(text.strip(" ")).cast(pa.int32()).as_py()
    except pa.ArrowInvalid:
        port = -1
    if not _in_range(name, port):
        raise LineError(f"{name}: {shown(text)} is not a port; expected 0–{HIGHEST_PORT}")
    return port


def _latency(name: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = pa.scalar(text.strip(" ")).cast(pa.float64()).as_py()
    except pa.ArrowInvalid:
        seconds = -1.0
    if not _in_range(name, seconds):
        raise LineError(f"{name}: {shown(text)} is not a duration; expected seconds such as 0.337")
    return seconds


_TYPED = {
    "timestamp": _timestamp,
    "client_port": _port,
    "listener_port": _port,
    "tls_handshake_latency": _latency,
}
