"""What explains a claim: the values that hold its excess, and taking them out."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
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
from albconn.analysis.stats.significance import log_p_value
from albconn.times import Window, moment_of

Named = dict[str, str]  # dimension to value
MOST_OF_ALL = 0.7  # of all excess, that a part has to hold to stand for it
LEAST_EXPECTED = 5.0  # failures that the other listeners would have
USUAL_AGAIN = 0.15  # of these, that they may have
A_FEW = 0.05  # of the failures at a listener, that the others with its port may have
LEAST_FRESH = 3  # clients that a further cause struck and none before it
NEARLY_ALL = 0.85  # of the clients that fail, that are in one network
ALPHA = 0.01  # of clients elsewhere failing as often as those of the network
MOST_OF_EXCESS = 0.5  # of a window, that its causes have to hold together to be told


_OTHER_HALF = {"elb": "listener_port", "listener_port": "elb"}


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


def holds_most(cause: Cause, everything: pd.Series) -> bool:
    """Say whether a cause holds most of the excess of everything."""
    return excess_of(cause.row) >= MOST_OF_ALL * excess_of(everything)


def excess_of(row: pd.Series) -> float:
    """Return how many more failures there are than at the rate before."""
    usual = row["baseline_rate"] if row["baseline_connections"] else 0.0
    return float(row["incident_failures"] - usual * row["incident_connections"])


def at_one_listener(
    counting: Counting, cause: Cause, baseline: Sequence[Window], window: Window
) -> Cause:
    """Return a cause of a load balancer or a port with the listener, where only one of them fails.

    A listener is a load balancer and a port: where one of the two is the cause, the other is
    looked at too. A port is a listener's wherever nearly all its failures are at one.
    """
    other = _OTHER_HALF.get(" ".join(cause.named))
    if other is None or not counting.has([other]):
        return cause
    counted = counting.table(
        f"SELECT {other}::VARCHAR AS value, count(*) FILTER (outcome = 'failed') AS failures, "
        f"count(*) AS connections FROM connections WHERE {KNOWN} AND {within(window)} "
        f"AND {taken(cause.named)} AND {other} IS NOT NULL "
        "GROUP BY ALL ORDER BY failures DESC, value"
    ).to_pandas()
    if len(counted) < 2:
        return cause
    first, rest = counted.iloc[0], counted.iloc[1:][["failures", "connections"]].sum()
    expected = first["failures"] / first["connections"] * rest["connections"]
    is_one = rest["failures"] <= USUAL_AGAIN * expected and expected >= LEAST_EXPECTED
    if not is_one and not (other == "elb" and rest["failures"] <= A_FEW * first["failures"]):
        return cause
    named = cause.named | {other: str(first["value"])}
    return Cause(named, row_of(counting, named, baseline, window))


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
    if network is None:
        return condition(parts)
    inside = literal(network)
    return (
        f"{condition(parts)} AND client_ip IN (SELECT address FROM networks "
        f"WHERE {NETWORK} = {inside} UNION ALL SELECT client_ip FROM sources "
        f"WHERE network = {inside})"
    )


def clients_of(counting: Counting, cause: Named, window: Window) -> int:
    """Return how many addresses failed in a window, with all values of a cause."""
    return counting.database.sql(
        "SELECT count(DISTINCT client_ip) FROM connections "
        f"WHERE outcome = 'failed' AND {within(window)} AND {taken(cause)}"
    ).fetchall()[0][0]


def core_of(counting: Counting, cause: Named, window: Window) -> Window:
    """Return when nearly all failures of a cause were: a window's ends are those of its bins."""
    ends = counting.database.sql(
        "SELECT quantile_disc(epoch_us(timestamp), [0.02, 0.98]) FROM connections "
        f"WHERE outcome = 'failed' AND {within(window)} AND {taken(cause)}"
    ).fetchall()[0][0]
    return window if ends is None else (moment_of(ends[0]), moment_of(ends[1] + 1))


def network_apart(counting: Counting, cause: Named, window: Window) -> str | None:
    """Return the network (/24, /48) that nearly all failing clients are in, and hardly any others.

    Clients are compared, not connections: those that fail try again, and may be most of both.
    """
    found = counting.database.sql(
        "WITH here AS (SELECT client_ip, bool_or(outcome = 'failed') AS failed FROM connections "
        f"WHERE {within(window)} AND {taken(cause)} GROUP BY client_ip), "
        "placed AS (SELECT network, failed FROM here JOIN sources USING (client_ip)) "
        "SELECT network, count(*) FILTER (failed), count(*) FROM placed GROUP BY network "
        "ORDER BY count(*) FILTER (failed) DESC, network"
    ).fetchall()
    if not found:
        return None
    (network, failing, clients), others = found[0], found[1:]
    rest, of = sum(failed for _, failed, _ in others), sum(n for _, _, n in others)
    is_apart = (
        failing >= LEAST_FRESH
        and failing >= NEARLY_ALL * (failing + rest)
        and rest <= USUAL_AGAIN * failing / clients * of
        and log_p_value(rest, of, failing + 0.5, clients - failing + 0.5) < log(ALPHA)
    )
    return network if is_apart else None


def network_of(counting: Counting, cause: Named, window: Window) -> str | None:
    """Return the network (/24, /48) of all clients that failed, where there are several in one."""
    found = counting.database.sql(
        "SELECT any_value(network), count(DISTINCT network), count(*) FROM sources "
        "WHERE client_ip IN (SELECT client_ip FROM connections "
        f"WHERE outcome = 'failed' AND {within(window)} AND {taken(cause)})"
    ).fetchall()[0]
    network, networks, clients = found
    return network if networks == 1 and clients > 1 else None
