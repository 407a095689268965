"""How other tools that take files from a bucket have lost or doubled them, each as a test.

The bugs are public: log shippers, loaders and table formats that remember where they were by a
name, a time or a counter. Each test says in its name what was lost, and does to us what undid them.
"""

from __future__ import annotations

import os
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from albconn import AlbconnWarning, convert, open_dataset
from albconn.dataset import check
from albconn.dataset.compacting import compact
from albconn.errors import AlbconnError
from albconn.storage.local import LocalStore
from worlds.lines import line
from worlds.trees import key, log_path, moments, packed, write_log

if TYPE_CHECKING:
    from datetime import datetime

    from tests.conftest import S3Server


def put(logs: Path, end: str, count: int, n: int = 0) -> Path:
    """Write a log file of the five minutes before ``end``."""
    minute = f"{end[:4]}-{end[4:6]}-{end[6:8]}T{end[9:11]}:{end[11:13]}:00Z"
    return write_log(log_path(logs, end, n=n), map(line, moments(minute, count)))


def rows(dest: Path) -> Counter[tuple[str, int]]:
    """Count every row of the bare folder by its identity, whatever the records say."""
    found: Counter[tuple[str, int]] = Counter()
    for path in dest.glob("connections/date=*/*.parquet"):
        table = pq.ParquetFile(path).read(["source_file", "line_number"])
        found.update(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))
    return found


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_a_file_that_sorts_before_the_last_one_is_not_lost(logs: Path, dest: Path) -> None:
    """In "ordered" modes a loader goes on behind the last name; what comes late is never read."""
    put(logs, "20260923T1005Z", 3)
    convert(logs, dest)
    put(logs, "20260922T0905Z", 4)
    put(logs, "20260923T1005Z", 5, n=1)
    convert(logs, dest)
    assert sum(rows(dest).values()) == 12
    assert check(dest, logs).faults == ()


def test_a_delete_that_is_swallowed_counts_nothing_twice(
    logs: Path, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shipper deletes what it has read; where the delete fails unseen, it is read again."""
    for n in range(3):
        put(logs, "20260923T1005Z", 4, n=n)
        convert(logs, dest)
    with monkeypatch.context() as broken:
        broken.setattr(LocalStore, "delete", lambda self, paths: None)
        compact(dest)
    assert open_dataset(dest).count_rows() == 12
    put(logs, "20260923T1010Z", 1)
    convert(logs, dest)
    compact(dest)
    assert set(rows(dest).values()) == {1}
    assert sum(rows(dest).values()) == 13
    assert check(dest, logs).faults == ()


def test_an_overwritten_file_is_not_read_beside_its_old_rows(logs: Path, dest: Path) -> None:
    """With "allow overwrites" an overwritten file is a new one, and its first rows stay."""
    put(logs, "20260923T1005Z", 3)
    convert(logs, dest)
    put(logs, "20260923T1005Z", 5)
    with pytest.warns(AlbconnWarning, match="changed since it was converted"):
        assert convert(logs, dest).written == 0
    assert sum(rows(dest).values()) == 3
    convert(logs, dest, refresh="replace")
    assert set(rows(dest).values()) == {1}
    assert sum(rows(dest).values()) == 5
    assert check(dest, logs).faults == ()


def test_a_file_of_the_same_second_is_not_skipped(logs: Path, dest: Path) -> None:
    """A shipper remembers the time of the newest file; others of that second are "old"."""
    second = 1_790_000_000
    os.utime(put(logs, "20260923T1005Z", 3), (second, second))
    convert(logs, dest)
    for n in (1, 2):
        os.utime(put(logs, "20260923T1005Z", 4, n=n), (second, second))
    older = put(logs, "20260923T1000Z", 1)
    os.utime(older, (second - 60, second - 60))
    convert(logs, dest)
    assert sum(rows(dest).values()) == 12
    assert check(dest, logs).faults == ()


def object_of(end: datetime, count: int, letters: str) -> dict[str, bytes]:
    stamps = moments(end.isoformat(), count)
    return {key(end, letters=letters): packed(map(line, stamps))}


def test_a_file_that_failed_often_is_tried_again(s3_server: S3Server) -> None:
    """A budget of retries is used up, and the file is passed over for ever."""
    from datetime import UTC, datetime

    end = datetime(2026, 9, 23, 10, 5, tzinfo=UTC)
    good, denied = object_of(end, 3, "aaaaaaaa"), object_of(end, 4, "bbbbbbbb")
    s3_server.make_bucket("logs", good | denied)
    s3_server.make_bucket("out")
    s3_server.fail(lambda r: r.is_object_read and "bbbbbbbb" in r.path, code="AccessDenied")
    options = s3_server.storage_options
    for _ in range(12):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AlbconnWarning)
            done = convert("s3://logs", "s3://out/d", storage_options=options)
        assert len(done.failed) == 1
    assert open_dataset("s3://out/d", storage_options=options).count_rows() == 3
    s3_server.failures.clear()
    convert("s3://logs", "s3://out/d", storage_options=options)
    assert open_dataset("s3://out/d", storage_options=options).count_rows() == 7
    assert check("s3://out/d", "s3://logs", storage_options=options).faults == ()


def test_a_run_that_fails_midway_neither_loses_nor_doubles(
    logs: Path, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer counts files as done when they are handed over, not when they are committed."""
    for n in range(4):
        put(logs, "20260923T1005Z", 4, n=n)
    with monkeypatch.context() as broken:
        broken.setattr(LocalStore, "publish", _no_space)
        with pytest.raises(AlbconnError, match="No space left on device"):
            convert(logs, dest)
    convert(logs, dest)
    assert set(rows(dest).values()) == {1}
    assert sum(rows(dest).values()) == 16
    assert check(dest, logs).faults == ()


def _no_space(self: LocalStore, paths: object) -> None:
    from albconn.errors import DatasetError

    raise DatasetError("out: No space left on device")
