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
from hypothesis import strategies as st

from albconn.arrow import to_frame
from albconn.schema.connections import FILE_SCHEMA, MEMORY_SCHEMA

Row = dict[str, Any]
UNMAPPED = "UnmappedConnectionError"
BEGIN = datetime(2026, 9, 23, 10, 0, tzinfo=UTC)
SHOP, API = "app/shop/50dc6c495c0c9188", "app/api/8f1b2c3d4e5f6a7b"


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
    nothing = dict.fromkeys(
        ("tls_protocol", "tls_cipher", "tls_handshake_latency", "tls_verify_status", "outcome")
    )
    return connection(seconds, **nothing) | {"listener_port": 80} | fields


def table_of(rows: Iterable[Row], schema: pa.Schema = MEMORY_SCHEMA) -> pa.Table:
    rows = list(rows)
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], FILE_SCHEMA.field(name).type)
         for name in FILE_SCHEMA.names}
    ).cast(schema)  # fmt: skip


def frame_of(rows: Iterable[Row]) -> pd.DataFrame:
    return to_frame(table_of(rows))


def folder_of(rows: Sequence[Row], folder: Path, files: int = 2) -> Path:
    """Write rows as Parquet files in the layout of a dataset's files."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(files):
        pq.write_table(table_of(rows[n::files], FILE_SCHEMA), folder / f"part-{n}.parquet")
    return folder


SOURCES: dict[str, Callable[[Sequence[Row], Path], Any]] = {
    "frame": lambda rows, _: frame_of(rows),
    "table": lambda rows, _: table_of(rows),
    "plain table": lambda rows, _: table_of(rows, FILE_SCHEMA),
    "dataset in memory": lambda rows, _: ds.dataset(table_of(rows, FILE_SCHEMA)),
    "dataset in files": lambda rows, folder: ds.dataset(folder_of(rows, folder)),
    "dataset with odd names": lambda rows, folder: ds.dataset(folder_of(rows, folder / "a[1]*")),
    "dataset with a filter": lambda rows, folder: ds.dataset(
        folder_of([*rows, *(connection(n, region="x") for n in range(3))], folder)
    ).filter(ds.field("region").is_null()),
}

_REASONS = [None, UNMAPPED, "ClientCertExpired", "ClientCertUntrusted", "SomethingNew"]
_OUTCOMES = st.sampled_from(["success", "success", "failed", "failed", None])


@st.composite
def rows_of(draw: st.DrawFn) -> Row:
    outcome = draw(_OUTCOMES)
    reason = draw(st.sampled_from(_REASONS)) if outcome == "failed" else None
    status = {"success": "Success", "failed": f"Failed:{reason}", None: None}[outcome]
    return {
        "timestamp": BEGIN + timedelta(microseconds=draw(st.integers(-(10**9), 10**9))),
        "client_ip": draw(
            st.sampled_from(
                [
                    "203.0.113.7",
                    "203.0.113.9",
                    "198.51.100.1",
                    "54.92.36.xxx",
                    "2001:db8::1",
                    "2001:db8::2",
                    "::ffff:203.0.113.7",
                    None,
                ]
            )
        ),
        "listener_port": draw(st.sampled_from([80, 443, 8443])),
        "elb": draw(st.sampled_from([SHOP, API, None])),
        "tls_protocol": draw(st.sampled_from(["TLSv1.2", "TLSv1.3", None])),
        "tls_handshake_latency": draw(
            st.one_of(st.none(), st.integers(0, 40).map(lambda n: n / 1000))
        ),
        "tls_verify_status": status,
        "outcome": outcome,
        "failure_reason": reason,
    }


worlds = st.lists(rows_of(), max_size=40)
