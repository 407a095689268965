"""Small log trees, written line by line, and an independent reading of datasets."""

from __future__ import annotations

import gzip
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

BALANCER = "0123456789abcdef"


def line(
    moment: str,
    *,
    client: str = "203.0.113.7",
    status: str = "Success",
    elb: str = "shop",
    port: int = 50000,
) -> str:
    """Return a 15-field line for a time such as ``2026-09-23T10:00:00.000001Z``."""
    latency = "0.114" if status == "Success" else "-"
    return (
        f"{moment} {client} {port} 443 TLSv1.3 TLS_AES_128_GCM_SHA256 {latency} "
        f'"-" - - {status} TID_{port:032x} x25519 app/{elb}/{BALANCER} 10.0.1.10'
    )


def log_path(root: Path, end: str, *, elb: str = "shop", n: int = 0) -> Path:
    """Return where a log file of an interval that ends at ``20260923T1005Z`` lies."""
    folder = f"{end[:4]}/{end[4:6]}/{end[6:8]}"
    name = (
        f"conn_log_123456789012_elasticloadbalancing_eu-west-1_app.{elb}.{BALANCER}"
        f"_{end}_10.0.1.10_r{n:07d}.log.gz"
    )
    tree = root / "AWSLogs/123456789012/elasticloadbalancing/eu-west-1"
    return tree / folder / name


def write_log(path: Path, lines: Sequence[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("".join(text + "\n" for text in lines).encode()))
    return path


def moments(start: str, count: int, *, step_seconds: float = 1.0) -> list[str]:
    first = datetime.fromisoformat(start).astimezone(UTC).timestamp()
    return [
        datetime.fromtimestamp(first + n * step_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        for n in range(count)
    ]


def part_files(dest: Path) -> list[Path]:
    return sorted(dest.glob("connections/date=*/*.parquet"))


def read_file(path: Path) -> pa.Table:
    """Return one Parquet file as it is, without what its folder's name says."""
    with pq.ParquetFile(path) as file:
        return file.read()


def rows_on_disk(dest: Path) -> list[tuple[str, int]]:
    """Return (source_file, line_number) of every row of every file, whatever the records say."""
    rows: list[tuple[str, int]] = []
    for path in part_files(dest):
        table = read_file(path)
        rows += zip(table["source_file"].to_pylist(), table["line_number"].to_pylist(), strict=True)
    return sorted(rows)


def fingerprint(dest: Path) -> dict[str, tuple[int, int]]:
    """Return mtime [ns] and size of everything below a folder, itself included."""
    found = {str(dest): (dest.stat().st_mtime_ns, 0)}
    for parent, folders, names in os.walk(dest):
        for name in (*folders, *names):
            state = Path(parent, name).stat()
            found[str(Path(parent, name))] = (state.st_mtime_ns, state.st_size)
    return found
