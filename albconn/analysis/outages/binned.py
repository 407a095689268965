"""All traffic as one series of bins, counted so that a rise means something.

Every client is its own control: each counts once in its bin for a run of failures, and one that
never gets through not at all (see ``events``). What is expected of a bin is its traffic, listener
by listener, as often as each listener usually fails: so their mix does not look like a rise.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from albconn.analysis.counting.counts import Counting, open_counting
from albconn.analysis.counting.splits import Bins, parse_width
from albconn.analysis.outages.events import NEEDED, OPTIONAL, background, make_sources
from albconn.analysis.stats.intervals import rate_of
from albconn.analysis.stats.scans import Counts
from albconn.errors import TableError
from albconn.opened import Connections
from albconn.storage.places import StorageOptions
from albconn.times import FIRST, Window, microseconds, moved

_LISTENER = ["elb", "listener_port"]
_DAY, _WEEK = 86_400, 7 * 86_400  # [s]
_FIRST_MONDAY = 4 * _DAY  # [s since 1970]
_LOWEST = microseconds(FIRST) // 1_000_000  # likewise; no bin begins before the calendar


class Binned(NamedTuple):
    """Counts of each bin, by time; a bin without connections is absent.

    Attributes
    ----------
    starts : list of Timestamp
    width : timedelta
    events, exposure : ndarray of float, shape (bins,)
        What a claim is made of: events, and connections as they are expected to make them.
    failures, connections : ndarray of float, shape (bins,)
        What is told: plain counts of the same sources.
    failing : DataFrame or None
        A row for each ``place`` (of a bin) and ``client`` (a number) that failed there, with its
        ``events``; None where no client is known.
    background : dict or None
        Of the sources that do not count (``events.background``); None where none is known.
    """

    starts: list[pd.Timestamp]
    width: timedelta
    events: Counts
    exposure: Counts
    failures: Counts
    connections: Counts
    failing: pd.DataFrame | None
    background: dict[str, Any] | None

    def clients(self, first: int, last: int) -> int | None:
        """Return how many different clients failed in bins ``[first, last)``."""
        if self.failing is None:
            return None
        inside = self.failing["place"].between(first, last, inclusive="left")
        return int(self.failing.loc[inside, "client"].nunique())

    def most(self, first: int, last: int) -> tuple[int, float] | None:
        """Return the client with most events in bins ``[first, last)``, and how many."""
        if self.failing is None:
            return None
        inside = self.failing["place"].between(first, last, inclusive="left")
        events = self.failing[inside].groupby("client")["events"].sum()
        if events.empty:
            return None
        place = int(np.argmax(events.to_numpy()))
        return int(events.index[place]), float(events.iloc[place])

    def without(self, client: int) -> Binned:
        """Return the bins without a client's events."""
        assert self.failing is not None
        its = self.failing[self.failing["client"] == client]
        gone = np.bincount(its["place"], its["events"], len(self.events))
        return self._replace(
            events=self.events - gone, failing=self.failing[self.failing["client"] != client]
        )


class WorstWindow(tuple[datetime, datetime]):
    """A window, ``(start, end)``, UTC, that says what it rests on.

    Attributes
    ----------
    clients : int or None
        Different addresses that failed in it; None where none is known.
    failures, connections : int
        In it, of the sources that count.
    usual : float
        Their failure rate outside of it [1]; NaN without connections.
    """

    clients: int | None
    failures: int
    connections: int
    usual: float

    def __new__(cls, window: Window, **rests_on: Any) -> WorstWindow:
        """Return the window with its counts, by their names."""
        made = super().__new__(cls, window)
        made.__dict__.update(rests_on)
        return made


def told(bins: Binned, first: int, last: int) -> WorstWindow:
    """Return bins ``[first, last)`` as a window that says what it rests on."""
    failures = bins.failures[first:last].sum()
    connections = bins.connections[first:last].sum()
    return WorstWindow(
        (utc(bins.starts[first]), moved(utc(bins.starts[last - 1]), bins.width)),
        clients=bins.clients(first, last),
        failures=int(failures),
        connections=int(connections),
        usual=float(rate_of(bins.failures.sum() - failures, bins.connections.sum() - connections)),
    )


def utc(moment: pd.Timestamp) -> datetime:
    """Return a bin's start as a plain datetime."""
    return moment.to_pydatetime().astimezone(UTC)


