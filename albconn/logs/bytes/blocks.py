"""Log files become blocks of whole lines, each block knowing whose lines it holds.

Small files are the normal case, so many of them are joined into one block before splitting;
files of different layouts, and where Arrow splits them of different widths, are joined apart. A
large file streams: it is never in memory whole, and a line cut by a block's edge moves to the
next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from albconn.logs.bytes.cutting import (
    CUT_OFF,
    LONGEST_LINE,
    TOO_LONG,
    Counted,
    Cut,
    FileEnd,
    Table,
    Whole,
    read_whole,
)
from albconn.logs.bytes.fetch import Fetcher
from albconn.logs.bytes.headers import (
    begins_with_directive,
    has_headers,
    sections,
    without_headers,
)
from albconn.logs.find.sources import LogFile
from albconn.logs.formats import recognise
from albconn.logs.lines.exact import likely_width
from albconn.logs.lines.layout import Layout
from albconn.logs.lines.records import as_lines
from albconn.logs.lines.regular import COMPILED, Text
from albconn.schema.table import LogTable

__all__ = ["CUT_OFF", "LONGEST_LINE", "TOO_LONG", "Block", "Cut", "FileEnd", "Part", "read_blocks"]

BLOCK_BYTES = 4 << 20  # large enough that a block's fixed costs vanish, small enough for caches
BLOCK_LINES = 1 << 17  # of a log, so many are more bytes; of newlines, they are memory
_HEAD_BYTES = 1 << 14  # some of the first lines


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

    No line spans two texts. They are not joined: that would cost a copy of everything. Of Parquet
    there are ``records`` instead of texts.
    """

    layout: Layout
    texts: list[Text]
    parts: list[Part]
    records: pa.RecordBatch | None = None


class _Kind(NamedTuple):
    """What a file is: lines of different layouts or widths are joined apart."""

    lies: tuple[Layout, int]
    looks_like: str | None
    format: str | None = None


@dataclass
class _Pending:
    layout: Layout
    pieces: list[Text] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    size: int = 0
    lines: int = 0

    def add(self, whole: Whole, part: Part) -> None:
        pieces = whole.texts
        if has_headers(self.layout):
            pieces = without_headers(pieces, self.layout)
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
    given: Layout | None = None,
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
    given : Layout, optional
        Of files that do not name their fields.
    """
    pending: dict[tuple[Layout, int], _Pending] = {}
    fetcher.expect(log_file for _, log_file in job)
    for number, log_file in job:
        end = FileEnd(number)
        raw = Counted(fetcher, log_file, advance)
        kind: _Kind | None = None
        for whole in read_whole(raw, end, table):
            if isinstance(whole, Cut):
                yield whole
                continue
            if isinstance(whole, Table):
                yield _block_of(whole, end)
                continue
            for section in _sections(whole, kind):
                if kind is None or section.begins:
                    kind = _kind_of(section, log_file, table, given)
                    end.formats.update({kind.format: None} if kind.format else {})
                joined = pending.setdefault(kind.lies, _Pending(kind.lies[0]))
                joined.add(section, Part(number, section.line, section.lines, kind.looks_like))
                if joined.size >= BLOCK_BYTES or joined.lines >= BLOCK_LINES:
                    yield pending.pop(kind.lies).block()
        raw.finish()
        yield end
    yield from (joined.block() for joined in pending.values())


def _sections(whole: Whole, kind: _Kind | None) -> Iterable[Whole]:
    """Return lines, apart from where a W3C log names its fields anew."""
    is_w3c = kind.lies[0].comment if kind else begins_with_directive(whole.texts)
    if not is_w3c:
        return (whole,)
    return sections(whole)


def _block_of(whole: Table, end: FileEnd) -> Block | Cut:
    """Return records as a block; one that is too long as what is cut of it."""
    rows = whole.rows
    end.formats[rows.layout.format] = None
    if rows.too_long:
        text = as_lines(rows.records, np.zeros(1, np.int64))[:LONGEST_LINE]
        return Cut(end.file, whole.line, TOO_LONG, text)
    part = Part(end.file, whole.line, len(rows.records))
    return Block(rows.layout, [], [part], rows.records)


def _kind_of(whole: Whole, log_file: LogFile, table: LogTable, given: Layout | None) -> _Kind:
    """Return how a file's lines lie and, where it matters for speed, how many fields they have."""
    head = b"".join(bytes(text[:_HEAD_BYTES]) for text in whole.texts)
    if b"\n" not in head:
        head = b"".join(map(bytes, whole.texts)).partition(b"\n")[0] + b"\n"
    layout, looks_like = recognise(head, log_file.url, table, given)
    width = 0 if COMPILED else likely_width(head.partition(b"\n")[0], layout)
    told = f"{layout.format} in {whole.inside}" if whole.inside else layout.format
    return _Kind((layout, width), looks_like, None if looks_like else told)
