"""Scanning a folder, and reading the same files plainly."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from albconn.logs.books import Books
from albconn.logs.find.selection import Selection
from albconn.logs.find.sources import list_log_files
from albconn.logs.reading import Reading
from albconn.logs.scan import scan
from albconn.schema.connections import CONNECTIONS
from worlds import plain
from worlds.lines import LINE_FIELDS, line

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)
LINE_COLUMNS = (*LINE_FIELDS, "extra_fields")


def scanned(
    source: Path, selection: Selection | None = None, **options: Any
) -> tuple[list[dict[str, Any]], Books]:
    """Return the rows, in the order of file and line, and the books."""
    selection = selection or Selection()
    tables: list[pa.Table] = []
    listing = list_log_files(source, selection=selection)
    how = {name: options.pop(name) for name in ("columns", "on_bad_line") if name in options}
    reading = Reading(CONNECTIONS, selection, **how)
    books = scan(listing.log_files, reading, tables.append, **options)
    assert all(len(table) for table in tables)
    rows = [row for table in tables for row in table.to_pylist()]
    return sorted(rows, key=lambda row: (row["source_file"], row["line_number"])), books


def expected(folder: Path) -> tuple[list[dict[str, Any]], list[tuple[str, int, str]]]:
    """Read every file of a folder plainly: rows of the line's columns, and rejected lines."""
    rows, rejected = [], []
    for path in sorted(folder.rglob("*.gz")):
        records, bad = plain.read_text(gzip.decompress(path.read_bytes()))
        rows += [
            record | {"source_file": str(path), "line_number": number}
            for number, record in records.items()
        ]
        rejected += [
            (str(path), n, raw.decode(errors="backslashreplace")) for n, raw in bad.items()
        ]
    return rows, rejected


def of_the_line(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = (*LINE_COLUMNS, "source_file", "line_number")
    return [{name: row[name] for name in names} for row in rows]


def mixed_text(seed: int, count: int) -> bytes:
    """Return lines of all widths with bad and blank ones strewn in, line ends mixed."""
    text = b""
    for n in range(count):
        width = (15, 15, 15, 12, 11, 17, 13)[(n * 7 + seed) // 5 % 7]
        moment = NOON + timedelta(milliseconds=n * 37 + seed)
        written = line(moment, client_port=1024 + n, width=width).encode()
        if n % 41 == seed % 41:
            written = written.replace(b" 443 ", b" abc ")
        if n % 53 == 5:
            written = written.replace(b'"-"', b'"CN=M\xc4NNIK \\"x\\", b"')
        text += written + (b"\r\n" if n % 67 == 3 else b"\n") + (b"\n" if n % 29 == 0 else b"")
    return text
