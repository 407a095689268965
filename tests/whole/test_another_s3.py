"""Another S3 than the one that the other tests use, by other people.

It knows no bulk deletion and overlooks ``If-Match``: logs are read from it all the same, and a
dataset is refused rather than hoped for.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

import albconn as ac
from albconn.storage.store import open_dest
from tests.logs.on_s3 import DAY, MIDNIGHT, ten_days
from worlds import trees

pytest.importorskip(
    "localbucket", reason="the second S3 is not installed (pip install localbucket)"
)


@pytest.fixture
def endpoint(tmp_path: Path, clean_aws: None) -> Iterator[str]:
    """Serve ten days of logs and an empty bucket, each a folder."""
    trees.plant(tmp_path / "served/logs", ten_days())
    (tmp_path / "served/out").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        free_port = free.getsockname()[1]
    serving = subprocess.Popen(
        [sys.executable, "-m", "localbucket", "--port", str(free_port), str(tmp_path / "served")],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{free_port}/")
        yield f"http://127.0.0.1:{free_port}"
    finally:
        serving.terminate()
        serving.wait()


def wait_for(url: str) -> None:
    for _ in range(200):
        try:
            with urlopen(url):
                return
        except URLError:
            time.sleep(0.05)
    raise AssertionError(f"nothing answers at {url}")


def options(endpoint: str) -> dict[str, Any]:
    return {"key": "any", "secret": "any", "endpoint_url": endpoint,
            "client_kwargs": {"region_name": "us-east-1"}}  # fmt: skip


def test_logs_are_read_from_it(endpoint: str, tmp_path: Path) -> None:
    given = options(endpoint)
    assert len(ac.read_connections("s3://logs", storage_options=given)) == 30
    day: dict[str, Any] = {"start": MIDNIGHT, "end": MIDNIGHT + DAY}
    assert len(ac.read_connections("s3://logs", storage_options=given, **day)) == 3
    done = ac.convert("s3://logs", tmp_path / "out", storage_options=given)
    assert (done.written, done.failed) == (30, ())
    assert ac.convert("s3://logs", tmp_path / "out", storage_options=given).skipped == 10


def test_a_dataset_on_it_is_refused(endpoint: str, tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ac.DatasetError, match=r"overlooks conditional writes \(If-Match\)"):
            ac.convert("s3://logs", "s3://out/x", storage_options=options(endpoint))
    assert [p for p in (tmp_path / "served/out").rglob("*") if p.is_file()] == []


def test_what_is_deleted_is_deleted_one_by_one(endpoint: str, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / "served/out" / name).write_bytes(b"x")
    open_dest("s3://out", options(endpoint)).delete(["a", "b", "gone"])
    assert [p.name for p in (tmp_path / "served/out").iterdir()] == ["c"]
