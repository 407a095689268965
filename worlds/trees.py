"""Log files where AWS would put them: keys below ``AWSLogs/``, and what lies there."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from worlds.lines import HEX, line

ACCOUNT, REGION = "123456789012", "us-east-1"
NODE = "10.0.0.1"  # by the key; a usual line says otherwise
LETTERS = "57hw2gm1"
CONNECTION_LOG, ACCESS_LOG = "conn_log_", ""  # how their files' names begin


def name_of(
    end: datetime,
    *,
    elb: str = "web",
    account: str = ACCOUNT,
    region: str = REGION,
    node: str = NODE,
    letters: str = LETTERS,
    begins: str = CONNECTION_LOG,
) -> str:
    """Return the name of a node's log file of the five minutes before ``end``."""
    balancer = elb.replace("/", ".") if "/" in elb else f"app.{elb}.{HEX}"
    return (
        f"{begins}{account}_elasticloadbalancing_{region}_{balancer}"
        f"_{end:%Y%m%dT%H%MZ}_{node}_{letters}.log.gz"
    )


def key(
    end: datetime,
    *,
    elb: str = "web",
    account: str = ACCOUNT,
    region: str = REGION,
    node: str = NODE,
    letters: str = LETTERS,
    org: str = "",
    name: str = "",
    begins: str = CONNECTION_LOG,
) -> str:
    """Return an object's key below the bucket's prefix, filed under the day of ``end``."""
    name = name or name_of(
        end, elb=elb, account=account, region=region, node=node, letters=letters, begins=begins
    )
    return f"AWSLogs/{org}{account}/elasticloadbalancing/{region}/{end:%Y/%m/%d}/{name}"


def content(end: datetime, count: int = 3, *, width: int = 15, elb: str = "web") -> bytes:
    """Return a gzipped log file of ``count`` connections of the five minutes before ``end``."""
    start = end - timedelta(minutes=5)
    return packed(
        line(start + timedelta(seconds=n), client_port=50000 + n, width=width, elb=elb)
        for n in range(count)
    )


def packed(lines: Iterable[str]) -> bytes:
    """Return lines as a log file, the same bytes each time."""
    return gzip.compress("".join(f"{text}\n" for text in lines).encode(), 1, mtime=0)


def plant(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files, by their paths, below a folder."""
    for path, stored in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(stored)
    return folder


def log_path(root: Path, end: str, *, elb: str = "web", n: int = 0) -> Path:
    """Return where the n-th log file of an interval that ends at ``20260923T1005Z`` lies."""
    moment = datetime.strptime(end, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
    return root / key(moment, elb=elb, letters=f"r{n:07d}")


def write_log(path: Path, lines: Iterable[str]) -> Path:
    """Write a log file of some lines; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed(lines))
    return path


def moments(start: str, count: int, *, step_seconds: float = 1.0) -> list[str]:
    """Return times at equal distances, as the log writes them."""
    first = datetime.fromisoformat(start).astimezone(UTC).timestamp()
    return [
        datetime.fromtimestamp(first + n * step_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        for n in range(count)
    ]
