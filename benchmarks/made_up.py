"""The state of a dataset after a hundred thousand batches, made up in seconds.

Its sources and parts are written straight into pages of the ledger, by the writer that a fold
uses, as if that many batches had been converted, five minutes apart, and compacted each night. No
log file of them exists and no part; and of the pages only those of the last days: the index names
the others with their true sizes, and whoever asked for one would fail.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from albconn.arrow import numbers, texts
from albconn.dataset.commits import layout
from albconn.dataset.commits.chain import Head, digest, head_content
from albconn.dataset.commits.checkpoint import Checkpoint, Page, TableIndex
from albconn.dataset.commits.pages import PARTS, SOURCES, Kind
from albconn.dataset.commits.record import Part, Totals, extent_to_json
from albconn.dataset.privacy import make_privacy
from albconn.logs.find.selection import EVERYTHING
from albconn.schema.connections import CONNECTIONS
from worlds import trees

FILES = 100  # log files of a batch: a hundred nodes
LINES, SIZE = 100, 5_000  # of each log file: lines, and bytes
END = datetime(2026, 9, 23, 0, 50, tzinfo=UTC)  # ten batches into the day
FIVE_MINUTES = timedelta(minutes=5)
DAYS_WRITTEN = 3
ROOT = "s3://logs"


@dataclass(frozen=True)
class MadeUp:
    """A made-up dataset, and the moment when its last batch was converted."""

    dest: Path
    batches: int
    sources: int
    end: datetime


def make_up(dest: Path, batches: int, files: int = FILES, end: datetime = END) -> MadeUp:
    """Write the state of a dataset after so many batches of so many files."""
    (dest / layout.MANIFEST).mkdir(parents=True)
    batch, chance = layout.batch_name(batches), random.Random(batches)
    days = dict(_by_day(batches, end))
    written = set(sorted(days)[-DAYS_WRITTEN:])
    sources: dict[str, Page] = {}
    parts: dict[str, list[Part]] = {}
    for day, moments in days.items():
        path = layout.page_path(CONNECTIONS.name, SOURCES.name, day, batch, "0a1b2c3d")
        sources[day] = Page(path, f"{chance.getrandbits(256):064x}", len(moments) * files)
        if day in written:
            sources[day] = _write(dest, SOURCES, path, _sources(moments, files, chance))
        # A day that is over was compacted into one part.
        kept = moments if day == max(days) else moments[-1:]
        parts.setdefault(day[:7], []).extend(_part(moment, chance) for moment in kept)
    pages = {
        month: _write(
            dest, PARTS, layout.page_path(CONNECTIONS.name, PARTS.name, month, batch, "0a1b2c3d"),
            PARTS.rows(held),
        )
        for month, held in parts.items()
    }  # fmt: skip
    count = batches * files
    totals = Totals(count, count * LINES, count * LINES, 0, 0, count * SIZE)
    index = TableIndex(make_privacy(CONNECTIONS).to_json(), 1, totals, sources, pages)
    _commit(dest, Checkpoint(batch, {CONNECTIONS.name: index}, previous="0" * 64))
    return MadeUp(dest, batches, count, end)


def new_file(end: datetime) -> tuple[str, bytes]:
    """Return the key of a log file that no batch has seen, and its content."""
    return trees.key(end, node="10.9.9.9", letters="new"), trees.content(end)


def _by_day(batches: int, end: datetime) -> Iterator[tuple[str, list[datetime]]]:
    days: dict[str, list[datetime]] = {}
    for n in range(batches):
        moment = end - (batches - 1 - n) * FIVE_MINUTES
        days.setdefault(f"{moment:%Y-%m-%d}", []).append(moment)
    yield from days.items()


def _sources(moments: Sequence[datetime], files: int, chance: random.Random) -> pa.Table:
    """Return a day's log files as rows of a page, without an object for each."""
    names = [
        trees.name_of(
            moment, node=f"10.0.{n // 250}.{n % 250}", letters=f"{chance.getrandbits(40):010x}"
        ).removesuffix(".log.gz")
        for moment in moments
        for n in range(files)
    ]
    folder = f"{ROOT}/{Path(trees.key(moments[0])).parent}/"
    told: dict[str, Any] = {
        "folder": folder, "ending": ".log.gz", "damage": "",
        "extent": json.dumps(extent_to_json((EVERYTHING,))),
        "size": SIZE, "lines": LINES, "rows": LINES, "rejected": 0, "written": LINES,
    }  # fmt: skip
    etags = [f"{chance.getrandbits(128):032x}" for _ in names]
    columns: list[pa.Array] = []
    for name in (*SOURCES.texts, *SOURCES.numbers):
        if name in SOURCES.numbers:
            columns.append(numbers(np.full(len(names), told[name], np.int64), pa.int64()))
        else:
            given = {"name": names, "etag": etags}.get(name) or [told[name]] * len(names)
            columns.append(texts(given))
    return pa.table(columns, names=[*SOURCES.texts, *SOURCES.numbers])


def _part(moment: datetime, chance: random.Random) -> Part:
    last = int(moment.timestamp()) * 1_000_000
    n = f"{chance.getrandbits(32):08x}-0001"
    path = layout.part_path(CONNECTIONS.name, f"{moment:%Y-%m-%d}", "00000001", n)
    return Part(path, 10_000, 300_000, f"{chance.getrandbits(256):064x}", last - 300_000_000, last)


def _write(dest: Path, kind: Kind[Any], path: str, rows: pa.Table) -> Page:
    content = kind.encode(rows)
    (dest / path).parent.mkdir(parents=True, exist_ok=True)
    (dest / path).write_bytes(content)
    return Page(path, hashlib.sha256(content).hexdigest(), len(rows))


def _commit(dest: Path, checkpoint: Checkpoint) -> None:
    content = checkpoint.to_json()
    (dest / layout.record_path(checkpoint.batch)).write_bytes(content)
    (dest / layout.HEAD).write_bytes(head_content(Head(checkpoint.batch, digest(content))))
