"""Windows in which successful handshakes took far longer than they do at that load balancer."""

from __future__ import annotations

from collections.abc import Iterator
from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from albconn.analysis.counting.bursts import within
from albconn.analysis.counting.counts import Counting
from albconn.analysis.counting.splits import bin_number
from albconn.analysis.outages.causes import Named, condition
from albconn.analysis.outages.search import LEAST_RATIO, window_of
from albconn.analysis.outages.strata import Series, largest
from albconn.analysis.stats.raised import Raised, find_raised, stretched
from albconn.times import Window

LATENCY = "tls_handshake_latency"
SLOW_FACTOR = 3.0  # times the median of the listener
ALPHA = 1e-4  # of a claim: slowness comes and goes by itself more than failures do
LEAST_SLOW = 20.0  # handshakes beyond the usual
LEAST_CLIENTS = 5
MOST = 4
MOST_PLACES = 300  # load balancers, and nodes, that are looked at: those with most slow ones
NEARLY_ALL = 0.9  # of the gain, that a smaller place has to have
# Between the middle two, which of an odd number are one.
_LOW, _HIGH = (f"min(latency) FILTER (2 * upto {sign} total)" for sign in (">=", ">"))
_MEDIAN = f"{_LOW} + ({_HIGH} - {_LOW}) * 0.5"
_PLACES = (["elb"], ["elb", "ip_address"])  # and everywhere


class Slow(NamedTuple):
    """A window of slow handshakes.

    Attributes
    ----------
    named : dict
        Where: dimension to value.
    clients, slow, timed : int
        Addresses with a slow handshake, slow handshakes, and all that were timed.
    usual : float
        Share of slow ones outside of the window [1].
    """

    named: Named
    window: Window
    log_p: float
    clients: int
    slow: int
    timed: int
    usual: float


def find_slow(counting: Counting, series: Series) -> list[Slow]:
    """Return the windows of slow handshakes, the surest first."""
    if not counting.has([LATENCY]):
        return []
    _make_timed(counting, series.width)
    counted = counting.table(
        "SELECT bin, elb, ip_address, count(*) AS timed, count(*) FILTER (is_slow) AS slow "
        "FROM timed GROUP BY ALL ORDER BY ALL"
    ).to_pandas()
    found: list[Slow] = []
    while len(found) < MOST and (best := _best(counted, series)) is not None:
        named, raised, counted = best
        slow = _told(counting, series, named, raised)
        if slow is not None:
            found.append(slow)
    return found


def _make_timed(counting: Counting, width: int) -> None:
    """Make the view ``timed``: successes with a latency, and whether it is slow for a listener.

    A listener's usual latency is its median, read off the counts of equal ones, as the log has
    whole milliseconds.
    """
    names = ("elb", "listener_port", "ip_address", "client_ip")
    columns = ", ".join(name if counting.has([name]) else f"NULL AS {name}" for name in names)
    execute = counting.database.execute
    execute(
        f"CREATE TEMP VIEW successes_timed AS SELECT {bin_number(width)} AS bin, timestamp, "
        f"{columns}, {LATENCY} AS latency FROM connections "
        f"WHERE outcome = 'success' AND {LATENCY} IS NOT NULL"
    )
    execute(
        "CREATE TEMP TABLE usual AS WITH counted AS (SELECT elb, listener_port, latency, "
        "count(*) AS n FROM successes_timed GROUP BY ALL), "
        "ranked AS (SELECT *, sum(n) OVER (listener ORDER BY latency) AS upto, "
        "sum(n) OVER (listener) AS total FROM counted "
        "WINDOW listener AS (PARTITION BY elb, listener_port)) "
        f"SELECT elb, listener_port, {_MEDIAN} AS usual FROM ranked GROUP BY elb, listener_port"
    )
    execute(
        "CREATE TEMP VIEW timed AS SELECT bin, timestamp, successes_timed.elb, ip_address, "
        f"client_ip, latency > {SLOW_FACTOR} * usual AS is_slow "
        "FROM successes_timed JOIN usual "
        "ON successes_timed.elb IS NOT DISTINCT FROM usual.elb "
        "AND successes_timed.listener_port IS NOT DISTINCT FROM usual.listener_port"
    )


def _best(counted: pd.DataFrame, series: Series) -> tuple[Named, Raised, pd.DataFrame] | None:
    """Return the surest window of any place, and the counts without it."""
    found = [
        (raised, named, mine)
        for named, mine in _places(counted)
        if (raised := _raised(counted[mine], series)) is not None
    ]
    sure = [each for each in found if each[0].log_p + log(len(found)) < log(ALPHA)]
    if not sure:
        return None
    # What is slow at one place only is about as raised in all that holds it: the smallest is meant.
    gains = [raised.gain / raised.dispersion for raised, _, _ in sure]
    most = max(gains)
    raised, named, mine = max(
        (each for each, gain in zip(sure, gains, strict=True) if gain >= NEARLY_ALL * most),
        key=lambda each: (len(each[1]), each[0].gain / each[0].dispersion),
    )
    bins = counted["bin"] - series.first
    inside = mine & (bins >= raised.first - 1) & (bins < raised.last + 1)
    return named, raised, counted[~inside]


def _places(counted: pd.DataFrame) -> Iterator[tuple[Named, npt.NDArray[np.bool_]]]:
    """Return the places that can hold a window: everywhere, and those where enough were slow."""
    yield {}, np.ones(len(counted), dtype=bool)
    slow = counted["slow"].to_numpy()
    for columns in _PLACES:
        group = counted.groupby(columns, dropna=True).ngroup().to_numpy()
        known = group >= 0  # of others a value is missing
        sums = np.bincount(group[known].astype(np.intp), slow[known])
        for number in largest(sums, LEAST_SLOW, MOST_PLACES):
            same = group == number
            values = counted.loc[same, columns].iloc[0]
            yield {name: str(values[name]) for name in columns}, same


def _raised(counted: pd.DataFrame, series: Series) -> Raised | None:
    place = counted["bin"].to_numpy() - series.first
    slow, timed = (
        np.bincount(place, counted[name].to_numpy(float), series.bins).astype(np.float64)
        for name in ("slow", "timed")
    )
    raised = find_raised(slow, timed)
    if raised is None or raised.ratio < LEAST_RATIO:
        return None
    if raised.events - raised.expected < LEAST_SLOW:
        return None
    first, last = stretched(slow, timed, raised)
    return Raised(**{**vars(raised), "first": first, "last": last})


def _told(counting: Counting, series: Series, named: Named, raised: Raised) -> Slow | None:
    window = window_of(series, raised.first, raised.last)
    inside = f"{within(window)} AND {condition(named)}"
    clients, slow, timed = counting.database.sql(
        "SELECT count(DISTINCT client_ip) FILTER (is_slow), count(*) FILTER (is_slow), count(*) "
        f"FROM timed WHERE {inside}"
    ).fetchall()[0]
    outside, usual = counting.database.sql(
        "SELECT count(*), count(*) FILTER (is_slow) FROM timed "
        f"WHERE NOT {within(window)} AND {condition(named)}"
    ).fetchall()[0]
    if clients < LEAST_CLIENTS and counting.has(["client_ip"]):
        return None
    share = usual / outside if outside else float("nan")
    return Slow(named, window, raised.log_p, clients, slow, timed, share)
