"""Everything that must hold on a disk holds on S3 too: a real HTTP endpoint on 127.0.0.1."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import albconn.dataset.commits.lock as lock_module
import albconn.dataset.converting.convert as converting
from albconn import AlbconnWarning, DatasetError, convert, open_dataset, read_dataset
from albconn.dataset import check
from albconn.dataset.commits.lock import Lock
from albconn.storage.store import open_dest
from worlds import trees
from worlds.lines import line
from worlds.trees import log_path, moments

if TYPE_CHECKING:
    from tests.conftest import S3Server

DEST = "s3://out/converted"


def key(end: str, n: int = 0) -> str:
    return log_path(Path(), end, n=n).as_posix()


def packed(start: str, count: int, *more: str) -> bytes:
    return trees.packed([*map(line, moments(start, count)), *more])


@pytest.fixture
def server(s3_server: S3Server) -> S3Server:
    s3_server.make_bucket("out")
    s3_server.make_bucket(
        "logs",
        {
            key("20260923T1005Z"): packed("2026-09-23T10:00:00Z", 10),
            key("20260924T0000Z"): packed("2026-09-23T23:59:58Z", 4, "bad line"),
        },
    )
    return s3_server


def run(server: S3Server, **kwargs: Any) -> Any:
    return convert("s3://logs", DEST, storage_options=server.storage_options, **kwargs)


def names(server: S3Server) -> list[str]:
    found = server.client.list_objects_v2(Bucket="out").get("Contents", [])
    return [item["Key"] for item in found]


def faults(server: S3Server) -> tuple[str, ...]:
    return check(DEST, "s3://logs", storage_options=server.storage_options).faults


def test_convert_read_and_check(server: S3Server) -> None:
    conversion = run(server)
    assert (conversion.written, conversion.rejected, conversion.parts) == (14, 1, 2)
    folders = [name.split("/")[1] for name in names(server)]
    assert folders == ["connections"] * 2 + ["manifest"] * 3 + ["rejected"]
    frame = read_dataset(DEST, storage_options=server.storage_options)
    assert len(frame) == 14
    assert set(frame["source_file"]) == {
        f"s3://logs/{key(end)}" for end in ("20260923T1005Z", "20260924T0000Z")
    }
    assert open_dataset(DEST, storage_options=server.storage_options).count_rows() == 14
    assert faults(server) == ()


def test_running_again_writes_nothing(server: S3Server) -> None:
    run(server)
    server.seen.clear()
    assert run(server).skipped == 2
    assert {request.method for request in server.seen} <= {"GET", "HEAD"}
    assert not [r for r in server.seen if r.is_object_read and r.path.startswith("/logs")]


def test_late_and_changed_sources(server: S3Server) -> None:
    run(server)
    server.client.put_object(
        Bucket="logs", Key=key("20260923T1005Z", 1), Body=packed("2026-09-23T10:01:00Z", 3)
    )
    assert run(server).written == 3
    server.client.put_object(
        Bucket="logs", Key=key("20260924T0000Z"), Body=packed("2026-09-23T23:59:59Z", 6)
    )
    with pytest.warns(AlbconnWarning, match="1 log file changed"):
        run(server)
    assert run(server, refresh="replace").written == 6
    assert open_dataset(DEST, storage_options=server.storage_options).count_rows() == 19
    assert faults(server) == ()


def test_the_lock(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_module, "REFRESH_SECONDS", 0.05)
    store = open_dest(DEST, server.storage_options)
    with Lock(store) as lock:
        first = json.loads(store.read("lock.json"))
        with pytest.raises(DatasetError, match="another writer is at work"):
            run(server)
        while json.loads(store.read("lock.json"))["refreshed_at"] == first["refreshed_at"]:
            pass
        lock.verify()
    assert store.sizes("") == {} or "lock.json" not in store.names()
    past = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    store.create("lock.json", json.dumps({"host": "gone", "expires": past}).encode())
    assert run(server).written == 14
    assert "lock.json" not in store.names()


def test_two_writers_race(server: S3Server) -> None:
    barrier, written, refused = threading.Barrier(4), [], []

    def contend() -> None:
        barrier.wait()
        try:
            written.append(run(server).written)
        except DatasetError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=contend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(written) == 14
    assert len(written) + len(refused) == 4
    assert all("writer" in text for text in refused)
    assert faults(server) == ()


@pytest.mark.parametrize("folder", ["connections", "rejected", "manifest/00000001", "lock"])
def test_a_put_that_fails_midway(folder: str, server: S3Server) -> None:
    server.fail(
        lambda request: request.method == "PUT" and f"/out/converted/{folder}" in request.path,
        code="AccessDenied",
    )
    with pytest.raises(DatasetError, match="grant list, read, write and delete"):
        run(server)
    server.failures.clear()
    assert "converted/lock.json" not in names(server)
    assert run(server).written == 14
    assert open_dataset(DEST, storage_options=server.storage_options).count_rows() == 14
    assert faults(server) == ()


def test_a_run_that_fails_keeps_its_batches(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converting, "BATCH_LIMITS", (1, 1 << 30))
    server.fail(
        lambda request: request.method == "PUT" and "manifest/00000002" in request.path,
        code="AccessDenied",
    )
    with pytest.raises(DatasetError):
        run(server)
    server.failures.clear()
    assert run(server).files == 1
    assert faults(server) == ()


def test_missing_bucket(server: S3Server) -> None:
    with pytest.raises(DatasetError, match="s3://nowhere"):
        convert("s3://logs", "s3://nowhere/x", storage_options=server.storage_options)


def test_something_else_is_there(server: S3Server) -> None:
    server.client.put_object(Bucket="out", Key="converted/thesis.tex", Body=b"x")
    with pytest.raises(DatasetError, match=r"holds 'thesis\.tex'"):
        run(server)


def test_bucket_of_logs_and_dataset(server: S3Server) -> None:
    options = server.storage_options
    assert convert("s3://logs", "s3://logs/converted", storage_options=options).written == 14
    assert convert("s3://logs", "s3://logs/converted", storage_options=options).files == 0
    with pytest.raises(DatasetError, match="overlaps"):
        convert("s3://logs", "s3://logs/AWSLogs/out", storage_options=options)
