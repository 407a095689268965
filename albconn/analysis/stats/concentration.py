"""How unevenly a sum is spread over those that it is of.

References
----------
C. Gini, "Variabilità e mutabilità" (1912).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Concentration(NamedTuple):
    """How many there are, how many have any, and what the first of these have of all [1]."""

    clients: int
    failing_clients: int
    failures: int
    top_1_share: float
    top_10_share: float
    gini: float


def concentration_of(failures: NDArray[Any]) -> Concentration:
    """Return how unevenly failures are spread over clients, given those of each.

    Examples
    --------
    >>> concentration_of(np.array([9, 0, 1]))[:5]
    (3, 2, 10, 0.9, 1.0)
    """
    failing = np.sort(failures[failures > 0])[::-1]
    total = int(failing.sum())
    one, ten = (float(failing[:n].sum() / total) if total else np.nan for n in (1, 10))
    return Concentration(len(failures), len(failing), total, one, ten, gini(failing))


def gini(largest_first: NDArray[Any]) -> float:
    """Return the mean difference of all pairs over twice the mean.

    Examples
    --------
    >>> gini(np.array([10, 10])), gini(np.array([9, 1]))
    (0.0, 0.4)
    """
    n, total = len(largest_first), largest_first.sum()
    if not total:
        return float("nan")
    ranks = np.arange(n, 0, -1)
    return float((2 * (ranks * largest_first).sum() - (n + 1) * total) / (n * total))
