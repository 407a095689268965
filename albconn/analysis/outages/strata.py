"""What is searched by itself: each load balancer, listener, node, reason, and network.

A rate of all load balancers together moves with their mix, and a small one cannot be seen in it.
So each has its own series of events and of what they are expected in proportion to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from albconn.analysis.counting.counts import Counting
from albconn.analysis.counting.source import literal

Counts = npt.NDArray[np.float64]
Place = tuple[str, ...]  # columns

PLACES: tuple[Place, ...] = (
    ("elb",), ("elb", "listener_port"), ("elb", "ip_address"), ("elb", "failure_reason"),
    ("network",),
)  # fmt: skip
LEAST_EVENTS = 5  # of a stratum, below which nothing can be claimed of it
MOST_NETWORKS = 300  # by events
DAY = 86_400_000_000  # [µs]
LEAST_DAYS = 3.0  # from which the time of day is allowed for
_HOURS = 24
_MOST_OF_HOUR = 2.0  # times the usual rate that an hour of the day is granted


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
    width : int
        Of a bin [µs].
    """

    def __init__(self, counting: Counting, first: int, last: int, width: int) -> None:
        self.first, self.bins, self.width = first, last - first + 1, width
        self.events = counting.table(
            "SELECT bin, elb, listener_port, ip_address, failure_reason, network, "
            "count(*) AS events FROM events GROUP BY ALL ORDER BY ALL"
        ).to_pandas()
        self.successes = counting.table(
            "SELECT bin, elb, listener_port, ip_address, sum(successes) AS successes "
            "FROM successes GROUP BY ALL ORDER BY ALL"
        ).to_pandas()
        self.gone = np.zeros(self.bins, dtype=bool)
        place = ["bin", "elb", "listener_port", "ip_address"]
        counted = [
            table.rename(columns={name: "connections"})[[*place, "connections"]]
            for table, name in ((self.successes, "successes"), (self.events, "events"))
        ]
        together = pd.concat(counted, ignore_index=True)
        self.traffic = together.groupby(place, dropna=False)["connections"].sum().reset_index()
        self._networks = self._of_networks(counting)

    def _of_networks(self, counting: Counting) -> pd.DataFrame:
        most = self.events.groupby("network")["events"].sum()
        most = most[most >= LEAST_EVENTS].nlargest(MOST_NETWORKS)
        listed = ", ".join(literal(str(name)) for name in most.index) or "NULL"
        return counting.table(
            "SELECT network, bin, sum(successes) AS successes FROM successes "
            f"WHERE network IN ({listed}) GROUP BY ALL ORDER BY ALL"
        ).to_pandas()

    def strata(self) -> Iterator[Stratum]:
        """Return every part of the traffic that has events enough to be searched."""
        for columns in PLACES:
            yield from self._split(columns)

    def _split(self, columns: Place) -> Iterator[Stratum]:
        names = list(columns)
        if columns == ("network",):
            traffic = self._networks.assign(exposure=self._networks["successes"])
        else:
            traffic = self._exposed(by_reason="failure_reason" in columns)
        by = [name for name in names if name in traffic]
        exposed = dict(iter(traffic.groupby(by, dropna=False)))
        for values, events in self.events.groupby(names, dropna=False):
            if events["events"].sum() < LEAST_EVENTS or values not in exposed:
                continue
            found = self._dense(events, "events")
            exposure = np.where(self.gone, 0.0, self._dense(exposed[values], "exposure"))
            yield Stratum(columns, values, found, exposure * self._time_of_day(found, exposure))

    def _exposed(self, *, by_reason: bool) -> pd.DataFrame:
        """Return the traffic of each bin and place, as often as its listener usually fails.

        So a load balancer whose listeners fail differently is not raised by their mix.
        """
        listener = ["elb", "listener_port"]
        traffic = self.traffic.groupby(listener, dropna=False)["connections"].sum()
        kinds = [*listener, "failure_reason"] if by_reason else listener
        failed = self.events.groupby(kinds, dropna=False)["events"].sum().reset_index()
        rates = failed.merge(traffic.reset_index(), on=listener)
        rates["rate"] = rates["events"] / rates["connections"]
        joined = self.traffic.merge(rates.drop(columns=["events", "connections"]), on=listener)
        return joined.assign(exposure=joined["connections"] * joined["rate"])

    def _dense(self, counted: pd.DataFrame, name: str) -> Counts:
        place = counted["bin"].to_numpy() - self.first
        return np.bincount(place, weights=counted[name].to_numpy(float), minlength=self.bins)

    def _time_of_day(self, events: Counts, exposure: Counts) -> Counts:
        """Return how an hour of the day compares with the day, by all days but its worst one."""
        starts = (np.arange(self.bins) + self.first) * self.width
        if self.bins * self.width < LEAST_DAYS * DAY:
            return np.ones(self.bins)
        hour = (starts % DAY * _HOURS // DAY).astype(int)
        day = (starts // DAY - starts[0] // DAY).astype(int)
        cell = day * _HOURS + hour
        k, n = (
            np.bincount(cell, weights=counts, minlength=(day[-1] + 1) * _HOURS).reshape(-1, _HOURS)
            for counts in (events, exposure)
        )
        worst = np.argmax(k / np.maximum(n, 1.0), axis=0)
        kept = np.ones(k.shape, dtype=bool)
        kept[worst, np.arange(_HOURS)] = False
        k, n = (k * kept).sum(axis=0), (n * kept).sum(axis=0)
        rate = k.sum() / max(n.sum(), 1.0)
        if rate == 0:
            return np.ones(self.bins)
        # An hour is known by its events; ten of the usual kind speak against each few.
        factor = (k + 10) / (n * rate + 10)
        return np.clip(factor, 1 / _MOST_OF_HOUR, _MOST_OF_HOUR)[hour]


def without(events: pd.DataFrame, gone: Sequence[npt.NDArray[np.bool_]]) -> pd.DataFrame:
    """Return events but for those that something else explains."""
    keep = np.ones(len(events), dtype=bool)
    for part in gone:
        keep &= ~part
    return events[keep]
