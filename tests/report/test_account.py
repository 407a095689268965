"""The account of a page: what is known is said, and what is not known too."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from albconn.opened import open_connections
from albconn.report.account import headline_numbers, method_of, scope_of, shortened
from albconn.report.question import Asked, ask
from tests.report.asking import folder_of, question_of
from worlds.rows import bare, connection, frame_of

ROWS = [connection(1), connection(2, "ClientCertExpired"), bare(3)]


def test_of_log_files_the_books_are_told() -> None:
    question = question_of(ROWS)
    opened, totals = question.connections, question.totals
    assert scope_of(question, opened).startswith(
        "2026-09-23 10:00 to 2026-09-23 10:00 UTC · 1 log file · 2 TLS connections · written by "
        "albconn "
    )
    assert headline_numbers(opened, totals) == {
        "files": 1, "lines": 3, "rows": 3, "rejected": 0, "tls_connections": 2, "failures": 1,
        "failure_rate": "50 %", "top_reason": "ClientCertExpired",
    }  # fmt: skip
    assert any(
        "3 rows and 0 rejected lines are the 3 lines of 1 log files" in line
        for line in method_of(opened, totals)
    )


def test_of_a_table_what_is_not_known_is_said() -> None:
    opened = open_connections(frame_of(ROWS))
    question = ask(opened, Asked())
    assert "· a table ·" in scope_of(question, opened)
    assert any("files are missing is not known here" in line
               for line in method_of(opened, question.totals))  # fmt: skip


def test_rows_that_a_filter_left_out_stand_in_the_books() -> None:
    question = question_of(ROWS)
    some = open_connections(question.connections, start="2026-09-23T10:00:02Z")
    method = method_of(some, ask(some, Asked()).totals)
    assert any(
        "3 rows and 0 rejected lines are the 3 lines of 1 log files. Of the rows, 2 are of the "
        "time and filters that were asked for; the other 1 are in no count." in line
        for line in method
    )


def test_the_scope_is_in_the_zone_of_the_page_with_utc_beside_it() -> None:
    question = question_of(ROWS, zone=ZoneInfo("Asia/Tokyo"))
    assert scope_of(question, question.connections).startswith(
        "2026-09-23 19:00 to 2026-09-23 19:00 JST (2026-09-23 10:00 to 2026-09-23 10:00 UTC) · "
    )


def test_what_is_not_on_the_page_is_said() -> None:
    rows = [*ROWS, connection(timestamp=datetime(1, 1, 1, tzinfo=UTC))]
    question = question_of(rows)
    assert (question.outside, question.totals["rows"]) == (1, 3)
    told = method_of(question.connections, question.totals, question.outside)
    assert any(
        text.startswith("1 line says a time outside of these ten years (2026-09-23 10:00 to 2026-")
        for text in told
    )
    assert not any("ten years" in text for text in method_of(question.connections, question.totals))


def test_a_table_that_was_not_saved_whole_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    assert shortened(folder) == []
    folder.shortened["nodes"] = 123_456
    assert shortened(folder) == [
        "Of these tables only the first 50,000 rows were saved: nodes (123,456 rows). The commands "
        "print all rows."
    ]


def test_a_reason_of_a_megabyte_is_cut() -> None:
    question = question_of([connection(1, "x" * 1_000_000)])
    assert len(headline_numbers(question.connections, question.totals)["top_reason"]) == 60
