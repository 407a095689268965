"""Log files become blocks of whole lines, each block knowing whose lines it holds.

Small files are the normal case, so many of them are joined into one block before splitting;
files of different layouts, and where Arrow splits them of different widths, are joined apart. A
large file streams: it is never in memory whole, and a line cut by a block's edge moves to the
next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from albconn.logs.bytes.fetch import Fetcher
from albconn.logs.bytes.gunzip import Damage, inflate
from albconn.logs.bytes.proof import Raw, Unread
from albconn.logs.find.sources import LogFile
from albconn.logs.formats import recognise
from albconn.logs.lines.exact import likely_width
from albconn.logs.lines.layout import Layout
from albconn.logs.lines.regular import COMPILED, Text, count_lines
from albconn.schema.table import LogTable

BLOCK_BYTES = 4 << 20  # large enough that a block's fixed costs vanish, small enough for caches
LONGEST_LINE = 1 << 20  # [bytes]; a longer run without newline is no log
_HEAD_BYTES = 4096  # the first line is rarely longer
_TOO_LONG = "the line is longer than 1 MiB"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Part(NamedTuple):
    """Consecutive lines of one file inside a block; ``first_line`` counts from 1."""

    file: int
    first_line: int
    lines: int


@dataclass
class Block:
    """Whole lines, each ended by a newline, how they lie, and whose they are, in order.

    No line spans two texts. They are not joined: that would cost a copy of everything.
    """

    layout: Layout
    texts: list[Text]
    parts: list[Part]


class Cut(NamedTuple):
    """A piece of a file that is no whole line."""

    file: int
    line: int
    reason: str
    text: bytes


@dataclass
class FileEnd:
    """A file is read to its end, or to its damage; or nothing of it counts."""

    file: int
    damage: str | None = None
    unread: Unread | None = None
    cuts: list[Cut] = field(default_factory=list)


@dataclass
class _Pending:
    layout: Layout
    pieces: list[Text] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    size: int = 0

    def add(self, pieces: Sequence[Text], part: Part) -> None:
        self.pieces += pieces
        self.parts.append(part)
        self.size += sum(len(piece) for piece in pieces)

    def block(self) -> Block:
        return Block(self.layout, self.pieces, self.parts)


def read_blocks(
    job: Sequence[tuple[int, LogFile]],
    table: LogTable,
    fetcher: Fetcher,
    *,
    advance: Callable[[int], None],
) -> Iterator[Block | FileEnd]:
    """Yield the blocks of some files, and a ``FileEnd`` for each file.

    Parameters
    ----------
    job : sequence of (int, LogFile)
        The files and the number by which blocks refer to them.
    table : LogTable
        What their lines are.
    advance : callable
        Told the stored bytes of each file as they are read, in the sum the file's size.
    """
    pending: dict[tuple[Layout, int], _Pending] = {}
    fetcher.expect(log_file for _, log_file in job)
    for number, log_file in job:
        end = FileEnd(number)
        kind: tuple[Layout, int] | None = None
        raw = _Counted(fetcher, log_file, advance)
        for pieces, first_line, lines in _proven_lines(raw, end):
            if kind is None:
                kind = _kind_of(pieces, log_file, table)
            joined = pending.setdefault(kind, _Pending(kind[0]))
            joined.add(pieces, Part(number, first_line, lines))
            if joined.size >= BLOCK_BYTES:
                yield pending.pop(kind).block()
        raw.finish()
        yield end
    yield from (joined.block() for joined in pending.values())


def _proven_lines(raw: _Counted, end: FileEnd) -> Iterator[tuple[list[Text], int, int]]:
    """Yield the lines of one file; where they turn out not to be its own, none counts."""
    try:
        yield from _whole_lines(raw, end)
        raw.prove()
    except Unread as unread:
        end.damage, end.unread = None, unread
        end.cuts.clear()


def _whole_lines(raw: _Counted, end: FileEnd) -> Iterator[tuple[list[Text], int, int]]:
    """Yield (texts of whole lines, number of the first line, how many) of one file."""
    line, carried, endless = 1, b"", False
    try:
        for piece in _without_mark(inflate(raw.chunks)):
            cut = piece.rfind(b"\n") + 1
            if not cut:
                carried, endless = _bounded(carried, piece, endless)
                continue
            lines, start = count_lines(piece), 0
            if endless:
                end.cuts.append(Cut(end.file, line, _TOO_LONG, carried))
                line, lines, carried, start = line + 1, lines - 1, b"", piece.find(b"\n") + 1
            if lines:
                whole = piece.find(b"\n", start) + 1 if carried else start
                yield [carried + piece[start:whole], memoryview(piece)[whole:cut]], line, lines
            line, carried, endless = line + lines, piece[cut:], False
    except Damage as damage:
        end.damage = str(damage)
    if carried and (end.damage or endless):
        reason = f"the line is cut off: {end.damage}" if end.damage else _TOO_LONG
        end.cuts.append(Cut(end.file, line, reason, carried))
    elif carried:
        yield [carried + b"\n"], line, 1


def _without_mark(content: Iterator[bytes]) -> Iterator[bytes]:
    """Leave out the byte-order mark with which some editors begin a file."""
    head = b""
    try:
        while len(head) < len(_BYTE_ORDER_MARK) and (piece := next(content, b"")):
            head += piece
    except Damage:
        yield head.removeprefix(_BYTE_ORDER_MARK)
        raise
    yield head.removeprefix(_BYTE_ORDER_MARK)
    yield from content


def _kind_of(pieces: Sequence[Text], log_file: LogFile, table: LogTable) -> tuple[Layout, int]:
    """Return a file's layout and, where it matters for speed, how many fields its lines have."""
    head = b"".join(bytes(piece[:_HEAD_BYTES]) for piece in pieces)
    layout = recognise(head, log_file.url, table)
    return layout, 0 if COMPILED else likely_width(head.partition(b"\n")[0], layout)


def _bounded(carried: bytes, piece: bytes, endless: bool) -> tuple[bytes, bool]:  # noqa: FBT001
    """Keep a line without end from filling the memory: its first megabyte stays."""
    if endless or len(carried) + len(piece) > LONGEST_LINE:
        return (carried + piece)[:LONGEST_LINE], True
    return carried + piece, False


class _Counted:
    """A file's bytes, with each byte told to ``advance`` once, also where it is read twice."""

    def __init__(self, fetcher: Fetcher, log_file: LogFile, advance: Callable[[int], None]) -> None:
        self._fetcher, self._log_file, self._advance = fetcher, log_file, advance
        self._untold = log_file.size
        self._raw: Raw | None = None

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
