"""The page's summary says what happened in worlds in which it is known, and else claims nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from albconn.opened import Opened
from albconn.report.findings import headline, summarize
from albconn.report.page import Folder
from albconn.report.question import Asked
from albconn.report.report import ask, compare
from worlds.rows import table_of
from worlds.traffic.making import make
from worlds.traffic.truth import World

FAILING = (
    "fleet_certificate_expires", "trust_store_replaced", "node_broken", "network_fails",
    "everywhere", "policy_raised",
)  # fmt: skip
QUIET = ("campaign", "new_population", "daily_swing", "mild_scanners", "loud_scanners")
SEED, MANY = 3, range(10)
NOTHING = "No time range stands out"
SLOW = "took more than three times as long as usual"


def summary(world: World, folder: Path) -> tuple[str, str]:
    """Return the title of a report's page and the sentences that open it."""
    question = ask(Opened(world.connections, "table"), Asked(), Folder(folder))
    comparison = compare(question)
    return headline(question, comparison), " ".join(summarize(question, comparison))


def is_right(world: World, folder: Path) -> bool:
    """Say whether an incident is told with all that it should be, and slowness as such."""
    title, text = summary(world, folder)
    (incident,) = world.truth
    if incident.finding == "slow handshakes":
        return NOTHING in text and SLOW in text and title.endswith("nothing stands out")
    return (
        NOTHING not in text
        and SLOW not in text
        and any(title.lower().startswith(finding) for finding in incident.findings)
        and all(word in text for word in incident.words)
    )


def is_left_in_peace(world: World, folder: Path) -> bool:
    """Say whether nothing is claimed; of scanners, that they are no outage."""
    title, text = summary(world, folder)
    is_told = "no outage, and not counted above" in text
    return (
        NOTHING in text
        and SLOW not in text
        and title.endswith("nothing stands out")
        and (is_told or not world.nuisances)
    )


@pytest.mark.parametrize("kind", [*FAILING, "slow_handshakes"])
def test_the_summary_says_what_happened(kind: str, tmp_path: Path) -> None:
    assert is_right(make(kind, SEED), tmp_path)


@pytest.mark.parametrize("kind", QUIET)
def test_the_summary_claims_nothing_where_nothing_was(kind: str, tmp_path: Path) -> None:
    assert is_left_in_peace(make(kind, SEED), tmp_path)


def test_two_incidents_are_both_told(tmp_path: Path) -> None:
    world = make("two_apart", SEED)
    _, text = summary(world, tmp_path)
    assert len(world.truth) == 2
    assert "Besides, 1 other incident: " in text
    assert all(word in text for incident in world.truth for word in incident.words)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", [*FAILING, "slow_handshakes"])
def test_most_summaries_say_what_happened(kind: str, tmp_path: Path) -> None:
    assert sum(is_right(make(kind, seed), tmp_path) for seed in MANY) >= 0.9 * len(MANY)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", QUIET)
def test_most_summaries_of_nothing_claim_nothing(kind: str, tmp_path: Path) -> None:
    assert sum(is_left_in_peace(make(kind, seed), tmp_path) for seed in MANY) >= 0.9 * len(MANY)


@pytest.mark.parametrize(
    ("counts", "title", "text"),
    [
        (
            {"lines": 5, "rejected": 5},
            "Nothing understood",
            "None of the 5 lines of 2 log files is",
        ),
        ({"lines": 5, "rejected": 1}, "No connections", "No connection was found, so no rate"),
        ({}, "No connections", "No connection was found, so no rate can be given."),
    ],
)
def test_nothing_understood_is_not_nothing_there(
    tmp_path: Path, counts: dict[str, Any], title: str, text: str
) -> None:
    opened = Opened(table_of([]), "log files", files=2, rows=0, **counts)
    question = ask(opened, Asked(), Folder(tmp_path))
    assert headline(question, None) == title
    assert summarize(question, None)[0].startswith(text)
