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
import pyarrow as pa

from albconn.analysis.counting.counts import Counting
from albconn.analysis.counting.source import literal
from albconn.analysis.outages.events import count_networks
from albconn.analysis.stats.raised import Raised

Counts = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
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
LISTENER: Place = ("elb", "listener_port")
_EVENTS = (
    "SELECT bin, elb, listener_port, ip_address, failure_reason, network, count(*) AS n "
    "FROM events GROUP BY ALL ORDER BY ALL"
)
_TRAFFIC = (
    "SELECT bin, elb, listener_port, ip_address, sum(n)::BIGINT AS n FROM ("
    "SELECT bin, elb, listener_port, ip_address, successes AS n FROM successes UNION ALL "
    "SELECT bin, elb, listener_port, ip_address, 1 AS n FROM events) GROUP BY ALL ORDER BY ALL"
)


def largest(counts: npt.NDArray[Any], least: float, most: int) -> npt.NDArray[np.intp]:
    """Return the places of at most so many counts, the largest of those that are enough, in order.

    Examples
    --------
    >>> largest(np.array([5.0, 1.0, 9.0, 7.0]), least=2, most=2).tolist()
    [2, 3]
    """
    enough = np.flatnonzero(counts >= least)
    return np.sort(enough[np.argsort(-counts[enough], kind="stable")[:most]])


class Rows(NamedTuple):
    """Counted rows: the bin of each, the number of its value in each column, and its count."""

    bin: Codes
    codes: dict[str, Codes]
    n: Counts

    def where(self, kept: npt.NDArray[np.bool_]) -> Rows:
        """Return some of the rows."""
        codes = {name: column[kept] for name, column in self.codes.items()}
        return Rows(self.bin[kept], codes, self.n[kept])


