"""Which combinations of attributes hold an excess of failures: up to three values each.

Connections are given as *leaves*: one row for each combination of attribute values, with the
failures that it has and those that it was to be expected to have. Every combination of one, two
or three values that occurs is a candidate; its *gain* is the binomial log-likelihood ratio of its
failures against the expected ones (an expectation-based scan statistic), divided by how many
failures one event makes. Of two candidates that hold the same excess the smaller one has more.

The largest gain alone is wrong in two ways, both common in real incidents: a part of the cause in
which most of the excess happens to lie beats the cause, and what several causes share (a port)
beats each of them. So

* a finer candidate stands only if the rest of each coarser one is *back to usual*: its excess a
  connection is a small part of the finer one's, and clearly below it. A coarser one stands only if
  no finer one that holds most of its excess leaves such a rest;
* after a cause its connections are taken out and the search goes on; several causes are named
  where together they have clearly more than the best single one.

References
----------
D. Neill, "Expectation-based scan statistics for monitoring spatial time series", International
Journal of Forecasting 25 (2009) 498-517. Z. Li et al., "Generic and robust localization of
multi-dimensional root causes" (Squeeze), ISSRE 2019, for excess that spreads in proportion.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, reduce
from typing import NamedTuple

import numpy as np

from albconn.analysis.stats.candidates import (
    Alive,
    Candidates,
    Combination,
    Counts,
    Leaves,
    Sums,
)

MOST_CAUSES = 3
USUAL_AGAIN = 0.15  # of the excess a connection: below it a rest is back to usual
CLEARLY = 2.0  # standard deviations by which it has to be below the whole
MOST_OF_IT = 0.95  # of the excess that a finer candidate has to hold to stand for the coarser
PLAINER = 0.05  # of the gain, that one more attribute has to add
ONE_MORE = 0.15  # of the gain so far that one more cause has to add
LEAST_LIFT = 1.2  # share of the excess over share of the traffic
LEAST_PART = 0.03  # of the excess found so far that one more cause has to hold
MOST_OF_REST = 0.5  # of the excess that the causes so far leave
SURE = 5.0  # standard deviations by which one more cause has to exceed what is usual
_TRIED = 80  # candidates, by gain, among which the cause is looked for
_STARTS = 8  # first causes from which a second one is looked for


class Causes(NamedTuple):
    """What holds the excess, and what else could.

    Attributes
    ----------
    causes : list of Combination
        Each has an excess that the others leave; the one with the largest gain first.
    near : list of Combination
        What is one value coarser or finer than a cause, by gain.
    others : list of Combination
        Other candidates by their gain; not all of them.
    gain : dict of Combination to float [nat]
        The gain of each that is listed, of all connections.
    candidates : int
        How many were looked at.
    """

    causes: list[Combination]
    near: list[Combination]
    others: list[Combination]
    gain: dict[Combination, float]
    candidates: int


def find_causes(
    leaves: Leaves,
    nested: Sequence[frozenset[int]] = (),
    *,
    restless: float = 0.0,
    before: Counts | None = None,
) -> Causes:
    """Return the causes of an excess, and the other candidates by their gain.

    Parameters
    ----------
    leaves : Leaves
        The incident.
    nested : sequence of frozenset of int
        Attributes that are one thing at two scales: not combined with one another.
    restless : float [1]
        How much a rate moves by itself: the variance of a share of it.
    before : ndarray of float, shape (leaves,), optional
        Connections that the leaves had before; without it, as now.

    Returns
    -------
    Causes
        No causes where nothing failed more often than expected, or everything did.

    Examples
    --------
    >>> codes = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> many, few = np.full(4, 1000.0), np.full(4, 10.0)
    >>> failures = np.array([11.0, 12.0, 300.0, 9.0])
    >>> find_causes(Leaves(codes, many, failures, few, failures)).causes
    [((0, 1), (1, 0))]
    """
    candidates = Candidates(leaves.codes, nested)
    whole = _Search(candidates, leaves, np.ones(len(leaves.failures), dtype=bool), restless)
    causes = _several(whole) if whole.best else []
    if not _tells(whole, causes, leaves, leaves.connections if before is None else before):
        causes = []  # it is everywhere
    rest = [place for place in whole.best if place not in causes and whole.is_news(place)]
    around = {near for place in causes for near in candidates.around(place)}
    near = [place for place in rest if place in around]
    others = [place for place in rest if place not in around]
    named = candidates.names
    return Causes(
        [named[place] for place in causes],
        [named[place] for place in near],
        [named[place] for place in others],
        {named[place]: float(whole.gain[place]) for place in (*causes, *rest)},
        len(named),
    )


class _Counted(NamedTuple):
    """Counts of one part: as those of ``Sums``."""

    connections: float
    failures: float
    expected: float
    events: float


def _tells(whole: _Search, causes: list[int], leaves: Leaves, before: Counts) -> bool:
    """Say whether causes hold more of the excess than of the connections, and say it better.

    Who fails tries again, so that a cause may have most connections now: what it had before
    counts where that is less.
    """
    everything = Sums(*(np.array([counts.sum()]) for counts in leaves[1:]))
    if not causes or everything.excess[0] <= 0:
        return bool(causes)
    inside = np.any([whole.candidates.holds(place) for place in causes], axis=0)
    share = (leaves.failures - leaves.expected)[inside].sum() / everything.excess[0]
    traffic = min(
        counts[inside].sum() / max(counts.sum(), 1.0) for counts in (leaves.connections, before)
    )
    return share >= LEAST_LIFT * traffic and whole.gain[causes].sum() > everything.gain[0]


def _is_usual_again(whole: _Counted, part: _Counted) -> bool:
    """Say whether what is in the whole but not in a part of it fails as before."""
    n, k, expected, _ = (b - a for a, b in zip(part, whole, strict=True))
    more = n * max(part.failures - part.expected, 0.0) / max(part.connections, 1.0)
    cluster = max(whole.failures / max(whole.events, 1.0), 1.0)
    below = expected + more - k
    return k - expected <= USUAL_AGAIN * more and below > CLEARLY * np.sqrt(
        (expected + more) * cluster
    )


class _Search:
    """The candidates over those leaves that no cause has taken yet."""

    def __init__(
        self,
        candidates: Candidates,
        leaves: Leaves,
        alive: Alive,
        restless: float,
    ) -> None:
        self.candidates, self.leaves, self.alive = candidates, leaves, alive
        self.restless = restless
        self.net = float((leaves.failures - leaves.expected)[alive].sum())
        self.sums = candidates.sums(leaves, alive)
        self.gain, self.excess = self.sums.gain, self.sums.excess
        order = np.argsort(-self.gain.round(6), kind="stable")[:_TRIED]
        self.best = [int(place) for place in order if self.gain[place] > 0]

    @cached_property
    def standing(self) -> list[int]:
        """Return the candidates that are neither too fine nor too coarse, the best first."""
        standing = [place for place in self.best if self._stands(place)]
        standing.sort(key=lambda place: -self.gain[place] * self._plainness(place))
        return standing or self.best[:1]

    def _plainness(self, place: int) -> float:
        """Return what a candidate's gain is worth: of two as good the plainer one is meant."""
        return (1 - PLAINER) ** (len(self.candidates.names[place]) - 1)

    def is_news(self, place: int) -> bool:
        """Say whether a candidate is less than each coarser one."""
        held = self.sums.connections
        return all(held[place] < held[coarser] for coarser in self.candidates.coarser(place))

    def without(self, place: int) -> _Search:
        alive = self.alive & ~self.candidates.holds(place)
        return _Search(self.candidates, self.leaves, alive, self.restless)

    def _stands(self, place: int) -> bool:
        if not all(self._usual_without(c, place) for c in self.candidates.coarser(place)):
            return False
        return not any(
            self.excess[finer] >= MOST_OF_IT * self.excess[place]
            and self._usual_without(place, finer)
            for finer in self.candidates.finer.get(place, ())
        )

    def _usual_without(self, coarser: int, finer: int) -> bool:
        whole, part = (
            _Counted(*(float(counts[place]) for counts in self.sums)) for place in (coarser, finer)
        )
        return _is_usual_again(whole, part)


