"""Orders on an executor: each is carried out once, whoever dies."""

from __future__ import annotations

from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import albconn.dataset.converting.convert as convert_module
from albconn import convert
from albconn.dataset import check
from tests.dataset.on_disk import rows_on_disk
from tests.dataset.three_files import all_rows


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_on_an_executor(
    pool: Any, logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convert_module, "EXECUTOR_LIMITS", (1, 1 << 30))
    options = {}
    if pool is ProcessPoolExecutor:
        import multiprocessing

        options["mp_context"] = multiprocessing.get_context("spawn")
    with pool(2, **options) as executor:
        conversion = convert(logs, tmp_path / "out", executor=executor)
    assert (conversion.batches, conversion.written, conversion.rejected) == (3, 16, 1)
    assert rows_on_disk(tmp_path / "out") == all_rows(logs)
    assert check(tmp_path / "out", logs).faults == ()


class _Dying(Executor):
    """Its worker dies, once for each order, after all its files are written."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        result = fn(*args, **kwargs)
        if args[0].batch in self.seen:
            future.set_result(result)
        else:
            self.seen.add(args[0].batch)
            future.set_exception(RuntimeError("worker lost"))
        return future


def test_a_worker_that_dies_is_retried(logs: Path, tmp_path: Path) -> None:
    executor = _Dying()
    conversion = convert(logs, tmp_path / "out", executor=executor)
    assert executor.seen == {"00000001"}
    assert conversion.written == 16
    assert rows_on_disk(tmp_path / "out") == all_rows(logs)
    assert check(tmp_path / "out", logs).faults == ()
