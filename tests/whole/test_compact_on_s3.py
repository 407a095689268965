"""compact on S3: the same protocol over a real HTTP endpoint on 127.0.0.1."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

import albconn.dataset.converting.convert as converting
import albconn.dataset.parts.merge as merge
from albconn import DatasetError, convert, open_dataset
from albconn.dataset.compacting import Compaction, compact
from albconn.dataset.contract import ddl
from tests.whole.test_dataset_on_s3 import DEST, faults, key, names, packed, run
from worlds.trees import moments

if TYPE_CHECKING:
    from tests.conftest import S3Server

FILES = 4


@pytest.fixture
def server(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """Four log files at midnight, converted in as many batches."""
    monkeypatch.setattr(converting, "BATCH_LIMITS", (1, 1 << 30))
    s3_server.make_bucket("out")
    starts = moments("2026-09-23T23:59:50Z", FILES, step_seconds=3)
    bodies = {key("20260924T0005Z", n): packed(start, 10) for n, start in enumerate(starts)}
    s3_server.make_bucket("logs", bodies)
    assert run(s3_server).batches == FILES
    return s3_server


def compacted(server: S3Server, **kwargs: Any) -> Compaction:
    return compact(DEST, storage_options=server.storage_options, **kwargs)


def part_names(server: S3Server) -> list[str]:
    return [name for name in names(server) if name.startswith("converted/connections/")]


def count(server: S3Server) -> int:
    return open_dataset(DEST, storage_options=server.storage_options).count_rows()


@pytest.mark.parametrize("whole_rows", [1 << 16, 3])
def test_a_file_a_date(whole_rows: int, server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "WHOLE_ROWS", whole_rows)  # else small parts are not streamed
    before = len(part_names(server))
    done = compacted(server)
    assert (done.rows, done.parts_before, done.parts_after) == (40, before, 2)
    assert [name.split("/")[2] for name in part_names(server)] == [
        "date=2026-09-23",
        "date=2026-09-24",
    ]
    assert count(server) == 40
    assert faults(server) == ()
    server.seen.clear()
    assert compacted(server).rows == 0
    assert {request.method for request in server.seen} <= {"GET", "HEAD"}
    assert run(server).skipped == FILES


@pytest.mark.parametrize("place", ["connections", "manifest", "lock"])
def test_a_put_that_fails_midway(place: str, server: S3Server) -> None:
    server.fail(
        lambda request: request.method == "PUT" and f"/out/converted/{place}" in request.path,
        code="AccessDenied",
    )
    with pytest.raises(DatasetError, match="grant list, read, write and delete"):
        compacted(server)
    server.failures.clear()
    assert count(server) == 40
    assert "converted/lock.json" not in names(server)
    assert compacted(server).parts_after >= 1
    assert len(part_names(server)) == 2
    assert faults(server) == ()


def test_a_delete_that_fails_is_made_good(server: S3Server) -> None:
    server.fail(lambda r: r.method == "POST" and "delete" in r.query, code="AccessDenied")
    with pytest.raises(DatasetError, match="grant list, read, write and delete"):
        compacted(server)
    server.failures.clear()
    assert count(server) == 40
    compacted(server)
    assert len(part_names(server)) == 2
    assert faults(server) == ()


def test_a_large_part_goes_up_in_pieces(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("s3fs.core.calculate_chunksize", lambda size, chunksize=None: 2_000)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)
    server.seen.clear()
    compacted(server)
    assert any("partNumber" in request.query for request in server.seen)
    assert count(server) == 40
    assert faults(server) == ()


def test_convert_and_compact_at_once(server: S3Server) -> None:
    """One wins, the other is told; whoever comes later finds all there is to do."""
    more = {key("20260924T0010Z", n): packed("2026-09-24T00:05:00Z", 5) for n in range(3)}
    for name, body in more.items():
        server.client.put_object(Bucket="logs", Key=name, Body=body)
    barrier, refused = threading.Barrier(4), []

    def contend(work: Any) -> None:
        barrier.wait()
        try:
            work()
        except DatasetError as error:
            refused.append(str(error))

    def converts() -> None:
        convert("s3://logs", DEST, storage_options=server.storage_options)

    work = [converts, lambda: compacted(server)] * 2
    threads = [threading.Thread(target=contend, args=(each,)) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) < 4
    assert all("writer" in text for text in refused)
    converts()
    compacted(server)
    assert count(server) == 55
    assert len(part_names(server)) == 2
    assert faults(server) == ()


def test_ddl_tells_the_place_and_the_first_date(server: S3Server) -> None:
    text = ddl(DEST, dialect="athena", storage_options=server.storage_options)
    assert "LOCATION 's3://out/converted/connections/'" in text
    assert "'projection.date.range' = '2023-11-26,NOW'" in text
    assert "'s3://out/converted/connections/date=${date}/'" in text
    assert text.startswith("CREATE EXTERNAL TABLE")
