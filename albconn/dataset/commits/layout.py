"""Where everything lies in a dataset.

    DEST/<table>/date=YYYY-MM-DD/part-<batch>-<n>.parquet   what other teams read
    DEST/rejected/<batch>.jsonl       lines that were not understood
    DEST/manifest/<batch>.json        the commit records; a batch is real when its record exists
    DEST/lock.json                    who writes, only while somebody does
    DEST/staging/                     local disks only: files on their way, before the commit

A table is a log table's name, such as ``connections``. A batch is a number. The next record has
the next number and is created exclusively, so of two writers that both believe to be alone only
one can commit: the number is the fence. ``<n>`` carries a token of the attempt that wrote the
file; an attempt repeated never meets its own leftovers.
"""

from __future__ import annotations

import re
from datetime import date

import pyarrow as pa

from albconn.schema.table import LogTable
from albconn.schema.tables import TABLES
from albconn.storage.store import STAGING

REJECTED = "rejected"
MANIFEST = "manifest"
LOCK = "lock.json"
KNOWN_NAMES = frozenset({*TABLES, REJECTED, MANIFEST, STAGING, LOCK})

DATE_COLUMN = "date"  # the partition: in the folder's name, not in the file

_PART = re.compile(
    rf"(?P<table>[a-z_]+)/{DATE_COLUMN}=(?P<day>\d{{4}}-\d\d-\d\d)/part-\d{{8}}-[^/]+\.parquet$"
)
_REJECTED = re.compile(rf"{REJECTED}/(\d{{8}})\.jsonl$")
_RECORD = re.compile(rf"{MANIFEST}/(\d{{8}})\.json$")


def schema_of(table: LogTable) -> pa.Schema:
    """Return the schema that readers of a table see: its columns on disk, and the date."""
    return table.file_schema.append(pa.field(DATE_COLUMN, pa.date32()))


def batch_name(number: int) -> str:
    """Return the name of the batch with this number; names sort like numbers."""
    return f"{number:08d}"


def part_path(table: str, day: str, batch: str, n: str) -> str:
    """Return where a part of a table's date (``YYYY-MM-DD``) lies, relative to the dataset."""
    return f"{table}/{DATE_COLUMN}={day}/part-{batch}-{n}.parquet"


def rejected_path(batch: str) -> str:
    """Return where a batch's rejected lines lie."""
    return f"{REJECTED}/{batch}.jsonl"


def record_path(batch: str) -> str:
    """Return where a batch's commit record lies."""
    return f"{MANIFEST}/{batch}.json"


def batch_of_record(path: str) -> str | None:
    """Return the batch whose commit record a path is, else None."""
    found = _RECORD.match(path)
    return found[1] if found else None


def batch_of_rejected(path: str) -> str | None:
    """Return the batch whose rejected lines a path holds, else None."""
    found = _REJECTED.match(path)
    return found[1] if found else None


def day_of_part(path: str) -> str | None:
    """Return the date (``YYYY-MM-DD``) of a part's path; None for any other path.

    Examples
    --------
    >>> day_of_part("connections/date=2026-09-23/part-00000001-3fa9c1d2-0001.parquet")
    '2026-09-23'
    """
    found = _PART.match(path)
    return found["day"] if found else None


def date_of_part(path: str) -> date:
    """Return the date of a part's path as a date."""
    return date.fromisoformat(day_of_part(path) or "")
