"""The stretch of time in which events come more often than in the rest: a scan over all windows.

For every window of consecutive bins the events inside are compared with those outside by their
Poisson log-likelihood ratio, given the exposure of each bin. By Chernoff's bound chance alone
reaches a ratio x with probability ``exp(-x)`` at most. But events come in bursts, of a size that
is only known from the bins outside; few of them tell little of it. What is left of the ratio is
the larger of two:

* of all events: the ratio divided by the dispersion of the bins outside. Before anything is seen
  bursts are thought to be large, and of a size known from m bursts ``m log(1 + x / m)`` is left,
  as of a t-value with few degrees of freedom. Bins most unlike the others that lie side by side
  do not count: they are another incident, where those that lie alone are bursts;
* of bins with events, each counted once: where these crowd it is no burst, however large.

So the bound is no proof. In simulated quiet times of 50 to 600 bins, with bursts of up to twenty
events, it is below 1 % in two or three of a hundred; where there are but a few large bursts in
all, in up to a quarter: each is a stretch like no other. A bound that held there, too, would not
see the small incidents of a few hours. Claims ask for more (see ``outages.search``).

References
----------
M. Kulldorff, "A spatial scan statistic", Communications in Statistics 26 (1997) 1481-1496.
A. Noufaily et al., "An improved algorithm for outbreak detection in multiple surveillance
systems", Statistics in Medicine 32 (2013) 1206-1222, for the dispersion without past outbreaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import log, log1p

import numpy as np
import numpy.typing as npt

from albconn.analysis.stats.scans import Counts, Places, lengths_of, refine

Mask = npt.NDArray[np.bool_]

_TRIMMED = 0.05  # of the bins, that are most unlike the rest
_STILL = 1.3  # times the usual
_CLEARLY = 4.0  # standard deviations
_NORMAL_LEFT = 0.76  # of the variance of normal residuals without their outer 5 %
_UNSEEN = 2.0  # dispersion that a single event is thought to have shown before
_BURSTS = 8.0  # that are thought to have been seen before
_STEPS = 8
_PAIRS = 2_000_000  # windows looked at together; years have hundreds of millions


@dataclass(frozen=True)
class Raised:
    """Bins ``[first, last)`` with more events than the others.

    Attributes
    ----------
    events, expected : float
        Events inside, and how many there would be at the rate outside.
    gain : float [nat]
        Log-likelihood ratio of two rates against one.
    dispersion : float [1]
        Variance over mean of the bins outside but for the most unlike, at least 1.
    surprise : float [nat]
        What is left of the gain, as events come in bursts.
    log_p : float
        Logarithm of the bound on its probability in quiet traffic.
    """

    first: int
    last: int
    events: float
    expected: float
    gain: float
    dispersion: float
    surprise: float
    log_p: float

    @property
    def ratio(self) -> float:
        """Return how many times the usual rate it is; a rate of nothing is half an event's."""
        return self.events / max(self.expected, 0.5)


def find_raised(events: Counts, exposure: Counts) -> Raised | None:
    """Return the window with the largest gain; None where no rate inside exceeds one outside.

    Parameters
    ----------
    events, exposure : ndarray of float, shape (bins,)
        Events of each bin, and what they are expected in proportion to.

    Examples
    --------
    >>> found = find_raised(np.array([1.0, 0, 2, 20, 30, 1, 1, 0]), np.full(8, 100.0))
    >>> (found.first, found.last), round(found.expected, 2)
    ((3, 5), 1.67)
    """
    bins = len(events)
    if bins < 2 or not events.sum():
        return None
    k, n = (np.concatenate([[0.0], np.cumsum(counts)]) for counts in (events, exposure))
    there = np.flatnonzero(events)
    lengths = lengths_of(bins)
    if len(there) ** 2 <= bins * len(lengths):  # a window begins and ends with an event
        best = _best_of_pairs(k, n, there)
    else:
        longest = (_best_of_length(k, n, length) for length in lengths)
        best = max(longest, default=(0.0, 0, 0))
        best = _refined(k, n, *best[1:]) if best[0] > 0 else best
    gain, first, last = best
    if gain <= 0:
        return None
    return judged(events, exposure, first, last)


