"""A store over real HTTP: what must be exclusive is."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from albconn import DatasetError
from albconn.storage import patience, remote
from albconn.storage.faults import ConflictError
from albconn.storage.patience import Patience
from albconn.storage.store import open_dest
from tests.whole.faulty import faulty_proxy

if TYPE_CHECKING:
    from tests.conftest import S3Server


@pytest.fixture
def server(s3_server: S3Server) -> S3Server:
    s3_server.make_bucket("out")
    return s3_server


def test_conditional_writes(server: S3Server) -> None:
    store = open_dest("s3://out/x", server.storage_options)
    store.create("manifest/00000001.json", b"one")
    store.create("manifest/00000001.json", b"one")  # a PUT whose answer was lost
    with pytest.raises(FileExistsError):
        store.create("manifest/00000001.json", b"other")
    content, version = store.version("manifest/00000001.json")
    assert content == b"one"
    newer = store.replace("manifest/00000001.json", b"two", version)
    with pytest.raises(ConflictError):
        store.replace("manifest/00000001.json", b"three", version)
    with pytest.raises(ConflictError):
        store.replace("manifest/00000002.json", b"three", version)
    with pytest.raises(ConflictError):
        store.remove("manifest/00000001.json", version)
    store.remove("manifest/00000001.json", newer)
    assert store.sizes("manifest") == {}
    store.delete(["nothing"])


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("If-None-Match", r"overlooks conditional writes \(If-None-Match: \*\)"),
        ("If-Match", r"overlooks conditional writes \(If-Match\)"),
    ],
)
def test_a_store_that_overlooks_conditions_is_refused(
    server: S3Server, header: str, said: str
) -> None:
    with faulty_proxy(server.endpoint) as proxy:
        proxy.fail("overlook", lambda asked: header in asked.headers)
        options = {**server.storage_options, "endpoint_url": proxy.endpoint}
        for _ in range(2):  # what is refused once is not taken for proven
            with pytest.raises(DatasetError, match=said) as caught:
                open_dest("s3://out/x", options).create("lock.json", b"{}")
            assert str(caught.value).endswith("honours them, or write to a local disk")
        assert "Contents" not in server.client.list_objects_v2(Bucket="out")


def test_a_store_that_honours_them_is_asked_once(server: S3Server) -> None:
    server.seen.clear()
    for n in range(3):
        open_dest("s3://out/x", server.storage_options).create(f"{n}.json", b"{}")
    assert [request.method for request in server.seen].count("PUT") in (3, 5)


def test_a_large_file_comes_and_goes_in_pieces(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "_PIECE_BYTES", 1000)
    store = open_dest("s3://out/x", server.storage_options)
    content = random.Random(1).randbytes(4_321)
    grown = tmp_path / "grown"
    grown.write_bytes(content)
    store.stage_file(grown, "a/part")
    assert not grown.exists()
    with store.fetched("a/part") as place:
        assert place.read_bytes() == content
    ranges = [r for r in server.seen if r.is_object_read]
    assert len(ranges) == 5


def test_an_upload_in_parts_whose_completion_was_lost(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", Patience(first_pause=0.01, longest_pause=0.02))
    grown = tmp_path / "grown"
    grown.write_bytes(bytes(101 << 20))
    with faulty_proxy(server.endpoint) as proxy:
        proxy.fail("lost", lambda asked: asked.method == "POST" and "uploadId" in asked.query, 1)
        options = {**server.storage_options, "endpoint_url": proxy.endpoint, "config_kwargs": {}}
        open_dest("s3://out/x", options).stage_file(grown, "a/part")
    assert server.client.head_object(Bucket="out", Key="x/a/part")["ContentLength"] == 101 << 20
