"""How many dates a batch may have, so that no log file becomes a folder of tiny files.

A log file of AWS holds five minutes: one date, or two at midnight. A file whose lines are of
thousands of dates is no such log, whatever it says, and would become a Parquet file for each. A
batch has at most 2,000 files; so where it has more than 4,000 dates, some of its files are of more
than two, and those are left out.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from albconn.arrow import values_of
from albconn.logs.books import FileBooks
from albconn.logs.find.sources import LogFile
from albconn.logs.formats.looks import with_article
from albconn.schema.table import SOURCE_FILE, LogTable

if TYPE_CHECKING:
    import numpy.typing as npt

MOST_DATES = 4_000  # of a batch
USUAL_DATES = 2  # of a log file
_DAY = 86_400_000_000  # [µs]


class ScatteredError(Exception):
    """Log files of a batch have too many dates; ``urls`` says which."""

    def __init__(self, urls: list[str]) -> None:
        super().__init__(*urls)
        self.urls = urls


def told_scattered(log_file: LogFile, table: LogTable) -> FileBooks:
    """Return the books of a log file of a table that is left out."""
    return FileBooks(
        log_file.url,
        log_file.size,
        log_file.etag,
        unread=f"its lines are of thousands of dates; a batch may have {MOST_DATES:,}",
        advice=f"{with_article(table.log_name)} holds five minutes: check what the file is",
    )


class Dates:
    """The dates of each log file of a batch; rows come from any thread."""

    def __init__(self, table: LogTable) -> None:
        self._time = table.time_column
        self._of: dict[str, set[int]] = {}
        self._all: set[int] = set()
        self._lock = threading.Lock()

    def add(self, rows: pa.Table, names: Iterable[str]) -> None:
        """Note the dates of rows, of which there are some, of the log files of these names.

        Raises
        ------
        ScatteredError
            There are too many.
        """
        days = values_of(rows[self._time]) // _DAY
        if days.min() == days.max():
            day = int(days[0])
            self._note({name: {day} for name in names})
            return
        first = 0
        for chunk in rows[SOURCE_FILE.name].chunks:
            of_chunk = days[first : first + len(chunk)]
            first += len(chunk)
            self._note(_dates_by_name(chunk, of_chunk))

    def _note(self, found: dict[str, set[int]]) -> None:
        with self._lock:
            for name, days in found.items():
                self._of.setdefault(name, set()).update(days)
                self._all |= days
            if len(self._all) > MOST_DATES:
                raise ScatteredError(
                    [name for name, days in self._of.items() if len(days) > USUAL_DATES]
                )


def _dates_by_name(files: pa.DictionaryArray, days: npt.NDArray[np.int64]) -> dict[str, set[int]]:
    """Return the dates of each file of a chunk."""
    found: dict[str, set[int]] = {}
    names, codes = files.dictionary.to_pylist(), values_of(files.indices).astype(np.int64)
    lowest = int(days.min()) if len(days) else 0
    pairs = np.unique((codes << 32) | (days - lowest))
    for code, day in zip(pairs >> 32, pairs & 0xFFFFFFFF, strict=True):
        found.setdefault(names[code], set()).add(int(day) + lowest)
    return found
