"""The account of a reading: every line of every file is a row or a rejected line."""

from __future__ import annotations

from dataclasses import dataclass, field

from albconn.errors import warn
from albconn.logs.rejected import RejectedLine
from albconn.schema.table import LogTable
from albconn.words import counted


@dataclass
class FileBooks:
    """What became of one file's lines: ``rows + rejected = lines``, always.

    ``filtered`` counts those of the rows that the selection left out; ``damage`` says why a
    file could not be read to its end.
    """

    source_file: str
    size: int
    etag: str
    lines: int = 0
    rows: int = 0
    rejected: int = 0
    filtered: int = 0
    damage: str | None = None
    vanished: bool = False


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

    def warn(self) -> None:
        """Warn once about lines wider than known, and once about damaged files."""
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