def _several(whole: _Search) -> list[int]:
    """Return one cause, or several: one that holds what another leaves, or has more with it."""
    first, second = _best_two(whole)
    chosen, rest = [first], whole.without(first)
    while len(chosen) < MOST_CAUSES and rest.best:
        place = second if second is not None else rest.standing[0]
        if second is None and not _is_one_more(whole, chosen, rest, place):
            break
        chosen.append(place)
        rest, second = rest.without(place), None
    return sorted(_anew(whole, chosen), key=lambda place: -whole.gain[place])


def _anew(whole: _Search, chosen: list[int]) -> list[int]:
    """Return causes each of which is looked for again, where the others are taken out.

    Among all connections a cause may seem too fine: another one reaches into what is around it.
    """
    found = list(chosen)
    for n in range(len(found) if len(found) > 1 else 0):
        others = [*found[:n], *found[n + 1 :]]
        left = reduce(_Search.without, others, whole)
        if left.best and left.standing[0] not in others:
            found[n] = left.standing[0]
    return found


def _best_two(whole: _Search) -> tuple[int, int | None]:
    """Return the best cause; or two that have clearly more together than the best one alone."""
    first = whole.standing[0]
    best, most = (first, None), (1 + ONE_MORE) * float(whole.gain[first])
    for start in whole.standing[:_STARTS]:
        left = whole.without(start)
        if not left.best:
            continue
        second = left.standing[0]
        together = float(whole.gain[start] + left.gain[second])
        least = LEAST_PART * (whole.excess[start] + left.excess[second])
        if together > most and left.excess[second] >= least:
            best, most = (start, second), together
    return best


def _is_one_more(whole: _Search, chosen: list[int], rest: _Search, place: int) -> bool:
    """Say whether a candidate is a cause of its own: sure, no trifle, most of what is left."""
    excess = float(rest.excess[place])
    expected = float(rest.sums.expected[place])
    spread = np.sqrt(expected * rest.sums.cluster[place] + whole.restless * expected**2)
    held = sum(float(whole.excess[found]) for found in chosen)
    return (
        excess >= SURE * max(spread, 1.0)
        and excess >= LEAST_PART * held
        and excess >= MOST_OF_REST * rest.net
    )
