"""Bytes of log files, fetched ahead of the workers and never more than a budget.

Local files are read when their turn comes, and the system has read small ones before it. From a
store, small objects are fetched whole, tens at a time; a large one comes in parts, a few ahead.
What is in flight or waiting is bounded in bytes, whatever the number and size of the objects.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from albconn.errors import SourceError
from albconn.logs.find.sources import LogFile
from albconn.platforms import read_ahead
from albconn.storage.faults import explain
from albconn.storage.places import StorageOptions, is_remote
from albconn.storage.remote import open_store

READ_BYTES = 1 << 16  # what is inflated at a time
IN_FLIGHT = 48  # GETs; S3 answers each in tens of milliseconds
BUDGET_BYTES = 64 << 20
PART_BYTES = 8 << 20
PARTS_AHEAD = 3
SMALL_BYTES = 1 << 20

Raw = Callable[[], Iterable[bytes]]


class Vanished(Exception):  # noqa: N818  (not an error: the caller records it and goes on)
    """The object was listed, but is no longer there."""


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
        self._ready: dict[str, Future[bytes]] = {}
        self._budget = BUDGET_BYTES
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._waiting.clear()
            for future in self._ready.values():
                future.cancel()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

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

    def open(self, log_file: LogFile) -> Raw:
        """Return a callable that gives the file's bytes, at each call from the start.

        Raises
        ------
        Vanished
            The object is gone (raised here or while its bytes are read).
        SourceError
            It cannot be read.
        """
        if not is_remote(log_file.url):
            return lambda: _read_local(log_file)
        if log_file.size > PART_BYTES:
            return lambda: self._in_parts(log_file)
        whole = self._whole(log_file)
        return lambda: (whole,)

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
        return _result(log_file, future)

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

    def _in_parts(self, log_file: LogFile) -> Iterator[bytes]:
        starts = iter(range(0, log_file.size, PART_BYTES))
        ahead: deque[Future[bytes]] = deque()
        while True:
            while len(ahead) < PARTS_AHEAD and (start := next(starts, None)) is not None:
                end = min(start + PART_BYTES, log_file.size)
                ahead.append(self._get_range(log_file, start, end))
            if not ahead:
                return
            yield _result(log_file, ahead.popleft())

    def _get(self, log_file: LogFile) -> Future[bytes]:
        """Get a whole object; its size is known, and naming it spares s3fs a HEAD."""
        if not log_file.size:
            return self._get_range(log_file, None, None)
        return self._get_range(log_file, 0, log_file.size)

    def _get_range(self, log_file: LogFile, start: int | None, end: int | None) -> Future[bytes]:
        scheme, _, path = log_file.url.partition("://")
        store = self._stores[scheme]
        if store.async_impl:
            import asyncio  # costs as much to import as a thousand lines to read

            return asyncio.run_coroutine_threadsafe(
                store._cat_file(path, start=start, end=end), store.loop
            )
        if self._pool is None:
            self._pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="albconn-fetch")
        return self._pool.submit(store.cat_file, path, start=start, end=end)


def _result(log_file: LogFile, future: Future[bytes]) -> bytes:
    try:
        return future.result()
    except FileNotFoundError as error:
        raise Vanished(log_file.url) from error
    except Exception as error:
        raise explain(error, log_file.url) from error


def _read_local(log_file: LogFile) -> Iterator[bytes]:
    try:
        with open(log_file.place, "rb", buffering=0) as stream:  # noqa: PTH123
            while chunk := stream.read(READ_BYTES):
                yield chunk
    except FileNotFoundError as error:
        raise Vanished(log_file.url) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(f"{log_file.url}: {reason}; check the path and its rights") from error
