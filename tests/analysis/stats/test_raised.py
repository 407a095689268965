"""Raised stretches: every window tried, likelihoods by scipy, dispersion by simulation."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray
from scipy.stats import poisson

from albconn.analysis.stats.raised import Raised, find_raised, trimmed_dispersion

Counts = NDArray[np.float64]


def poisson_gain(events: Counts, exposure: Counts, first: int, last: int) -> float:
    """Return by scipy how much likelier two rates make the counts than one; 0 if it is lower."""
    inside = np.zeros(len(events), dtype=bool)
    inside[first:last] = True
    rates = [events[part].sum() / exposure[part].sum() for part in (inside, ~inside)]
    if rates[0] <= rates[1]:
        return 0.0
    one = poisson.logpmf(events, exposure * events.sum() / exposure.sum()).sum()
    return float(poisson.logpmf(events, exposure * np.where(inside, *rates)).sum() - one)


def best_window(events: Counts, exposure: Counts) -> float:
    bins = len(events)
    return max(
        poisson_gain(events, exposure, first, last)
        for first in range(bins)
        for last in range(first + 1, bins + 1)
        if last - first < bins
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([1, 2, 30])), min_size=2, max_size=12))
def test_it_is_the_best_of_all_windows(bins: list[tuple[int, int]]) -> None:
    events, exposure = (np.array(counts, dtype=float) for counts in zip(*bins, strict=True))
    found = find_raised(events, exposure)
    best = best_window(events, exposure)
    if found is None:
        assert best == pytest.approx(0, abs=1e-9)
    else:
        assert found.gain == pytest.approx(best, abs=1e-9)
        assert found.gain == pytest.approx(
            poisson_gain(events, exposure, found.first, found.last), abs=1e-9
        )


def test_what_is_told_of_a_window() -> None:
    events = np.array([1.0, 0, 2, 20, 30, 1, 1, 0])
    exposure = np.array([100.0, 100, 200, 100, 300, 100, 100, 0])
    found = find_raised(events, exposure)
    assert found is not None
    assert (found.first, found.last, found.events) == (3, 5, 50.0)
    assert found.expected == pytest.approx(5 / 600 * 400)
    assert found.ratio == pytest.approx(50 / found.expected)
    assert found.dispersion == 1.0
    assert found.log_p == pytest.approx(log(8 * 9 / 2) - min(found.gain, 2 * (50 - 10 / 3)))


def test_a_long_window_is_found_among_many_bins() -> None:
    # Longer than the lengths that are all tried, so both ends have to be refined.
    random = np.random.default_rng(3)
    for first, last in ((100, 700), (7, 411), (1500, 1611)):
        rates = np.full(2016, 5.0)
        rates[first:last] = 15.0
        events = random.poisson(rates).astype(float)
        found = find_raised(events, np.ones(2016))
        assert found is not None
        assert abs(found.first - first) <= 3
        assert abs(found.last - last) <= 3
        assert found.log_p < -100
        near = [poisson_gain(events, np.ones(2016), first + a, last + b)
                for a in range(-3, 4) for b in range(-3, 4)]  # fmt: skip
        assert found.gain >= max(near) - 1e-6


@pytest.mark.parametrize(
    ("events", "exposure"),
    [([], []), ([3], [1]), ([0, 0, 0], [1, 1, 1]), ([5, 5], [1, 1]), ([4, 8], [1, 2])],
)
def test_nothing_is_raised(events: list[float], exposure: list[float]) -> None:
    assert find_raised(np.array(events, float), np.array(exposure, float)) is None


def test_a_rate_of_nothing_is_half_an_event() -> None:
    events = np.array([0.0, 0, 0, 6, 0, 0, 0, 0, 0])
    found = find_raised(events, np.ones(9))
    assert found is not None
    assert (found.first, found.last, found.events, found.expected) == (3, 4, 6.0, 0.0)
    assert found.gain == pytest.approx(6 * log(9))
    assert found.ratio == 12.0


def quiet(seed: int, bins: int, mean: float, burst: int = 1) -> Raised | None:
    random = np.random.default_rng([5, seed])
    exposure = random.gamma(4, 0.25, bins)
    return find_raised(burst * random.poisson(mean * exposure).astype(float), exposure)


@pytest.mark.parametrize(
    ("bins", "mean", "burst"),
    # Not so where bursts are few: without the most unlike bins they leave no trace.
    [(60, 0.3, 1), (144, 4, 1), (36, 20, 1), (288, 2, 5)],
)
def test_quiet_times_are_rarely_unlikely(bins: int, mean: float, burst: int) -> None:
    found = [quiet(seed, bins, mean, burst) for seed in range(300)]
    bounds = [each.log_p if each else 0.0 for each in found]
    assert np.mean(np.array(bounds) < log(0.01)) <= 0.01
    assert all(bound <= 0 for bound in bounds)


def test_dispersion_is_that_of_bursts() -> None:
    # Lots of so many events: the variance is as many times the mean.
    random = np.random.default_rng(8)
    expected = random.uniform(20, 60, 4000)
    for lot in (2, 5, 12):
        events = (lot * random.poisson(expected / lot)).astype(np.float64)
        assert trimmed_dispersion(events, expected) == pytest.approx(lot, rel=0.12)
    plain = [
        trimmed_dispersion(random.poisson(expected).astype(np.float64), expected) for _ in range(5)
    ]
    assert np.mean(plain) == pytest.approx(1.0, abs=0.05)
    gamma = random.poisson(expected * random.gamma(10, 0.1, 4000)).astype(np.float64)
    assert trimmed_dispersion(gamma, expected) == pytest.approx(
        float((1 + expected / 10).mean()), rel=0.12
    )


def test_dispersion_does_without_what_is_most_unlike() -> None:
    random = np.random.default_rng(9)
    expected = np.full(400, 30.0)
    events = random.poisson(expected).astype(float)
    events[:16] = 500  # another incident, in 4 % of the bins
    assert trimmed_dispersion(events, expected) < 1.5
    assert ((events - expected) ** 2 / expected).mean() > 200
    assert trimmed_dispersion(np.zeros(0), np.zeros(0)) == 1.0
    assert trimmed_dispersion(np.array([3.0]), np.array([0.0])) == 1.0
