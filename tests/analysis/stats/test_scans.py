"""The scan against trying every window, and its likelihoods against those of scipy."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from albconn.analysis.stats.scans import find_window, gain_of, refine


def plain_best(k: list[int], n: list[int]) -> tuple[float, int, int]:
    """Return the window of most likelihood gained, by trying all of them."""

    def likelihood(failures: int, connections: int) -> float:
        return sum(x * log(x / connections) for x in (failures, connections - failures) if x)

    best = (0.0, 0, 0)
    for i in range(len(k)):
        for j in range(i + 1, len(k) + 1):
            inside, size = sum(k[i:j]), sum(n[i:j])
            rest, others = sum(k) - inside, sum(n) - size
            if others and size and inside * others > rest * size:
                gain = likelihood(inside, size) + likelihood(rest, others)
                best = max(best, (gain - likelihood(sum(k), sum(n)), i, j))
    return best


def test_scan_finds_what_brute_force_finds() -> None:
    random = np.random.default_rng(1)
    for _ in range(40):
        n = random.integers(1, 60, 14)
        k = random.binomial(n, random.choice([0.02, 0.3], 14))
        found = find_window(k.astype(float), n.astype(float), "higher")
        gain, _, _ = plain_best(k.tolist(), n.tolist())
        assert (found.gain if found else 0.0) == pytest.approx(gain)


def test_gain_is_a_ratio_of_binomial_likelihoods() -> None:
    random = np.random.default_rng(2)
    for _ in range(200):
        n, rest_n = (float(count) for count in random.integers(1, 3000, 2))
        k, rest_k = random.binomial(int(n), 0.2), random.binomial(int(rest_n), 0.1)
        counts = [(k, n, k / n), (rest_k, rest_n, rest_k / rest_n)]
        common = (k + rest_k) / (n + rest_n)
        expected = sum(binom.logpmf(a, b, rate) - binom.logpmf(a, b, common)
                       for a, b, rate in counts)  # fmt: skip
        found = gain_of(*(np.array([float(count)]) for count in (k, n, rest_k, rest_n)))
        assert found[0] == pytest.approx(float(expected), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("first", "last", "reach"), [(40, 90, 7), (30_000, 90_000, 20_000)])
def test_ends_are_refined_in_a_bounded_number_of_steps(first: int, last: int, reach: int) -> None:
    tried: list[int] = []
    best_first, best_last = first + reach // 3, last - reach // 2

    def best_of(start: NDArray[np.int64], end: NDArray[np.int64]) -> tuple[float, int, int]:
        tried.append(len(start))
        gains = 1e6 - abs(start - best_first) - abs(end - best_last)
        place = int(np.argmax(gains))
        return float(gains[place]), int(start[place]), int(end[place])

    found = refine(first, last, reach, 100_000, best_of)
    assert found[1:] == (best_first, best_last)
    assert max(tried) <= 1_100_000
    assert len(tried) == (1 if reach < 500 else 2)
