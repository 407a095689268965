"""Bytes of log files, fetched ahead of the workers and never more than a budget.

Local files are read when their turn comes, and the system has read small ones before it. From a
store, small objects are fetched whole, tens at a time; a large one comes in parts, a few ahead.
What is in flight or waiting is bounded in bytes, whatever the number and size of the objects.

What is given is proven to be the file that was listed (see ``proof``). A file of which that cannot
be said, or that cannot be had, is ``Unread``: the others are read all the same, but for an error
that is no matter of one file.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from albconn.errors import SourceError
from albconn.logs.bytes.proof import InParts, Local, Raw, Unread, Whole, vanished
from albconn.logs.find.sources import LogFile
from albconn.platforms import read_ahead
from albconn.storage import s3
from albconn.storage.advice import code_of
from albconn.storage.faults import explain, scope_of, told_of
from albconn.storage.places import StorageOptions, is_remote
from albconn.storage.remote import open_store

IN_FLIGHT = 48  # GETs; S3 answers each in tens of milliseconds
BUDGET_BYTES = 64 << 20
PART_BYTES = 8 << 20
PARTS_AHEAD = 3
SMALL_BYTES = 1 << 20
MOST_UNANSWERED = 4  # files one after another; then it is the store


class Fetcher:
    """Gives each log file's bytes; a resource: use it with ``with``.

    Files must be opened about in the order in which they were given.
    """

    def __init__(self, log_files: Sequence[LogFile], storage_options: StorageOptions) -> None:
        remote = [f for f in log_files if is_remote(f.url)]
        self._stores = {}
        for log_file in remote:
            scheme = log_file.url.partition("://")[0]
            if scheme not in self._stores:
                self._stores[scheme] = open_store(log_file.url, storage_options)
        self._waiting = deque(f for f in remote if f.size <= PART_BYTES)
        self._ready: dict[str, Future[s3.Got]] = {}
        self._awaited: set[Future[s3.Got]] = set()
        self._budget = BUDGET_BYTES
        self._unanswered = 0
        self._stopped = False
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """Give up all that is in flight; who waits for it is told at once."""
        with self._lock:
            self._stopped = True
            self._waiting.clear()
            for future in (*self._ready.values(), *self._awaited):
                future.cancel()

    def expect(self, log_files: Iterable[LogFile]) -> None:
        """Have the system read small local files before they are opened.

        Where they are not in the page cache, waiting for one after the other would cost a
        fifth of the time. A large file is read ahead by the system as soon as it is begun.
        """
        for log_file in log_files:
            if is_remote(log_file.url) or log_file.size > SMALL_BYTES:
                continue
            with suppress(OSError):  # whoever opens it says what is wrong
                read_ahead(log_file.place)

    def heads(self, log_files: Iterable[LogFile], size: int) -> Iterator[tuple[LogFile, bytes]]:
        """Yield the first bytes of files, none where they cannot be had; many are in flight."""
        waiting: deque[tuple[LogFile, Future[s3.Got] | None]] = deque()
        for log_file in log_files:
            is_there = is_remote(log_file.url)
            asked = self._get(log_file, 0, min(size, log_file.size)) if is_there else None
            waiting.append((log_file, asked))
            if len(waiting) >= IN_FLIGHT:
                yield self._head(*waiting.popleft(), size)
        while waiting:
            yield self._head(*waiting.popleft(), size)

    def tail(self, log_file: LogFile, size: int) -> bytes:
        """Return the last bytes of a file, none where they cannot be had."""
        start = max(0, log_file.size - size)
        if not is_remote(log_file.url):
            return _read_local(log_file, start, size)
        return self._head(log_file, self._get(log_file, start, log_file.size), size)[1]

    def _head(
        self, log_file: LogFile, asked: Future[s3.Got] | None, size: int
    ) -> tuple[LogFile, bytes]:
        if asked is None:
            return log_file, _read_local(log_file, 0, size)
        try:
            return log_file, self._result(log_file, asked).content
        except Unread:
            return log_file, b""

    def open(self, log_file: LogFile) -> Raw:
        """Return what gives the file's bytes, at each call from the start.

        Raises
        ------
        Unread
            The file cannot be had (raised here or while its bytes are read).
        SourceError
            No file can be had: the login, the network, the bucket.
        """
        if not is_remote(log_file.url):
            return Local(log_file)
        if log_file.size > PART_BYTES:
            return InParts(lambda first: self._parts(log_file, first))
        return Whole(self._whole(log_file))

    def _whole(self, log_file: LogFile) -> bytes:
        self._start_more()
        with self._lock:
            future = self._ready.pop(log_file.url, None)
            if future is None:
                if log_file in self._waiting:
                    self._waiting.remove(log_file)
                future = self._get(log_file)
            else:
                self._budget += log_file.size
        self._start_more()
        return self._result(log_file, future).content

    def _start_more(self) -> None:
        """Keep as many small objects in flight as the budget allows."""
        with self._lock:
            while self._waiting and len(self._ready) < IN_FLIGHT:
                log_file = self._waiting[0]
                if self._ready and self._budget < log_file.size:
                    return
                self._waiting.popleft()
                self._budget -= log_file.size
                self._ready[log_file.url] = self._get(log_file)

    def _parts(self, log_file: LogFile, first: int) -> Iterator[s3.Got]:
        """Yield a large object's parts, from the ``first``, the number of a part, on."""
        starts = iter(range(first * PART_BYTES, log_file.size, PART_BYTES))
        ahead: deque[Future[s3.Got]] = deque()
        while True:
            while len(ahead) < PARTS_AHEAD and (start := next(starts, None)) is not None:
                end = min(start + PART_BYTES, log_file.size)
                ahead.append(self._get(log_file, start, end))
            if not ahead:
                return
            yield self._result(log_file, ahead.popleft())

    def _get(
        self, log_file: LogFile, start: int | None = None, end: int | None = None
    ) -> Future[s3.Got]:
        scheme, _, path = log_file.url.partition("://")
        store: Any = self._stores[scheme]
        if store.async_impl:
            import asyncio  # costs as much to import as a thousand lines to read

            asked = (
                s3.get_listed(store, path, log_file.size, log_file.etag, start=start, end=end)
                if s3.is_s3(store)
                else _get_async(store, path, log_file.size, start, end)
            )
            return asyncio.run_coroutine_threadsafe(asked, store.loop)
        if self._pool is None:
            self._pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="albconn-fetch")
        return self._pool.submit(_get_plain, store, path, log_file.size, start, end)

    def _result(self, log_file: LogFile, future: Future[s3.Got]) -> s3.Got:
        with self._lock:
            self._awaited.add(future)
            if self._stopped:
                future.cancel()
        try:
            got = future.result()
        except CancelledError:
            raise Unread("the reading was stopped", "run again") from None
        except Exception as error:
            raise self._meaning(log_file, error) from error
        finally:
            with self._lock:
                self._awaited.discard(future)
        self._unanswered = 0
        return got

    def _meaning(self, log_file: LogFile, error: Exception) -> Unread | SourceError:
        """Return what an error means: that this file, or that none can be had."""
        scope = scope_of(error)
        self._unanswered = self._unanswered + 1 if scope == "perhaps all" else 0
        if scope == "all" or self._unanswered >= MOST_UNANSWERED:
            return explain(error, log_file.url)
        if code_of(error) in ("PreconditionFailed", "412"):
            return Unread("it changed after it was listed", "run again")
        return vanished() if isinstance(error, FileNotFoundError) else Unread(*told_of(error))


def _read_local(log_file: LogFile, start: int, size: int) -> bytes:
    with suppress(OSError), open(log_file.place, "rb", buffering=0) as stream:  # noqa: PTH123
        stream.seek(start)
        return stream.read(size)
    return b""


async def _get_async(
    store: Any, path: str, size: int, start: int | None, end: int | None
) -> s3.Got:
    content = await store._cat_file(path, start=start, end=end)
    return _of_length(content, size, start, end)


def _get_plain(store: Any, path: str, size: int, start: int | None, end: int | None) -> s3.Got:
    return _of_length(store.cat_file(path, start=start, end=end), size, start, end)


def _of_length(content: bytes, size: int, start: int | None, end: int | None) -> s3.Got:
    expected = size if start is None or end is None else end - start
    if size:  # some stores do not know it
        s3.require_length(content, expected)
    return s3.Got(content, None)
