"""Whether two counts differ by more than chance, and how much.

Failures are few and come in bursts, and a comparison looks at hundreds of values at once. So
every number here is built for small counts (exact tails, Newcombe's interval), allows for bursts
(a dispersion measured on quiet traffic), and is corrected for how many were looked at.
"""

from __future__ import annotations

from math import erfc, exp, lgamma, log, pi, sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from albconn.analysis.stats.intervals import rate_of, wilson_interval

Values = npt.NDArray[np.float64]

_TERMS = 8192  # of an exact tail that are added up one by one
_NOTHING = 1e-4  # of a tail: what is left of it weighs nothing
_NEARLY_NORMAL = 1e6  # failures and successes that are known: with fewer a tail is no normal's
_SMALLEST = -690.0  # the logarithm below which a probability has no ordinary float
_NORMAL = NormalDist()


def newcombe_interval(
    failures: npt.ArrayLike,
    connections: npt.ArrayLike,
    earlier_failures: npt.ArrayLike,
    earlier_connections: npt.ArrayLike,
) -> tuple[Values, Values]:
    """Return the 95 % interval of the difference of two rates, now minus earlier [1].

    NaN where either has no connections.

    References
    ----------
    R. G. Newcombe, "Interval estimation for the difference between independent proportions",
    Statistics in Medicine 17 (1998) 873-890, method 10 (square-and-add of Wilson intervals).

    Examples
    --------
    >>> low, high = newcombe_interval([56], [70], [48], [80])
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0524], [0.3339])
    """
    now, before = rate_of(failures, connections), rate_of(earlier_failures, earlier_connections)
    now_low, now_high = wilson_interval(failures, connections)
    before_low, before_high = wilson_interval(earlier_failures, earlier_connections)
    difference = now - before
    low = difference - np.hypot(now - now_low, before_high - before)
    high = difference + np.hypot(now_high - now, before - before_low)
    return low, high


