"""The page's summary says what happened in worlds in which it is known, and else claims nothing."""

from __future__ import annotations

import pytest

from albconn.opened import Opened
from albconn.report.findings import headline, summarize
from albconn.report.question import Asked, ask
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


def summary(world: World) -> tuple[str, str]:
    """Return the title of a report's page and the sentences that open it."""
    question = ask(Opened(world.connections, "table"), Asked())
    return headline(question), " ".join(summarize(question))


def is_right(world: World) -> bool:
    """Say whether an incident is told with all that it should be, and slowness as such."""
    title, text = summary(world)
    (incident,) = world.truth
    if incident.finding == "slow handshakes":
        return NOTHING in text and SLOW in text and title.endswith("nothing stands out")
    return (
        NOTHING not in text
        and SLOW not in text
        and any(title.lower().startswith(finding) for finding in incident.findings)
        and all(word in text for word in incident.words)
    )


def is_left_in_peace(world: World) -> bool:
    """Say whether nothing is claimed; of scanners, that they are no outage."""
    title, text = summary(world)
    is_told = "no outage, and not counted above" in text
    return (
        NOTHING in text
        and SLOW not in text
        and title.endswith("nothing stands out")
        and (is_told or not world.nuisances)
    )


@pytest.mark.parametrize("kind", [*FAILING, "slow_handshakes"])
def test_the_summary_says_what_happened(kind: str) -> None:
    assert is_right(make(kind, SEED))


@pytest.mark.parametrize("kind", QUIET)
def test_the_summary_claims_nothing_where_nothing_was(kind: str) -> None:
    assert is_left_in_peace(make(kind, SEED))


def test_two_incidents_are_both_told() -> None:
    world = make("two_apart", SEED)
    _, text = summary(world)
    assert len(world.truth) == 2
    assert "Besides, 1 other incident: " in text
    assert all(word in text for incident in world.truth for word in incident.words)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", [*FAILING, "slow_handshakes"])
def test_most_summaries_say_what_happened(kind: str) -> None:
    assert sum(is_right(make(kind, seed)) for seed in MANY) >= 0.9 * len(MANY)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", QUIET)
def test_most_summaries_of_nothing_claim_nothing(kind: str) -> None:
    assert sum(is_left_in_peace(make(kind, seed)) for seed in MANY) >= 0.9 * len(MANY)
