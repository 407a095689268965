"""Combinations and their sums: leaf by leaf in plain Python, and likelihoods by scipy."""

from __future__ import annotations

from itertools import combinations
from math import log

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.stats import binom, poisson

from albconn.analysis.stats.candidates import Candidates, Combination, Leaves, Sums


def every_combination(leaves: Leaves) -> dict[Combination, list[float]]:
    """Return the four sums of every combination that occurs, leaf by leaf."""
    sums: dict[Combination, list[float]] = {}
    for place, *counts in zip(leaves.codes.tolist(), *leaves[1:], strict=True):
        known = [(attribute, code) for attribute, code in enumerate(place) if code >= 0]
        for size in (1, 2, 3):
            for combination in combinations(known, size):
                entry = sums.setdefault(combination, [0.0, 0.0, 0.0, 0.0])
                for n, count in enumerate(counts):
                    entry[n] += float(count)
    return sums


def plain_gain(connections: float, failures: float, expected: float, events: float) -> float:
    """Return by how much the rate found makes the failures likelier than the one expected."""
    if failures <= expected:
        return 0.0
    n, k = round(connections), round(failures)
    likelihoods = [float(binom.logpmf(k, n, rate)) for rate in (k / n, expected / n)]
    return (likelihoods[0] - likelihoods[1]) / max(failures / max(events, 1.0), 1.0)


@st.composite
def some_leaves(draw: st.DrawFn) -> Leaves:
    attributes = draw(st.integers(1, 4))
    codes = st.tuples(*[st.integers(-1, 2)] * attributes)
    places = draw(st.lists(codes, unique=True, min_size=1, max_size=25))
    size = len(places)
    connections = draw(st.lists(st.integers(1, 3000), min_size=size, max_size=size))
    shares = st.sampled_from([0.0, 0.0, 0.01, 0.02, 0.3, 1.0])
    failures = [round(n * draw(shares)) for n in connections]
    expected = [n * draw(st.sampled_from([0.001, 0.01, 0.02])) for n in connections]
    events = [k / draw(st.sampled_from([1, 1, 3])) for k in failures]
    counts = (np.array(each, dtype=float) for each in (connections, failures, expected, events))
    return Leaves(np.array(places, dtype=np.int64), *counts)


@settings(max_examples=100, deadline=None)
@given(some_leaves(), st.data())
def test_sums_are_those_of_plain_python(leaves: Leaves, data: st.DataObject) -> None:
    size = len(leaves.codes)
    alive = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    candidates = Candidates(leaves.codes, [])
    found = candidates.sums(leaves, alive)
    nothing = [0.0] * 4
    plain = every_combination(
        Leaves(leaves.codes[alive], *(counts[alive] for counts in leaves[1:]))
    )
    assert set(candidates.names) == set(every_combination(leaves))
    assert len(set(candidates.names)) == len(candidates.names)
    for place, name in enumerate(candidates.names):
        sums = plain.get(name, nothing)
        assert [counts[place] for counts in found] == pytest.approx(sums)
        assert found.gain[place] == pytest.approx(plain_gain(*sums), rel=1e-6, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(some_leaves())
def test_what_is_coarser_and_finer(leaves: Leaves) -> None:
    candidates = Candidates(leaves.codes, [])
    names = candidates.names
    for place, name in enumerate(names):
        less = {other for n, other in enumerate(names) if set(other) < set(name)
                and len(other) == len(name) - 1 and n == candidates.place_of[other]}  # fmt: skip
        assert {names[n] for n in candidates.coarser(place)} == less
        more = {other for other in names if set(name) < set(other) and len(other) == len(name) + 1}
        assert {names[n] for n in candidates.finer.get(place, [])} == more
        inside = [set(name) <= set(enumerate(codes)) for codes in leaves.codes.tolist()]
        assert candidates.holds(place).tolist() == inside


def test_nested_attributes_are_not_combined() -> None:
    codes = np.array([[0, 0, 0, 0], [1, 0, 1, 1]])
    names = Candidates(codes, [frozenset({0, 1}), frozenset({2, 3})]).names
    chosen = {tuple(attribute for attribute, _ in name) for name in names}
    assert chosen == {(0,), (1,), (2,), (3,), (0, 2), (0, 3), (1, 2), (1, 3)}


def test_a_value_that_is_none_is_in_no_combination() -> None:
    names = Candidates(np.array([[0, -1], [-1, 1], [2, 1]]), []).names
    assert names == [((0, 0),), ((0, 2),), ((1, 1),), ((0, 2), (1, 1))]
    assert Candidates(np.full((3, 2), -1), []).names == []


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 5000), st.floats(0, 1), st.floats(0.0001, 0.9999))
def test_gain_is_a_ratio_of_binomial_likelihoods(n: int, share: float, rate: float) -> None:
    k = round(n * share)
    (gain,) = Sums(*(np.array([float(count)]) for count in (n, k, n * rate, k))).gain
    ratio = binom.logpmf(k, n, k / n) - binom.logpmf(k, n, rate)
    assert gain == pytest.approx(float(ratio) if k > n * rate else 0, rel=1e-6, abs=1e-6)


def test_of_rare_failures_it_is_the_ratio_of_poisson_likelihoods() -> None:
    (gain,) = Sums(*(np.array([count]) for count in (1e7, 300.0, 100.0, 300.0))).gain
    ratio = poisson.logpmf(300, 300) - poisson.logpmf(300, 100)
    assert gain == pytest.approx(float(ratio), rel=1e-4)


def test_nothing_expected_and_everything_failed() -> None:
    sums = Sums(*(np.array(counts) for counts in ([5.0, 0.0], [5.0, 0.0], [0.0, 0.0], [5.0, 0.0])))
    assert np.isfinite(sums.gain).all()
    assert sums.gain[0] > 50
    assert sums.gain[1] == 0


def test_gain_is_divided_by_the_failures_of_an_event() -> None:
    n, k, expected = (np.full(3, float(count)) for count in (1000, 100, 10))
    sums = Sums(n, k, expected, np.array([100.0, 10.0, 0.0]))
    assert sums.cluster.tolist() == [1, 10, 100]
    assert sums.excess.tolist() == [90, 90, 90]
    assert sums.gain == pytest.approx((100 * log(10) + 900 * log(900 / 990)) / sums.cluster)
