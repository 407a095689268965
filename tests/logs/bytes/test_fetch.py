"""Objects come whole or in parts, ahead of the readers, within a budget."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

import albconn as ac
from albconn.logs.bytes import fetch
from tests.conftest import S3Server, SeenRequest
from tests.logs.on_s3 import DAY, NOON, load, ten_days
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
        "logs", {"big.gz": trees.packed(line(NOON, client_port=port) for port in ports)}
    )
    reads: list[SeenRequest] = []

    def is_third_read(request: SeenRequest) -> bool:
        if request.is_object_read:
            reads.append(request)
        return request.is_object_read and len(reads) >= 3

    s3_server.fail(is_third_read, code="NoSuchKey", status="404 Not Found")
    with pytest.warns(ac.AlbconnWarning, match="vanished between listing and reading"):
        loaded = load(s3_server, bucket)
    salvaged = loaded.connections["client_port"].tolist()
    assert 0 < len(salvaged) < 8000
    assert salvaged == ports[: len(salvaged)]
    assert loaded.rejected["reason"].tolist() == ["the line is cut off"]


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