def stretched(events: Counts, exposure: Counts, raised: Raised) -> tuple[int, int]:
    """Return a window's bins, drawn out over what is raised less beside it: a ramp.

    Each end moves to where the events beyond ``_STILL`` times the usual add up to most, if these
    are more than chance makes.
    """
    rate = raised.expected / max(exposure[raised.first : raised.last].sum(), 1e-9)
    usual = rate * exposure
    before = _reach(events[: raised.first][::-1], usual[: raised.first][::-1], raised)
    after = _reach(events[raised.last :], usual[raised.last :], raised)
    return raised.first - before, raised.last + after


def _reach(events: Counts, usual: Counts, raised: Raised) -> int:
    """Return how many bins from an end outwards still are raised."""
    most = 2 * (raised.last - raised.first)
    beyond = np.cumsum(events[:most] - _STILL * usual[:most])
    if not len(beyond) or beyond.max() <= 0:
        return 0
    place = int(np.argmax(beyond)) + 1
    expected = float(usual[:place].sum())
    spread = np.sqrt(max(expected, 1.0) * raised.dispersion)
    return place if events[:place].sum() - expected >= _CLEARLY * spread else 0


def judged(events: Counts, exposure: Counts, first: int, last: int) -> Raised:
    """Return how the bins ``[first, last)`` compare with the others; the arrays as above."""
    inside = np.zeros(len(events), dtype=bool)
    inside[first:last] = True
    gain = float(_gain(events[inside].sum(), exposure[inside].sum(), events.sum(), exposure.sum()))
    rate = events[~inside].sum() / max(exposure[~inside].sum(), 1e-9)
    expected = float(rate * exposure[inside].sum())
    found = float(events[inside].sum())
    spread = trimmed_dispersion(events[~inside], rate * exposure[~inside])
    # Of bursts with a dispersion d, one of x events has a probability of about exp(-2x / d).
    most = max(min(gain, 2 * (found - expected)), 0.0)
    surprise = max(
        _left_of_bursts(most, events, exposure, inside, least=spread),
        _crowding(events > 0, exposure, inside),
    )
    windows = len(events) * (len(events) + 1) / 2
    log_p = min(0.0, log(windows) - surprise)
    return Raised(first, last, found, expected, gain, spread, surprise, log_p)


def _left_of_bursts(
    gain: float, events: Counts, exposure: Counts, inside: Mask, *, least: float
) -> float:
    """Return what is left of a gain where events come in such bursts as outside of a window."""
    usual = _in_proportion(events, exposure, ~inside)
    alone = ~inside & ~_side_by_side(np.maximum(events - usual, 0.0), usual, inside)
    usual = _in_proportion(events, exposure, alone)[alone]
    seen = float(usual.sum())
    squares = float(((events[alone] - usual) ** 2).sum())
    spread = max((squares + _UNSEEN) / (seen + 1), least)
    # So many bursts in so many bins: both limit how well the dispersion is known.
    bursts = _BURSTS + seen / (spread + 2 * seen / max(int(alone.sum()), 1))
    return bursts * log1p(gain / spread / bursts)


def _in_proportion(events: Counts, exposure: Counts, kept: Mask) -> Counts:
    """Return what every bin has at the rate of those that are kept."""
    return exposure * (events[kept].sum() / max(exposure[kept].sum(), 1e-9))


def _side_by_side(beyond: Counts, usual: Counts, inside: Mask) -> Mask:
    """Return the bins that are most unlike the rest and beside another one, or beside a window."""
    unlikeness = np.where(inside, 0.0, beyond**2 / np.maximum(usual, 1e-9))
    most = np.argsort(unlikeness, kind="stable")[len(usual) - _trimmed(int((~inside).sum())) :]
    unlike = inside.copy()
    unlike[most] |= unlikeness[most] > 0
    beside = np.concatenate([[False], unlike, [False]])
    return unlike & (beside[:-2] | beside[2:])


