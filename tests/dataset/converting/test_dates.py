"""A log file of thousands of dates is left out and said; the rest of its batch is converted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import albconn.dataset.converting.dates as dates_module
from albconn import AlbconnWarning, convert
from albconn.dataset import check
from albconn.dataset.converting.dates import MOST_DATES, Dates, ScatteredError
from albconn.schema.connections import CONNECTIONS
from tests.dataset.on_disk import part_files, rows_on_disk
from worlds.lines import line
from worlds.trees import log_path, moments, write_log

DAY = 86_400_000_000  # [µs]


def scatter(path: Path, count: int, times: int = 1) -> Path:
    """Write a log file with a line for each of so many dates, in turn."""
    first = datetime(2024, 1, 1, tzinfo=UTC)
    days = [f"{first + timedelta(n):%Y-%m-%d}T10:00:00.000000Z" for n in range(count)]
    return write_log(path, map(line, days * times))


def test_sixty_thousand_dates_are_no_log(tmp_path: Path) -> None:
    """Of the issue: 290 KB became 60,000 Parquet files."""
    bad = log_path(tmp_path / "logs", "20260923T1005Z", n=1)
    days = np.arange("0010-01-01", "0174-04-11", dtype="datetime64[D]")[:60_000]
    write_log(bad, (line(f"{day}T10:00:00.000000Z") for day in days))
    good = [log_path(tmp_path / "logs", "20260923T1005Z", n=n) for n in (0, 2)]
    for path in good:
        write_log(path, [line(m) for m in moments("2026-09-23T23:59:58Z", 4)])
    with pytest.warns(
        AlbconnWarning, match=rf"1 log file could not be read, first {bad}: its lines are of thou"
    ):
        done = convert(tmp_path / "logs", tmp_path / "out")
    assert (done.failed, done.files, done.written) == ((str(bad),), 2, 8)
    assert {file for file, _ in rows_on_disk(tmp_path / "out")} == set(map(str, good))
    assert len(part_files(tmp_path / "out")) == 2
    assert not (tmp_path / "out/staging").exists()
    assert check(tmp_path / "out").faults == ()
    with pytest.warns(
        AlbconnWarning, match="1 log file could not be read"
    ):  # tried again, each time
        assert convert(tmp_path / "logs", tmp_path / "out").failed == (str(bad),)
    write_log(bad, [line(m) for m in moments("2026-09-23T10:00:00Z", 3)])
    assert convert(tmp_path / "logs", tmp_path / "out").written == 3
    assert check(tmp_path / "out", tmp_path / "logs").faults == ()


def test_the_bound_is_of_the_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many files as may be in a batch, each of a few dates, are no way around it."""
    monkeypatch.setattr(dates_module, "MOST_DATES", 8)
    usual = log_path(tmp_path / "logs", "20260923T1005Z", n=0)
    write_log(usual, [line(m) for m in moments("2026-09-23T23:59:58Z", 4)])
    for n in range(1, 4):
        first = datetime(2024, n, 1, tzinfo=UTC)
        days = [first + timedelta(day) for day in range(4)]
        path = log_path(tmp_path / "logs", "20260923T1005Z", n=n)
        write_log(path, [line(f"{day:%Y-%m-%d}T10:00:00.000000Z") for day in days])
    with pytest.warns(AlbconnWarning, match=r"log files? could not be read"):
        done = convert(tmp_path / "logs", tmp_path / "out")
    assert str(usual) not in done.failed
    assert len(done.dates) <= 8
    assert date(2026, 9, 23) in done.dates


def test_years_in_one_file_are_few_parts(tmp_path: Path) -> None:
    """Within the bound: a part a date, though every line is of another date than the last."""
    path = scatter(log_path(tmp_path / "logs", "20260923T1005Z"), 200, times=20)
    done = convert(path, tmp_path / "out")
    assert (done.written, done.parts, len(done.dates)) == (4000, 200, 200)
    assert check(tmp_path / "out", path).faults == ()


def rows(names: list[str], days: list[int]) -> pa.Table:
    instants = pa.array([day * DAY + 5 for day in days], pa.timestamp("us", "UTC"))
    files = pa.chunked_array([pa.array(names[:2]).dictionary_encode(),
                              pa.array(names[2:]).dictionary_encode()])  # fmt: skip
    return pa.table([instants, files], names=["timestamp", "source_file"])


def test_dates_are_counted_by_file_in_whatever_tables_they_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dates_module, "MOST_DATES", 6)
    dates = Dates(CONNECTIONS)
    dates.add(rows(["a", "b", "b", "a"], [-9, -9, -9, -9]), ["a", "b"])
    dates.add(rows(["a", "b", "a", "c"], [-9, 1, 2, 3]), "abc")
    dates.add(rows(["b", "b", "b", "b"], [4, 4, 4, 4]), ["b"])
    with pytest.raises(ScatteredError) as caught:
        dates.add(rows(["c", "c", "d", "d"], [3, 6, 7, 7]), "cd")
    assert caught.value.urls == ["b"]  # of -9, 1 and 4
    assert MOST_DATES == 2 * 2000
