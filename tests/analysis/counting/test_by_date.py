"""Counting date by date on an executor gives the very table, whatever the executor."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import albconn as ac
from albconn.analysis.counting.by_date import count_date
from worlds.lines import NOT_TLS, line

SAMPLE = Path(__file__).parents[3] / "data/sample/AWSLogs"
SPLITS: list[tuple[Any, Any]] = [
    ("5min", "tls_protocol"),
    ("7h", ("client_ip",)),  # bins that hold midnight
    (timedelta(days=3), "failure_reason"),
    (None, ()),
    (None, ("elb", "listener_port")),
]


@pytest.fixture(scope="module")
def dest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("spread") / "dataset"
    with pytest.warns(ac.AlbconnWarning, match="more fields"):
        ac.convert(SAMPLE, place)
    return place


@pytest.fixture(scope="module", params=["threads", "processes"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    made = (
        ThreadPoolExecutor(2)
        if request.param == "threads"
        else ProcessPoolExecutor(2, mp_context=get_context("spawn"))
    )
    with made:
        yield made


@pytest.mark.parametrize(("every", "by"), SPLITS)
def test_the_tables_are_the_same(dest: Path, executor: Executor, every: Any, by: Any) -> None:
    for count in (ac.failure_rate, ac.failure_reasons):
        if count is ac.failure_reasons and by == "failure_reason":
            continue
        here = count(dest, every=every, by=by)
        there = count(dest, every=every, by=by, executor=executor)
        assert len(here)
        pd.testing.assert_frame_equal(here, there)
        assert here.attrs == there.attrs


def test_a_listener_that_speaks_tls_on_another_date_is_known(tmp_path: Path) -> None:
    lines = [
        line("2026-09-22T10:00:00.000000Z", **NOT_TLS),
        line("2026-09-23T10:00:00.000000Z"),
    ]
    (tmp_path / "two.log").write_text("\n".join(lines))
    ac.convert(tmp_path / "two.log", tmp_path / "out")
    with ThreadPoolExecutor(1) as threads:
        counted = ac.failure_rate(tmp_path / "out", every="1D", executor=threads)
    assert counted["connections"].tolist() == [1]
    assert (counted.attrs["unclassified"], counted.attrs["not_tls"]) == (1, 0)


def test_what_workers_cannot_see_is_refused(dest: Path) -> None:
    with ThreadPoolExecutor(1) as threads, pytest.raises(ac.TableError, match="give the path"):
        ac.failure_rate(ac.read_dataset(dest), executor=threads)


class Mortal(Executor):
    """Loses the worker of each first order, as a cluster may."""

    def __init__(self, deaths: int) -> None:
        self.deaths = deaths

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.deaths:
            self.deaths -= 1
            future.set_exception(RuntimeError("worker died"))
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def test_a_date_whose_worker_died_is_counted_again(dest: Path) -> None:
    pd.testing.assert_frame_equal(ac.failure_rate(dest, executor=Mortal(2)), ac.failure_rate(dest))
    with pytest.raises(ac.DatasetError, match=r"was not counted on the executor.*worker died"):
        ac.failure_rate(dest, executor=Mortal(99))
    assert (
        count_date.__module__ == "albconn.analysis.counting.by_date"
    )  # workers find it by this name
