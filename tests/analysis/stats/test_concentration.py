"""How unevenly a sum is spread, against its definition."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, strategies as st

from albconn.analysis.stats.concentration import concentration_of, gini


def test_by_hand() -> None:
    failures = np.array([0, 3, 1, 6] + [0] * 6)
    assert concentration_of(failures)[:5] == (10, 3, 10, 0.6, 1.0)


def test_of_nothing_there_are_no_shares() -> None:
    found = concentration_of(np.zeros(4, dtype=np.int64))
    assert found[:3] == (4, 0, 0)
    assert np.isnan(found[3:]).all()


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=30))
def test_gini_is_the_mean_difference_of_all_pairs_over_twice_the_mean(counts: list[int]) -> None:
    largest_first = np.array(sorted(counts, reverse=True))
    differences = [abs(a - b) for a, b in product(counts, counts)]
    expected = float(np.mean(differences) / (2 * np.mean(counts)))
    assert gini(largest_first) == pytest.approx(expected, abs=1e-12)
