"""When did it start, and when did it end?

The bins are searched for stretches that differ from the rest (see ``scans`` for the method). A
claim is about clients: each counts once a bin for a run of failures, one that never gets through
not at all, and the mix of listeners is allowed for (see ``binned``). How seldom that is wrong in
quiet worlds with scanners, retries and chronic misfits is measured by ``make hits`` (README).

A table made by ``failure_rate`` knows no clients: there every failure counts. Simulated, none of
600 quiet worlds in which clients fail once is claimed to have changed, and at most 4 % where each
fails three or four times in a row; but three in ten of a few hours with no more than a handful of
failing clients, each failing ten times in a row.
"""

from __future__ import annotations

import itertools
from math import exp, log
from typing import cast

import numpy as np
import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.splits import Bins, require_bins
from albconn.analysis.outages.binned import Binned, WorstWindow, bins_of, of_rates, told, utc
from albconn.analysis.rates import failure_rate
from albconn.analysis.stats.intervals import rate_of
from albconn.analysis.stats.scans import Counts, Stretch, find_window, gain_of
from albconn.analysis.stats.significance import dispersion
from albconn.opened import Connections
from albconn.schema.kind import INSTANT
from albconn.storage.places import StorageOptions
from albconn.times import GivenWindow, Window, check_window, moved

ALPHA = 0.01  # of a claim about traffic in which nothing happened
LEAST_EXCESS = 5.0  # failures beyond the usual, below which no window is worth a claim
LEAST_RATIO = 1.5  # of the rate inside to the rate outside; less is the time of day
_MOST_CHANGES = 40
_MOST_ALONE = 8  # clients that each make a window of their own


def worst_window(
    connections: Connections, *, every: Bins = "5min", storage_options: StorageOptions = None
) -> WorstWindow | None:
    """Return the time range in which failures were most unlike the rest of the time.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Connections, or a table made by ``failure_rate`` (then ``every`` is its own, and every
        failure counts).
    every : str or timedelta
        Bin width; the ends of the range are ends of bins.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    WorstWindow, or None
        A tuple ``(start, end)``, UTC, half-open, that says what it rests on: ``clients`` (that
        failed in it), ``failures`` and ``connections``, and ``usual``, the failure rate outside;
        all without sources that never get through. None where nothing stands out. What does has
        a bound of 1 % on its chance in quiet traffic (see the module's text for what was
        measured), at least five events more than usual, and half as many again, without the
        client that has most of them, too.

    Raises
    ------
    TableError
        ``every`` is no good, or the source lacks columns (all are named).

    References
    ----------
    M. Kulldorff, "A spatial scan statistic", Communications in Statistics 26 (1997).

    Examples
    --------
    >>> rates = pd.DataFrame({
    ...     "bin_start": pd.date_range("2026-09-23T10:00Z", periods=6, freq="5min"),
    ...     "connections": 100, "failures": [1, 0, 37, 41, 2, 1],
    ... })
    >>> found = worst_window(rates)
    >>> start, end = found
    >>> f"{start:%H:%M}-{end:%H:%M}", found.failures, found.connections, round(found.usual, 3)
    ('10:10-10:20', 78, 200, 0.01)
    """
    require_bins(every)
    bins = bins_of(connections, every, storage_options)
    left = bins
    for _ in range(_MOST_ALONE):
        found = find_window(left.events, left.exposure, "higher")
        if found is None or found.log_p >= log(ALPHA) or not _is_more(left, found):
            return None
        most = left.most(found.first, found.last)
        if most is None or _is_more(left.without(most[0]), found):
            return told(bins, found.first, found.last)
        left = left.without(most[0])  # one client is no outage; there may be one beside it
    return None


def change_points(
    connections: Connections, *, every: Bins = "5min", storage_options: StorageOptions = None
) -> pd.DataFrame:
    """Return the moments at which the failure rate changed.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Connections, or a table made by ``failure_rate`` (then ``every`` is its own, and every
        failure counts).
    every : str or timedelta
        Bin width; a change is dated to the start of a bin.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (changes, columns)
        By time; empty for quiet traffic. Before and after reach to the neighbouring changes. All
        counts are without sources that never get through.

        ==========================================  ==================  =========================
        column                                      type                meaning
        ==========================================  ==================  =========================
        bin_start                                   datetime64[us,UTC]  from here on it differs
        connections_before, connections_after       int64               connections
        failures_before, failures_after             int64               failures
        clients_before, clients_after               Int64               addresses that failed;
                                                                        missing where none is known
        rate_before, rate_after                     float64 [1]         failure rates
        p_value                                     float64 [1]         bound on its chance
        ==========================================  ==================  =========================

        ``attrs["background"]`` says what does not count, as that of ``incidents``; None of a
        table of rates.

    Raises
    ------
    TableError
        ``every`` is no good, or the source lacks columns (all are named).

    References
    ----------
    A. Olshen et al., "Circular binary segmentation", Biostatistics 5 (2004) 557-572.
    """
    require_bins(every)
    return changes_of(bins_of(connections, every, storage_options))


