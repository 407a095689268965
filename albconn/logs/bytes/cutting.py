"""A log file's bytes become whole lines, or records, with their numbers.

A large file streams: it is never in memory whole, and a line cut by a piece's edge moves to the
next. What is no whole line is told apart: one that is too long, one that the file's damage cuts.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from albconn.logs.bytes.fetch import Fetcher
from albconn.logs.bytes.gunzip import Damage
from albconn.logs.bytes.proof import Raw, Unread
from albconn.logs.bytes.records import Rows, read_records
from albconn.logs.bytes.unpack import Member, open_members
from albconn.logs.find.sources import LogFile
from albconn.logs.lines.regular import Text, count_lines
from albconn.schema.table import LogTable

LONGEST_LINE = 1 << 20  # [bytes] before its newline, as many as a piece has at most
TOO_LONG, CUT_OFF = "the line is longer than 1 MiB", "the line is cut off"


class Cut(NamedTuple):
    """A piece of a file that is no whole line; ``value`` is what is wrong with the file."""

    file: int
    line: int
    reason: str
    text: bytes
    value: str | None = None


class Whole(NamedTuple):
    """Whole lines of a file; ``begins`` says that they are its first, or its archive's next."""

    texts: list[Text]
    line: int
    lines: int
    begins: bool
    inside: str = ""


class Table(NamedTuple):
    """Records of a file; ``line`` is the first one's number."""

    rows: Rows
    line: int


@dataclass
class FileEnd:
    """A file is read to its end, or to its damage; or nothing of it counts.

    ``formats`` are those of its members.
    """

    file: int
    damage: str | None = None
    unread: Unread | None = None
    formats: dict[str, None] = field(default_factory=dict)
    cuts: list[Cut] = field(default_factory=list)


class Counted:
    """A file's bytes, with each byte told to ``advance`` once, also where it is read twice."""

    def __init__(self, fetcher: Fetcher, log_file: LogFile, advance: Callable[[int], None]) -> None:
        self._fetcher, self._log_file, self._advance = fetcher, log_file, advance
        self._untold = log_file.size
        self._raw: Raw | None = None
        self.name = log_file.url

    def chunks(self) -> Iterator[bytes]:
        """Read the file from its start."""
        if self._raw is None:
            self._raw = self._fetcher.open(self._log_file)
        for chunk in self._raw():
            self._tell(len(chunk))
            yield chunk

    def prove(self) -> None:
        """See ``Raw``."""
        if self._raw is not None:
            self._raw.prove()

    def finish(self) -> None:
        """Tell what was never read, of a file that is unread or damaged."""
        self._tell(self._untold)

    def _tell(self, size: int) -> None:
        told = min(size, self._untold)
        self._untold -= told
        if told:
            self._advance(told)


def read_whole(raw: Counted, end: FileEnd, table: LogTable) -> Iterator[Whole | Table | Cut]:
    """Yield the lines of one file; where they turn out not to be its own, none counts."""
    try:
        yield from _whole_lines(raw, end, table)
        raw.prove()
    except Unread as unread:
        end.damage, end.unread = None, unread
        end.cuts.clear()


def _whole_lines(raw: Counted, end: FileEnd, table: LogTable) -> Iterator[Whole | Table | Cut]:
    """Yield the lines of one file; those of an archive's files count on from one to the next."""
    line = 1
    try:
        for member in open_members(raw.chunks, raw.name):
            if member.is_parquet:
                for rows in read_records(member.pieces, table):
                    yield Table(rows, line)
                    line += len(rows.records)
            else:
                line = yield from _lines_of(member, line, end)
            if end.damage:
                return
    except Damage as damage:
        end.damage = str(damage)


def _lines_of(member: Member, line: int, end: FileEnd) -> Generator[Whole | Cut, None, int]:
    """Yield the lines of a file, or of one in an archive; return the next line's number."""
    begins, carried, endless = True, b"", False
    try:
        for piece in member.pieces:
            first = piece.find(b"\n") + 1
            if not first:
                carried, endless = _bounded(carried, piece, endless)
                continue
            lines, cut = count_lines(piece), piece.rfind(b"\n") + 1
            if endless or len(carried) + first - 1 > LONGEST_LINE:
                text = carried if endless else (carried + piece[: first - 1])[:LONGEST_LINE]
                yield Cut(end.file, line, TOO_LONG, text)
                line, lines, carried = line + 1, lines - 1, b""
                piece, cut = piece[first:], cut - first
            if lines:
                whole = first if carried else 0
                texts = [carried + piece[:whole], memoryview(piece)[whole:cut]]
                yield Whole(texts, line, lines, begins, member.inside)
                begins = False
            line, carried, endless = line + lines, piece[cut:], False
    except Damage as damage:
        end.damage = str(damage)
    if carried and end.damage:
        end.cuts.append(Cut(end.file, line, CUT_OFF, carried, end.damage))
    elif endless:
        yield Cut(end.file, line, TOO_LONG, carried)
    elif carried:
        yield Whole([carried + b"\n"], line, 1, begins, member.inside)
    return line + (1 if carried else 0)


def _bounded(carried: bytes, piece: bytes, endless: bool) -> tuple[bytes, bool]:  # noqa: FBT001
    """Keep a line without end from filling the memory: its first megabyte stays."""
    if endless:
        return carried, True
    if len(carried) + len(piece) > LONGEST_LINE:
        return (carried + piece)[:LONGEST_LINE], True
    return carried + piece, False
