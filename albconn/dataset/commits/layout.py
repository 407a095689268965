"""Where everything lies in a dataset.

    DEST/<table>/date=YYYY-MM-DD/part-<batch>-<n>.parquet   what other teams read
    DEST/rejected/<batch>.jsonl       lines that were not understood
    DEST/manifest/<batch>.json        the commit records; a batch is real when its record exists
    DEST/manifest/head                the newest record's number and checksum
    DEST/ledger/<table>/<kind>-<key>-<batch>-<n>.pq    what older records add up to, in pages
    DEST/lock.json                    who writes, only while somebody does
    DEST/unfinished.json              a run failed and may have left files; the next one looks
    DEST/staging/                     local disks only: files on their way, before the commit

A table is a log table's name, such as ``connections``. A batch is a number. The next record has
the next number and is created exclusively, so of two writers that both believe to be alone only
one can commit: the number is the fence. Numbers have no gaps, and each record names the checksum
of the one before it. ``<n>`` carries a token of the attempt that wrote the file; an attempt
repeated never meets its own leftovers.

Every so often a record is a *checkpoint*: it stands for all records before it, which are then
deleted, and lists the pages of the ledger that hold what they added up to. A page is Parquet, but
not called so: who reads ``DEST/**/*.parquet`` means the rows.
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
LEDGER = "ledger"
LOCK = "lock.json"
UNFINISHED = "unfinished.json"
HEAD = f"{MANIFEST}/head"
KNOWN_NAMES = frozenset({*TABLES, REJECTED, MANIFEST, LEDGER, STAGING, LOCK, UNFINISHED})

DATE_COLUMN = "date"  # the partition: in the folder's name, not in the file

_TABLE = r"(?P<table>[a-z_]+)"
_PART = re.compile(
    rf"{_TABLE}/{DATE_COLUMN}=(?P<day>\d{{4}}-\d\d-\d\d)/part-(?P<batch>\d{{8}})-[^/]+\.parquet"
)
_REJECTED = re.compile(rf"{REJECTED}/(?P<batch>\d{{8}})\.jsonl")
_RECORD = re.compile(rf"{MANIFEST}/(?P<batch>\d{{8}})\.json")
_PAGE = re.compile(rf"{LEDGER}/{_TABLE}/[a-z]+-[a-z0-9-]+-(?P<batch>\d{{8}})-[0-9a-f]+\.pq")


def schema_of(table: LogTable) -> pa.Schema:
    """Return the schema that readers of a table see: its columns on disk, and the date."""
    return table.file_schema.append(pa.field(DATE_COLUMN, pa.date32()))


def batch_name(number: int) -> str:
    """Return the name of the batch with this number; names sort like numbers."""
    return f"{number:08d}"


def part_path(table: str, day: str, batch: str, n: str) -> str:
    """Return where a part of a table's date (``YYYY-MM-DD``) lies, relative to the dataset."""
    return f"{day_folder(table, day)}/part-{batch}-{n}.parquet"


def day_folder(table: str, day: str) -> str:
    """Return where the parts of a table's date lie."""
    return f"{table}/{DATE_COLUMN}={day}"


def rejected_path(batch: str) -> str:
    """Return where a batch's rejected lines lie."""
    return f"{REJECTED}/{batch}.jsonl"


def record_path(batch: str) -> str:
    """Return where a batch's commit record lies."""
    return f"{MANIFEST}/{batch}.json"


def page_path(table: str, kind: str, key: str, batch: str, token: str) -> str:
    """Return where a page of a table's ledger lies."""
    return f"{LEDGER}/{table}/{kind}-{key}-{batch}-{token}.pq"


def batch_of_record(path: str) -> str | None:
    """Return the batch whose commit record a path is, else None."""
    found = _RECORD.fullmatch(path)
    return found["batch"] if found else None


def batch_of_rejected(path: str) -> str | None:
    """Return the batch whose rejected lines a path holds, else None."""
    found = _REJECTED.fullmatch(path)
    return found["batch"] if found else None


def batch_of_page(path: str) -> str | None:
    """Return the batch that wrote a page, else None."""
    found = _PAGE.fullmatch(path)
    return found["batch"] if found else None


def batch_of_file(path: str) -> str | None:
    """Return the batch that wrote a part, rejected lines or a page; None for any other path."""
    found = _PART.fullmatch(path) or _REJECTED.fullmatch(path) or _PAGE.fullmatch(path)
    return found["batch"] if found else None


def table_of_part(path: str) -> str | None:
    """Return the table of a part's path; None for any other path."""
    found = _PART.fullmatch(path)
    return found["table"] if found else None


def is_table(name: str) -> bool:
    """Say whether a table may have this name: that of its folder."""
    return re.fullmatch(_TABLE, name) is not None and name not in KNOWN_NAMES - set(TABLES)


def day_of_part(path: str) -> str | None:
    """Return the date (``YYYY-MM-DD``) of a part's path; None for any other path.

    Examples
    --------
    >>> day_of_part("connections/date=2026-09-23/part-00000001-3fa9c1d2-0001.parquet")
    '2026-09-23'
    """
    found = _PART.fullmatch(path)
    return found["day"] if found else None


def date_of_part(path: str) -> date:
    """Return the date of a part's path as a date."""
    return date.fromisoformat(day_of_part(path) or "")
