"""The page's summary names the true cause of worlds in which it is known, and else claims none."""

from pathlib import Path

import pytest

from benchmarks.hits import summary
from worlds.planted import KINDS, Kind

SHORT, LONG = 2, 50


def is_right(kind: Kind, seed: int, folder: Path) -> bool:
    """Say whether the summary says what happened, and nothing else."""
    text, truth = summary(kind, seed, folder)
    quiet = "No time range stands out" in text
    slow = "took more than three times as long as usual" in text
    if kind in ("quiet", "slow"):
        return quiet and slow == (kind == "slow")
    if kind == "scanner":  # no outage: told, but apart
        return quiet and f"from {truth['client_network']}: no outage" in text
    return not quiet and not slow and all(value in text for value in truth.values())


@pytest.mark.parametrize("kind", KINDS)
def test_the_summary_says_what_happened(kind: Kind, tmp_path: Path) -> None:
    assert [is_right(kind, seed, tmp_path) for seed in range(SHORT)] == [True] * SHORT


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_fifty_summaries_say_what_happened(kind: Kind, tmp_path: Path) -> None:
    right = sum(is_right(kind, seed, tmp_path) for seed in range(LONG))
    assert right >= LONG * 0.95