def changes_of(bins: Binned) -> pd.DataFrame:
    """Return what ``change_points`` does, of bins that were counted already."""
    _segment(bins, 0, len(bins.events), places := set())
    burstiness = _burstiness(bins, sorted(places))
    edges = _pruned(bins, sorted(places), burstiness)
    changes = _change_table(bins, edges, burstiness)
    changes.attrs["background"] = bins.background
    return changes


def quiet_window(
    connections: Connections,
    incident: GivenWindow,
    *,
    every: Bins = "5min",
    storage_options: StorageOptions = None,
) -> Window | None:
    """Return what an incident can be compared with: the longer stretch before or after it.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Connections, or a table made by ``failure_rate``.
    incident : tuple of datetime or str
        ``(start, end)``, aware or ISO 8601 text with its zone.
    every : str or timedelta
        Bin width.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    tuple of datetime, or None
        The time before the incident, unless there are more connections after it; None where
        there are none at all.

    Raises
    ------
    TableError
        The incident is naive or empty, ``every`` is no good, or the source lacks columns.
    """
    start, end = check_window("incident", incident)
    require_bins(every)
    is_rates = isinstance(connections, pd.DataFrame) and "bin_start" in connections.columns
    rates = (
        connections
        if is_rates
        else failure_rate(connections, every=every, storage_options=storage_options)
    )
    bins = of_rates(cast(pd.DataFrame, rates), every)
    before = [n for at, n in zip(bins.starts, bins.connections, strict=True) if at < start]
    after = [n for at, n in zip(bins.starts, bins.connections, strict=True) if at >= end]
    if not sum(before) and not sum(after):
        return None
    if sum(before) >= sum(after) or not after:
        return utc(bins.starts[0]), start
    return end, moved(utc(bins.starts[-1]), bins.width)


def _is_more(bins: Binned, found: Stretch) -> bool:
    """Say whether a window holds so many more events than usual that it is worth a claim."""
    inside = slice(found.first, found.last)
    k, n = bins.events[inside].sum(), bins.exposure[inside].sum()
    usual = n * (bins.events.sum() - k) / max(bins.exposure.sum() - n, 1.0)
    return bool(k - usual >= LEAST_EXCESS and k >= LEAST_RATIO * usual)


def _segment(bins: Binned, first: int, last: int, places: set[int]) -> None:
    """Add the places at which bins ``[first, last)`` fall apart."""
    found = find_window(bins.events[first:last], bins.exposure[first:last], "either")
    if found is None or found.log_p >= log(ALPHA) or len(places) >= _MOST_CHANGES:
        return
    inner = (first, first + found.first, first + found.last, last)
    places.update(place for place in inner[1:3] if first < place < last)
    for start, end in itertools.pairwise(inner):
        _segment(bins, start, end, places)


def _burstiness(bins: Binned, places: list[int]) -> float:
    """Return the dispersion of the bins around the rates between changes."""
    parts = [
        (dispersion(k, n), len(k))
        for k, n in zip(np.split(bins.events, places), np.split(bins.exposure, places), strict=True)
        if len(k) > 1
    ]
    weight = sum(size for _, size in parts)
    return sum(value * size for value, size in parts) / weight if parts else 1.0


def _pruned(bins: Binned, places: list[int], burstiness: float) -> list[int]:
    """Leave out places whose two sides, as they are now, do not differ enough."""
    while places:
        bounds = _log_bounds(bins, places, burstiness)
        weakest = int(np.argmax(bounds))
        if bounds[weakest] < log(ALPHA):
            break
        places = places[:weakest] + places[weakest + 1 :]
    return places


def _log_bounds(bins: Binned, places: list[int], burstiness: float) -> Counts:
    """Return the logarithm of each change's probability in quiet traffic, at most."""
    k, n = _sums(bins.events, places), _sums(bins.exposure, places)
    gains = gain_of(k[:-1], n[:-1], k[1:], n[1:])
    return np.minimum(0.0, log(max(len(bins.events), 1)) - gains / burstiness)


def _sums(counts: Counts, places: list[int]) -> Counts:
    return np.array([part.sum() for part in np.split(counts, places)])


def _change_table(bins: Binned, places: list[int], burstiness: float) -> pd.DataFrame:
    k, n = _sums(bins.failures, places), _sums(bins.connections, places)
    rates = rate_of(k, n)
    sides = itertools.pairwise([0, *places, len(bins.starts)])
    clients = pd.array([bins.clients(*side) for side in sides], dtype="Int64")
    starts = pa.array([bins.starts[place].to_pydatetime() for place in places], INSTANT)
    return pd.DataFrame(
        {
            "bin_start": starts.to_pandas(),
            "connections_before": n[:-1].astype("int64"),
            "connections_after": n[1:].astype("int64"),
            "failures_before": k[:-1].astype("int64"),
            "failures_after": k[1:].astype("int64"),
            "clients_before": clients[:-1],
            "clients_after": clients[1:],
            "rate_before": rates[:-1],
            "rate_after": rates[1:],
            "p_value": [exp(bound) for bound in _log_bounds(bins, places, burstiness)]
            if places
            else np.array([], dtype="float64"),
        }
    )
