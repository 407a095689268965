"""Tables go from a thread that reads to a loop that takes, no faster than it takes them."""

from __future__ import annotations

import threading
import time

import pyarrow as pa
import pytest

from albconn.errors import SourceError
from albconn.logs.books import Books, FileBooks
from albconn.logs.handover import Handover, pieces
from albconn.schema.connections import CONNECTIONS

TABLE = pa.table({"n": [1]})


def test_all_come_in_order_and_the_books_are_told() -> None:
    told: list[Books] = []

    def read(handover: Handover) -> Books:
        for n in range(20):
            handover.put(pa.table({"n": [n]}))
        return Books(CONNECTIONS, [])

    assert [piece["n"][0] for piece in pieces(read, told.append)] == [*range(20)]
    assert len(told) == 1


def test_who_stops_early_stops_the_reading() -> None:
    given = []

    def read(handover: Handover) -> Books:
        while True:
            handover.put(TABLE)
            given.append(1)

    before = threading.active_count()
    found = pieces(read, lambda _: pytest.fail("told"))
    next(found)
    time.sleep(0.1)
    assert len(given) <= 4  # two wait
    found.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_what_ends_the_reading_is_raised() -> None:
    def read(handover: Handover) -> Books:
        handover.put(TABLE)
        raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        list(pieces(read, lambda _: None))


def test_rows_that_do_not_count_are_an_error() -> None:
    books = Books(CONNECTIONS, [FileBooks("a", 1, "", lines=3, unread="it changed")])
    with pytest.raises(SourceError, match=r"^a: it changed; rows of it were given already"):
        list(pieces(lambda _: books, lambda _: None))
