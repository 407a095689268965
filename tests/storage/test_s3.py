"""Requests with conditions, and many deletions in one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from albconn.storage import patience, s3
from albconn.storage.patience import Patience
from albconn.storage.remote import open_store
from tests.conftest import S3Server
from tests.whole.faulty import FaultyProxy, faulty_proxy, options_through

BODY = b"0123456789" * 30
QUICK = Patience(first_pause=0.01, longest_pause=0.02)


@pytest.fixture
def proxy(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyProxy]:
    monkeypatch.setattr(patience, "PATIENCE", QUICK)
    s3_server.make_bucket("logs", {"a": BODY})
    with faulty_proxy(s3_server.endpoint) as proxy:
        yield proxy


def store_of(server: S3Server, proxy: FaultyProxy) -> Any:
    return open_store("s3://logs", options_through(proxy, server))


def got(store: Any, size: int = len(BODY), etag: str = "", **part: int) -> s3.Got:
    asked = s3.get_listed(store, "logs/a", size, etag, **part)
    return asyncio.run_coroutine_threadsafe(asked, store.loop).result()


def test_an_object_and_its_md5(s3_server: S3Server, proxy: FaultyProxy) -> None:
    store = store_of(s3_server, proxy)
    etag = s3_server.client.head_object(Bucket="logs", Key="a")["ETag"].strip('"')
    assert got(store, etag=etag) == (BODY, etag)
    assert got(store, etag=etag, start=100, end=110) == (b"0123456789", etag)
    assert [asked.headers["If-Match"] for asked in proxy.seen] == [f'"{etag}"'] * 2


def test_an_object_that_changed_is_refused(s3_server: S3Server, proxy: FaultyProxy) -> None:
    with pytest.raises(OSError) as caught:
        got(store_of(s3_server, proxy), etag="0" * 32)
    assert s3.is_conflict(caught.value)
    assert len(proxy.seen) == 1


def test_a_length_that_is_not_the_listings_is_asked_for_again(
    s3_server: S3Server, proxy: FaultyProxy
) -> None:
    with pytest.raises(s3.LengthError, match="300 bytes came of the 400 that were listed"):
        got(store_of(s3_server, proxy), size=400)
    assert len(proxy.seen) == QUICK.few


def test_a_checksum_that_s3_sends_is_compared(s3_server: S3Server, proxy: FaultyProxy) -> None:
    """Of an object in parts the ETag is no MD5; its checksum tells a wrong byte all the same."""
    s3_server.client.put_object(Bucket="logs", Key="a", Body=BODY, ChecksumAlgorithm="SHA256")
    store = store_of(s3_server, proxy)
    proxy.fail("wrong bytes, no MD5", lambda asked: asked.method == "GET", times=2)
    assert got(store).content == BODY
    assert len(proxy.seen) == 3


def test_many_are_deleted_in_one_request(s3_server: S3Server, proxy: FaultyProxy) -> None:
    for n in range(7):
        s3_server.client.put_object(Bucket="logs", Key=f"b/{n}", Body=b"x")
    s3.delete_objects(store_of(s3_server, proxy), [f"logs/b/{n}" for n in range(9)])
    assert [(asked.method, "delete" in asked.query) for asked in proxy.seen] == [("POST", True)]
    left = s3_server.client.list_objects_v2(Bucket="logs")["Contents"]
    assert [item["Key"] for item in left] == ["a"]


def test_a_thousand_at_a_time(
    s3_server: S3Server, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "DELETED_AT_ONCE", 4)
    s3.delete_objects(store_of(s3_server, proxy), [f"logs/{n}" for n in range(9)])
    assert [asked.method for asked in proxy.seen] == ["POST", "POST", "DELETE"]
    s3.delete_objects(store_of(s3_server, proxy), [])


@pytest.mark.parametrize("fault", ["501", "MissingContentMD5"])
def test_where_the_store_cannot_they_go_one_by_one(
    s3_server: S3Server, proxy: FaultyProxy, fault: str
) -> None:
    proxy.fail(fault, lambda asked: asked.method == "POST")
    s3.delete_objects(store_of(s3_server, proxy), ["logs/a", "logs/b"])
    assert [asked.method for asked in proxy.seen] == ["POST", "DELETE", "DELETE"]
    assert "Contents" not in s3_server.client.list_objects_v2(Bucket="logs")


def test_a_deletion_that_failed_in_an_answer_of_success_is_an_error(
    s3_server: S3Server, proxy: FaultyProxy
) -> None:
    proxy.fail("not deleted", lambda asked: asked.method == "POST")
    proxy.fail("403", lambda asked: asked.method == "DELETE")
    with pytest.raises(PermissionError):
        s3.delete_objects(store_of(s3_server, proxy), ["logs/a", "logs/b"])


def test_whose_endpoint_it_is() -> None:
    for endpoint, amazon in (
        (None, True),
        ("https://s3.eu-west-1.amazonaws.com", True),
        ("https://s3.cn-north-1.amazonaws.com.cn", True),
        ("http://127.0.0.1:9000", False),
        ("https://amazonaws.com.example.org", False),
    ):
        given = {"key": "k", "secret": "s", "endpoint_url": endpoint}
        assert s3.is_amazon(open_store("s3://logs", given)) is amazon
