"""Small worlds of connections, as rows of plain Python, and the tables made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from albconn.arrow import to_frame
from albconn.schema.connections import CONNECTIONS
from worlds.lines import NOT_TLS, SHOP, UNMAPPED

Row = dict[str, Any]
BEGIN = datetime(2026, 9, 23, 10, 0, tzinfo=UTC)


def connection(seconds: float = 0.0, reason: str | None = None, **fields: Any) -> Row:
    """Return a TLS connection: a success, or a failure with a reason."""
    return {
        "timestamp": BEGIN + timedelta(seconds=seconds),
        "client_ip": "203.0.113.7",
        "listener_port": 443,
        "tls_protocol": "TLSv1.3",
        "tls_cipher": "TLS_AES_128_GCM_SHA256",
        "tls_handshake_latency": None if reason else 0.02,
        "tls_verify_status": f"Failed:{reason}" if reason else "Success",
        "elb": SHOP,
        "outcome": "failed" if reason else "success",
        "failure_reason": reason,
    } | fields


def bare(seconds: float = 0.0, **fields: Any) -> Row:
    """Return a line without a status: an HTTP listener's, or an unclassified one."""
    return connection(seconds, **NOT_TLS) | {"outcome": None, "listener_port": 80} | fields


def first_case() -> list[Row]:
    """Return the eight lines of the case that the project began with."""
    seconds = [0, 1.0, 4.0, 13.0, 30.3, 31.3, 34.3]
    failed = {"tls_protocol": "TLSv1.2", "tls_cipher": "ECDHE-ECDSA-AES128-GCM-SHA256"}
    failures = [connection(s, UNMAPPED, client_ip="54.92.36.xxx", **failed) for s in seconds]
    return [*failures, connection(-720, client_ip="54.248.xx.xx", tls_handshake_latency=0.057)]


def table_of(rows: Iterable[Row], schema: pa.Schema = CONNECTIONS.memory_schema) -> pa.Table:
    rows = list(rows)
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], CONNECTIONS.file_schema.field(name).type)
         for name in CONNECTIONS.file_schema.names}
    ).cast(schema)  # fmt: skip


def frame_of(rows: Iterable[Row]) -> pd.DataFrame:
    return to_frame(table_of(rows))


def folder_of(rows: Sequence[Row], folder: Path, files: int = 2) -> Path:
    """Write rows as Parquet files in the layout of a dataset's files."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(files):
        pq.write_table(
            table_of(rows[n::files], CONNECTIONS.file_schema), folder / f"part-{n}.parquet"
        )
    return folder


SOURCES: dict[str, Callable[[Sequence[Row], Path], Any]] = {
    "frame": lambda rows, _: frame_of(rows),
    "table": lambda rows, _: table_of(rows),
    "plain table": lambda rows, _: table_of(rows, CONNECTIONS.file_schema),
    "dataset in memory": lambda rows, _: ds.dataset(table_of(rows, CONNECTIONS.file_schema)),
    "dataset in files": lambda rows, folder: ds.dataset(folder_of(rows, folder)),
    "dataset with odd names": lambda rows, folder: ds.dataset(folder_of(rows, folder / "a[1]*")),
    "dataset with a filter": lambda rows, folder: ds.dataset(
        folder_of([*rows, *(connection(n, region="x") for n in range(3))], folder)
    ).filter(ds.field("region").is_null()),
}
