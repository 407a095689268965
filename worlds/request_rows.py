"""Small worlds of requests beside those of ``rows``, as rows of plain Python and the tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from albconn.arrow import to_frame
from albconn.schema.requests import REQUESTS
from worlds.rows import BEGIN, Row


def request(
    seconds: float = 0.0, trace: str | None = "TID_1", status: int = 200, **fields: Any
) -> Row:
    """Return a request that was answered; ``trace`` is the connection that it came by."""
    return {
        "time": BEGIN + timedelta(seconds=seconds),
        "type": "https",
        "client_ip": "203.0.113.7",
        "conn_trace_id": trace,
        "elb_status_code": status,
        "status_class": f"{status // 100}xx",
        "ssl_protocol": "TLSv1.3",
        "ssl_cipher": "TLS_AES_128_GCM_SHA256",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
        "request_host": "www.example.com",
        "request_path": "/",
    } | fields


def requests_table(rows: Iterable[Row], schema: pa.Schema = REQUESTS.memory_schema) -> pa.Table:
    rows = list(rows)
    return pa.table(
        {field.name: pa.array([row.get(field.name) for row in rows], field.type)
         for field in REQUESTS.file_schema}
    ).cast(schema)  # fmt: skip


def requests_frame(rows: Iterable[Row]) -> pd.DataFrame:
    return to_frame(requests_table(rows))
