"""The books as tables: one row a rejected line, one row a file."""

from __future__ import annotations

from datetime import UTC, datetime

from albconn.logs.books import Books, FileBooks
from albconn.logs.find.keys import LogKey
from albconn.logs.find.sources import ForeignFile, Listing, LogFile
from albconn.logs.loaded import files_frame, rejected_frame
from albconn.logs.rejected import RejectedLine
from albconn.schema.connections import CONNECTIONS

KEY = LogKey("123456789012", "eu-west-1", "app/a/1", "10.0.0.1", datetime(2026, 9, 23, tzinfo=UTC))
BOOKS = Books(
    CONNECTIONS,
    [FileBooks("a.log", 10, "e", lines=3, rows=2, rejected=1, damage="cut")],
    [RejectedLine("a.log", 2, "why", "text", "of it")],
)


def test_rejected_lines() -> None:
    frame = rejected_frame(BOOKS)
    assert frame.to_dict("records") == [
        {
            "source_file": "a.log", "line_number": 2, "reason": "why", "value": "of it",
            "raw_text": "text", "lines": 1, "last_line": 2,
        }
    ]  # fmt: skip
    empty = rejected_frame(Books(CONNECTIONS, []))
    assert (len(empty), list(empty.columns)) == (0, list(frame.columns))


def test_files() -> None:
    listing = Listing([LogFile("a.log", 10, "e", KEY)], [ForeignFile("b", 5, "access_log")])
    ours, foreign = files_frame(BOOKS, listing).to_dict("records")
    assert (ours["kind"], ours["lines"], ours["rows"], ours["rejected"]) == (
        "connection_log", 3, 2, 1,
    )  # fmt: skip
    assert (ours["damaged"], ours["damage"], ours["elb"]) == (True, "cut", "app/a/1")
    assert ours["interval_end"].isoformat() == "2026-09-23T00:00:00+00:00"
    assert (foreign["source_file"], foreign["kind"], foreign["size"]) == ("b", "access_log", 5)
    assert (foreign["lines"], foreign["damaged"]) == (0, False)
