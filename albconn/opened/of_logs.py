"""Log files that were found, read into memory, with their account."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from albconn.logs.books import FileBooks
from albconn.logs.find.sources import Listing
from albconn.logs.find.told import named
from albconn.logs.proven import scan_proven
from albconn.logs.reading import Reading
from albconn.logs.told import tell_of_reading, tell_of_twins
from albconn.opened.doubts import doubts_of_files
from albconn.opened.source import Opened
from albconn.schema.connections import CONNECTIONS


def open_logs(listing: Listing, reading: Reading) -> Opened:
    """Read log files and say what of them was not understood."""
    make: Callable[[], list[pa.Table]] = list
    books, tables = scan_proven(listing.log_files, reading, make, lambda taken: taken.append)
    place = named(listing.places)
    tell_of_reading(place, books, reading.selection)
    tell_of_twins(place, books, reading, lambda: pa.concat_tables(tables))
    files: list[FileBooks] = books.files
    lines = sum(file.lines for file in files)
    empty = CONNECTIONS.memory_schema.empty_table().select(reading.wanted)
    return Opened(
        pa.concat_tables(tables) if tables else empty,
        "log files",
        files=len(files),
        foreign=len(listing.foreign),
        skipped=tuple(listing.foreign),
        lines=lines,
        rows=sum(file.rows for file in files),
        rejected=sum(file.rejected for file in files),
        damaged=sum(file.damage is not None for file in files),
        unread=len(books.unread),
        selection=reading.selection,
        keys=tuple(file.key for file in listing.log_files),
        doubts=doubts_of_files(books.rejected, files),
    )
