"""Work on somebody's executor: done again when a worker dies, three times at the most."""

from __future__ import annotations

import os
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest

from albconn import DatasetError, LineError
from albconn.executors import ATTEMPTS, open_pool, processors, result_of


class Faulty(Executor):
    """Fails each order with the errors that are left, then carries it out."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.orders = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.orders += 1
        future: Future[Any] = Future()
        if self.errors:
            future.set_exception(self.errors.pop(0))
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def doubled(executor: Executor, number: int) -> int:
    def work(asked: int) -> int:
        return 2 * asked

    future = executor.submit(work, number)
    return result_of(executor, work, number, future, "not doubled ({})".format)


@pytest.mark.parametrize("deaths", range(ATTEMPTS))
def test_work_is_done_again_when_its_worker_died(deaths: int) -> None:
    executor = Faulty(*[RuntimeError("worker lost")] * deaths)
    assert doubled(executor, 21) == 42
    assert executor.orders == deaths + 1


def test_after_three_deaths_it_is_given_up() -> None:
    executor = Faulty(*[RuntimeError("worker lost")] * ATTEMPTS)
    with pytest.raises(DatasetError, match=r"^not doubled \(RuntimeError: worker lost\)$"):
        doubled(executor, 21)
    assert executor.orders == ATTEMPTS == 3


def test_a_broken_executor_is_not_asked_again() -> None:
    executor = Faulty(BrokenProcessPool("all died"))
    with pytest.raises(DatasetError, match="BrokenProcessPool: all died"):
        doubled(executor, 21)
    assert executor.orders == 1


def test_our_own_errors_are_answers() -> None:
    executor = Faulty(LineError("a.log:3: no line"))
    with pytest.raises(LineError, match=r"^a\.log:3: no line$"):
        doubled(executor, 21)
    assert executor.orders == 1


def test_a_pool_has_the_threads_that_were_asked_for() -> None:
    assert processors() == len(os.sched_getaffinity(0))
    for asked, threads in ((3, 3), (None, processors())):
        with open_pool(asked) as pool:
            assert pool._max_workers == threads
            name = pool.submit(lambda: __import__("threading").current_thread().name).result()
        assert name.startswith("albconn")
