"""One layer tries again, within its bounds; what the user orders wins."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from albconn.storage import patience, s3, session
from albconn.storage.patience import Patience
from albconn.storage.received import AnswerError
from albconn.storage.remote import open_store
from albconn.storage.session import OneAttempt, PatientSession
from tests.conftest import S3Server
from tests.whole.faulty import FaultyProxy, faulty_proxy, options_through

QUICK = Patience(connect_seconds=1.0, answer_seconds=0.5, total_seconds=1.5, attempts=5,
                 window_seconds=0.5, first_pause=0.01, longest_pause=0.02)  # fmt: skip
BODY = bytes(range(256)) * 40


@pytest.fixture
def proxy(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyProxy]:
    monkeypatch.setattr(patience, "PATIENCE", QUICK)
    s3_server.make_bucket("logs", {"a": BODY})
    with faulty_proxy(s3_server.endpoint) as proxy:
        yield proxy


def store_of(server: S3Server, proxy: FaultyProxy, **config: Any) -> Any:
    return open_store("s3://logs", options_through(proxy, server, **config))


@pytest.mark.parametrize(("fault", "attempts"), [
    ("SlowDown", 5), ("500", 5), ("page", 4), ("wrong bytes", 4), ("403", 1),
])  # fmt: skip
def test_attempts_are_counted_once(
    s3_server: S3Server, proxy: FaultyProxy, fault: str, attempts: int
) -> None:
    """botocore's, s3fs's and ours would multiply."""
    proxy.fail(fault, lambda asked: asked.path == "/logs/a")
    with pytest.raises(Exception):  # noqa: B017  (each fault has its own)
        store_of(s3_server, proxy).cat_file("logs/a", start=None, end=None, max_concurrency=1)
    assert len(proxy.seen) == attempts


ASKS: dict[str, Callable[[Any], Any]] = {
    "GET": lambda store: store.cat_file("logs/a", max_concurrency=1),
    "LIST": lambda store: store.ls("logs"),
    "PUT": lambda store: store.pipe_file("logs/b", b"new"),
}


@pytest.mark.parametrize(("fault", "method"), [
    ("hang", "GET"), ("hang", "LIST"), ("hang", "PUT"), ("drip", "GET"), ("drip", "LIST"),
])  # fmt: skip
def test_what_gives_no_answer_ends(
    s3_server: S3Server, proxy: FaultyProxy, fault: str, method: str
) -> None:
    store = store_of(s3_server, proxy)
    proxy.fail(fault, lambda _: True)
    began = time.monotonic()
    with pytest.raises(ReadTimeoutError):
        ASKS[method](store)
    assert time.monotonic() - began < QUICK.total_seconds + 4


def test_a_slow_body_is_read_to_its_end(
    s3_server: S3Server, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body may take longer than all attempts, as long as it comes at the least rate."""
    lasting = Patience(answer_seconds=0.5, window_seconds=0.4, total_seconds=0.6, least_rate=2)
    monkeypatch.setattr(patience, "PATIENCE", lasting)
    s3_server.client.put_object(Bucket="logs", Key="short", Body=b"0123456789")
    proxy.fail("drip", lambda asked: asked.path == "/logs/short")
    began = time.monotonic()
    assert store_of(s3_server, proxy).cat_file("logs/short", max_concurrency=1) == b"0123456789"
    assert time.monotonic() - began > 0.8


def test_what_the_user_orders_wins(s3_server: S3Server, proxy: FaultyProxy) -> None:
    ours = s3.with_patience({})["config_kwargs"]
    assert (ours["http_session_cls"], ours["read_timeout"]) == (PatientSession, 0.5)
    given = s3.with_patience({"config_kwargs": {"retries": {"max_attempts": 2}, "read_timeout": 9}})
    theirs = given["config_kwargs"]
    assert (theirs["http_session_cls"], theirs["read_timeout"]) == (OneAttempt, 9)
    assert theirs["retries"] == {"max_attempts": 2}
    proxy.fail("500", lambda asked: asked.path == "/logs/a")
    retries = {"total_max_attempts": 2, "mode": "standard"}
    with pytest.raises(OSError):
        store_of(s3_server, proxy, retries=retries).cat_file("logs/a", max_concurrency=1)
    assert len(proxy.seen) == 2


def test_a_longer_time_that_was_ordered_is_waited(s3_server: S3Server, proxy: FaultyProxy) -> None:
    proxy.fail("hang", lambda _: True)
    began = time.monotonic()
    with pytest.raises(ReadTimeoutError):
        store_of(s3_server, proxy, read_timeout=2.5).cat_file("logs/a", max_concurrency=1)
    assert time.monotonic() - began > 2.4


def test_the_answer_to_a_put_that_was_lost_is_asked_for_again(
    s3_server: S3Server, proxy: FaultyProxy
) -> None:
    proxy.fail("lost", lambda asked: asked.method == "PUT", times=1)
    store_of(s3_server, proxy).pipe_file("logs/b", b"new")
    assert [asked.method for asked in proxy.seen] == ["PUT", "PUT"]
    assert s3_server.client.get_object(Bucket="logs", Key="b")["Body"].read() == b"new"


def test_more_than_the_connections_wait_their_turn(s3_server: S3Server, proxy: FaultyProxy) -> None:
    """Waiting for a free connection is no time of the store's."""
    proxy.fail("slow", lambda _: True)
    store = store_of(s3_server, proxy, max_pool_connections=2)

    async def many() -> list[s3.Got]:
        return await asyncio.gather(
            *(s3.get_listed(store, "logs/a", len(BODY), "") for _ in range(14))
        )

    got = asyncio.run_coroutine_threadsafe(many(), store.loop).result()
    assert [each.content for each in got] == [BODY] * 14  # 14 / 2 * 0.3 s is above a total


def test_what_a_proxy_says_in_place_of_s3(s3_server: S3Server, proxy: FaultyProxy) -> None:
    proxy.fail("page", lambda _: True)
    with pytest.raises(AnswerError, match="it begins with '<html>"):
        store_of(s3_server, proxy).ls("logs")


def test_whoever_is_cancelled_gives_the_connection_back(
    s3_server: S3Server, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that a dropped answer still holds is closed by chance, with a warning."""
    begun: list[Any] = []
    whole = session._whole

    async def seen(stream: Any, *rest: Any) -> bytes:
        begun.append(stream)
        return await whole(stream, *rest)

    monkeypatch.setattr(session, "_whole", seen)
    store = store_of(s3_server, proxy)
    proxy.fail("drip", lambda asked: asked.path == "/logs/a")
    asked = store._cat_file("logs/a", start=None, end=None)
    waiting = asyncio.run_coroutine_threadsafe(asked, store.loop)
    while not begun:
        time.sleep(0.01)
    assert begun[0].connection is not None
    waiting.cancel()
    asyncio.run_coroutine_threadsafe(asyncio.sleep(0.1), store.loop).result()
    assert begun[0].connection is None
