"""The account of a reading: every line of every file is a row or a rejected line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from albconn.arrow import values_of
from albconn.errors import IncompleteWarning, SourceError, warn
from albconn.logs.find.selection import COLUMN_OF, Selection
from albconn.logs.rejected import RejectedLine
from albconn.schema.table import LogTable
from albconn.words import counted

MOST_NAMES = 1000  # that are remembered of rows that were left out


@dataclass
class FileBooks:
    """What became of one file's lines: ``rows + rejected = lines``, always.

    ``filtered`` counts those of the rows that the selection left out; ``damage`` says why a
    file could not be read to its end. Of a file that is ``unread`` nothing counts: it says why,
    and ``advice`` what to do. ``format`` is what the content was told by, None where by nothing.
    """

    source_file: str
    size: int
    etag: str
    lines: int = 0
    rows: int = 0
    rejected: int = 0
    filtered: int = 0
    damage: str | None = None
    unread: str | None = None
    advice: str = ""
    format: str | None = None

    @property
    def why_unread(self) -> str:
        """Return which file could not be read, why, and what to do."""
        told = f"{self.source_file}: {self.unread}"
        return f"{told}; {self.advice}" if self.advice else told


@dataclass
class LeftOut:
    """What the rows say that the selection left out: first and last time [µs since 1970], names.

    ``names`` are those of the filters by name, of all rows of a block that lost some.
    """

    first: int | None = None
    last: int | None = None
    names: dict[str, set[str]] = field(default_factory=dict)

    def add(self, rows: pa.Table, table: LogTable, selection: Selection) -> None:
        """Look at a table of which some rows are not wanted."""
        if selection.start is not None or selection.end is not None:
            times = values_of(rows[table.time_column])
            least, most = int(times.min()), int(times.max())
            self.first = least if self.first is None else min(self.first, least)
            self.last = most if self.last is None else max(self.last, most)
        for argument in selection.names():
            column = COLUMN_OF[argument]
            if column in rows.column_names:
                known = self.names.setdefault(argument, set())
                if len(known) < MOST_NAMES:
                    known.update(n for n in rows[column].unique().to_pylist() if n is not None)

    def joined(self, other: LeftOut) -> LeftOut:
        """Return what two readings left out."""
        firsts = [first for first in (self.first, other.first) if first is not None]
        lasts = [last for last in (self.last, other.last) if last is not None]
        names = {
            argument: self.names.get(argument, set()) | other.names.get(argument, set())
            for argument in (*self.names, *other.names)
        }
        return LeftOut(min(firsts, default=None), max(lasts, default=None), names)


@dataclass
class Books:
    """The account of a scan of lines of a table: one entry a file, every rejected line.

    Of very many rejected lines an entry of ``rejected`` tells several (``logs.rejected``); the
    files' counts are those of the lines.
    """

    table: LogTable
    files: list[FileBooks]
    rejected: list[RejectedLine] = field(default_factory=list)
    wide_lines: int = 0
    left_out: LeftOut = field(default_factory=LeftOut)
    twins: int = 0  # rows left out because another route's files tell the connection, too

    def warn(self) -> None:
        """Warn once about each: lines wider than known, damaged files, unread files."""
        if self.wide_lines:
            warn(
                f"{counted(self.wide_lines, 'line has', 'lines have')} more fields than the "
                f"{len(self.table.line_fields)} known; the rest is kept in {self.table.tail}",
            )
        damaged = [f for f in self.files if f.damage]
        if damaged:
            first = damaged[0]
            warn(
                f"{counted(len(damaged), 'damaged log file')}, first {first.source_file}: "
                f"{first.damage}; {counted(first.rows, 'row of it was', 'rows of it were')} "
                "salvaged; see the files' books",
            )
        if self.unread:
            count = counted(len(self.unread), "log file", "log files")
            first_told = self.unread[0].why_unread
            warn(f"{count} could not be read, first {first_told}", IncompleteWarning)

    @property
    def unread(self) -> list[FileBooks]:
        """Return the books of the files of which nothing counts."""
        return [f for f in self.files if f.unread]

    def require_any(self) -> None:
        """Raise SourceError where there were files, and none of them could be read."""
        if self.files and len(self.unread) == len(self.files):
            raise SourceError(none_read(self.files))


def none_read(unread: Sequence[FileBooks]) -> str:
    """Return what is said where no file could be read."""
    others = f" (and so {len(unread) - 1:,} more)" if len(unread) > 1 else ""
    return f"{unread[0].why_unread}{others}"
