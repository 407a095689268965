"""What a run costs that adds one file, at 10 batches and at 100,000: ``make growth``.

The datasets are made up: their sources are written straight into the ledger's pages, by the writer
that a fold uses, as if so many batches had been converted, five minutes apart, and compacted each
night. No log file of them exists, and of the parts only today's do. What is measured is real: a
``convert`` of one new file with ``--start``, and ``open_dataset`` of one day, each as a process of
its own, imports not counted; on a disk, and its requests on an S3 server of our own.

Prints the table as Markdown, and between the marks of a file with ``--into README.md``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pyarrow as pa

from albconn.dataset.commits import layout
from albconn.dataset.commits.chain import Head, digest, head_content
from albconn.dataset.commits.checkpoint import Checkpoint, Page, TableIndex
from albconn.dataset.commits.pages import PARTS, SOURCES, Converted, Kind
from albconn.dataset.commits.record import Part, Record, SourceEntry, Totals
from albconn.dataset.privacy import make_privacy
from albconn.logs.find.selection import EVERYTHING
from albconn.schema.connections import CONNECTIONS
from worlds import trees

SIZES = (10, 1_000, 10_000, 100_000)  # batches
FILES = 100  # log files of a batch: a hundred nodes
END = datetime(2026, 9, 23, 12, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)
PER_DAY = 288
RUNS = 16  # of which two fold
LINES = 100  # of each log file, as it is told
ROOT = "/made-up"  # where the log files are said to lie
EMPTY = {"client_ip": "keep", "client_ip_key": None, "drop_columns": []}


@dataclass(frozen=True)
class Growth:
    """A made-up dataset, and the moment when its last batch was converted."""

    dest: Path
    batches: int
    sources: int
    end: datetime = END


def build(dest: Path, batches: int, files: int = FILES) -> Growth:
    """Write the state of a dataset after so many batches of so many files."""
    (dest / layout.MANIFEST).mkdir(parents=True)
    batch = layout.batch_name(batches)
    sources, parts = dict[str, Page](), dict[str, list[Part]]()
    for day, moments in _by_day(batches):
        rows = _sources(moments, files)
        sources[day] = _page(dest, SOURCES, day, batch, rows)
        parts.setdefault(day[:7], []).extend(_parts(day, moments, files))
    pages = {
        month: _page(dest, PARTS, month, batch, PARTS.rows(held)) for month, held in parts.items()
    }
    count = batches * files
    totals = Totals(count, count * LINES, count * LINES, 0, 0, count * 5_000)
    index = TableIndex(EMPTY, 1, totals, sources, pages)
    checkpoint = Checkpoint(batch, {CONNECTIONS.name: index}, previous="0" * 64)
    content = checkpoint.to_json()
    (dest / layout.record_path(batch)).write_bytes(content)
    (dest / layout.HEAD).write_bytes(head_content(Head(batch, digest(content))))
    return Growth(dest, batches, count)
