"""When did it start, and when did it end?

The failure rate of each bin is searched for stretches that differ from the rest (see ``scan``
for the method). Quiet traffic gives no stretch: simulated, none of 600 quiet worlds in which
clients fail once is claimed to have changed, and at most 4 % where each fails three or four times
in a row. What it cannot tell is a few hours that hold no more than a handful of failing clients,
each failing ten times in a row: three in ten of these are taken for a change.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from math import exp, log
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.splits import Bins, parse_width, require_bins
from albconn.analysis.rates import failure_rate
from albconn.analysis.stats.intervals import rate_of
from albconn.analysis.stats.scans import Counts, Stretch, find_window, gain_of
from albconn.analysis.stats.significance import dispersion
from albconn.errors import TableError
from albconn.opened import Connections
from albconn.schema.kind import INSTANT
from albconn.storage.places import StorageOptions
from albconn.times import GivenWindow, Window, check_window

ALPHA = 0.01  # of a claim about traffic in which nothing happened
LEAST_EXCESS = 5.0  # failures beyond the usual, below which no window is worth a claim
LEAST_RATIO = 1.5  # of the rate inside to the rate outside; less is the time of day
_MOST_CHANGES = 40


class _Bins(NamedTuple):
    starts: list[pd.Timestamp]
    failures: Counts
    connections: Counts
    width: timedelta


def worst_window(
    connections: Connections, *, every: Bins = "5min", storage_options: StorageOptions = None
) -> Window | None:
    """Return the time range in which failures were most unlike the rest of the time.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Connections, or a table made by ``failure_rate`` (then ``every`` is its own).
    every : str or timedelta
        Bin width; the ends of the range are ends of bins.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    tuple of datetime, or None
        ``(start, end)``, UTC, half-open. None where nothing stands out. What does has a bound of
        1 % on its chance in quiet traffic (see the module's text for what was measured), at
        least five failures more than usual, and a rate half as high again as outside.

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
    >>> start, end = worst_window(rates)
    >>> f"{start:%H:%M}-{end:%H:%M}"
    '10:10-10:20'
    """
    bins = _bins(connections, every, storage_options)
    found = find_window(bins.failures, bins.connections, "higher")
    if found is None or not _is_worth_a_claim(bins, found):
        return None
    return _span(bins, found.first, found.last)


def change_points(
    connections: Connections, *, every: Bins = "5min", storage_options: StorageOptions = None
) -> pd.DataFrame:
    """Return the moments at which the failure rate changed.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Connections, or a table made by ``failure_rate`` (then ``every`` is its own).
    every : str or timedelta
        Bin width; a change is dated to the start of a bin.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (changes, columns)
        By time; empty for quiet traffic. Before and after reach to the neighbouring changes.

        ==========================================  ==================  =========================
        column                                      type                meaning
        ==========================================  ==================  =========================
        bin_start                                   datetime64[us,UTC]  from here on it differs
        connections_before, connections_after       int64               connections
        failures_before, failures_after             int64               failures
        rate_before, rate_after                     float64 [1]         failure rates
        p_value                                     float64 [1]         bound on its chance
        ==========================================  ==================  =========================

    Raises
    ------
    TableError
        ``every`` is no good, or the source lacks columns (all are named).

    References
    ----------
    A. Olshen et al., "Circular binary segmentation", Biostatistics 5 (2004) 557-572.
    """
    bins = _bins(connections, every, storage_options)
    _segment(bins, 0, len(bins.failures), places := set())
    burstiness = _burstiness(bins, sorted(places))
    edges = _pruned(bins, sorted(places), burstiness)
    return _change_table(bins, edges, burstiness)


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
    bins = _bins(connections, every, storage_options)
    before = [n for at, n in zip(bins.starts, bins.connections, strict=True) if at < start]
    after = [n for at, n in zip(bins.starts, bins.connections, strict=True) if at >= end]
    if not sum(before) and not sum(after):
        return None
    if sum(before) >= sum(after) or not after:
        return _utc(bins.starts[0]), start
    return end, _utc(bins.starts[-1] + bins.width)


def _bins(connections: Connections, every: Bins, storage_options: StorageOptions) -> _Bins:
    """Return the counts of each bin, by time; a table with several rows a bin is summed."""
    require_bins(every)
    is_rates = isinstance(connections, pd.DataFrame) and "bin_start" in connections.columns
    rates = (
        connections
        if is_rates
        else failure_rate(connections, every=every, storage_options=storage_options)
    )
    assert isinstance(rates, pd.DataFrame)
    if missing := {"connections", "failures"} - set(rates.columns):
        raise TableError(f"rates: no column {sorted(missing)[0]!r}; give a failure_rate table")
    summed = rates.groupby("bin_start", observed=True)[["connections", "failures"]].sum()
    starts = [pd.Timestamp(start) for start in summed.index]
    return _Bins(
        starts,
        summed["failures"].to_numpy(np.float64),
        summed["connections"].to_numpy(np.float64),
        _width(rates, starts, every),
    )


def _width(rates: pd.DataFrame, starts: list[pd.Timestamp], every: Bins) -> timedelta:
    seconds = parse_width(rates.attrs.get("every"))
    if seconds is not None:
        return timedelta(seconds=seconds)
    if len(starts) > 1:
        return min(b - a for a, b in itertools.pairwise(starts)).to_pytimedelta()
    return timedelta(seconds=parse_width(every) or 0)


def _is_worth_a_claim(bins: _Bins, found: Stretch) -> bool:
    k, n = bins.failures, bins.connections
    inside_k, inside_n = k[found.first : found.last].sum(), n[found.first : found.last].sum()
    rate = (k.sum() - inside_k) / max(n.sum() - inside_n, 1.0)
    return bool(
        found.log_p < log(ALPHA)
        and inside_k - inside_n * rate >= LEAST_EXCESS
        and inside_k >= LEAST_RATIO * inside_n * rate
    )


def _span(bins: _Bins, first: int, last: int) -> Window:
    return _utc(bins.starts[first]), _utc(bins.starts[last - 1] + bins.width)


def _utc(moment: pd.Timestamp) -> datetime:
    return moment.to_pydatetime().astimezone(UTC)


def _segment(bins: _Bins, first: int, last: int, places: set[int]) -> None:
    """Add the places at which bins ``[first, last)`` fall apart."""
    found = find_window(bins.failures[first:last], bins.connections[first:last], "either")
    if found is None or found.log_p >= log(ALPHA) or len(places) >= _MOST_CHANGES:
        return
    inner = (first, first + found.first, first + found.last, last)
    places.update(place for place in inner[1:3] if first < place < last)
    for start, end in itertools.pairwise(inner):
        _segment(bins, start, end, places)


def _burstiness(bins: _Bins, places: list[int]) -> float:
    """Return the dispersion of the bins around the rates between changes."""
    parts = [
        (dispersion(k, n), len(k))
        for k, n in zip(
            np.split(bins.failures, places), np.split(bins.connections, places), strict=True
        )
        if len(k) > 1
    ]
    weight = sum(size for _, size in parts)
    return sum(value * size for value, size in parts) / weight if parts else 1.0


def _pruned(bins: _Bins, places: list[int], burstiness: float) -> list[int]:
    """Leave out places whose two sides, as they are now, do not differ enough."""
    while places:
        bounds = _log_bounds(bins, places, burstiness)
        weakest = int(np.argmax(bounds))
        if bounds[weakest] < log(ALPHA):
            break
        places = places[:weakest] + places[weakest + 1 :]
    return places


def _log_bounds(bins: _Bins, places: list[int], burstiness: float) -> Counts:
    """Return the logarithm of each change's probability in quiet traffic, at most."""
    k, n = _sums(bins.failures, places), _sums(bins.connections, places)
    gains = gain_of(k[:-1], n[:-1], k[1:], n[1:])
    return np.minimum(0.0, log(max(len(bins.failures), 1)) - gains / burstiness)


def _sums(counts: Counts, places: list[int]) -> Counts:
    return np.array([part.sum() for part in np.split(counts, places)])


def _change_table(bins: _Bins, places: list[int], burstiness: float) -> pd.DataFrame:
    k, n = _sums(bins.failures, places), _sums(bins.connections, places)
    rates = rate_of(k, n)
    starts = pa.array([bins.starts[place].to_pydatetime() for place in places], INSTANT)
    return pd.DataFrame(
        {
            "bin_start": starts.to_pandas(),
            "connections_before": n[:-1].astype("int64"),
            "connections_after": n[1:].astype("int64"),
            "failures_before": k[:-1].astype("int64"),
            "failures_after": k[1:].astype("int64"),
            "rate_before": rates[:-1],
            "rate_after": rates[1:],
            "p_value": [exp(bound) for bound in _log_bounds(bins, places, burstiness)]
            if places
            else np.array([], dtype="float64"),
        }
    )
