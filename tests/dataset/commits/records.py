"""Commit records, made by hand."""

from __future__ import annotations

from typing import Any

from albconn.dataset.commits.layout import batch_name
from albconn.dataset.commits.record import Part, Record, SourceEntry
from albconn.dataset.privacy import make_privacy
from albconn.logs.find.selection import make_selection
from albconn.schema.connections import CONNECTIONS

PRIVACY = make_privacy(CONNECTIONS).to_json()
API, SHOP = make_selection(load_balancer="api"), make_selection(load_balancer="shop")


def source(url: str, rows: int = 10, written: int = 10, coverage: int = 0) -> SourceEntry:
    return SourceEntry(url, 100, "etag", rows + 1, rows, 1, written, None, coverage)


def part(batch: int, n: int = 1) -> Part:
    name = f"part-{batch_name(batch)}-aa-{n:04d}.parquet"
    return Part(f"connections/date=2026-09-23/{name}", 10, 1000, "0" * 64, 0, 9)


def record(batch: int, **told: Any) -> Record:
    return Record(batch=batch_name(batch), privacy=PRIVACY, **told)
