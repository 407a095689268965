"""Worlds of requests: access logs for reading, and both tables as Parquet for joining.

The logs are lines as they come in life, of 34 fields. The tables have only what a join looks at, in
the schema of a dataset: two million connections and five million requests, of which a hundredth
came by a connection that is not there.
"""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from shapes import FIRST, Shape

from albconn.schema.tables import TABLES
from worlds.request_lines import request_line
from worlds.trees import ACCESS_LOG, name_of

_TYPES = {
    "timestamp[us, tz=UTC]": "TIMESTAMPTZ", "string": "VARCHAR", "int32": "INTEGER",
    "int64": "BIGINT", "double": "DOUBLE",
}  # fmt: skip
_BEGIN = "TIMESTAMPTZ '2026-09-22 00:00Z'"
_DAY = 86_400_000_000  # [µs]
_FILES = 8


def write_requests(folder: Path, shape: Shape) -> Path:
    """Write access logs of a shape; return the folder."""
    folder.mkdir(parents=True)
    for number in range(shape.files):
        end = FIRST + timedelta(days=shape.days) * (number + 1) / shape.files
        name = name_of(end, letters=f"{number:08x}", begins=ACCESS_LOG)
        (folder / name).write_bytes(gzip.compress(_lines(number, shape), 6, mtime=0))
    return folder


def _lines(number: int, shape: Shape) -> bytes:
    random = np.random.default_rng(number)
    span = shape.days * _DAY // shape.files
    offsets = np.sort(random.integers(0, span, shape.lines)) + number * span
    instants = np.datetime_as_string(
        np.datetime64(FIRST.replace(tzinfo=None), "us") + offsets.astype("timedelta64[us]")
    )
    clients, ports = (
        random.integers(0, 5_000, shape.lines),
        random.integers(1024, 65_536, shape.lines),
    )
    kinds = random.choice(len(_KINDS), shape.lines, p=[0.6, 0.2, 0.15, 0.05])
    items, seconds = random.integers(0, 20_000, shape.lines), random.lognormal(-3, 1, shape.lines)
    traces = random.bytes(16 * shape.lines).hex()
    values = [column.tolist() for column in (kinds, clients, ports, items, seconds)]
    return "".join(
        _KINDS[kind].format(
            time=instants[n], ip=f"203.0.{client >> 8}.{client & 255}", port=port, item=item,
            seconds=f"{took:.3f}", trace=traces[32 * n : 32 * n + 32],
        )
        for n, (kind, client, port, item, took) in enumerate(zip(*values, strict=True))
    ).encode()  # fmt: skip


def _kind(**fields: Any) -> str:
    changing: dict[str, Any] = {
        "client_ip": "{ip}", "client_port": "{port}", "conn_trace_id": "TID_{trace}",
        "trace_id": "Root=1-{trace}", "target_processing_time": "{seconds}",
        "url": "https://www.example.com:443/api/items/{item}?page=1",
    }  # fmt: skip
    return request_line("{time}Z", **changing | fields) + "\n"


_KINDS = (
    _kind(user_agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0 Safari/537.36"),
    _kind(user_agent="Dart/3.11 (dart:io)", method="POST"),
    _kind(url="https://www.example.com:443/static/app.js", elb_status_code=304),
    _kind(user_agent="Mozilla/5.0 (compatible; Googlebot/2.1)", elb_status_code=404),
)


def write_tables(folder: Path, connections: int) -> Path:
    """Write both tables, with two and a half times as many requests; return the folder."""
    requests = connections * 5 // 2
    _write(folder / "connections", "connections", connections, {
        "timestamp": f"{_BEGIN} + INTERVAL (i * {2 * _DAY // connections}) MICROSECOND",
        "client_ip": "'203.0.' || (h % 20) || '.' || (h // 7 % 256)",
        "tls_protocol": "CASE WHEN h % 10 < 7 THEN 'TLSv1.3' ELSE 'TLSv1.2' END",
        "outcome": "CASE WHEN h % 50 = 0 THEN 'failed' ELSE 'success' END",
        "failure_reason": "CASE WHEN h % 50 = 0 THEN 'UnmappedConnectionError' END",
        "conn_trace_id": "'TID_' || md5(i::VARCHAR)",
    })  # fmt: skip
    _write(folder / "requests", "requests", requests, {
        "time": f"{_BEGIN} + INTERVAL (i * {2 * _DAY // requests}) MICROSECOND",
        "status_class": "CASE WHEN h % 20 = 0 THEN '5xx' WHEN h % 9 = 0 THEN '4xx' ELSE '2xx' END",
        "conn_trace_id": "'TID_' || md5((i * 2 // 5 + if(h % 100 = 0, 9000000, 0))::VARCHAR)",
    })  # fmt: skip
    return folder


def _write(folder: Path, name: str, rows: int, given: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    given |= {"source_file": "'a'", "line_number": "i"}
    columns = ", ".join(
        f'({given.get(field.name, "NULL")})::{_TYPES[str(field.type)]} AS "{field.name}"'
        for field in TABLES[name].fields
    )
    database = duckdb.connect()
    for number in range(_FILES):
        first, last = rows * number // _FILES, rows * (number + 1) // _FILES
        database.execute(
            f"COPY (SELECT {columns} FROM (SELECT range AS i, hash(range) AS h "
            f"FROM range({first}, {last}))) TO '{folder}/part-{number}.parquet' "
            "(FORMAT PARQUET, COMPRESSION zstd)"
        )