def _crowding(struck: Mask, exposure: Counts, inside: Mask) -> float:
    """Return the binomial log-likelihood ratio of bins that have events, however many each has."""
    chance = _chance_of_any(int(struck.sum()), exposure)
    k, n = np.array([[struck[part].sum(), part.sum()] for part in (inside, ~inside)], float).T
    expected = np.array([chance[part].sum() for part in (inside, ~inside)])
    expected = np.minimum(expected * k.sum() / max(expected.sum(), 1e-9), n)
    if k[0] <= expected[0]:
        return 0.0
    return float((_part(k, expected) + _part(n - k, n - expected)).sum())


def _chance_of_any(struck: int, exposure: Counts) -> Counts:
    """Return what the chance of a bin to have an event is in proportion to.

    It is ``1 - exp(-λ exposure)``, by Newton's steps to the λ of which so many bins are struck:
    where nearly all are, an exposure twice as large has not twice the chance.
    """
    if not struck:
        return exposure
    rate = struck / max(exposure.sum(), 1e-9)
    for _ in range(_STEPS):
        none = np.exp(-rate * exposure)
        rate += (struck - (1 - none).sum()) / max((exposure * none).sum(), 1e-9)
    return -np.expm1(-rate * exposure)


def _trimmed(bins: int) -> int:
    return int(np.ceil(_TRIMMED * bins))


def trimmed_dispersion(events: Counts, expected: Counts) -> float:
    """Return Pearson's variance over mean [1], without the bins that are most unlike the rest.

    Examples
    --------
    >>> expected = np.full(100, 4.0)
    >>> trimmed_dispersion(np.where(np.arange(100) < 4, 90.0, 4.0), expected)
    1.0
    """
    there = expected > 0
    squares = np.sort((events[there] - expected[there]) ** 2 / expected[there])
    kept = squares[: len(squares) - _trimmed(len(squares))]
    return max(1.0, float(kept.mean()) / _NORMAL_LEFT) if len(kept) else 1.0


def _gain(inside_k: Counts, inside_n: Counts, k: float, n: float) -> Counts:
    """Return the log-likelihood ratio where the rate inside is higher, 0 elsewhere."""
    outside_k, outside_n = k - inside_k, n - inside_n
    gain = _part(inside_k, inside_n) + _part(outside_k, outside_n) - _part(k, n)
    return np.where(inside_k * outside_n > outside_k * inside_n, gain, 0.0)


def _part(k: npt.ArrayLike, n: npt.ArrayLike) -> Counts:
    k, n = np.asarray(k, dtype=np.float64), np.asarray(n, dtype=np.float64)
    return k * np.log(np.maximum(k, 1e-300) / np.maximum(n, 1e-300))


def _best_of_length(k: Counts, n: Counts, length: int) -> tuple[float, int, int]:
    gains = _gain(k[length:] - k[:-length], n[length:] - n[:-length], k[-1], n[-1])
    first = int(np.argmax(gains))
    return float(gains[first]), first, first + length


def _refined(k: Counts, n: Counts, first: int, last: int) -> tuple[float, int, int]:
    """Move both ends of a window to their best places near by."""
    bins, reach = len(k) - 1, 3 + (last - first) // 20
    return refine(first, last, reach, bins, partial(_best_of, k, n))


def _best_of_pairs(k: Counts, n: Counts, there: Places) -> tuple[float, int, int]:
    """Return the best of the windows from one bin to another, some million at a time."""
    best = (0.0, 0, 0)
    for starts in np.array_split(there, 1 + len(there) ** 2 // _PAIRS):
        found = _best_of(k, n, np.repeat(starts, len(there)), np.tile(there + 1, len(starts)))
        best = found if found[0] > best[0] else best
    return best


def _best_of(k: Counts, n: Counts, start: Places, end: Places) -> tuple[float, int, int]:
    """Return the largest gain of some windows, and where."""
    keep = (start < end) & (end - start < len(k) - 1)
    start, end = start[keep], end[keep]
    if not len(start):
        return 0.0, 0, 0
    gains = _gain(k[end] - k[start], n[end] - n[start], k[-1], n[-1])
    place = int(np.argmax(gains))
    return float(gains[place]), int(start[place]), int(end[place])
