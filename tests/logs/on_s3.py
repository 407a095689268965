"""Ten days of logs in a bucket, and how they are read from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import albconn as ac
from tests.conftest import S3Server
from worlds import trees

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 9, 23, tzinfo=UTC)
DAY = timedelta(days=1)
BASE = f"AWSLogs/{trees.ACCOUNT}/elasticloadbalancing/{trees.REGION}/"


def ten_days(prefix: str = "") -> dict[str, bytes]:
    """Return one log file of three connections a day, and foreign objects."""
    logs = {prefix + trees.key(NOON + n * DAY): trees.content(NOON + n * DAY) for n in range(-5, 5)}
    marker = f"{prefix}AWSLogs/{trees.ACCOUNT}/ELBConnectionLogTestFile"
    access = trees.key(
        NOON, name=f"{trees.ACCOUNT}_elasticloadbalancing_us-east-1_app.w.1_x.log.gz"
    )
    return logs | {marker: b"", prefix + access: b"x", prefix + "elsewhere/big.log.gz": b"x"}


def load(server: S3Server, source: Any, **options: Any) -> ac.Loaded:
    return ac.load_connections(source, storage_options=server.storage_options, **options)


def is_get_of(part: str) -> Any:
    return lambda request: request.is_object_read and part in request.path
