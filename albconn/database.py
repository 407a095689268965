"""A private DuckDB in memory, set up as albconn needs it: one serves all that is asked of a source.

It is connected when it is first asked. Each question gets a cursor of its own: what one registers
or creates, no other sees, and it is gone when the cursor is closed. What outgrows the memory limit
goes to a temporary folder.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

# Groupings beyond this go to a temporary folder on disk; what a table itself takes is apart.
MEMORY_LIMIT = "512MiB"


class Database:
    """A DuckDB of one's own; closed by ``close``, at the latest when nobody holds it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._finalizer: weakref.finalize | None = None

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor, from any thread."""
        cursor = self._connected().cursor()
        try:
            cursor.execute("SET TimeZone = 'UTC'")
            cursor.execute("SET enable_progress_bar = false")
            yield cursor
        finally:
            cursor.close()

    def close(self) -> None:
        """Let go of the connection and its temporary folder; a later cursor connects anew."""
        with self._lock:
            if self._finalizer is not None:
                self._finalizer()
            self._connection = self._finalizer = None

    def _connected(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._connection is None:
                folder = tempfile.mkdtemp(prefix="albconn-")
                self._connection = _connect(folder)
                self._finalizer = weakref.finalize(self, _let_go, self._connection, folder)
            return self._connection


@contextmanager
def open_cursor() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a cursor of a database that is closed afterwards, for a single question."""
    database = Database()
    try:
        with database.cursor() as cursor:
            yield cursor
    finally:
        database.close()


def _connect(folder: str) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        ":memory:",
        config={
            "temp_directory": folder,
            "memory_limit": MEMORY_LIMIT,
            "preserve_insertion_order": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )


def _let_go(connection: duckdb.DuckDBPyConnection, folder: str) -> None:
    connection.close()
    shutil.rmtree(folder, ignore_errors=True)