def coded(*tables: pa.Table) -> tuple[dict[str, list[object]], list[Rows]]:
    """Return the values of columns in their order, a missing one last, and tables of their numbers.

    Examples
    --------
    >>> values, (rows,) = coded(pa.table({"bin": [7, 7], "elb": ["b", "a"], "n": [1, 2]}))
    >>> values, rows.codes["elb"].tolist()
    ({'elb': ['a', 'b', None]}, [1, 0])
    """
    names = dict.fromkeys(
        n for table in tables for n in table.column_names if n not in ("bin", "n")
    )
    values: dict[str, list[object]] = {}
    codes: list[dict[str, Codes]] = [{} for _ in tables]
    for name in names:
        holding = [place for place, table in enumerate(tables) if name in table.column_names]
        columns = [tables[place][name].combine_chunks() for place in holding]
        whole = pa.concat_arrays(columns).dictionary_encode()
        known = whole.dictionary.to_pylist()
        order = sorted(range(len(known)), key=known.__getitem__)
        values[name] = [*(known[place] for place in order), None]
        rank = np.append(np.argsort(np.array(order, dtype=np.intp)), len(order))
        numbers = rank[whole.indices.fill_null(len(order)).to_numpy()]
        ends = np.cumsum([len(column) for column in columns])[:-1]
        for place, part in zip(holding, np.split(numbers, ends), strict=True):
            codes[place][name] = part
    rows = zip(tables, codes, strict=True)
    return values, [
        Rows(table["bin"].to_numpy(), each, table["n"].to_numpy().astype(np.float64))
        for table, each in rows
    ]


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
        events, traffic = table(_EVENTS), table(_TRAFFIC)
        most = events.group_by("network").aggregate([("n", "sum")]).drop_null()
        places = largest(most["n_sum"].to_numpy(), LEAST_EVENTS, MOST_NETWORKS)
        listed = ", ".join(map(literal, most["network"].take(places).to_pylist())) or "NULL"
        networks = table(
            "SELECT network, bin, sum(successes)::DOUBLE AS n FROM network_successes "
            f"WHERE network IN ({listed}) GROUP BY ALL ORDER BY ALL"
        )
        self._values, rows = coded(events, traffic, networks)
        self._events, self._traffic, self._networks = rows
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
        traffic = self._networks if columns == NETWORK else self._exposed(columns)
        parts, in_events, in_traffic = self._groups(columns, self._events, traffic)
        counted = np.bincount(in_events, self._events.n, len(parts))
        has_traffic = np.bincount(in_traffic, minlength=len(parts)) > 0
        kept = largest(counted * has_traffic, LEAST_EVENTS, self._most)
        place = np.full(len(parts), -1)
        place[kept] = np.arange(len(kept))
        events = self._dense(place[in_events], self._events, len(kept))
        exposure = self._dense(place[in_traffic], traffic, len(kept))
        if columns == NETWORK:
            exposure = exposure + events
        for part, k, n in zip(parts[kept].tolist(), events, exposure, strict=True):
            values = tuple(
                self._values[name][code] for name, code in zip(columns, part, strict=True)
            )
            yield Stratum(columns, values, k, n * self._time_of_day(k, n))

    def _groups(self, columns: Place, *several: Rows) -> tuple[Codes, Codes, Codes]:
        """Return the parts that two tables fall into, in order, and which each row is of."""
        both = [np.stack([rows.codes[name] for name in columns], axis=1) for rows in several]
        sizes = [len(self._values[name]) for name in columns]
        keys = np.ravel_multi_index(tuple(np.concatenate(both).T), sizes)
        found, group = np.unique(keys, return_inverse=True)
        first, second = np.split(group, [len(both[0])])
        return np.stack(np.unravel_index(found, sizes), axis=1), first, second

    def _exposed(self, columns: Place) -> Rows:
        """Return the traffic of each bin and place, as often as its listener usually fails.

        So a load balancer whose listeners fail differently is not raised by their mix.
        """
        by_reason = "failure_reason" in columns
        events = self._of_largest(columns) if by_reason else self._events
        listeners, of_event, of_traffic = self._groups(LISTENER, events, self._traffic)
        connections = np.bincount(of_traffic, self._traffic.n, len(listeners)).astype(np.float64)
        if by_reason:
            return self._exposed_by_reason(events, of_event, listeners, of_traffic, connections)
        rate = np.bincount(of_event, events.n, len(listeners)) / np.maximum(connections, 1)
        exposure = self._traffic.n * rate[of_traffic]
        return self._traffic._replace(n=exposure).where(exposure > 0)

    def _exposed_by_reason(
        self, events: Rows, of_event: Codes, listeners: Codes, of_traffic: Codes,
        connections: Counts,
    ) -> Rows:  # fmt: skip
        """Return the traffic of each bin and listener, once for each reason that it fails with."""
        reasons = len(self._values["failure_reason"])
        pairs, of_pair = np.unique(
            of_event * reasons + events.codes["failure_reason"], return_inverse=True
        )
        listener, reason = np.divmod(pairs, reasons)
        rate = np.bincount(of_pair, events.n, len(pairs)) / connections[listener]
        # Each bin of each listener once, listener after listener.
        cells, of_cell = np.unique(
            of_traffic * self.bins + self._traffic.bin - self.first, return_inverse=True
        )
        n = np.bincount(of_cell, self._traffic.n, len(cells))
        ends = np.searchsorted(cells, np.arange(len(listeners) + 1) * self.bins)
        times = np.diff(ends)[listener]
        pair = np.repeat(np.arange(len(pairs)), times)
        there = np.arange(len(pair)) + np.repeat(ends[listener] - np.cumsum(times) + times, times)
        codes = {"elb": listeners[listener[pair], 0], "failure_reason": reason[pair]}
        return Rows(cells[there] % self.bins + self.first, codes, n[there] * rate[pair])

    def _of_largest(self, columns: Place) -> Rows:
        """Return the events of those parts that can be kept: each is met with all its traffic."""
        parts, group, _ = self._groups(columns, self._events, self._events)
        kept = np.zeros(len(parts), dtype=bool)
        counted = np.bincount(group, self._events.n, len(parts))
        kept[largest(counted, LEAST_EVENTS, self._most)] = True
        return self._events.where(kept[group])

    @property
    def _most(self) -> int:
        return min(MOST_STRATA, max(_MOST_CELLS // self.bins, 1))

    def _dense(self, place: Codes, rows: Rows, places: int) -> Counts:
        """Return counts as an array, shape (places, bins)."""
        there = place >= 0
        cell = place[there] * self.bins + rows.bin[there] - self.first
        dense = np.bincount(cell, rows.n[there], places * self.bins).astype(np.float64)
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
