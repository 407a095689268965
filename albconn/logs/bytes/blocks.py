"""Log files become blocks of whole lines, each block knowing whose lines it holds.

Small files are the normal case, so many of them are joined into one block before splitting;
files of different layouts, and where Arrow splits them of different widths, are joined apart. A
large file streams: it is never in memory whole, and a line cut by a block's edge moves to the
next.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from albconn.logs.bytes.fetch import Fetcher
from albconn.logs.bytes.gunzip import Damage
from albconn.logs.bytes.proof import Raw, Unread
from albconn.logs.bytes.unpack import open_members
from albconn.logs.find.sources import LogFile
from albconn.logs.formats import recognise
from albconn.logs.lines.exact import likely_width
from albconn.logs.lines.layout import Layout
from albconn.logs.lines.regular import COMPILED, Text, count_lines
from albconn.schema.table import LogTable

BLOCK_BYTES = 4 << 20  # large enough that a block's fixed costs vanish, small enough for caches
BLOCK_LINES = 1 << 17  # of a log, so many are more bytes; of newlines, they are memory
LONGEST_LINE = 1 << 20  # [bytes] before its newline, as many as a piece has at most
_HEAD_BYTES = 4096  # the first line is rarely longer
TOO_LONG, CUT_OFF = "the line is longer than 1 MiB", "the line is cut off"


class Part(NamedTuple):
    """Consecutive lines of one file inside a block; ``first_line`` counts from 1.

    ``looks_like`` says what the file is, where it is no connection log.
    """

    file: int
    first_line: int
    lines: int
    looks_like: str | None = None


@dataclass
class Block:
    """Whole lines, each ended by a newline, how they lie, and whose they are, in order.

    No line spans two texts. They are not joined: that would cost a copy of everything.
    """

    layout: Layout
    texts: list[Text]
    parts: list[Part]


class Cut(NamedTuple):
    """A piece of a file that is no whole line; ``value`` is what is wrong with the file."""

    file: int
    line: int
    reason: str
    text: bytes
    value: str | None = None


class _Whole(NamedTuple):
    """Whole lines of a file; ``begins`` says that they are its first, or its archive's next."""

    texts: list[Text]
    line: int
    lines: int
    begins: bool


class _Kind(NamedTuple):
    """What a file is: lines of different layouts or widths are joined apart."""

    lies: tuple[Layout, int]
    looks_like: str | None


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
    lines: int = 0

    def add(self, pieces: Sequence[Text], part: Part) -> None:
        self.pieces += pieces
        self.parts.append(part)
        self.size += sum(len(piece) for piece in pieces)
        self.lines += part.lines

    def block(self) -> Block:
        return Block(self.layout, self.pieces, self.parts)


def read_blocks(
    job: Sequence[tuple[int, LogFile]],
    table: LogTable,
    fetcher: Fetcher,
    *,
    advance: Callable[[int], None],
) -> Iterator[Block | Cut | FileEnd]:
    """Yield the blocks of some files, the lines that are none, and a ``FileEnd`` for each file.

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
        kind: _Kind | None = None
        raw = _Counted(fetcher, log_file, advance)
        for whole in _proven_lines(raw, end):
            if isinstance(whole, Cut):
                yield whole
                continue
            if kind is None or whole.begins:
                kind = _kind_of(whole.texts, log_file, table)
            joined = pending.get(kind.lies)
            if joined is None:
                joined = pending[kind.lies] = _Pending(kind.lies[0])
            joined.add(whole.texts, Part(number, whole.line, whole.lines, kind.looks_like))
            if joined.size >= BLOCK_BYTES or joined.lines >= BLOCK_LINES:
                yield pending.pop(kind.lies).block()
        raw.finish()
        yield end
    yield from (joined.block() for joined in pending.values())


def _proven_lines(raw: _Counted, end: FileEnd) -> Iterator[_Whole | Cut]:
    """Yield the lines of one file; where they turn out not to be its own, none counts."""
    try:
        yield from _whole_lines(raw, end)
        raw.prove()
    except Unread as unread:
        end.damage, end.unread = None, unread
        end.cuts.clear()


def _whole_lines(raw: _Counted, end: FileEnd) -> Iterator[_Whole | Cut]:
    """Yield the lines of one file; those of an archive's files count on from one to the next."""
    line = 1
    try:
        for member in open_members(raw.chunks, raw.name):
            line = yield from _lines_of(member, line, end)
            if end.damage:
                return
    except Damage as damage:
        end.damage = str(damage)


def _lines_of(
    member: Iterator[bytes], line: int, end: FileEnd
) -> Generator[_Whole | Cut, None, int]:
    """Yield the lines of a file, or of one in an archive; return the next line's number."""
    begins, carried, endless = True, b"", False
    try:
        for piece in member:
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
                yield _Whole(texts, line, lines, begins)
                begins = False
            line, carried, endless = line + lines, piece[cut:], False
    except Damage as damage:
        end.damage = str(damage)
    if carried and end.damage:
        end.cuts.append(Cut(end.file, line, CUT_OFF, carried, end.damage))
    elif endless:
        yield Cut(end.file, line, TOO_LONG, carried)
    elif carried:
        yield _Whole([carried + b"\n"], line, 1, begins)
    return line + (1 if carried else 0)


def _kind_of(texts: Sequence[Text], log_file: LogFile, table: LogTable) -> _Kind:
    """Return how a file's lines lie and, where it matters for speed, how many fields they have."""
    head = b"".join(bytes(text[:_HEAD_BYTES]) for text in texts)
    layout, looks_like = recognise(head, log_file.url, table)
    width = 0 if COMPILED else likely_width(head.partition(b"\n")[0], layout)
    return _Kind((layout, width), looks_like)


def _bounded(carried: bytes, piece: bytes, endless: bool) -> tuple[bytes, bool]:  # noqa: FBT001
    """Keep a line without end from filling the memory: its first megabyte stays."""
    if endless:
        return carried, True
    if len(carried) + len(piece) > LONGEST_LINE:
        return (carried + piece)[:LONGEST_LINE], True
    return carried + piece, False


class _Counted:
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
