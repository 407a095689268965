"""The stretch of time in which a rate is most unlike the rest: a scan over all windows.

For every window of consecutive bins the failures inside and outside are compared by their
log-likelihood ratio with one common rate for both. The window with the largest ratio is what
changed, if anything did. By Chernoff's bound chance alone reaches a ratio x with probability
``exp(-x)`` at most; there are about n²/2 windows, and failures come in bursts, so the claim is
made when ``windows * exp(-x / dispersion)`` is small.

References
----------
M. Kulldorff, "A spatial scan statistic", Communications in Statistics 26 (1997) 1481-1496.
A. Olshen et al., "Circular binary segmentation", Biostatistics 5 (2004) 557-572.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log
from typing import Literal

import numpy as np
import numpy.typing as npt

from albconn.analysis.stats.significance import dispersion

Direction = Literal["higher", "either"]
Counts = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

_EVERY_LENGTH = 48  # windows up to so many bins are all tried; longer ones in steps of 4 %
_STEP = 1.04
_FINE = 500  # bins around an end, up to which each is tried


@dataclass(frozen=True)
class Stretch:
    """Bins ``[first, last)`` against the other bins.

    Attributes
    ----------
    gain : float [nat]
        Log-likelihood ratio of two rates against one.
    burstiness : float [1]
        Dispersion of the bins around the two rates.
    log_p : float
        Logarithm of the bound on its probability in quiet traffic.
    """

    first: int
    last: int
    gain: float
    burstiness: float
    log_p: float


def find_window(failures: Counts, connections: Counts, direction: Direction) -> Stretch | None:
    """Return the window that differs most; None where no two parts can be compared."""
    bins = len(failures)
    if bins < 2:
        return None
    k = np.concatenate([[0.0], np.cumsum(failures)])
    n = np.concatenate([[0.0], np.cumsum(connections)])
    best = max((_best_start(k, n, length, direction) for length in lengths_of(bins)), default=None)
    if best is None or best[0] <= 0:
        return None
    gain, first, last = _refined(k, n, best, direction)
    burstiness = _burstiness(failures, connections, first, last)
    surprise = min(gain, 2 * _excess(k, n, first, last)) / burstiness
    log_p = min(0.0, log(bins * (bins + 1) / 2) - surprise)
    return Stretch(first, last, gain, burstiness, log_p)


def _excess(k: Counts, n: Counts, first: int, last: int) -> float:
    """Return how many failures more, or less, the window has than the rate outside gives.

    One client that retries for long is one event. Of bursts with a dispersion d, one of x
    failures has a probability of about exp(-2x / d), however quiet its bin usually is.
    """
    inside_k, inside_n = k[last] - k[first], n[last] - n[first]
    return float(abs(inside_k - inside_n * (k[-1] - inside_k) / max(n[-1] - inside_n, 1.0)))


def gain_of(k: Counts, n: Counts, rest_k: Counts, rest_n: Counts) -> Counts:
    """Return the log-likelihood ratio [nat] of two rates against one."""
    return _likelihood(k, n) + _likelihood(rest_k, rest_n) - _likelihood(k + rest_k, n + rest_n)


def _likelihood(k: Counts, n: Counts) -> Counts:
    return _x_log_x(k) + _x_log_x(n - k) - _x_log_x(n)


def _x_log_x(x: Counts) -> Counts:
    return x * np.log(np.maximum(x, 1.0))  # counts: 0 and 1 both give 0


def lengths_of(bins: int) -> list[int]:
    """Return the window lengths to try: few enough that a month of five minutes is quick."""
    lengths = []
    length = 1
    while length < bins:
        lengths.append(length)
        length = max(length + 1, int(length * _STEP) if length > _EVERY_LENGTH else 0)
    return lengths


def _best_start(k: Counts, n: Counts, length: int, direction: Direction) -> tuple[float, int, int]:
    inside_k, inside_n = k[length:] - k[:-length], n[length:] - n[:-length]
    gains = _gains(inside_k, inside_n, k[-1], n[-1], direction)
    first = int(np.argmax(gains))
    return float(gains[first]), first, first + length


def _gains(
    inside_k: Counts, inside_n: Counts, all_k: float, all_n: float, direction: Direction
) -> Counts:
    outside_k, outside_n = all_k - inside_k, all_n - inside_n
    gains = gain_of(inside_k, inside_n, outside_k, outside_n)
    if direction == "higher":
        gains = np.where(inside_k * outside_n > outside_k * inside_n, gains, 0.0)
    return gains


def _refined(
    k: Counts, n: Counts, best: tuple[float, int, int], direction: Direction
) -> tuple[float, int, int]:
    """Move both ends of a window found among the coarse lengths to their best places."""
    _, first, last = best
    bins, reach = len(k) - 1, 3 + int((last - first) * (_STEP - 1))

    def best_of(start: Places, end: Places) -> tuple[float, int, int]:
        keep = (start < end) & (end - start < bins)
        start, end = start[keep], end[keep]
        gains = _gains(k[end] - k[start], n[end] - n[start], k[-1], n[-1], direction)
        place = int(np.argmax(gains))
        return float(gains[place]), int(start[place]), int(end[place])

    return refine(first, last, reach, bins, best_of)


def refine(
    first: int,
    last: int,
    reach: int,
    bins: int,
    best_of: Callable[[Places, Places], tuple[float, int, int]],
) -> tuple[float, int, int]:
    """Move both ends of a window to their best places near by: of a wide reach coarsely first.

    All pairs within reach are tried, or, where these are more than a million, as many of them and
    then those around the best: a window of years has a reach of months.
    """
    step = 1 + reach // _FINE
    while True:
        starts = np.arange(max(0, first - reach), min(bins, first + reach + 1), step)
        ends = np.arange(max(1, last - reach), min(bins, last + reach) + 1, step)
        best = best_of(*(grid.ravel() for grid in np.meshgrid(starts, ends, indexing="ij")))
        if step == 1 or best[0] <= 0:
            return best
        (_, first, last), reach, step = best, step, 1


def _burstiness(failures: Counts, connections: Counts, first: int, last: int) -> float:
    """Return the dispersion around the two rates, so that the change itself is no burst."""
    outside = np.ones(len(failures), dtype=bool)
    outside[first:last] = False
    return max(
        dispersion(failures[outside], connections[outside]),
        # A few bins say too little of their own dispersion.
        dispersion(failures[~outside], connections[~outside]) if last - first >= 12 else 1.0,
    )
