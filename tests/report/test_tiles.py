"""The tiles: the same numbers as the first sentence, and none that contradicts the title."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from albconn.opened import Opened
from albconn.report.findings import headline, opening
from albconn.report.question import Asked, Question, ask
from albconn.report.tiles import tiles_of
from tests.report.asking import question_of
from worlds.rows import BEGIN, bare, connection
from worlds.traffic.making import make

HOUR = timedelta(hours=1)
GIVEN = (BEGIN + 2 * HOUR, BEGIN + 2 * HOUR + timedelta(minutes=10))
ROWS = [
    connection(20 * n, "A" if 360 <= n < 400 else None, client_ip=f"10.0.0.{n % 50}")
    for n in range(720)
]


def tiles(question: Question) -> dict[str, tuple[str, str]]:
    return {fact.name: (fact.value, fact.note) for fact in tiles_of(question)}


@pytest.mark.parametrize("kind", ["fleet_certificate_expires", "node_broken", "policy_raised"])
def test_an_incidents_tiles_are_its_first_sentence(kind: str) -> None:
    question = ask(Opened(make(kind, 3).connections, "table"), Asked())
    told, sentence = tiles(question), opening(question)[0]
    rate, usual = told["failure rate in it"]
    failures, of = told["failures"]
    assert f"{rate} of {of.removeprefix('of ').removesuffix(' connections')} TLS" in sentence
    assert f"failed ({failures}; {usual})" in sentence
    assert told["what"][0] in headline(question).lower()
    hit = told.get("clients that fail") or told["clients that stopped working"]
    assert f"{hit[0]} client" in " ".join(opening(question))


def test_it_is_over_or_still_going_on() -> None:
    over = tiles(question_of(ROWS))
    assert over["over, lasted"] == ("15 min", "from 2026-09-23 12:00 UTC")
    still = tiles(question_of(ROWS[:400]))
    assert still["still going on, since"] == ("12:00 UTC", "2026-09-23")


def test_a_window_that_is_given_has_its_own_tiles() -> None:
    told = tiles(question_of(ROWS, incident=GIVEN))
    assert told["failure rate in it"] == ("100 %", "none did before")
    assert told["failures"] == ("30", "of 30 connections")
    assert told["clients that fail"][0] == "30"
    assert told["most frequent reason"][0] == "A"


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        (ROWS[:300], {"what": ("nothing stands out", "no incident of failures"),
                      "failure rate of all": ("0 %", ""),
                      "failures": ("0", "of 300 connections")}),
        ([bare(3)], {"what": ("nothing stands out", "no incident of failures"),
                     "TLS connections": ("0", "")}),
    ],
)  # fmt: skip
def test_quiet_is_said_to_be_quiet(rows: Any, what: dict[str, tuple[str, str]]) -> None:
    assert tiles(question_of(rows)) == what


def test_slow_handshakes_are_no_incident_of_failures() -> None:
    question = ask(Opened(make("slow_handshakes", 3).connections, "table"), Asked())
    assert tiles(question)["what"] == ("slow handshakes", "no incident of failures")


def test_no_tile_is_of_the_whole_log_where_there_is_an_incident() -> None:
    question = question_of(ROWS)
    numbers = {
        number for value, _ in tiles(question).values() for number in re.findall(r"\d+", value)
    }
    assert str(question.totals["connections"]) not in numbers
