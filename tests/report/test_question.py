"""A question: which window it is about, and what its charts share."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from tests.report.asking import question_of
from worlds.rows import BEGIN, connection

HOUR, BIN = timedelta(hours=1), timedelta(minutes=5)
ROWS = [  # four hours of fifty clients
    connection(20 * n, "A" if 360 <= n < 400 else None, client_ip=f"10.0.0.{n % 50}")
    for n in range(720)
]
GIVEN = (BEGIN + HOUR, BEGIN + 2 * HOUR)


def test_a_window_that_is_given_is_the_one() -> None:
    deploy = (BEGIN, "deploy")
    question = question_of(ROWS, incident=GIVEN, marks=(deploy,), zone=ZoneInfo("Asia/Tokyo"))
    assert (question.incident, question.chosen) == (GIVEN, False)
    assert question.marks == [(*GIVEN, "incident"), deploy]
    assert question.over_time() == {"mark": question.marks, "timezone": "Asia/Tokyo"}
    assert len(question.within(GIVEN).connections) == 180


def test_a_window_that_is_not_given_is_looked_for() -> None:
    question = question_of(ROWS)
    assert question.chosen
    assert question.incident == (BEGIN + 2 * HOUR, BEGIN + 2 * HOUR + timedelta(minutes=15))
    assert question.usual == (
        (BEGIN, BEGIN + 2 * HOUR - BIN), (BEGIN + 2 * HOUR + 4 * BIN, BEGIN + 4 * HOUR),
    )  # fmt: skip
    quiet = question_of(ROWS[:300])
    assert (quiet.incident, quiet.usual, quiet.over_time()["mark"]) == (None, (), None)
    assert (quiet.beside, quiet.near) == (None, None)


def test_a_baseline_that_is_given_is_what_is_usual() -> None:
    question = question_of(ROWS, incident=GIVEN, baseline=(BEGIN, BEGIN + HOUR))
    assert question.usual == ((BEGIN, BEGIN + HOUR),)


def test_charts_over_time_span_all_connections_and_the_lead_what_is_around() -> None:
    question = question_of(ROWS)
    start, end = question.whole
    assert start <= BEGIN
    assert end >= BEGIN + 4 * HOUR
    first, last = BEGIN + HOUR, BEGIN + 3 * HOUR + 3 * BIN  # an hour is more than 3 × 15 minutes
    assert question.near == (first, last)
    long = question_of(ROWS, incident=(BEGIN + HOUR, BEGIN + 3 * HOUR))
    assert long.near == (BEGIN, BEGIN + 4 * HOUR)


def test_the_first_incident_has_the_scope_and_rate_that_was_counted_once() -> None:
    question = question_of(ROWS)
    first = question.failing[0]
    inside = [
        row for row in ROWS if BEGIN + 2 * HOUR <= row["timestamp"] < BEGIN + 2 * HOUR + 3 * BIN
    ]
    failed = [row for row in inside if row["outcome"] == "failed"]
    assert (first.place_connections, first.place_failures) == (len(inside), len(failed))
    assert first.place_usual == 0
