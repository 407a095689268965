"""Windows in which a part of the traffic fails more than it does: one after the other.

The part and the window that chance explains least are a *claim*. What explains its excess is asked
of the connections in that window; then they are taken out and the search goes on, until nothing
is left that chance does not explain.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log
from typing import NamedTuple

import numpy as np

from albconn.analysis.counting.counts import Counting
from albconn.analysis.counting.source import literal, quoted
from albconn.analysis.outages.strata import Series, Stratum
from albconn.analysis.stats.raised import Raised, find_raised, judged, stretched
from albconn.times import Window, moment_of

ALPHA = 0.01  # of a claim about traffic in which nothing happened
LEAST_EXCESS = 5.0  # events beyond the usual, without the client that has most
LEAST_RATIO = 2.0  # times the usual
LEAST_CLIENTS = 3
NEARLY_ALL = 0.85  # of a claim's excess


class Claim(NamedTuple):
    """A window, the part of the traffic that is raised in it, and how sure that is.

    Attributes
    ----------
    first, last : int
        Bins, half-open, counted from the first of the series.
    log_p : float
        Logarithm of the bound on its probability in quiet traffic, of all parts together.
    clients : int
        Different clients with events in it.
    """

    stratum: Stratum
    raised: Raised
    first: int
    last: int
    log_p: float
    clients: int


def strongest(counting: Counting, series: Series) -> Claim | None:
    """Return the claim that chance explains least; None where it explains everything."""
    found = list(_raised(series))
    family = log(max(len(found), 1))
    # Of parts that hold the same excess the smallest one has the most gain, or none has more.
    found.sort(key=lambda pair: -pair[1].gain / pair[1].dispersion)
    for stratum, raised in found:
        if raised.log_p + family >= log(ALPHA):
            continue
        claim = _claim(counting, series, stratum, raised, family)
        if claim is not None:
            return claim
    return None


def _raised(series: Series) -> Iterator[tuple[Stratum, Raised]]:
    for stratum in series.strata:
        raised = series.remembered(stratum, find_raised)
        if raised is not None:
            yield stratum, raised


def _claim(
    counting: Counting, series: Series, stratum: Stratum, raised: Raised, family: float
) -> Claim | None:
    """Return a claim if it stands without the client that has most events in it."""
    inside = f"{condition(stratum.columns, stratum.values)} AND {series.between(raised)}"
    events = counting.table(
        "SELECT client_ip, bin, count(*) AS events FROM events "
        f"WHERE {inside} GROUP BY ALL ORDER BY ALL"
    ).to_pandas()
    by_client = events.groupby("client_ip")["events"].sum()
    nameless = events["events"].sum() - by_client.sum()
    counts = stratum.events.copy()
    if len(by_client):
        loudest = events[events["client_ip"] == by_client.idxmax()]
        counts[loudest["bin"].to_numpy() - series.first] -= loudest["events"].to_numpy()
    others = judged(counts, stratum.exposure, raised.first, raised.last)
    if (
        len(by_client) + nameless < LEAST_CLIENTS
        or others.events - raised.expected < LEAST_EXCESS
        or others.events < LEAST_RATIO * raised.expected
        or others.log_p >= 0  # it is sure already: it has to be raised without it, too
    ):
        return None
    first, last = stretched(stratum.events, stratum.exposure, raised)
    return Claim(stratum, raised, first, last, raised.log_p + family, len(by_client))


def narrowest(series: Series, claim: Claim) -> Stratum:
    """Return the smallest part of the traffic that holds nearly all events of a claim."""
    excess = claim.raised.events - claim.raised.expected
    inside = np.zeros(series.bins, dtype=bool)
    inside[claim.raised.first : claim.raised.last] = True
    best, least = claim.stratum, (claim.raised.expected, np.inf)
    for stratum in series.strata:
        k, n = stratum.events, stratum.exposure
        exposed = float(n[inside].sum())
        expected = float(k[~inside].sum() / max(n[~inside].sum(), 1e-9)) * exposed
        # Where none is expected anywhere, the one with the least traffic is the smallest.
        if k[inside].sum() - expected >= NEARLY_ALL * excess and (expected, exposed) < least:
            best, least = stratum, (expected, exposed)
    return best


def condition(columns: tuple[str, ...], values: tuple[object, ...]) -> str:
    """Return SQL that says whether a row has some values; a missing one is None or NaN."""
    parts = []
    for column, value in zip(columns, values, strict=True):
        if value is None or value != value:
            parts.append(f"{quoted(column)} IS NULL")
        else:
            parts.append(f"{quoted(column)}::VARCHAR = {literal(text_of(value))}")
    return " AND ".join(parts) or "true"


def text_of(value: object) -> str:
    """Return a part's value as text; a port that came as a float is a whole number."""
    return str(int(value)) if isinstance(value, float | np.floating) else str(value)


def window_of(series: Series, first: int, last: int) -> Window:
    """Return the times of bins."""
    start, end = ((series.first + place) * series.width for place in (first, last))
    return moment_of(start), moment_of(end)