def bins_of(connections: Connections, every: Bins, storage_options: StorageOptions) -> Binned:
    """Return the bins of connections, or of a table made by ``failure_rate``."""
    if isinstance(connections, pd.DataFrame) and "bin_start" in connections.columns:
        return of_rates(connections, every)
    width = parse_width(every) or 0
    fine = _DAY if width % _WEEK == 0 else width  # weeks begin on a Monday, as 1970 did not
    with open_counting(
        connections, columns=NEEDED, optional=OPTIONAL, storage_options=storage_options
    ) as counting:
        make_sources(counting, fine * 1_000_000)
        return binned(counting, fine, width)


def binned(counting: Counting, fine: int, width: int) -> Binned:
    """Return the bins of ``make_sources``, which are `fine` [s], as bins of a `width` [s]."""
    counted, failing = (counting.table(query).to_pandas() for query in _COUNTED)
    counted = counted.fillna({"events": 0, "failures": 0, "successes": 0})
    counted["connections"] = counted["successes"] + counted["failures"]
    counted["exposure"] = _exposure(counted)
    number = _numbers(counted["bin"], fine, width)
    sums = counted.groupby(number)[["events", "exposure", "failures", "connections"]].sum()
    places = pd.Series(np.arange(len(sums)), index=sums.index)
    known = pd.DataFrame(
        {
            "place": _numbers(failing["bin"], fine, width).map(places).to_numpy(),
            "client": pd.factorize(failing["client_ip"])[0],
            "events": failing["events"],
        }
    )
    starts = [pd.Timestamp(max(at, _LOWEST), unit="s", tz="UTC") for at in sums.index]
    return Binned(
        starts, timedelta(seconds=width), *_arrays(sums),
        failing=known if len(known) or not sums["failures"].sum() else None,
        background=background(counting),
    )  # fmt: skip


def of_rates(rates: pd.DataFrame, every: Bins) -> Binned:
    """Return the bins of a table made by ``failure_rate``, summed where it has several a bin."""
    if missing := {"connections", "failures"} - set(rates.columns):
        raise TableError(f"rates: no column {sorted(missing)[0]!r}; give a failure_rate table")
    sums = rates.groupby("bin_start", observed=True)[["connections", "failures"]].sum()
    sums = sums.assign(events=sums["failures"], exposure=sums["connections"])
    starts = [pd.Timestamp(start) for start in sums.index]
    return Binned(
        starts, _width(rates, starts, every), *_arrays(sums), failing=None, background=None
    )


_COUNTED = (
    "SELECT bin, elb, listener_port, sum(events)::BIGINT AS events, "
    "sum(failures)::BIGINT AS failures, sum(successes)::BIGINT AS successes FROM ("
    "SELECT bin, elb, listener_port, successes FROM successes UNION ALL BY NAME "
    "SELECT bin, elb, listener_port, 1 AS failures FROM failures UNION ALL BY NAME "
    "SELECT bin, elb, listener_port, 1 AS events FROM events) GROUP BY ALL ORDER BY ALL",
    "SELECT bin, client_ip, count(*) AS events FROM events WHERE client_ip IS NOT NULL "
    "GROUP BY ALL ORDER BY ALL",
)


def _exposure(counted: pd.DataFrame) -> pd.Series:
    """Return connections, as often as their listener usually fails, in all as many as there are."""
    listeners = counted.groupby(_LISTENER, dropna=False)[["events", "connections"]]
    sums = listeners.transform("sum")
    expected = counted["connections"] * sums["events"] / sums["connections"]
    if not expected.sum():
        return counted["connections"].astype(np.float64)
    return expected * (counted["connections"].sum() / expected.sum())


def _numbers(bins: pd.Series, fine: int, width: int) -> pd.Series:
    """Return the starts of the wide bins that fine bins lie in [s since 1970]."""
    shift = _FIRST_MONDAY if width % _WEEK == 0 else 0
    return (bins * fine - shift) // width * width + shift


def _arrays(sums: pd.DataFrame) -> Sequence[Counts]:
    events, exposure, failures, connections = (
        sums[name].to_numpy(np.float64)
        for name in ("events", "exposure", "failures", "connections")
    )
    # No more events than connections are expected to make.
    return events, np.maximum(exposure, events), failures, connections


def _width(rates: pd.DataFrame, starts: Sequence[pd.Timestamp], every: Bins) -> timedelta:
    seconds = parse_width(rates.attrs.get("every"))
    if seconds is not None:
        return timedelta(seconds=seconds)
    if len(starts) > 1:
        return min(b - a for a, b in itertools.pairwise(starts)).to_pytimedelta()
    return timedelta(seconds=parse_width(every) or 0)
