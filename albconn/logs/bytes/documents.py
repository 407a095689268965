"""JSON that is not one record a line: its records become lines.

    {"events": [{"message": "…", …}, …]}      aws logs filter-log-events, get-log-events
    {"logEvents": [{"message": "…"}, …], …}   a subscription's
    {"results": [[{"field": …, "value": …}]]} aws logs get-query-results
    [{…}, {…}] or ["…", "…"]                  what jq and others make of them
    {…}{…}                                    objects without line ends, or over several lines

It is read as it comes: of a document of gigabytes one record is in memory. The n-th record is the
n-th line. Where the JSON breaks, what came before it is there, and the damage says where.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

from albconn.errors import cut
from albconn.logs.bytes.gunzip import Damage

LOG_EVENTS = "log events"
LONGEST = 2 << 20  # of a record [characters]: a message of 1 MiB, and what is escaped in it
_TOGETHER = 1 << 18  # lines that are given at once [bytes]
_LISTS = ("events", "logEvents", "results")
_ENVELOPE = re.compile(
    rb'\{\s*"(?:events|logEvents|results|messageType|owner|searchedLogStreams|queryLanguage|'
    rb'statistics|status|nextToken|nextForwardToken|nextBackwardToken)"\s*:'
)
_BLANKS = re.compile(r"[\s,]*")
_TIMED = re.compile(r"\"@?time(?:stamp)?\\?\"\s*:|\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_LINE_ENDS = re.compile(r"[\r\n]+")
_WORD = re.compile(r"[\s]*")

Pieces = Iterator[bytes]


def as_lines(head: bytes, pieces: Pieces) -> Pieces | None:
    """Return the records of a JSON document as lines, None where it has one in each line already.

    Parameters
    ----------
    head : bytes
        The first bytes of the pieces.
    """
    text = head.lstrip()
    if not text.startswith((b"{", b"[")):
        return None
    is_document = text.startswith(b"[") or is_envelope(text) or not _has_object_lines(text)
    if not (is_document and _has_records(text)):
        return None
    return _together(_Document(pieces).lines())


def _has_records(text: bytes) -> bool:
    """Say whether the first record, as far as it is there, may be one of a log."""
    try:
        first = next(_Document(iter([text])).lines(), "")
    except Damage:  # it goes on
        first = text.decode("utf-8", "replace")
    return bool(_TIMED.search(first))


def is_envelope(head: bytes) -> bool:
    """Say whether a document holds log events, or the results of a query."""
    return _ENVELOPE.match(head.lstrip()) is not None


def _has_object_lines(text: bytes) -> bool:
    """Say whether the first line is an object, or no JSON at all."""
    line, newline, _ = text.partition(b"\n")
    if not newline:
        line = text
    try:
        _, end = _DECODER.raw_decode(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return line.strip() != b"{"
    return not line.decode("utf-8", "replace")[end:].lstrip().startswith("{")


class _Document:
    """JSON text that is read once, from its beginning."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._text, self._at = "", 0
        self._ended = False
        self._records = 0

    def lines(self) -> Iterator[str]:
        """Yield the records, one after the other."""
        while character := self._next():
            if character == "[":
                self._at += 1
                yield from self._elements()
            elif character == "{" and self._is_envelope():
                self._at += 1
                yield from self._members()
            else:
                yield self._record()

    def _is_envelope(self) -> bool:
        while len(self._text) - self._at < 256 and self._more():
            pass
        return is_envelope(self._text[self._at : self._at + 256].encode())

    def _members(self) -> Iterator[str]:
        """Go through an envelope: its lists are records."""
        while (character := self._next()) != "}":
            if not character:
                raise self._damage("it ends too early")
            name, _ = self._value()
            if self._next(_WORD) != ":":
                raise self._damage("a colon is missing")
            self._at += 1
            if self._next(_WORD) == "[" and name in _LISTS:
                self._at += 1
                yield from self._elements()
            else:
                self._value()
        self._at += 1

    def _elements(self) -> Iterator[str]:
        while (character := self._next()) != "]":
            if not character:
                raise self._damage("it ends too early")
            yield self._record()
        self._at += 1

    def _record(self) -> str:
        value, text = self._value()
        self._records += 1
        return _line_of(value, text)

    def _value(self) -> tuple[Any, str]:
        """Return a whole value and how it is written."""
        start = self._at
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise self._damage("it is nested too deeply") from error
            except ValueError as error:
                if len(self._text) - self._at > LONGEST:
                    raise self._damage("a value is longer than 2 MiB, or broken") from error
                if not self._more():
                    raise self._damage(cut(str(error))) from error
                start = self._at
                continue
            if end == len(self._text) and self._more():  # a number may go on
                start = self._at
                continue
            self._at = end
            return value, self._text[start:end]

    def _next(self, skipped: re.Pattern[str] = _BLANKS) -> str:
        """Return the next character that is no blank, empty at the end; nothing is taken."""
        while True:
            found = skipped.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def _more(self) -> bool:
        """Read on; what was taken is forgotten."""
        if self._ended:
            return False
        piece = next(self._pieces, None)
        self._ended = piece is None
        fresh = self._decoder.decode(piece or b"", final=self._ended)
        self._text, self._at = self._text[self._at :] + fresh, 0
        return bool(fresh) or not self._ended

    def _damage(self, why: str) -> Damage:
        return Damage(f"the JSON is broken behind its record {self._records:,}: {why}")


def _line_of(value: Any, text: str) -> str:
    """Return what a record is as a line: the message of an event, else the record's own JSON."""
    if isinstance(value, dict) and isinstance(value.get("message"), str):
        value = value["message"]
    elif isinstance(value, list) and all(isinstance(v, dict) and "field" in v for v in value):
        fields = {str(each["field"]): each.get("value") for each in value}
        message = fields.get("@message")
        value = message if isinstance(message, str) else json.dumps(fields, ensure_ascii=False)
    line = value if isinstance(value, str) else text
    return _LINE_ENDS.sub(" ", line.strip("\r\n"))


def _together(lines: Iterator[str]) -> Pieces:
    waiting: list[bytes] = []
    size = 0
    try:
        for line in lines:
            waiting.append(line.encode("utf-8", "backslashreplace"))
            size += len(waiting[-1]) + 1
            if size >= _TOGETHER:
                yield b"\n".join([*waiting, b""])
                waiting, size = [], 0
    except Damage:
        if waiting:
            yield b"\n".join([*waiting, b""])
        raise
    if waiting:
        yield b"\n".join([*waiting, b""])


_DECODER = json.JSONDecoder(strict=False)
