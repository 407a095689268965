"""Causes of several attributes are in the data as they are told."""

from __future__ import annotations

from functools import cache

import pytest

from albconn.arrow import to_frame
from albconn.schema.connections import CONNECTIONS
from tests.worlds.traffic.test_judged import matching
from worlds.traffic.multi import MultiWorld, make_multi


@cache
def world_of(seed: int) -> MultiWorld:
    return make_multi(seed, connections=50_000)


def test_a_world_is_the_same_each_time() -> None:
    assert world_of(3).connections.equals(make_multi(3, connections=50_000).connections)
    assert world_of(3).causes == make_multi(3, connections=50_000).causes


@pytest.mark.parametrize("seed", range(5))
def test_causes_fail_more_in_the_incident(seed: int) -> None:
    world = world_of(seed)
    assert world.connections.schema.equals(CONNECTIONS.memory_schema)
    assert 4 <= len(world.attributes) <= 6
    rows = to_frame(world.connections)
    assert rows["timestamp"].is_monotonic_increasing
    before, since = (rows[rows["timestamp"].between(*w)] for w in (world.baseline, world.incident))
    assert len(before) + len(since) == len(rows) == 50_000
    assert 1 <= len(world.causes) <= 3
    for cause in world.causes:
        usual, hit = matching(before, cause.named), matching(since, cause.named)
        assert len(hit) == cause.connections
        assert (hit["outcome"] == "failed").sum() >= cause.failures
        rates = [(some["outcome"] == "failed").mean() for some in (usual, hit)]
        assert rates[1] > max(1.5 * rates[0], 0.3 * cause.rate)
        for other in cause.alike:
            assert abs(len(matching(since, other)) / len(hit) - 1) < 0.1


def test_no_cause_where_none_is_wanted() -> None:
    world = make_multi(1, connections=50_000, causes=0)
    assert world.causes == ()
    assert 0 < sum(failed == "failed" for failed in world.connections["outcome"].to_pylist()) < 2500
