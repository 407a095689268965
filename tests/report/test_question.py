"""A question: which window it is about, and what its charts share."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.dates import date2num

from tests.report.asking import question_of
from worlds.rows import BEGIN, connection

HOUR = timedelta(hours=1)
ROWS = [  # four hours of fifty clients
    connection(20 * n, "A" if 360 <= n < 400 else None, client_ip=f"10.0.0.{n % 50}")
    for n in range(720)
]
GIVEN = (BEGIN + HOUR, BEGIN + 2 * HOUR)


def test_a_window_that_is_given_is_the_one(tmp_path: Path) -> None:
    deploy = (BEGIN, "deploy")
    question = question_of(ROWS, tmp_path, incident=GIVEN, marks=(deploy,), timezone="Asia/Tokyo")
    assert (question.incident, question.chosen) == (GIVEN, False)
    assert question.marks == [(*GIVEN, "incident"), deploy]
    assert question.over_time() == {"mark": question.marks, "timezone": "Asia/Tokyo"}
    assert len(question.within(GIVEN).connections) == 180


def test_a_window_that_is_not_given_is_looked_for(tmp_path: Path) -> None:
    question = question_of(ROWS, tmp_path)
    assert question.chosen
    assert question.incident == (BEGIN + 2 * HOUR, BEGIN + 2 * HOUR + timedelta(minutes=15))
    assert question.baseline is not None
    quiet = question_of(ROWS[:300], tmp_path)
    assert (quiet.incident, quiet.baseline, quiet.over_time()["mark"]) == (None, None, None)


def test_charts_over_time_span_all_connections(tmp_path: Path) -> None:
    question = question_of(ROWS, tmp_path)
    _, axes = plt.subplots()
    left, right = question.spanned(axes).get_xlim()
    plt.close("all")
    assert left <= float(date2num(BEGIN))
    assert right > float(date2num(BEGIN + timedelta(seconds=20 * 719)))
