"""Objects come whole or in parts, ahead of the readers, within a budget."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

import albconn as ac
from albconn.logs.bytes import fetch
from albconn.logs.bytes.fetch import Fetcher
from albconn.logs.bytes.proof import Unread
from albconn.logs.find.selection import EVERYTHING
from albconn.logs.find.sources import LogFile, list_log_files
from albconn.storage import patience
from albconn.storage.patience import Patience
from tests.conftest import S3Server, SeenRequest
from tests.logs.on_s3 import DAY, NOON, load, ten_days
from tests.whole.faulty import FaultyProxy, faulty_proxy
from worlds import trees
from worlds.lines import line


def test_an_object_is_one_request_and_foreign_ones_are_none(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket("logs", ten_days())
    load(s3_server, bucket)
    of_objects = [r for r in s3_server.seen if not r.is_listing]
    assert sorted(r.path for r in of_objects) == sorted(
        f"/logs/{trees.key(NOON + n * DAY)}" for n in range(-5, 5)
    )
    assert {r.method for r in of_objects} == {"GET"}


def test_large_object_comes_in_parts(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "PART_BYTES", 10_000)
    ports = random.Random(1).choices(range(65536), k=8000)
    stored = trees.packed(
        line(NOON + timedelta(microseconds=n), client_port=port) for n, port in enumerate(ports)
    )
    bucket = s3_server.make_bucket("logs", {"big.log.gz": stored, "small.gz": trees.content(NOON)})
    loaded = load(s3_server, bucket, columns=["client_port"])
    assert loaded.connections["client_port"].tolist()[:8000] == ports
    reads = [r for r in s3_server.seen if r.is_object_read and "big" in r.path]
    assert len(reads) == -(-len(stored) // 10_000) > 5


def test_many_small_objects_within_a_small_budget(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "BUDGET_BYTES", 500)  # about one object
    ends = [NOON + n * timedelta(minutes=5) for n in range(40)]
    bucket = s3_server.make_bucket("logs", {trees.key(end): trees.content(end) for end in ends})
    assert len(load(s3_server, bucket).connections) == 120
    assert sum(r.is_object_read for r in s3_server.seen) == 40


def test_large_object_that_vanishes_half_way(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "PART_BYTES", 10_000)
    monkeypatch.setattr(fetch, "PARTS_AHEAD", 1)
    ports = random.Random(1).choices(range(65536), k=8000)
    bucket = s3_server.make_bucket(
        "logs",
        {
            "big.gz": trees.packed(line(NOON, client_port=port) for port in ports),
            "small.gz": trees.packed([line(NOON, client_port=443)]),
        },
    )
    reads: list[SeenRequest] = []

    def is_third_read(request: SeenRequest) -> bool:
        if request.is_object_read and "big" in request.path:
            reads.append(request)
        return request.is_object_read and "big" in request.path and len(reads) >= 3

    s3_server.fail(is_third_read, code="NoSuchKey", status="404 Not Found")
    with pytest.warns(ac.AlbconnWarning, match="big.gz: the file vanished between listing and"):
        loaded = load(s3_server, bucket)
    assert loaded.connections["client_port"].tolist() == [443]  # none of the big one's first rows
    assert (len(loaded.rejected), loaded.files["lines"].tolist()) == (0, [0, 1])


def test_early_stop_leaves_nothing_in_flight(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "IN_FLIGHT", 2)
    ends = [NOON + n * timedelta(minutes=5) for n in range(60)]
    bucket = s3_server.make_bucket("logs", {trees.key(end): trees.content(end) for end in ends})
    pieces = ac.iter_connections(bucket, storage_options=s3_server.storage_options)
    assert len(next(pieces)) >= 3
    pieces.close()  # type: ignore[attr-defined]
    assert load(s3_server, bucket).files["rows"].sum() == 180


def big_and_small(server: S3Server) -> str:
    return server.make_bucket(
        "logs",
        {
            "big.gz": trees.packed(
                line(NOON + timedelta(microseconds=n), client_port=n * 7919 % 65536)
                for n in range(6000)
            ),
            "small.gz": trees.content(NOON),
        },
    )


@pytest.fixture
def proxy(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyProxy]:
    monkeypatch.setattr(
        patience, "PATIENCE", Patience(attempts=3, first_pause=0.01, longest_pause=0.02)
    )
    monkeypatch.setattr(fetch, "PART_BYTES", 10_000)
    with faulty_proxy(s3_server.endpoint) as proxy:
        yield proxy


def through(server: S3Server, proxy: FaultyProxy) -> dict[str, Any]:
    return {**server.storage_options, "endpoint_url": proxy.endpoint, "config_kwargs": {}}


def test_good_bytes_after_bad_ones_do_not_hide_the_damage(
    s3_server: S3Server, proxy: FaultyProxy
) -> None:
    """A gzip error begins a large object again; the second time the same part comes right."""
    bucket = big_and_small(s3_server)
    third = "bytes=20000-29999"
    proxy.fail("wrong bytes", lambda asked: asked.headers.get("Range") == third, times=1)
    with pytest.warns(
        ac.AlbconnWarning, match=r"1 log file could not be read, first .*big\.gz: it"
    ):
        loaded = ac.load_connections(bucket, storage_options=through(s3_server, proxy))
    assert len(loaded.connections) == 3
    assert loaded.files["damaged"].tolist() == [True, False]
    assert ac.read_connections(bucket, storage_options=through(s3_server, proxy)).shape[0] == 6003


def test_pieces_that_were_given_and_do_not_count_are_an_error(
    s3_server: S3Server, proxy: FaultyProxy
) -> None:
    bucket = big_and_small(s3_server)
    proxy.fail("wrong bytes", lambda asked: "Range" in asked.headers)
    pieces = ac.iter_connections(bucket, storage_options=through(s3_server, proxy))
    with pytest.raises(ac.SourceError, match=r"big\.gz: .* rows of it were given already and do"):
        list(pieces)


def test_an_object_that_changes_after_the_listing(s3_server: S3Server, proxy: FaultyProxy) -> None:
    bucket = big_and_small(s3_server)
    options = through(s3_server, proxy)
    found = list_log_files(bucket, selection=EVERYTHING, storage_options=options).log_files
    s3_server.client.put_object(Bucket="logs", Key="small.gz", Body=trees.content(NOON + DAY))
    with Fetcher(found, options) as fetcher, pytest.raises(Unread) as caught:
        fetcher.open(found[1])
    assert str(caught.value) == "it changed after it was listed; run again"


def test_a_store_that_answers_no_more_is_not_asked_for_each_file(
    s3_server: S3Server, proxy: FaultyProxy
) -> None:
    ends = [NOON + n * timedelta(minutes=5) for n in range(100)]
    bucket = s3_server.make_bucket("logs", {trees.key(end): trees.content(end) for end in ends})
    proxy.fail("503", lambda asked: asked.path.endswith(".gz"))
    with pytest.raises(ac.SourceError, match="the store is busy or ill; run again later"):
        ac.read_connections(bucket, storage_options=through(s3_server, proxy))
    assert len({asked.path for asked in proxy.seen if asked.path.endswith(".gz")}) < 80


def test_who_waits_is_told_when_all_is_given_up(s3_server: S3Server, proxy: FaultyProxy) -> None:
    bucket = big_and_small(s3_server)
    options = through(s3_server, proxy)
    found = list_log_files(bucket, selection=EVERYTHING, storage_options=options).log_files
    proxy.fail("hang", lambda asked: asked.path.endswith(".gz"))
    with Fetcher(found, options) as fetcher, ThreadPoolExecutor() as pool:

        def read(log_file: LogFile) -> list[bytes]:
            return list(fetcher.open(log_file)())

        waiting = [pool.submit(read, log_file) for log_file in found]
        while len([asked for asked in proxy.seen if asked.path.endswith(".gz")]) < 2:
            assert not any(future.done() for future in waiting)
        fetcher.stop()
        for future in waiting:
            assert isinstance(future.exception(timeout=5), Unread)
        with pytest.raises(Unread):
            read(found[0])


def test_of_other_stores_the_length_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    for n in range(2):
        memory.pipe_file(f"/fetch/{n}.gz", trees.content(NOON))
    cat_file = type(memory).cat_file

    def cut(self: Any, path: str, **part: Any) -> bytes:
        return cat_file(self, path, **part)[: -5 if "1.gz" in path else None]

    monkeypatch.setattr(type(memory), "cat_file", cut)
    with pytest.warns(ac.AlbconnWarning, match=r"1\.gz: [0-9]+ bytes came of the [0-9]+ that were"):
        assert len(ac.read_connections("memory://fetch")) == 3
    memory.rm("/fetch", recursive=True)
