"""Combinations of up to three attribute values that occur, and their sums over leaves.

A *leaf* is a combination of values of all attributes, with the failures that it has and those that
it was to be expected to have. Whatever is asked of a candidate is a sum over the leaves it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Alive = npt.NDArray[np.bool_]
Combination = tuple[tuple[int, int], ...]  # (attribute, code), by attribute

MOST_ATTRIBUTES = 3


class Leaves(NamedTuple):
    """Combinations of attribute values in the incident.

    Attributes
    ----------
    codes : ndarray of int64, shape (leaves, attributes)
        Which value; -1 where it is none that may be blamed.
    connections, failures : ndarray of float, shape (leaves,)
        Counts in the incident.
    expected : ndarray of float, shape (leaves,)
        Failures that the leaf would have had as before.
    events : ndarray of float, shape (leaves,)
        How many events the failures are: as many, where each stands alone.
    """

    codes: Codes
    connections: Counts
    failures: Counts
    expected: Counts
    events: Counts


class Sums(NamedTuple):
    """Counts of candidates, one place each."""

    connections: Counts
    failures: Counts
    expected: Counts
    events: Counts

    @property
    def excess(self) -> Counts:
        """Return the failures beyond the expected."""
        return self.failures - self.expected

    @property
    def cluster(self) -> Counts:
        """Return how many failures one event makes, at least 1."""
        return np.maximum(self.failures / np.maximum(self.events, 1.0), 1.0)

    @property
    def gain(self) -> Counts:
        """Return the binomial log-likelihood ratio [nat], by events; 0 without an excess."""
        n, k = self.connections, self.failures
        expected = np.clip(self.expected, 1e-9, np.maximum(n - 1e-9, 1e-9))
        gain = _times_log(k, expected) + _times_log(n - k, n - expected)
        return np.where(self.excess > 0, np.maximum(gain, 0.0), 0.0) / self.cluster


def _times_log(found: Counts, expected: Counts) -> Counts:
    return found * np.log(np.maximum(found, 1e-300) / np.maximum(expected, 1e-300))


class Candidates:
    """All combinations that occur, and which leaves each holds.

    Attributes
    ----------
    codes : ndarray of int64, shape (leaves, attributes)
        Which value each leaf has: few of each attribute; -1 is none.
    names : list of Combination
        The candidates; wherever there is a number of one, it is its place here.
    """

    def __init__(self, codes: Codes, nested: Sequence[frozenset[int]]) -> None:
        self.codes = codes
        self.names: list[Combination] = []
        # Of each choice of attributes the leaves that it can name, and which candidate holds each.
        self._choices: list[tuple[Codes, Codes, slice]] = []
        attributes = range(codes.shape[1])
        for size in range(1, MOST_ATTRIBUTES + 1):
            for chosen in combinations(attributes, size):
                if not any(len(group.intersection(chosen)) > 1 for group in nested):
                    self._add(chosen)

    def _add(self, chosen: tuple[int, ...]) -> None:
        part = self.codes[:, chosen]
        leaves = np.flatnonzero((part >= 0).all(axis=1))
        if not len(leaves):
            return
        part = part[leaves]
        shape = tuple(part.max(axis=0) + 1)
        packed = np.ravel_multi_index(tuple(part.T), shape)
        occurs = np.bincount(packed, minlength=int(np.prod(shape))) > 0
        values = np.stack(np.unravel_index(np.flatnonzero(occurs), shape), axis=1).tolist()
        first, place = len(self.names), (np.cumsum(occurs) - 1)[packed]
        self.names += [tuple(zip(chosen, row, strict=True)) for row in values]
        self._choices.append((leaves, place, slice(first, len(self.names))))

    def sums(self, leaves: Leaves, alive: Alive) -> Sums:
        """Return what each candidate has of those leaves that are alive."""
        return Sums(*(self._sum(np.where(alive, counts, 0.0)) for counts in leaves[1:]))

    def _sum(self, counts: Counts) -> Counts:
        total = np.zeros(len(self.names))
        for leaves, place, there in self._choices:
            weights = counts if len(leaves) == len(counts) else counts[leaves]
            total[there] = np.bincount(place, weights=weights)
        return total

    def holds(self, place: int) -> Alive:
        """Return which leaves a candidate holds."""
        inside = np.ones(len(self.codes), dtype=bool)
        for attribute, code in self.names[place]:
            inside &= self.codes[:, attribute] == code
        return inside

    @cached_property
    def place_of(self) -> dict[Combination, int]:
        """Return the place of each candidate."""
        return {name: place for place, name in enumerate(self.names)}

    def coarser(self, place: int) -> list[int]:
        """Return the candidates of one value less."""
        name = self.names[place]
        if len(name) == 1:
            return []
        return [self.place_of[(*name[:n], *name[n + 1 :])] for n in range(len(name))]

    def around(self, place: int) -> list[int]:
        """Return the candidates of one value less or more."""
        return [*self.coarser(place), *self.finer.get(place, ())]

    @cached_property
    def finer(self) -> dict[int, list[int]]:
        """Return of each candidate those of one value more."""
        finer: dict[int, list[int]] = {}
        for place in range(len(self.names)):
            for coarser in self.coarser(place):
                finer.setdefault(coarser, []).append(place)
        return finer
