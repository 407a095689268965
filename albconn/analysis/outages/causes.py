"""What explains a claim: the values that hold its excess, and taking them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from albconn.analysis.comparing.compare import compare_counted
from albconn.analysis.counting.bursts import within
from albconn.analysis.counting.counts import KNOWN, Counting
from albconn.analysis.counting.derived import NETWORK
from albconn.analysis.counting.dimensions import (
    COUNTS,
    DIMENSIONS,
    JOINED,
    REASON,
    parse_dimensions,
)
from albconn.analysis.counting.source import literal, quoted
from albconn.times import Window

Named = dict[str, str]  # dimension to value
LEAST_FRESH = 3  # clients that a further cause struck and none before it
MOST_OF_EXCESS = 0.5  # of a window, that its causes have to hold together to be told


class Cause(NamedTuple):
    """Values that hold an excess, and how it was and is with them.

    ``row`` is theirs in the comparison; of everything (no values) it holds the totals.
    """

    named: Named
    row: pd.Series


def find(counting: Counting, baseline: Sequence[Window], window: Window) -> list[Cause]:
    """Return what holds the excess of a window; everything, under no name, where nothing does."""
    compared = compare_counted(
        counting, baseline, window, parse_dimensions(DIMENSIONS), combined=True
    )
    told = compared[compared["cause"].notna()].sort_values("cause")
    if len(told) and told["share_of_excess"].sum() >= MOST_OF_EXCESS:
        return [Cause(_named(row), row) for _, row in told.iterrows()]
    return [Cause({}, _everything(compared))]


def row_of(
    counting: Counting, named: Named, baseline: Sequence[Window], window: Window
) -> pd.Series:
    """Return how it was and is with some values, as a row of the comparison."""
    counts = counting.database.sql(
        f"SELECT count(*) FILTER ({within(*baseline)}), "
        f"count(*) FILTER ({within(*baseline)} AND outcome = 'failed'), "
        f"count(*) FILTER ({within(window)}), "
        f"count(*) FILTER ({within(window)} AND outcome = 'failed') "
        f"FROM connections WHERE {KNOWN} AND {taken(named)}"
    ).fetchall()[0]
    return _counted(dict(zip(COUNTS, counts, strict=True)))


def of_their_own(counting: Counting, told: Sequence[Cause], window: Window) -> list[Cause]:
    """Return the causes that struck clients which none before them struck.

    Who failed by one cause tries again, and may fail elsewhere for it.
    """
    kept: list[Cause] = []
    for cause in told:
        struck = " OR ".join(f"({taken(other.named)})" for other in kept) or "false"
        inside = f"outcome = 'failed' AND {within(window)}"
        fresh, all_of_it = counting.database.sql(
            "SELECT count(DISTINCT client_ip) FILTER (client_ip NOT IN "
            f"(SELECT client_ip FROM connections WHERE {inside} AND ({struck}) "
            "AND client_ip IS NOT NULL)), count(DISTINCT client_ip) "
            f"FROM connections WHERE {inside} AND {taken(cause.named)}"
        ).fetchall()[0]
        if not kept or (fresh >= LEAST_FRESH and fresh >= MOST_OF_EXCESS * all_of_it):
            kept.append(cause)
    return kept


def reasons_of(counting: Counting, cause: Named, window: Window) -> pd.Series:
    """Return the failures of a cause in a window by reason, most first."""
    counted = counting.table(
        f"SELECT {REASON} AS reason, count(*) AS failures FROM connections "
        f"WHERE outcome = 'failed' AND {within(window)} AND {taken(cause)} "
        "GROUP BY ALL ORDER BY failures DESC, reason"
    ).to_pandas()
    return counted.set_index("reason")["failures"]


def condition(cause: Named) -> str:
    """Return SQL that says whether a connection has all values of a cause."""
    parts = [f"{quoted(name)}::VARCHAR = {literal(value)}" for name, value in cause.items()]
    return " AND ".join(parts) or "true"


def _named(row: pd.Series) -> Named:
    names, values = str(row["dimension"]).split(JOINED), str(row["value"]).split(JOINED)
    return dict(zip(names, values, strict=False))


def _everything(compared: pd.DataFrame) -> pd.Series:
    return _counted({name: compared.attrs[name] for name in COUNTS})


def _counted(counts: dict[str, int]) -> pd.Series:
    before, now = counts["baseline_connections"], counts["incident_connections"]
    usual = counts["baseline_failures"] / before if before else float("nan")
    return pd.Series(
        {
            **counts,
            "baseline_rate": usual,
            "incident_rate": counts["incident_failures"] / now if now else float("nan"),
            "share_of_excess": 1.0,
        }
    )


def taken(cause: Named) -> str:
    """Return ``condition`` for the connections themselves, which have no network of their own."""
    parts = {name: value for name, value in cause.items() if name != NETWORK}
    network = cause.get(NETWORK)
    inside = (
        [] if network is None
        else [f"client_ip IN (SELECT address FROM networks WHERE {NETWORK} = {literal(network)})"]
    )  # fmt: skip
    return " AND ".join([condition(parts), *inside])


def clients_of(counting: Counting, cause: Named, window: Window) -> int:
    """Return how many addresses failed in a window, with all values of a cause."""
    return counting.database.sql(
        "SELECT count(DISTINCT client_ip) FROM connections "
        f"WHERE outcome = 'failed' AND {within(window)} AND {taken(cause)}"
    ).fetchall()[0][0]
