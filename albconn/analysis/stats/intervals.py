"""How far a rate can be trusted: the Wilson 95 % interval.

One failure of one connection is a rate of 100 %, and says next to nothing. The interval says
so: it holds the rates that the counts agree with. Wilson's form stays between 0 and 1, is never
of zero width, and is sound for small counts and for rates near 0 and 1, where log files live.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

_PIECE = 1 << 13  # counts whose intermediate results stay in the cache: a third of the time
Z_95 = 1.959963984540054  # the standard normal quantile at 0.975

Counts = npt.ArrayLike
Rates = npt.NDArray[np.float64]


def wilson_interval(failures: Counts, connections: Counts) -> tuple[Rates, Rates]:
    """Return the Wilson 95 % interval of rates.

    Parameters
    ----------
    failures, connections : array_like of int
        Counts, element by element; ``0 <= failures <= connections``.

    Returns
    -------
    low, high : ndarray of float [1]
        ``low <= failures / connections <= high``. Both NaN where there are no connections; low
        is exactly 0 without failures, high is exactly 1 where all failed.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927) 209-212. R. G. Newcombe, "Two-sided confidence intervals for the single
    proportion", Statistics in Medicine 17 (1998) 857-872, method 3.

    Examples
    --------
    >>> low, high = wilson_interval([0, 1, 81], [20, 1, 263])
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0, 0.2065, 0.2553], [0.1611, 1.0, 0.3662])
    """
    k = np.asarray(failures, dtype=np.float64)
    n = np.asarray(connections, dtype=np.float64)
    shape = np.broadcast_shapes(k.shape, n.shape)
    k, n = np.broadcast_to(k, shape).ravel(), np.broadcast_to(n, shape).ravel()
    low, high = np.empty((2, k.size))
    for first in range(0, k.size, _PIECE):
        at = slice(first, first + _PIECE)
        low[at] = _lower(k[at], n[at])
        high[at] = 1.0 - _lower(n[at] - k[at], n[at])
    return low.reshape(shape), high.reshape(shape)


def rate_of(failures: Counts, connections: Counts) -> Rates:
    """Return ``failures / connections`` [1], NaN where there are no connections."""
    k = np.asarray(failures, dtype=np.float64)
    n = np.asarray(connections, dtype=np.float64)
    return np.divide(k, n, out=np.full(np.shape(n), np.nan), where=n > 0)


def add_rates(counted: pd.DataFrame) -> None:
    """Append ``failure_rate``, ``rate_low`` and ``rate_high`` to counts of our own making."""
    failures, connections = counted["failures"], counted["connections"]
    counted["failure_rate"] = rate_of(failures, connections)
    counted["rate_low"], counted["rate_high"] = wilson_interval(failures, connections)


def _lower(k: Rates, n: Rates) -> Rates:
    # The bounds are the roots of (n + z²) p² - (2k + z²) p + k²/n. The usual difference of two
    # near-equal terms would leave 1e-17 instead of 0 at k = 0; the product of the roots is exact
    # there, and exact for the upper bound by symmetry.
    product = np.divide(k * k, n, out=np.full(np.shape(n), np.nan), where=n > 0)
    spread = np.divide(k * (n - k), n, out=np.zeros(np.shape(n)), where=n > 0)
    return product / (k + Z_95**2 / 2 + Z_95 * np.sqrt(spread + Z_95**2 / 4))