def adjust(p_values: npt.ArrayLike, family: int) -> Values:
    """Return Benjamini-Hochberg q-values; ``family`` is how many values were looked at.

    The p-values given are some of the family, and all that could be small: the others are 1.

    References
    ----------
    Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995).

    Examples
    --------
    >>> adjust([0.04, 0.01, 0.5], family=3).round(3).tolist()
    [0.06, 0.03, 0.5]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p)
    stepped = p[order] * max(family, len(p)) / np.arange(1, len(p) + 1)
    q = np.empty_like(p)
    q[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    return q


def dispersion(failures: npt.ArrayLike, connections: npt.ArrayLike) -> float:
    """Return how much burstier than chance failures are, bin by bin: at least 1.

    Pearson's chi-square over its degrees of freedom. A client that retries fails several times
    in a row, so bins differ more than coins do; every test is made that much more careful.

    Examples
    --------
    >>> dispersion([5, 5, 5, 5], [100, 100, 100, 100])
    1.0
    >>> round(dispersion([0, 20, 0, 0], [100, 100, 100, 100]), 2)
    21.05
    """
    k = np.asarray(failures, dtype=np.float64)
    n = np.asarray(connections, dtype=np.float64)
    k, n = k[n > 0], n[n > 0]
    if len(n) < 2 or not 0 < k.sum() < n.sum():
        return 1.0
    rate = k.sum() / n.sum()
    pearson = ((k - n * rate) ** 2 / (n * rate * (1 - rate))).sum()
    return max(1.0, float(pearson) / (len(n) - 1))


def log_p_value(failures: int, connections: int, alpha: float, beta: float) -> float:
    """Return the logarithm of a two-sided p-value: so many failures, given an earlier rate.

    The earlier rate is known as ``alpha`` failures and ``beta`` successes are known: the count
    is beta-binomial, so that a rate known from few connections is not taken for certain.
    """
    mean = connections * alpha / (alpha + beta)
    if failures == round(mean):
        return 0.0
    upward = failures > mean
    tail = _log_tail(failures, connections, alpha, beta, upward=upward)
    return min(0.0, tail + log(2))


def soften(log_p: float, burstiness: float) -> float:
    """Return a p-value made careful: its normal quantile divided by the root of the dispersion."""
    if burstiness <= 1 or log_p == 0.0:
        return exp(log_p) if log_p > _SMALLEST else 0.0
    quantile = -_NORMAL.inv_cdf(exp(log_p) / 2) if log_p > _SMALLEST else sqrt(-2 * log_p)
    return erfc(quantile / sqrt(2 * burstiness))


def evidence(failures: npt.ArrayLike, connections: npt.ArrayLike, rate: npt.ArrayLike) -> Values:
    """Return the log-likelihood ratio [nat] of the observed rate against an earlier one.

    Zero where failures did not become more. Of two groups that hold the same failures the
    smaller one has more: it says more sharply where they are.

    Examples
    --------
    >>> evidence([40, 40, 0], [40, 1000, 10], [0.01, 0.01, 0.01]).round(1).tolist()
    [184.2, 25.9, 0.0]
    """
    k = np.asarray(failures, dtype=np.float64)
    n = np.asarray(connections, dtype=np.float64)
    expected = n * np.asarray(rate, dtype=np.float64)
    found = _k_log(k, expected) + _k_log(n - k, n - expected)
    return np.where(k > expected, np.maximum(found, 0.0), 0.0)


def _k_log(k: Values, expected: Values) -> Values:
    ratio = np.divide(k, expected, out=np.ones_like(k), where=(k > 0) & (expected > 0))
    return k * np.log(ratio)


def _log_tail(k: int, n: int, alpha: float, beta: float, *, upward: bool) -> float:
    """Return log P(K >= k), or log P(K <= k), of a beta-binomial count."""
    if not upward:
        return _log_tail(n - k, n, beta, alpha, upward=True)
    total = alpha + beta
    mean = n * alpha / total
    spread = sqrt(mean * (beta / total) * (total + n) / (total + 1))
    if spread > _TERMS / 8 and k - mean < 8 * spread and min(alpha, beta) > _NEARLY_NORMAL:
        return log(max(erfc((k - 0.5 - mean) / spread / sqrt(2)) / 2, 1e-300))
    first = (
        lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
        + lgamma(k + alpha) + lgamma(n - k + beta) - lgamma(n + total)
        + lgamma(total) - lgamma(alpha) - lgamma(beta)
    )  # fmt: skip
    steps = np.arange(k, min(n, k + _TERMS), dtype=np.float64)
    growth = np.log(n - steps) - np.log(steps + 1)
    growth += np.log(steps + alpha) - np.log(n - steps - 1 + beta)
    terms = np.exp(np.cumsum(growth))
    tail = 1 + float(terms.sum())
    left = n - k - len(terms)
    # What is left falls from term to term, but for a rate that was nearly 1.
    if left and (beta < 1 or terms[-1] * left > _NOTHING * tail):
        tail = _long_sum(k, n, alpha, beta)
    return first + log(tail)


def _long_sum(k: int, n: int, alpha: float, beta: float) -> float:
    """Return the sum of P(K = j) / P(K = k) for j from k to n, where those are many.

    One by one at both ends; between them each of some thousand lots counts as its middle.
    """
    ends = np.unique(np.geomspace(1, n - k + 1, _TERMS // 2).round()) - 1
    edges = np.unique(np.concatenate([k + ends, n + 1 - ends]))
    middle, width = (edges[1:] + edges[:-1] - 1) / 2, np.diff(edges)
    shape = (
        _log_gamma(middle + alpha) + _log_gamma(n - middle + beta)
        - _log_gamma(middle + 1) - _log_gamma(n - middle + 1)
    )  # fmt: skip
    return float((width * np.exp(shape - shape[0])).sum())


def _log_gamma(x: Values) -> Values:
    """Return the logarithm of the gamma function by Stirling's series, at x + 8."""
    z = x + 8
    series = (z - 0.5) * np.log(z) - z + 1 / (12 * z) - 1 / (360 * z**3) + 1 / (1260 * z**5)
    return series + log(2 * pi) / 2 - np.log(x + np.arange(8)[:, None]).sum(axis=0)
