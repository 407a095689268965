"""Worlds are the same each time, of all the kinds that were asked for, and quickly made."""

from __future__ import annotations

import time

import pytest

from tests.worlds.traffic.small import SIZE, small
from worlds.traffic import FINDINGS, INCIDENTS, KINDS, QUIET, make


def test_there_are_enough_kinds() -> None:
    assert len(QUIET) >= 17
    assert len(INCIDENTS) >= 27
    assert sorted(KINDS) == sorted({*QUIET, *INCIDENTS})


@pytest.mark.parametrize("kind", ["policy_raised_masked", "loud_scanners", "cipher_removed"])
def test_a_world_is_the_same_each_time(kind: str) -> None:
    first, second = small(kind, 2), make(kind, 2, size=SIZE)
    assert first.connections.equals(second.connections)
    assert (first.truth, first.nuisances) == (second.truth, second.nuisances)
    assert not first.connections.equals(small(kind, 1).connections)


@pytest.mark.parametrize("kind", QUIET)
def test_nothing_happens_in_a_quiet_world(kind: str) -> None:
    world = small(kind)
    assert world.truth == ()
    assert world.connections.num_rows > 40


@pytest.mark.parametrize("kind", INCIDENTS)
def test_something_happens_in_any_other(kind: str) -> None:
    world = small(kind)
    assert world.truth
    for incident in world.truth:
        assert set(incident.findings) <= set(FINDINGS)
        assert world.begin <= incident.start < (incident.end or world.end) <= world.end
        assert incident.clients > 0
        assert (incident.failures > 0) is (incident.finding != "slow handshakes")


def test_scanners_are_as_loud_as_seed_or_caller_say() -> None:
    levels = [make("node_broken", seed, size=0.02).scanners for seed in range(3)]
    assert levels == ["none", "mild", "loud"]
    assert [make("daily_swing", seed, size=0.02).scanners for seed in (0, 1, 2)] == [
        "none", "mild", "none",
    ]  # fmt: skip
    world = make("node_broken", 0, size=0.02, scanners="loud")
    assert any(nuisance.failures > 1000 for nuisance in world.nuisances)
    assert make("node_broken", 0, size=0.02).nuisances == ()


def test_a_plan_can_be_given() -> None:
    world = make("daily_swing", 0, hours=4, connections=1000, rate=1e-9, misfits=0)
    assert (world.end - world.begin).total_seconds() == 4 * 3600
    assert set(world.connections["outcome"].to_pylist()) == {"success", None}


def test_a_day_takes_a_second() -> None:
    began = time.perf_counter()
    world = make("daily_swing", 1)
    assert time.perf_counter() - began < 3  # 0.4 on an idle machine
    assert 40_000 < world.connections.num_rows < 120_000
