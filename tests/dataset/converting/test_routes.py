"""Both routes into one dataset: kept and told, or one preferred, in a run and across runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import albconn as ac
from albconn.dataset.converting import convert as convert_module
from albconn.dataset.converting.plan import Task
from albconn.dataset.converting.routes import has_vended, split_by_route
from albconn.dataset.converting.work import Delivery
from albconn.logs.find.selection import EVERYTHING
from albconn.logs.find.sources import list_log_files
from albconn.logs.reading import Reading
from albconn.schema.connections import CONNECTIONS
from tests.whole.test_vended import connections
from worlds import vended

RECORDS = connections(300)
TWICE = "100 connections are in the dataset twice, from AWS's text files and from CloudWatch's"
LEFT = "100 connections came by both routes; the other row of each is left out"


@pytest.fixture
def both(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/a.log").write_bytes(vended.as_legacy(RECORDS[:200]))
    (tmp_path / "logs/b.log").write_bytes(vended.as_json(RECORDS[100:]))
    return tmp_path


def rows_of(dest: Path) -> dict[str, int]:
    files = ac.read_dataset(dest)["source_file"].astype(str).str[-5]
    return {str(name): int(count) for name, count in files.value_counts().items()}


def test_both_are_kept_and_said(both: Path) -> None:
    with pytest.warns(ac.AlbconnWarning, match=TWICE):
        done = ac.convert(both / "logs", both / "out")
    assert (done.written, done.twins) == (400, 0)
    assert ac.check(both / "out", both / "logs").ok


@pytest.mark.parametrize(("prefer", "kept"), [("legacy", (200, 100)), ("vended", (100, 200))])
@pytest.mark.parametrize("batch", [(2000, 1 << 30), (1, 1 << 30)])
@pytest.mark.parametrize("workers", [None, 2])
def test_one_is_kept(
    both: Path, prefer: Any, kept: tuple[int, int], batch: Any, workers: int | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """In one batch or two, in this process or on workers; and check knows of it."""
    monkeypatch.setattr(convert_module, "BATCH_LIMITS", batch)
    pool = ThreadPoolExecutor(workers) if workers else None
    with pytest.warns(ac.AlbconnWarning, match=LEFT):
        done = ac.convert(both / "logs", both / "out", prefer=prefer, executor=pool)
    assert (done.rows, done.written, done.filtered, done.twins) == (400, 300, 100, 100)
    assert (rows_of(both / "out")["a"], rows_of(both / "out")["b"]) == kept
    assert ac.check(both / "out", both / "logs").faults == ()
    assert ac.convert(both / "logs", both / "out", prefer=prefer).batches == 0


def test_across_runs(both: Path) -> None:
    """What comes later is left out where the dataset has it; what is there stays, and is said."""
    a, b = both / "logs/a.log", both / "logs/b.log"
    ac.convert(a, both / "one", prefer="legacy")
    with pytest.warns(ac.AlbconnWarning, match=LEFT):
        assert ac.convert(b, both / "one", prefer="legacy").written == 100
    ac.convert(b, both / "other", prefer="legacy")
    with pytest.warns(ac.AlbconnWarning, match=TWICE):
        assert ac.convert(a, both / "other", prefer="legacy").written == 200


def test_a_row_that_is_missing_is_a_fault_all_the_same(both: Path) -> None:
    with pytest.warns(ac.AlbconnWarning, match=LEFT):
        ac.convert(both / "logs", both / "out", prefer="legacy")
    log = both / "logs/b.log"
    state = log.stat()
    more = vended.as_json(RECORDS[101:]) + vended.as_json(RECORDS[:1])[:-1] + b"\n"
    log.write_bytes(more[: state.st_size].ljust(state.st_size))
    import os

    os.utime(log, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert not ac.check(both / "out", both / "logs").ok


def test_tasks_are_split_and_formats_asked(both: Path) -> None:
    files = tuple(list_log_files(both / "logs", selection=EVERYTHING).log_files)
    task = Task(files, (), takes_over=((files[1].url, "old"),))
    first, later = split_by_route([task], Reading(CONNECTIONS, prefer="vended"))
    assert [t.log_files for t in (*first, *later)] == [files[1:], files[:1]]
    assert [t.takes_over for t in (*first, *later)] == [task.takes_over, ()]
    assert split_by_route([task], Reading(CONNECTIONS)) == ([task], [])
    for formats, expected in ((("legacy",), False), (("json", "legacy"), True), ((), False)):
        assert has_vended([Delivery((), (), (), formats=formats)], CONNECTIONS) is expected
