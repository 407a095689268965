"""Raised stretches: every window tried, likelihoods by scipy, quiet times by simulation."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import binom, poisson

from albconn.analysis.stats.raised import (
    Raised,
    find_raised,
    judged,
    stretched,
    trimmed_dispersion,
)

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
    # Bin 2 is most unlike the rest and beside the window; the others have 3 events.
    usual = np.array([0.75, 0.75, 0.75, 0.75, 0.0])
    squares = ((np.array([1, 0, 1, 1, 0]) - usual) ** 2).sum()
    spread = max((squares + 2) / (3 + 1), 1.0)
    bursts = 8 + 1 / (spread / 3 + 2 / 5)
    left = bursts * log(1 + min(found.gain, 2 * (50 - 10 / 3)) / spread / bursts)
    assert found.surprise == pytest.approx(left)
    assert found.log_p == pytest.approx(min(0, log(8 * 9 / 2) - left))


def test_a_crowd_of_bins_is_no_burst_however_many_events_each_has() -> None:
    exposure = np.tile([1.0, 1.0, 3.0, 5.0], 72)
    events = np.zeros(288)
    events[[3, 90, 200, 203]] = 1
    events[120:127] = 1
    found = find_raised(events, exposure)
    assert found is not None
    assert (found.first, found.last) == (120, 127)
    rate = brentq(lambda r: float((1 - np.exp(-r * exposure)).sum()) - 11, 1e-9, 9)
    assert isinstance(rate, float)
    chance = 1 - np.exp(-rate * exposure)
    usual = chance[120:127].sum()
    ratio = binom.logpmf(7, 7, 1) - binom.logpmf(7, 7, usual / 7)
    ratio += binom.logpmf(4, 281, 4 / 281) - binom.logpmf(4, 281, (11 - usual) / 281)
    assert found.surprise == pytest.approx(float(ratio), rel=1e-6)
    assert found.log_p < log(0.01)
    more = events.copy()
    more[120:127] = 40
    loud = judged(more, exposure, 120, 127)
    assert loud.surprise > found.surprise
    # The same events in one bin may be one burst.
    burst = events.copy()
    burst[120:127] = 0
    burst[123] = 7
    alone = find_raised(burst, exposure)
    assert alone is not None
    assert (alone.first, alone.last) == (123, 124)
    assert alone.log_p > log(0.01)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=3, max_size=30), st.data())
def test_any_window_can_be_judged(bins: list[int], data: st.DataObject) -> None:
    events = np.array(bins, dtype=float)
    first = data.draw(st.integers(0, len(bins) - 2))
    last = data.draw(st.integers(first + 1, len(bins) - 1))
    found = judged(events, np.ones(len(bins)), first, last)
    assert found.gain == pytest.approx(
        poisson_gain(events, np.ones(len(bins)), first, last), abs=1e-9
    )
    assert found.events == events[first:last].sum()
    assert found.expected == pytest.approx(
        (events.sum() - found.events) / (len(bins) - last + first) * (last - first)
    )
    assert 0 <= found.surprise < np.inf
    assert found.log_p == pytest.approx(
        min(0.0, log(len(bins) * (len(bins) + 1) / 2) - found.surprise)
    )


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


EVEN = np.full(7, 1.0)
DAILY = np.exp(2.5 * np.sin(np.arange(288) / 288 * 2 * np.pi))


def quiet(seed: int, bins: int, mean: float, burst: int, kind: str) -> Raised | None:
    """Return what is found where nothing happens: bursts, all as large or geometric."""
    random = np.random.default_rng([5, seed, bins, burst])
    pattern = DAILY if kind == "daily" else EVEN
    exposure = random.gamma(4, 0.25, bins) * np.resize(pattern / pattern.mean(), bins)
    bursts = random.poisson(mean / burst * exposure)
    if kind == "geometric":
        sizes = [random.geometric(1 / burst, int(each)).sum() for each in bursts]
        return find_raised(np.array(sizes, dtype=float), exposure)
    return find_raised(burst * bursts.astype(float), exposure)


def claimed(seeds: range, bins: int, mean: float, burst: int, kind: str) -> float:
    """Return the share of quiet series of which the bound is below 1 %."""
    found = [quiet(seed, bins, mean, burst, kind) for seed in seeds]
    assert all(each is None or each.log_p <= 0 for each in found)
    return float(np.mean([each is not None and each.log_p < log(0.01) for each in found]))


@pytest.mark.parametrize("kind", ["fixed", "geometric", "daily"])
@pytest.mark.parametrize(
    ("bins", "mean", "burst"),
    [(60, 0.3, 1), (60, 0.3, 12), (50, 20, 20), (144, 4, 1), (144, 1, 5), (288, 0.02, 20),
     (288, 0.1, 5), (300, 2, 12)],
)  # fmt: skip
def test_quiet_times_are_rarely_unlikely(bins: int, mean: float, burst: int, kind: str) -> None:
    # Few large bursts in a short time are little to know their size from.
    limit = 0.1 if bins <= 60 and burst >= 12 else 0.02
    assert claimed(range(100), bins, mean, burst, kind) <= limit


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", ["fixed", "geometric", "daily"])
@pytest.mark.parametrize("bins", [50, 144, 288, 600])
def test_of_quiet_times_of_every_kind_few_are_unlikely(bins: int, kind: str) -> None:
    shares = {
        (mean * bins / burst >= 10, mean, burst): claimed(range(60), bins, mean, burst, kind)
        for mean in (0.02, 0.1, 0.3, 1, 4, 20)
        for burst in (1, 2, 5, 12, 20)
    }
    assert np.mean(list(shares.values())) <= 0.05
    assert max(share for (are_many, *_), share in shares.items() if are_many) <= 0.15
    # A few large bursts are each a stretch like no other.
    assert max(shares.values()) <= 0.35


NOTHING = np.zeros(288)
NOW_AND_THEN = np.where(np.arange(288) % 8 == 0, 1.0, 0.0)
OFTEN = np.random.default_rng(4).poisson(6, 2016).astype(float)
BURSTS = 8.0 * np.random.default_rng(5).poisson(0.05, 2016)


@pytest.mark.parametrize(
    ("usual", "at", "more"),
    [
        (NOTHING, 100, [4, 9, 7, 5, 3]),
        (NOW_AND_THEN, 101, [15, 14]),
        (NOW_AND_THEN, 281, [3, 4, 6, 3, 2, 2, 7]),
        (OFTEN, 700, [12] * 6),
        (OFTEN, 700, [3] * 60),
        (BURSTS, 900, [6] * 12),
        (BURSTS, 900, [150]),
    ],
)
def test_an_incident_is_no_chance(usual: Counts, at: int, more: list[float]) -> None:
    events = usual.copy()
    events[at : at + len(more)] += more
    found = find_raised(events, np.ones(len(events)))
    assert found is not None
    near = 1 + len(more) // 10
    assert abs(found.first - at) <= near
    assert abs(found.last - at - len(more)) <= near
    assert found.log_p < log(0.001)


def test_each_of_several_nights_is_found_beside_the_others() -> None:
    events = OFTEN % 2  # 0 or 1 in a bin
    for night in range(7):
        events[night * 288 + 24 : night * 288 + 30] += 6
    for night in range(7):
        first = night * 288 + 24
        found = judged(events, np.ones(2016), first, first + 6)
        assert found.log_p < log(0.001)
    # As many events in bins that lie alone are bursts.
    alone = OFTEN % 2
    alone[24::48] += 6
    burst = judged(alone, np.ones(2016), 24, 25)
    assert burst.log_p == 0


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


@pytest.mark.parametrize(
    ("before", "after", "drawn"),
    [
        ([0, 1, 0], [1, 0, 0], (0, 0)),
        ([4, 6, 9], [1, 1, 0], (3, 0)),
        ([1, 0, 1], [9, 7, 6], (0, 3)),
    ],
)
def test_a_ramp_belongs_to_what_it_leads_to(
    before: list[float], after: list[float], drawn: tuple[int, int]
) -> None:
    calm = [1.0, 0, 1, 1, 2, 0, 2, 1, 0, 1] * 10
    events = np.array([*calm, *before, *[30.0] * 6, *after, *calm])
    exposure = np.ones(len(events))
    first = len(calm) + len(before)
    raised = judged(events, exposure, first, first + 6)
    assert stretched(events, exposure, raised) == (first - drawn[0], first + 6 + drawn[1])


def test_windows_are_the_same_however_many_are_looked_at_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(5)
    events = np.where(rng.random(3000) < 0.05, rng.integers(1, 9, 3000), 0).astype(float)
    exposure = np.full(3000, 10.0)
    whole = find_raised(events, exposure)
    monkeypatch.setattr("albconn.analysis.stats.raised._PAIRS", 50)
    assert find_raised(events, exposure) == whole
