"""One private database serves all questions, each apart, and leaves nothing behind."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from albconn.database import MEMORY_LIMIT, Database, open_cursor


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder in which temporary folders are made, empty."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def one(cursor: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = cursor.execute(query).fetchone()
    assert row is not None
    return row[0]


def ask(database: Database, query: str = "SELECT 42") -> Any:
    with database.cursor() as cursor:
        return one(cursor, query)


def test_it_is_connected_when_it_is_first_asked(temporary: Path) -> None:
    database = Database()
    assert list(temporary.iterdir()) == []
    assert ask(database) == 42
    (folder,) = temporary.iterdir()
    assert folder.name.startswith("albconn-")
    assert ask(database) == 42
    assert list(temporary.iterdir()) == [folder]  # one serves all
    database.close()


def test_it_is_set_up_as_albconn_needs_it(temporary: Path) -> None:
    database = Database()
    with database.cursor() as cursor:
        (folder,) = temporary.iterdir()
        settings = dict(cursor.execute("SELECT name, value FROM duckdb_settings()").fetchall())
        assert settings["temp_directory"] == str(folder)
        assert settings["memory_limit"] == MEMORY_LIMIT.replace("MiB", ".0 MiB")
        for name in (
            "preserve_insertion_order", "autoinstall_known_extensions",
            "autoload_known_extensions", "enable_progress_bar",
        ):  # fmt: skip
            assert settings[name] == "false", name
    database.close()


def test_times_are_utc_whatever_another_cursor_says() -> None:
    database, instant = Database(), "SELECT CAST(TIMESTAMPTZ '2026-09-23 12:00:00+02' AS VARCHAR)"
    with database.cursor() as first:
        first.execute("SET TimeZone = 'Asia/Tokyo'")
        assert one(first, instant) == "2026-09-23 19:00:00+09"
        assert ask(database, instant) == "2026-09-23 10:00:00+00"
    assert ask(database, "SELECT current_setting('TimeZone')") == "UTC"
    database.close()


def test_what_one_cursor_makes_no_other_sees() -> None:
    database = Database()
    with database.cursor() as first, database.cursor() as second:
        first.register("connections", pa.table({"n": [1]}))
        second.register("connections", pa.table({"n": [2]}))
        first.execute("CREATE TEMP TABLE counted AS SELECT 10 AS n")
        second.execute("CREATE TEMP TABLE counted AS SELECT 20 AS n")
        for cursor, n in ((first, 1), (second, 2)):
            assert one(cursor, "SELECT n FROM connections") == n
            assert one(cursor, "SELECT n FROM counted") == 10 * n
    for gone in ("connections", "counted"):
        with pytest.raises(duckdb.CatalogException, match=f"Table with name {gone} does not exist"):
            ask(database, f"SELECT n FROM {gone}")
    database.close()


def test_a_cursor_is_closed_when_its_question_fails() -> None:
    database = Database()
    with pytest.raises(KeyError), database.cursor() as cursor:
        raise KeyError
    with pytest.raises(duckdb.ConnectionException, match="Connection already closed"):
        cursor.execute("SELECT 42")
    assert ask(database) == 42
    database.close()


def test_closed_nothing_is_left_and_it_connects_anew(temporary: Path) -> None:
    database = Database()
    database.close()  # never asked
    ask(database)
    (before,) = temporary.iterdir()
    database.close()
    database.close()
    assert list(temporary.iterdir()) == []
    assert ask(database) == 42
    (after,) = temporary.iterdir()
    assert after != before
    database.close()
    assert list(temporary.iterdir()) == []


def test_forgotten_nothing_is_left(temporary: Path) -> None:
    database = Database()
    ask(database)
    assert len(list(temporary.iterdir())) == 1
    del database
    gc.collect()
    assert list(temporary.iterdir()) == []


def test_what_it_spilled_is_gone_too(temporary: Path) -> None:
    database = Database()
    ask(database)
    (folder,) = temporary.iterdir()
    (folder / "spilled.tmp").write_bytes(b"x")
    database.close()
    assert list(temporary.iterdir()) == []


def test_threads_ask_at_once_and_are_kept_apart(temporary: Path) -> None:
    database, all_there = Database(), threading.Barrier(8, timeout=60)

    def count(n: int) -> int:
        all_there.wait()
        with database.cursor() as cursor:
            cursor.register("connections", pa.table({"n": list(range(n))}))
            all_there.wait()  # all eight cursors are open
            return one(cursor, "SELECT count(*) FROM connections")

    with ThreadPoolExecutor(8) as executor:
        assert list(executor.map(count, range(100, 108))) == list(range(100, 108))
    assert len(list(temporary.iterdir())) == 1  # connected once
    database.close()


def test_a_single_question_has_a_database_of_its_own(temporary: Path) -> None:
    with open_cursor() as first, open_cursor() as second:
        assert len(list(temporary.iterdir())) == 2
        first.execute("CREATE TABLE counted AS SELECT 1 AS n")
        with pytest.raises(duckdb.CatalogException):
            second.execute("SELECT n FROM counted")
    assert list(temporary.iterdir()) == []
    with pytest.raises(KeyError), open_cursor():
        raise KeyError
    assert list(temporary.iterdir()) == []
