"""Tests of counts: exact sums in whole numbers, and published examples."""

from __future__ import annotations

from fractions import Fraction
from math import comb, exp, log

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

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
