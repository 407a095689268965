"""Where work is done: the threads of this process, or any executor that the caller gives."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from typing import TypeVar

from albconn.errors import AlbconnError, DatasetError
from albconn.platforms import processors

T = TypeVar("T")
Asked = TypeVar("Asked")
Says = Callable[[str], str]  # given what went wrong, the whole message

ATTEMPTS = 3  # of a piece of work whose worker died


def open_pool(threads: int | None = None) -> ThreadPoolExecutor:
    """Return threads, for several scans or other work; default one for each processor.

    malloc keeps memory for every thread that it meets: with new ones for each scan, a tenth
    more after ten.
    """
    return ThreadPoolExecutor(threads or processors(), thread_name_prefix="albconn")


def result_of(
    executor: Executor, work: Callable[[Asked], T], asked: Asked, future: Future[T], failed: Says
) -> T:
    """Wait for a piece of work; give it to another worker when its worker died.

    Raises
    ------
    DatasetError
        Its worker died three times, or the executor is broken; ``failed`` words it.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return future.result()
        except AlbconnError:
            raise
        except Exception as error:
            if attempt == ATTEMPTS or isinstance(error, BrokenExecutor):
                raise DatasetError(failed(f"{type(error).__name__}: {error}")) from error
            future = executor.submit(work, asked)
    raise AssertionError("unreachable")
