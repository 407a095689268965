"""The Wilson interval against published values, its definition, statsmodels, and its edges."""

from __future__ import annotations

from math import isclose, sqrt

import numpy as np
import pytest
from hypothesis import given, strategies as st
from statsmodels.stats.proportion import proportion_confint

from albconn.analysis.stats.intervals import Z_95, rate_of, wilson_interval


@pytest.mark.parametrize(
    ("failures", "connections", "low", "high"),
    # Newcombe 1998, table I, method 3 (score method, no continuity correction).
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_values(failures: int, connections: int, low: float, high: float) -> None:
    found = wilson_interval(failures, connections)
    assert [round(float(bound), 4) for bound in found] == [low, high]


def test_all_or_nothing_has_closed_forms() -> None:
    low, high = wilson_interval([0, 7], [7, 7])
    assert low[0] == 0.0
    assert high[1] == 1.0
    assert high[0] == pytest.approx(Z_95**2 / (7 + Z_95**2), rel=1e-12)
    assert low[1] == pytest.approx(7 / (7 + Z_95**2), rel=1e-12)


def test_nothing_says_nothing() -> None:
    low, high = wilson_interval([0], [0])
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    assert np.isnan(rate_of([0], [0])[0])


def test_empty_and_scalar_shapes() -> None:
    assert wilson_interval([], [])[0].shape == (0,)
    assert wilson_interval(1, 2)[1].shape == ()


@given(st.integers(1, 10**10).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_bounds_are_where_the_score_test_just_rejects(counts: tuple[int, int]) -> None:
    failures, connections = counts
    rate = failures / connections
    low, high = (float(bound) for bound in wilson_interval(failures, connections))
    assert 0.0 <= low <= rate + 1e-15
    assert rate - 1e-15 <= high <= 1.0
    assert low < high
    for bound in (low, high):
        if 1e-9 < bound < 1 - 1e-9:
            distance = Z_95 * sqrt(bound * (1 - bound) / connections)
            assert isclose(abs(rate - bound), distance, rel_tol=1e-4)


@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_bounds_are_those_of_statsmodels(counts: tuple[int, int]) -> None:
    found = [float(bound) for bound in wilson_interval(*counts)]
    assert found == pytest.approx(list(proportion_confint(*counts, method="wilson")), abs=1e-9)
