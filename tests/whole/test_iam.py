"""The policies of ``docs/iam/`` are enough, and nothing in them is too much.

Every request of every kind of run is recorded and becomes the action and the resource that AWS
checks for it. What was asked and is not allowed fails here, and so does what is allowed and was
never asked.

References
----------
AWS, "Required permissions for Amazon S3 API operations", Amazon S3 User Guide.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

import albconn as ac
import albconn.storage.remote as remote
from albconn.dataset import check
from tests.conftest import S3Server, SeenRequest
from tests.logs.on_s3 import DAY, MIDNIGHT, NOON, ten_days
from worlds import trees

POLICIES = Path(__file__).parents[2] / "docs/iam"
NAMES = {"LOG-BUCKET": "logs", "DATASET-BUCKET": "out", "DATASET-PREFIX": "x"}
DEST = "s3://out/x"

Asked = tuple[str, str]  # action, resource


def asked_of(request: SeenRequest) -> list[Asked]:
    """Return what AWS checks before it does what is asked."""
    bucket, _, key = request.path.strip("/").partition("/")
    at = f"arn:aws:s3:::{bucket}/{key}"
    if request.is_listing:
        return [("s3:ListBucket", f"arn:aws:s3:::{bucket}")]
    if request.method == "POST" and "delete" in request.query:
        return [("s3:DeleteObject", f"arn:aws:s3:::{bucket}/x/any")]
    if request.method == "DELETE":
        return [
            ("s3:AbortMultipartUpload" if "uploadId" in request.query else "s3:DeleteObject", at)
        ]
    if request.method in ("GET", "HEAD") and key:
        return [("s3:GetObject", at)]
    if request.method in ("PUT", "POST") and key:
        return [("s3:PutObject", at)]
    raise AssertionError(f"no action is known for {request}")


def allowed_by(name: str) -> set[Asked]:
    text = (POLICIES / f"{name}.json").read_text()
    for placeholder, value in NAMES.items():
        text = text.replace(placeholder, value)
    allowed: set[Asked] = set()
    for statement in json.loads(text)["Statement"]:
        assert statement["Effect"] == "Allow"
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            allowed.add((action, statement["Resource"]))
    return allowed


@pytest.fixture
def server(s3_server: S3Server) -> S3Server:
    s3_server.make_bucket("out")
    s3_server.make_bucket("logs", ten_days())
    return s3_server


def read_logs(options: dict[str, Any]) -> None:
    given: dict[str, Any] = {"storage_options": options}
    ac.read_connections("s3://logs", **given)
    ac.read_connections("s3://logs", start=MIDNIGHT, end=MIDNIGHT + DAY, **given)
    ac.read_connections(f"s3://logs/{trees.key(NOON)}", **given)
    ac.read_connections("s3://logs/AWSLogs/*/*/*/2026/09/23/*.gz", **given)
    ac.coverage("s3://logs", **given)


def convert(options: dict[str, Any]) -> None:
    late = datetime(2026, 9, 20, tzinfo=UTC)
    runs: list[dict[str, Any]] = [{"end": late}, {}, {"refresh": "replace"}]
    for filters in runs:
        ac.convert("s3://logs", DEST, storage_options=options, **filters)


def read_dataset(options: dict[str, Any]) -> None:
    given: dict[str, Any] = {"storage_options": options}
    assert ac.open_dataset(DEST, **given).count_rows() == 30
    ac.read_dataset(DEST, start=MIDNIGHT, end=MIDNIGHT + DAY, **given)
    ac.failure_rate(DEST, **given)
    assert check(DEST, **given).ok


def compact(options: dict[str, Any]) -> None:
    ac.compact(DEST, storage_options=options)


def recorded(server: S3Server, work: Callable[[dict[str, Any]], None]) -> dict[str, set[Asked]]:
    """Return what was asked of each bucket."""
    server.seen.clear()
    work(server.storage_options)
    asked: dict[str, set[Asked]] = {}
    for request in server.seen:
        bucket = request.path.strip("/").partition("/")[0]
        asked.setdefault(bucket, set()).update(asked_of(request))
    assert asked.keys() <= {"logs", "out"}
    return asked


def require_least(allowed: set[Asked], asked: set[Asked]) -> None:
    too_little = {
        (action, resource)
        for action, resource in asked
        if not any(action == a and fnmatchcase(resource, at) for a, at in allowed)
    }
    too_much = {
        (action, at)
        for action, at in allowed
        if not any(action == a and fnmatchcase(resource, at) for a, resource in asked)
    }
    assert (too_little, too_much) == (set(), set())


def test_reading_logs(server: S3Server, tmp_path: Path) -> None:
    def read(options: dict[str, Any]) -> None:
        read_logs(options)
        ac.convert("s3://logs", tmp_path / "out", storage_options=options)
        assert check(tmp_path / "out", "s3://logs", storage_options=options).ok

    require_least(allowed_by("read-logs"), recorded(server, read)["logs"])


def test_writing_and_reading_a_dataset(server: S3Server) -> None:
    asked = recorded(server, convert)
    require_least(allowed_by("write-dataset"), asked["out"])
    require_least(allowed_by("read-logs"), asked["logs"])
    require_least(allowed_by("read-dataset"), recorded(server, read_dataset)["out"])


def test_compacting_a_dataset(server: S3Server, tmp_path: Path) -> None:
    options = server.storage_options
    for day in range(2):  # a date has two parts
        for n in range(3):
            moment = NOON + day * DAY
            key = trees.key(moment).replace("57hw2gm1", f"57hw2gm{n}")
            server.client.put_object(Bucket="logs", Key=key, Body=trees.content(moment))
            ac.convert("s3://logs", DEST, storage_options=options)
    asked = recorded(server, compact)["out"]

    def upload_that_fails(options: dict[str, Any]) -> None:
        grown = tmp_path / "grown"
        grown.write_bytes(bytes(101 << 20))
        server.fail(lambda r: r.method == "POST" and "uploadId" in r.query, code="AccessDenied")
        with pytest.raises(ac.DatasetError):
            remote.RemoteStore(DEST, options).stage_file(grown, "connections/part")

    asked |= recorded(server, upload_that_fails)["out"]
    require_least(allowed_by("compact-dataset"), asked)
