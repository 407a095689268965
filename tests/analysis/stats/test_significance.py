"""Tests of counts: exact sums in whole numbers, published examples, scipy and statsmodels."""

from __future__ import annotations

from fractions import Fraction
from math import comb, exp, log

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import example, given, settings, strategies as st
from scipy.stats import betabinom, binom, false_discovery_control, norm
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from albconn.analysis.stats.significance import (
    adjust,
    dispersion,
    evidence,
    log_p_value,
    newcombe_interval,
    soften,
)


def rising(x: int, n: int) -> int:
    """Return x (x + 1) … (x + n - 1)."""
    answer = 1
    for step in range(n):
        answer *= x + step
    return answer


def exact_pmf(k: int, n: int, alpha: int, beta: int) -> Fraction:
    return Fraction(comb(n, k) * rising(alpha, k) * rising(beta, n - k), rising(alpha + beta, n))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 40), st.integers(1, 40), st.integers(1, 30), st.integers(1, 60))
def test_p_value_is_the_exact_tail_doubled(k: int, n: int, alpha: int, beta: int) -> None:
    k = min(k, n)
    upper = sum(exact_pmf(j, n, alpha, beta) for j in range(k, n + 1))
    lower = sum(exact_pmf(j, n, alpha, beta) for j in range(k + 1))
    mean = n * alpha / (alpha + beta)
    tail = upper if k > mean else lower
    expected = 1.0 if k == round(mean) else min(1.0, 2 * float(tail))
    assert exp(log_p_value(k, n, alpha, beta)) == pytest.approx(expected, rel=1e-9)


def test_p_value_of_large_counts_is_the_normal_one() -> None:
    # A rate known to be 10 % and a million connections: a standard deviation is 300.
    known = 1e12
    assert log_p_value(100_600, 10**6, 0.1 * known, 0.9 * known) == pytest.approx(
        log(0.0455), abs=0.01
    )
    assert log_p_value(99_400, 10**6, 0.1 * known, 0.9 * known) == pytest.approx(
        log(0.0455), abs=0.01
    )
    assert log_p_value(10**6, 10**6, 0.1 * known, 0.9 * known) < -(10**5)


def test_few_connections_are_no_certainty() -> None:
    # 3 of 3 failed where 0 of 3 had: an overall rate of 1 % makes it likely to be new, not sure.
    assert 1e-6 < exp(log_p_value(3, 3, 0.2, 22.8)) < 1e-2


def test_soften_divides_the_quantile() -> None:
    two_sided = 2 * 0.0013498980316301  # three standard deviations
    assert soften(log(two_sided), 1.0) == pytest.approx(two_sided)
    assert soften(log(two_sided), 9.0) == pytest.approx(0.31731, abs=1e-5)
    assert soften(0.0, 9.0) == 1.0
    assert soften(-1e6, 4.0) == 0.0
    assert 0 < soften(-800.0, 4.0) < 1e-80


def test_newcombe_published_examples() -> None:
    # Newcombe 1998 (873-890), table II, method 10: 56/70-48/80, 9/10-3/10, 10/10-0/20, 0/10-0/20.
    low, high = newcombe_interval([56, 9, 10, 0], [70, 10, 10, 10], [48, 3, 0, 0], [80, 10, 20, 20])
    assert low.round(4).tolist() == [0.0524, 0.1705, 0.6791, -0.1611]
    assert high.round(4).tolist() == [0.3339, 0.8090, 1.0, 0.2775]
    assert np.isnan(newcombe_interval([0], [0], [1], [2])).all()


def test_adjust_is_benjamini_hochberg() -> None:
    # Benjamini & Hochberg 1995, section 3.2: 15 p-values, of which the first four are rejected.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
         0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]  # fmt: skip
    assert (adjust(p, 15) <= 0.05).sum() == 4
    assert adjust(p[:5], 15)[:4].tolist() == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])
    assert adjust([], 10).tolist() == []
    assert adjust([0.5, 0.001], 2).tolist() == [0.5, 0.002]


def test_dispersion() -> None:
    random = np.random.default_rng(5)
    connections = np.full(4000, 50)
    assert dispersion(random.binomial(connections, 0.02), connections) < 1.1
    # Failures in lots of four: the variance of the sum is four times as large.
    lots = 4 * random.binomial(connections, 0.005)
    assert dispersion(lots, connections) == pytest.approx(4, rel=0.1)
    assert dispersion([3], [10]) == dispersion([0, 0], [5, 5]) == dispersion([5, 5], [5, 5]) == 1.0


def test_evidence_prefers_the_tightest_set() -> None:
    shares = evidence([100] * 4, [100, 200, 1000, 20_000], [0.01] * 4)
    assert list(shares) == sorted(shares, reverse=True)
    assert shares[0] == pytest.approx(100 * log(100))
    assert shares[3] == 0.0


# --- against scipy and statsmodels ---

two_counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
p_values = st.lists(st.floats(0, 1), min_size=1, max_size=60)


