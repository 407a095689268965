"""What a run costs does not grow with what the dataset holds: requests, pages, time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from albconn import convert, open_dataset
from benchmarks.growth import Growth, build
from worlds import trees

if TYPE_CHECKING:
    from tests.conftest import S3Server, SeenRequest

DEST = "s3://out/converted"
RUNS = 17  # two folds and more
MOST_REQUESTS = 40


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what makes files survive a power cut, where a dataset is made up."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


def upload(server: S3Server, made: Growth) -> None:
    """Have a made-up dataset on S3."""
    server.make_bucket("logs", {"AWSLogs/none": b""})
    server.make_bucket(
        "out",
        {
            f"converted/{path.relative_to(made.dest).as_posix()}": path.read_bytes()
            for path in made.dest.rglob("*")
            if path.is_file()
        },
    )


def of_dataset(server: S3Server) -> list[SeenRequest]:
    return [request for request in server.seen if request.path.startswith("/out")]


def runs(server: S3Server, made: Growth) -> list[int]:
    """Convert one new log file, again and again; return the requests of each run."""
    counts = []
    for n in range(RUNS):
        end = made.end + timedelta(minutes=5 * n)
        server.client.put_object(Bucket="logs", Key=trees.key(end), Body=trees.content(end))
        server.seen.clear()
        done = convert(
            "s3://logs",
            DEST,
            start=made.end - timedelta(hours=1),
            storage_options=server.storage_options,
        )
        assert done.written == 3
        counts.append(len(of_dataset(server)))
    return counts


def days_requests(server: S3Server, made: Growth) -> int:
    server.seen.clear()
    day = {"start": made.end - timedelta(hours=1), "end": made.end}
    assert open_dataset(DEST, **day, storage_options=server.storage_options).files
    return len(of_dataset(server))


def test_requests_on_s3_at_10_and_at_1_000_batches(s3_server: S3Server, tmp_path: Path) -> None:
    counted, opened = [], []
    for batches in (10, 1_000):
        made = build(tmp_path / str(batches), batches, files=3)
        upload(s3_server, made)
        opened.append(days_requests(s3_server, made))
        counted.append(runs(s3_server, made))
        s3_server.client.delete_objects  # noqa: B018
        for bucket in ("logs", "out"):
            for item in s3_server.client.list_objects_v2(Bucket=bucket)["Contents"]:
                s3_server.client.delete_object(Bucket=bucket, Key=item["Key"])
            s3_server.client.delete_bucket(Bucket=bucket)
    few, many = counted
    assert max(many) <= max(few) + 2, (few, many)  # a page of the last day more, at a fold
    assert max(many) <= MOST_REQUESTS
    assert max(opened) <= 12
    assert abs(opened[0] - opened[1]) <= 1
