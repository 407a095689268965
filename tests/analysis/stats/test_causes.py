"""Causes: by hand, against plain Python that tries every combination, and in made worlds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from albconn.analysis.comparing.compare import compare_windows
from albconn.analysis.stats.candidates import Combination, Leaves
from albconn.analysis.stats.causes import Causes, find_causes
from tests.analysis.stats.test_candidates import every_combination, plain_gain, some_leaves
from worlds.traffic.multi import make_multi
from worlds.traffic.truth import Named

Place = tuple[int, ...]  # the codes of a leaf
USUAL = 0.01  # failures of a connection


def grid(
    shape: Sequence[int],
    failing: dict[Combination, float],
    connections: dict[Place, float] | None = None,
) -> Leaves:
    """Return every combination of so many values, in which some fail more often."""
    places = list(product(*map(range, shape)))
    counts = np.array([(connections or {}).get(place, 1000.0) for place in places])
    rates = np.array([USUAL + sum(r for c, r in failing.items() if holds(c, p)) for p in places])
    failures = np.round(counts * rates).astype(np.float64)
    return Leaves(np.array(places), counts, failures, counts * USUAL, failures)


def holds(combination: Combination, place: Place) -> bool:
    return all(place[attribute] == code for attribute, code in combination)


def causes(leaves: Leaves, restless: float = 0.0) -> list[Combination]:
    return find_causes(leaves, restless=restless).causes


@pytest.mark.parametrize(
    "cause",
    [
        ((0, 1),),
        ((3, 2),),
        ((0, 2), (1, 0)),
        ((1, 1), (3, 0)),
        ((0, 0), (1, 1), (2, 2)),
        ((0, 1), (2, 0), (3, 2)),
    ],
)
@pytest.mark.parametrize("rate", [0.05, 0.5])
def test_one_cause(cause: Combination, rate: float) -> None:
    found = find_causes(grid([3, 3, 3, 3], {cause: rate}))
    assert found.causes == [cause]
    assert all(found.gain[cause] > found.gain[other] for other in found.others)


@pytest.mark.parametrize(
    "planted",
    [
        {((0, 1),): 0.3, ((1, 2), (2, 2)): 0.2},
        {((0, 0), (1, 1)): 0.4, ((0, 2), (2, 1)): 0.4},
        {((0, 0), (1, 1), (2, 0)): 0.5, ((3, 2),): 0.1},
        {((0, 0), (1, 1)): 0.4, ((0, 1), (2, 2)): 0.3, ((0, 2), (3, 0)): 0.2},
        {((0, 0),): 0.4, ((0, 1), (2, 2)): 0.3, ((0, 2), (1, 1), (3, 0)): 0.5},
    ],
)
def test_several_causes(planted: dict[Combination, float]) -> None:
    leaves = grid([3, 3, 3, 3], planted)
    found = find_causes(leaves)
    assert set(found.causes) == set(planted)
    gains = [found.gain[cause] for cause in found.causes]
    assert gains == sorted(gains, reverse=True)


def test_what_causes_share_does_not_beat_them() -> None:
    # Two networks at one port: the port has the largest gain of all, as it holds both.
    leaves = grid([8, 2, 5], {((0, 0), (1, 1)): 0.5, ((0, 1), (1, 1)): 0.5})
    found = find_causes(leaves)
    assert found.gain[((1, 1),)] > max(found.gain[cause] for cause in found.causes)
    assert set(found.causes) == {((0, 0), (1, 1)), ((0, 1), (1, 1))}


def test_what_is_near_a_cause_differs_by_one_value() -> None:
    cause: Combination = ((0, 2), (1, 0))
    found = find_causes(grid([3, 3, 3], {cause: 0.3}))
    assert found.causes == [cause]
    assert ((0, 2),) in found.near
    for name in (*found.near, *found.others):
        assert (len(set(name) ^ set(cause)) == 1) is (name in found.near)


def test_everything_everywhere_has_no_cause() -> None:
    everywhere = grid([3, 3, 3], {(): 0.2})
    assert causes(everywhere) == []
    nothing = grid([3, 3, 3], {})
    assert find_causes(nothing) == Causes([], [], [], {}, 27 + 27 + 9)


def test_fewer_failures_are_no_excess() -> None:
    leaves = grid([3, 3], {((0, 1),): 0.2})
    fewer = leaves._replace(failures=leaves.expected / 2, events=leaves.expected / 2)
    assert find_causes(fewer).causes == []


def test_nothing_that_may_be_blamed() -> None:
    leaves = grid([2, 2], {((0, 1),): 0.2})
    assert causes(leaves._replace(codes=np.full_like(leaves.codes, -1))) == []
    none = Leaves(np.empty((0, 2), np.int64), *np.empty((4, 0)))
    assert find_causes(none) == Causes([], [], [], {}, 0)


def test_nested_attributes_are_not_combined() -> None:
    # An address, its network and a port: 2 addresses in each of 3 networks.
    places = [(address, address // 2, port) for address in range(6) for port in range(3)]
    rates = [0.3 if address == 3 else USUAL for address, _, _ in places]
    counts = np.full(len(places), 1000.0)
    failures = counts * rates
    leaves = Leaves(np.array(places), counts, failures, counts * USUAL, failures)
    found = find_causes(leaves, [frozenset({0, 1})])
    assert found.causes == [((0, 3),)]
    named = [{attribute for attribute, _ in each} for each in found.gain]
    assert not any({0, 1} <= attributes for attributes in named)
    assert found.candidates == 6 + 3 + 3 + 6 * 3 + 3 * 3
    assert find_causes(leaves).candidates == found.candidates + 6 + 6 * 3


def test_a_network_of_which_all_addresses_fail_is_the_cause() -> None:
    places = [(address, address // 4, port) for address in range(12) for port in range(2)]
    failures = np.array([300.0 if network == 1 else 10.0 for _, network, _ in places])
    counts = np.full(len(places), 1000.0)
    leaves = Leaves(np.array(places), counts, failures, counts * USUAL, failures)
    assert causes(leaves)[:1] == [((1, 1),)]


@pytest.mark.parametrize(
    ("share", "cause"),
    [
        (0.99, ((0, 0), (1, 0))),  # the rest of the value is back to usual
        (0.80, ((0, 0),)),  # it is not, though most of the excess is in one place
    ],
)
def test_a_part_with_most_of_the_excess_against_the_whole(share: float, cause: Combination) -> None:
    # Value 0 of the first attribute fails; half of its traffic is at one place.
    traffic = {(0, 0): 3000.0, (0, 1): 1500.0, (0, 2): 1500.0}
    leaves = grid([3, 3], {}, traffic)
    failures = leaves.failures.copy()
    failures[:3] += np.round(900 * np.array([share, (1 - share) / 2, (1 - share) / 2]))
    assert causes(leaves._replace(failures=failures, events=failures)) == [cause]


def test_retries_are_fewer_events() -> None:
    alone = grid([3, 3], {((0, 1),): 0.1})
    again = alone._replace(events=alone.failures / 10)
    cause = ((0, 1),)
    found, careful = find_causes(alone), find_causes(again)
    assert found.causes == careful.causes == [cause]
    assert careful.gain[cause] == pytest.approx(found.gain[cause] / 10)


def test_a_restless_rate_names_no_second_cause() -> None:
    planted: dict[Combination, float] = {((0, 0), (1, 1)): 0.5, ((0, 2), (2, 1)): 0.02}
    leaves = grid([3, 3, 3], planted)
    assert set(causes(leaves)) == set(planted)
    assert causes(leaves, restless=2.0) == [((0, 0), (1, 1))]


@settings(max_examples=150, deadline=None)
@given(some_leaves())
def test_gains_are_those_of_plain_python(leaves: Leaves) -> None:
    plain = every_combination(leaves)
    gains = {name: plain_gain(*sums) for name, sums in plain.items()}
    found = find_causes(leaves)
    assert found.candidates == len(plain)
    assert set(found.gain) == {*found.causes, *found.near, *found.others}
    assert len(found.gain) == len(found.causes) + len(found.near) + len(found.others)
    for name, gain in found.gain.items():
        assert gain == pytest.approx(gains[name], rel=1e-6, abs=1e-6)


@settings(max_examples=150, deadline=None)
@given(some_leaves())
def test_every_set_with_an_excess_is_told_once(leaves: Leaves) -> None:
    plain = every_combination(leaves)
    found = find_causes(leaves)

    def is_news(name: Combination) -> bool:
        coarser = combinations(name, len(name) - 1) if len(name) > 1 else ()
        return all(plain[name][0] < plain[each][0] for each in coarser)

    raised = [name for name, sums in plain.items() if plain_gain(*sums) > 1e-3]
    if len(raised) < 80:  # so many are looked at
        assert {name for name in raised if is_news(name)} <= set(found.gain)
    for told in (found.near, found.others):
        assert np.all(np.diff([found.gain[name] for name in told]) <= 1e-6)
    assert len(set(found.causes)) == len(found.causes) <= 3


# --- in worlds of uneven, correlated attributes ---


def named(row: pd.Series) -> Named:
    return dict(zip(row["dimension"].split(" × "), row["value"].split(" × "), strict=True))


def hits(seed: int, count: int, connections: int | None) -> tuple[list[bool], list[int], bool]:
    """Return which causes are named, of how many attributes they are, and whether one is first."""
    world = make_multi(seed, connections=connections, causes=count)
    compared = compare_windows(world.connections, baseline=world.baseline, incident=world.incident)
    told = [named(row) for _, row in compared[compared["cause"].notna()].iterrows()]
    right = [(cause.named, *cause.alike) for cause in world.causes]
    return (
        [any(each in sets for each in told) for sets in right],
        [len(cause.named) for cause in world.causes],
        any(named(compared.iloc[0]) in sets for sets in right),
    )


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5])
def test_a_planted_cause_comes_first(seed: int) -> None:
    is_named, _, is_first = hits(seed, 1, 60_000)
    assert is_named == [True]
    assert is_first


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_two_planted_causes_are_named(seed: int) -> None:
    is_named, _, is_first = hits(seed, 2, 60_000)
    assert is_named == [True, True]
    assert is_first


@pytest.mark.long
@pytest.mark.timeout(900)
def test_how_often_a_planted_cause_comes_first() -> None:
    firsts: dict[int, list[bool]] = {1: [], 2: [], 3: []}
    for seed in range(100):
        _, (size,), is_first = hits(seed, 1, None)
        firsts[size].append(is_first)
    assert min(map(len, firsts.values())) >= 20
    assert np.mean(firsts[1]) == 1
    assert np.mean(firsts[2]) >= 0.95
    assert np.mean(firsts[3]) >= 0.85


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("count", "least"), [(2, 0.8), (3, 0.7)])
def test_how_often_several_planted_causes_are_all_named(count: int, least: float) -> None:
    found = [hits(seed, count, None) for seed in range(100)]
    whole = [all(is_named) for is_named, sizes, _ in found if len(sizes) == count]
    assert len(whole) >= 80
    assert np.mean(whole) >= least
    assert np.mean([is_first for _, _, is_first in found]) >= 0.9


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_sure_where_nothing_was_planted(seed: int) -> None:
    world = make_multi(seed, connections=60_000, causes=0)
    compared = compare_windows(world.connections, baseline=world.baseline, incident=world.incident)
    assert not compared["significant"].any()
