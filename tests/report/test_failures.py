"""Evidence about failures: each section says its numbers, and is left out where it has none."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from albconn.report.failures import since_when, what_changed, where, who, why
from albconn.report.report import compare
from tests.report.asking import question_of
from worlds.rows import BEGIN, Row, connection

NODES = ("10.0.1.11", "10.0.2.12")


def world(*, is_broken: bool) -> list[Row]:
    """Return four hours on two nodes; in twenty minutes of them one network fails."""
    return [
        connection(
            10 * n, "ClientCertExpired" if is_broken and 720 <= n < 840 and n % 2 else None,
            client_ip=f"203.0.113.{n % 50}" if n % 2 else "198.51.100.1", ip_address=NODES[n % 2],
        )
        for n in range(1440)
    ]  # fmt: skip


def test_each_section_says_its_numbers(tmp_path: Path) -> None:
    question = question_of(world(is_broken=True), tmp_path)
    assert question.incident == (BEGIN + timedelta(hours=2), BEGIN + timedelta(minutes=140))
    assert "2026-09-23 12:00 UTC from 0 % to 50 %" in since_when(question).paragraphs[0]
    changed = what_changed(question, compare(question))
    assert changed is not None
    assert "203.0.113.0/24" in {row[1] for row in changed.tables[0].rows}
    reasons = why(question)
    assert reasons is not None
    assert reasons.tables[0].rows == [["ClientCertExpired", "60", "100 %"]]
    clients = who(question)
    assert clients is not None
    assert clients.tables[0].rows[0][:2] == ["203.0.113.0/24", "60"]
    nodes = where(question)
    assert nodes is not None
    assert [row[1:3] for row in nodes.tables[0].rows] == [["10.0.1.11", "0"], ["10.0.2.12", "60"]]


def test_where_nothing_failed_there_is_no_why_and_no_who(tmp_path: Path) -> None:
    question = question_of(world(is_broken=False), tmp_path)
    section = since_when(question)
    assert section.paragraphs == [
        "The failure rate does not change more than chance would explain."
    ]
    assert section.tables == []
    assert why(question) is who(question) is what_changed(question, compare(question)) is None
    assert where(question) is not None
    assert where(question_of([connection(0, ip_address="10.0.1.11")], tmp_path)) is None
