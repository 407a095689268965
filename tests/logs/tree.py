"""Small AWSLogs/ trees: names as AWS makes them, and lines whose values are known."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

ACCOUNT, REGION, HEX = "123456789012", "us-east-1", "0123456789abcdef"
NODE = "10.0.0.1"


def line(moment: datetime, port: int = 50000, *, width: int = 15, elb: str = "web") -> str:
    """Return one connection of ``width`` fields."""
    texts = [
        f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}Z", "203.0.113.9", str(port), "443",
        "TLSv1.3", "TLS_AES_128_GCM_SHA256", "0.057", '"-"', "-", "-", "Success", f"TID_{port}",
        "x25519", f"app/{elb}/{HEX}", "10.0.0.2", "extra-16", "extra-17",
    ]  # fmt: skip
    return " ".join(texts[:width])


def key(
    end: datetime,
    *,
    elb: str = "web",
    account: str = ACCOUNT,
    region: str = REGION,
    node: str = NODE,
    org: str = "",
    name: str = "",
) -> str:
    """Return an object's key below the bucket's prefix, filed under the day of ``end``."""
    name = name or (
        f"conn_log_{account}_elasticloadbalancing_{region}_app.{elb}.{HEX}"
        f"_{end:%Y%m%dT%H%MZ}_{node}_57hw2gm1.log.gz"
    )
    return f"AWSLogs/{org}{account}/elasticloadbalancing/{region}/{end:%Y/%m/%d}/{name}"


def content(end: datetime, count: int = 3, *, width: int = 15, elb: str = "web") -> bytes:
    """Return a gzipped log file of ``count`` connections of the five minutes before ``end``."""
    start = end - timedelta(minutes=5)
    return packed(
        line(start + timedelta(seconds=n), 50000 + n, width=width, elb=elb) for n in range(count)
    )


def packed(lines: Iterable[str]) -> bytes:
    return gzip.compress("".join(f"{text}\n" for text in lines).encode(), 1)


def plant(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files, by their paths, below a folder."""
    for path, stored in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(stored)
    return folder
