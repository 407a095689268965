"""Worlds with one known cause: it comes first, and a quiet world yields no claim."""

from __future__ import annotations

import pytest

from albconn import failure_rate
from albconn.analysis.changes import change_points, worst_window
from albconn.analysis.comparing.compare import compare_windows
from albconn.analysis.handshakes.slowness import slow_window
from worlds.planted import BASELINE, INCIDENT, KINDS, Kind, Planted, plant

FAILING: tuple[Kind, ...] = ("expired", "policy", "node", "scanner")
SHORT, LONG = 5, 50


def is_named(world: Planted) -> bool:
    """Say whether the first row of the comparison is the planted cause."""
    compared = compare_windows(world.connections, baseline=BASELINE, incident=INCIDENT)
    first = compared.iloc[0]
    return bool(first["significant"]) and world.truth.get(first["dimension"]) == first["value"]


def is_claimed(world: Planted) -> bool:
    """Say whether anything at all is said to have happened to failures."""
    rates = failure_rate(world.connections)
    compared = compare_windows(world.connections, baseline=BASELINE, incident=INCIDENT)
    return bool(
        compared["significant"].any()
        or worst_window(rates) is not None
        or len(change_points(rates))
    )


def is_dated(world: Planted) -> bool:
    """Say whether the worst window is the planted one, to two bins at either end.

    A scanner never gets through: it is no window of clients, only one of all failures.
    """
    is_scan = world.kind == "scanner"
    if is_scan and worst_window(world.connections) is not None:
        return False
    window = worst_window(failure_rate(world.connections) if is_scan else world.connections)
    return window is not None and all(
        abs((found - true).total_seconds()) <= 600
        for found, true in zip(window, INCIDENT, strict=True)
    )


@pytest.mark.parametrize("kind", FAILING)
def test_the_cause_comes_first(kind: Kind) -> None:
    worlds = [plant(kind, seed) for seed in range(SHORT)]
    assert [is_named(world) for world in worlds] == [True] * SHORT
    assert sum(is_dated(world) for world in worlds) >= SHORT - 1


@pytest.mark.parametrize("kind", ["slow", "quiet"])
def test_nothing_is_claimed_where_nothing_failed(kind: Kind) -> None:
    worlds = [plant(kind, seed) for seed in range(SHORT)]
    assert not any(is_claimed(world) for world in worlds)
    assert [slow_window(world.connections) is not None for world in worlds] == [
        kind == "slow"
    ] * SHORT


def test_worlds_are_the_same_each_time() -> None:
    assert plant("node", 3).connections.equals(plant("node", 3).connections)
    assert len({len(plant(kind, 0).connections) for kind in KINDS}) == len(KINDS)


@pytest.mark.long
@pytest.mark.parametrize("kind", FAILING)
def test_fifty_causes_come_first(kind: Kind) -> None:
    worlds = [plant(kind, seed) for seed in range(LONG)]
    assert sum(is_named(world) for world in worlds) >= LONG - 1
    assert sum(is_dated(world) for world in worlds) >= LONG - 3


@pytest.mark.long
@pytest.mark.parametrize("kind", ["slow", "quiet"])
def test_fifty_worlds_without_failures(kind: Kind) -> None:
    worlds = [plant(kind, seed) for seed in range(LONG)]
    assert sum(is_claimed(world) for world in worlds) <= LONG * 0.05
    found = sum(slow_window(world.connections) is not None for world in worlds)
    assert found >= LONG - 1 if kind == "slow" else found <= LONG * 0.05
