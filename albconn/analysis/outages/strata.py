"""What is searched by itself: each load balancer, listener, node, reason, and network.

A rate of all load balancers together moves with their mix, and a small one cannot be seen in it.
So each has its own series of events and of what they are expected in proportion to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from albconn.analysis.counting.counts import Counting
from albconn.analysis.counting.source import literal
from albconn.analysis.outages.events import count_networks
from albconn.analysis.stats.raised import Raised

Counts = npt.NDArray[np.float64]
Place = tuple[str, ...]  # columns

WIDTH = 300_000_000  # of a bin [µs]: load balancers deliver every five minutes
A_BIN = timedelta(microseconds=WIDTH)
NETWORK = ("network",)
PLACES: tuple[Place, ...] = (
    ("elb",), ("elb", "listener_port"), ("elb", "ip_address"), ("elb", "failure_reason"), NETWORK,
)  # fmt: skip
LEAST_EVENTS = 5  # of a stratum, below which nothing can be claimed of it
MOST_NETWORKS = 300  # by events
# Of each kind of part, those with most events: whoever writes lines can name a new load balancer
# in each. Of a day's bins 1,000, of ten years' eight.
MOST_STRATA = 1000
_MOST_CELLS = 8_388_608  # parts × bins
DAY = 86_400_000_000  # [µs]
LEAST_DAYS = 3.0  # from which the time of day is allowed for
_HOURS = 24
_MOST_OF_HOUR = 2.0  # times the usual rate that an hour of the day is granted
_KNOWN = 10.0  # events of the usual kind that speak against an hour's few
_LISTENER = ["elb", "listener_port"]
_WHERE = ["bin", "elb", "listener_port", "ip_address"]


def largest(counts: npt.NDArray[Any], least: float, most: int) -> npt.NDArray[np.intp]:
    """Return the places of at most so many counts, the largest of those that are enough, in order.

    Examples
    --------
    >>> largest(np.array([5.0, 1.0, 9.0, 7.0]), least=2, most=2).tolist()
    [2, 3]
    """
    enough = np.flatnonzero(counts >= least)
    return np.sort(enough[np.argsort(-counts[enough], kind="stable")[:most]])


class Stratum(NamedTuple):
    """A part of the traffic, bin by bin.

    Attributes
    ----------
    columns, values : tuple
        What it is.
    events, exposure : ndarray of float, shape (bins,)
        Its events, and what they are expected in proportion to.
    """

    columns: Place
    values: tuple[object, ...]
    events: Counts
    exposure: Counts


class Series:
    """The events and successes of a source, to be split into strata.

    Parameters
    ----------
    first, last : int
        The first and the last bin, counted from 1970.
    width : int
        Of a bin [µs].
    """

    def __init__(self, counting: Counting, first: int, last: int, width: int) -> None:
        self.first, self.bins, self.width = first, last - first + 1, width
        self._counting = counting
        self._found: dict[tuple[Place, tuple[object, ...]], tuple[float, Raised | None]] = {}
        count_networks(counting)
        self.count()

    def count(self) -> None:
        """Count events and successes, again where something was taken out."""
        table = self._counting.table
        self._events = table(
            "SELECT bin, elb, listener_port, ip_address, failure_reason, network, "
            "count(*) AS events FROM events GROUP BY ALL ORDER BY ALL"
        ).to_pandas()
        succeeded = table(
            "SELECT bin, elb, listener_port, ip_address, sum(successes)::BIGINT AS connections "
            "FROM successes GROUP BY ALL ORDER BY ALL"
        ).to_pandas()
        failed = self._events.rename(columns={"events": "connections"})
        together = pd.concat([succeeded, failed[[*_WHERE, "connections"]]], ignore_index=True)
        self._traffic = together.groupby(_WHERE, dropna=False)["connections"].sum().reset_index()
        most = self._events.groupby("network")["events"].sum()
        most = most[most >= LEAST_EVENTS].nlargest(MOST_NETWORKS)
        listed = ", ".join(literal(str(name)) for name in most.index) or "NULL"
        self._networks = table(
            "SELECT network, bin, sum(successes)::DOUBLE AS exposure FROM network_successes "
            f"WHERE network IN ({listed}) GROUP BY ALL ORDER BY ALL"
        ).to_pandas()
        self.strata = [stratum for columns in PLACES for stratum in self._split(columns)]

    def between(self, raised: Raised) -> str:
        """Return SQL that says whether an event lies in a window."""
        return f"bin >= {self.first + raised.first} AND bin < {self.first + raised.last}"

    def remembered(
        self, stratum: Stratum, find: Callable[[Counts, Counts], Raised | None]
    ) -> Raised | None:
        """Return what is found of a stratum, from memory where it has not changed."""
        key = (stratum.columns, stratum.values)
        mark = float(stratum.events.sum()) + float(stratum.exposure.sum())
        before = self._found.get(key)
        if before is None or before[0] != mark:
            before = (mark, find(stratum.events, stratum.exposure))
            self._found[key] = before
        return before[1]

    def _split(self, columns: Place) -> Iterator[Stratum]:
        """Return every part of the traffic by some columns that has events enough."""
        names = list(columns)
        traffic = self._networks if columns == NETWORK else self._exposed(columns)
        both = pd.concat([self._events[names], traffic[names]], ignore_index=True)
        group = both.groupby(names, dropna=False, sort=True).ngroup().to_numpy()
        in_events, in_traffic = np.split(group, [len(self._events)])
        counted = np.bincount(in_events, self._events["events"], group.max(initial=-1) + 1)
        has_traffic = np.bincount(in_traffic, minlength=len(counted)) > 0
        kept = largest(counted * has_traffic, LEAST_EVENTS, self._most)
        place = np.full(len(counted), -1)
        place[kept] = np.arange(len(kept))
        events = self._dense(place[in_events], self._events, "events", len(kept))
        exposure = self._dense(place[in_traffic], traffic, "exposure", len(kept))
        if columns == NETWORK:
            exposure = exposure + events
        values = both.iloc[np.unique(group, return_index=True)[1][kept]]
        for value, k, n in zip(
            values.itertuples(index=False, name=None), events, exposure, strict=True
        ):
            yield Stratum(columns, value, k, n * self._time_of_day(k, n))

    def _exposed(self, columns: Place) -> pd.DataFrame:
        """Return the traffic of each bin and place, as often as its listener usually fails.

        So a load balancer whose listeners fail differently is not raised by their mix.
        """
        kinds = [*_LISTENER, *(name for name in columns if name == "failure_reason")]
        events = self._of_largest(columns) if len(kinds) > len(_LISTENER) else self._events
        failed = events.groupby(kinds, dropna=False)["events"].sum().reset_index()
        traffic = self._traffic.groupby(_LISTENER, dropna=False)["connections"].sum().reset_index()
        rates = failed.merge(traffic, on=_LISTENER)
        rates["rate"] = rates["events"] / rates["connections"]
        where = [name for name in _WHERE if name in ("bin", *_LISTENER, *columns)]
        here = self._traffic.groupby(where, dropna=False)["connections"].sum().reset_index()
        joined = here.merge(rates.drop(columns=["events", "connections"]), on=_LISTENER)
        return joined.assign(exposure=joined["connections"] * joined["rate"])

    def _of_largest(self, columns: Place) -> pd.DataFrame:
        """Return the events of those parts that can be kept: each is met with all its traffic."""
        group = self._events.groupby(list(columns), dropna=False).ngroup().to_numpy()
        counted = np.bincount(group, self._events["events"])
        kept = np.zeros(len(counted), dtype=bool)
        kept[largest(counted, LEAST_EVENTS, self._most)] = True
        return self._events[kept[group]]

    @property
    def _most(self) -> int:
        return min(MOST_STRATA, max(_MOST_CELLS // self.bins, 1))

    def _dense(
        self, place: npt.NDArray[np.int64], counted: pd.DataFrame, name: str, places: int
    ) -> Counts:
        """Return counts as an array, shape (places, bins)."""
        there = place >= 0
        cell = place[there] * self.bins + counted["bin"].to_numpy()[there] - self.first
        weights = counted[name].to_numpy(np.float64)[there]
        dense = np.bincount(cell, weights, places * self.bins).astype(np.float64)
        return dense.reshape(places, self.bins)

    def _time_of_day(self, events: Counts, exposure: Counts) -> Counts:
        """Return how an hour of the day compares with the day, by all days but its worst one."""
        if self.bins * self.width < LEAST_DAYS * DAY:
            return np.ones(self.bins)
        starts = (np.arange(self.bins) + self.first) * self.width
        hour = (starts % DAY * _HOURS // DAY).astype(int)
        day = (starts // DAY - starts[0] // DAY).astype(int)
        k, n = (
            np.bincount(
                day * _HOURS + hour, weights=counts, minlength=(day[-1] + 1) * _HOURS
            ).reshape(-1, _HOURS)
            for counts in (events, exposure)
        )
        kept = np.ones(k.shape, dtype=bool)
        kept[np.argmax(k / np.maximum(n, 1e-9), axis=0), np.arange(_HOURS)] = False
        k, n = (k * kept).sum(axis=0), (n * kept).sum(axis=0)
        if not k.sum():
            return np.ones(self.bins)
        factor = (k + _KNOWN) / (n * k.sum() / n.sum() + _KNOWN)
        granted = np.clip(factor, 1 / _MOST_OF_HOUR, _MOST_OF_HOUR)
        return granted[hour]