@settings(max_examples=200, deadline=None)
@given(two_counts, two_counts)
def test_newcombe_is_that_of_statsmodels(now: tuple[int, int], before: tuple[int, int]) -> None:
    found = [float(bound) for bound in newcombe_interval(*now, *before)]
    expected = confint_proportions_2indep(*now, *before, method="newcomb", compare="diff")
    assert found == pytest.approx(list(expected), abs=1e-9)


@settings(max_examples=200, deadline=None)
@given(p_values)
def test_adjust_is_that_of_scipy_and_statsmodels(p: list[float]) -> None:
    found = adjust(p, len(p)).tolist()
    assert found == pytest.approx(false_discovery_control(p).tolist(), rel=1e-12)
    assert found == pytest.approx(
        np.asarray(multipletests(p, method="fdr_bh")[1]).tolist(), rel=1e-12
    )


@settings(max_examples=100, deadline=None)
@given(p_values, st.integers(0, 500))
def test_values_that_were_not_given_are_ones(p: list[float], others: int) -> None:
    everything = false_discovery_control([*p, *[1.0] * others])
    found = adjust(p, len(p) + others)
    assert found.tolist() == pytest.approx(everything[: len(p)].tolist(), rel=1e-12)


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, 20).flatmap(lambda e: st.integers(2**e, 2 ** (e + 1))),
    st.floats(0, 1),
    st.floats(0.001, 0.999),
    st.floats(1, 1e5),
)
@example(523_320, 0.21875, 0.2109375, 47_408.0)  # four deviations off, and not yet normal
@example(1_000_000, 0.5015, 0.5, 4e6)
def test_tails_are_those_of_scipy(n: int, share: float, rate: float, weight: float) -> None:
    k = round(n * share)
    shape = rate * weight, (1 - rate) * weight
    found = log_p_value(k, n, *shape)
    if k == round(n * rate * weight / (rate * weight + (1 - rate) * weight)):
        assert found == 0
        return
    inside = np.arange(k, n + 1) if k > n * rate else np.arange(k + 1)
    tail = float(np.logaddexp.reduce(betabinom.logpmf(inside, n, *shape)))
    assert found == pytest.approx(min(0.0, tail + log(2)), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    ("k", "n", "alpha", "beta"),
    [
        (0, 2896, 0.5, 0.5),  # either all or nothing is likeliest
        (80_000, 300_000, 0.4, 19.6),  # a new network with many connections
        (250_000, 1_000_000, 0.5, 20.0),
        (999_000, 1_000_000, 30.0, 0.7),
        (40_000, 2_000_000, 2.0, 300.0),
    ],
)
def test_a_rate_of_which_little_is_known_is_far_from_normal(
    k: int, n: int, alpha: float, beta: float
) -> None:
    inside = np.arange(k, n + 1) if k > n * alpha / (alpha + beta) else np.arange(k + 1)
    tail = float(np.logaddexp.reduce(betabinom.logpmf(inside, n, alpha, beta)))
    assert log_p_value(k, n, alpha, beta) == pytest.approx(tail + log(2), abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.integers(0, 400), st.floats(1e-4, 0.02), st.floats(20, 1e5))
def test_tails_far_out_are_sums_of_scipy(n: int, k: int, rate: float, weight: float) -> None:
    k = min(k, n)
    shape = rate * weight, (1 - rate) * weight
    if k > n * rate and k != round(n * rate):
        tail = np.logaddexp.reduce(betabinom.logpmf(np.arange(k, n + 1), n, *shape))
        found = log_p_value(k, n, *shape)
        assert found == pytest.approx(min(0.0, float(tail) + log(2)), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("burstiness", [1.0, 1.7, 4.0, 30.0])
@pytest.mark.parametrize("p", [0.9, 0.05, 1e-6, 1e-200])
def test_soften_is_a_quantile_divided(p: float, burstiness: float) -> None:
    expected = 2 * norm.sf(norm.isf(p / 2) / np.sqrt(burstiness))
    assert soften(log(p), burstiness) == pytest.approx(expected, rel=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 400)), min_size=2, max_size=40))
def test_dispersion_is_that_of_a_glm(bins: list[tuple[int, int]]) -> None:
    k, n = np.array([(min(k, n), n) for k, n in bins], dtype=float).T
    if not 0 < k.sum() < n.sum() or np.ptp(k / n) == 0:
        assert dispersion(k, n) == 1
        return
    counts = np.column_stack([k, n - k])
    model = sm.GLM(counts, np.ones((len(k), 1)), family=sm.families.Binomial()).fit()
    expected = max(1.0, float(model.pearson_chi2 / model.df_resid))
    assert dispersion(k, n) == pytest.approx(expected, rel=1e-6)


@settings(max_examples=200, deadline=None)
@given(two_counts, st.floats(1e-4, 0.99))
def test_evidence_is_a_ratio_of_binomial_likelihoods(counts: tuple[int, int], rate: float) -> None:
    k, n = counts
    ratio = float(binom.logpmf(k, n, k / n) - binom.logpmf(k, n, rate)) if k > n * rate else 0.0
    assert evidence([k], [n], [rate])[0] == pytest.approx(ratio, rel=1e-6, abs=1e-6)
