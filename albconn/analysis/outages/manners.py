"""What the clients that fail had spoken when they last got through: their own history.

Failures without a common protocol or cipher log none that is the client's. Its last success before
the window does (or, where there is none, its first one after it).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import pandas as pd

from albconn.analysis.counting.bursts import within
from albconn.analysis.counting.counts import KNOWN, Counting
from albconn.analysis.counting.source import instant_literal
from albconn.analysis.outages.causes import Named, taken
from albconn.times import Window

SPOKEN = ("tls_protocol", "tls_cipher", "tls_keyexchange")
MOST_OF_THEM = 0.9  # of the clients that fail, who share what they spoke
USUAL_AGAIN = 0.15  # of their share of failing clients: at most that of those who speak otherwise


def histories(counting: Counting, cause: Named, window: Window) -> pd.DataFrame:
    """Return each client at a place in a window: what it last spoke, and how it went.

    Columns ``SPOKEN``, ``failures``, ``failed`` and ``got_through`` (whether it did, in the
    window); a client that never got through at all is not among them.
    """
    there = [name for name in SPOKEN if counting.has([name])]
    start = instant_literal(window[0])
    near = f"CASE WHEN timestamp < {start} THEN 1 ELSE -1 END * epoch_us(timestamp)"
    last = ", ".join(f"arg_max({name}, {near}) AS {name}" for name in there)
    return counting.table(
        f"WITH here AS (SELECT client_ip, count(*) FILTER (outcome = 'failed') AS failures, "
        "count(*) FILTER (outcome = 'success') > 0 AS got_through "
        f"FROM connections WHERE {KNOWN} AND {within(window)} AND {taken(cause)} "
        "GROUP BY client_ip), "
        f"spoke AS (SELECT client_ip{''.join(f', {part}' for part in [last] if part)} "
        "FROM all_connections SEMI JOIN here USING (client_ip) "
        "WHERE outcome = 'success' GROUP BY client_ip) "
        "SELECT spoke.*, failures, failures > 0 AS failed, got_through "
        "FROM spoke JOIN here USING (client_ip)"
    ).to_pandas()


def shared(clients: pd.DataFrame) -> Named:
    """Return what sets the clients that fail apart from the others: one value, or none.

    Nearly all that fail have it, and those who have it not hardly fail.
    """
    failing = clients[clients["failed"]]
    for name in SPOKEN:
        if name not in clients or failing[name].isna().all():
            continue
        value = failing[name].value_counts().index[0]
        with_it = clients[name] == value
        others = clients[~with_it]
        share = float((failing[name] == value).mean())
        rate, rest = float(clients[with_it]["failed"].mean()), float(others["failed"].mean())
        if share >= MOST_OF_THEM and len(others) and rest <= USUAL_AGAIN * rate:
            return {name: str(value)}
    return {}


def told(
    kind: str, clients: pd.DataFrame, vanished: Collection[tuple[str, str]]
) -> dict[str, str | None]:
    """Return what the clients that fail last spoke, most first, as text with their number.

    Where something vanished, only what has: others fail beside it for reasons of their own.
    """
    failing = clients[clients["failed"]]
    name = "tls_cipher" if kind == "cipher removed" else "tls_protocol"
    if name not in failing or failing[name].isna().all():
        return {}
    counts = failing[name].value_counts()
    gone = {manner[SPOKEN.index(name)] for manner in vanished}
    told = [(value, count) for value, count in counts.items() if not gone or value in gone]
    return {"spoken": ", ".join(f"{value} ({count:,})" for value, count in told) or None}


def silenced(clients: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return how many clients got through no more, by the protocol and cipher they last spoke."""
    if not {"tls_protocol", "tls_cipher"} <= set(clients):
        return {}
    silent = clients[clients["failed"] & ~clients["got_through"]]
    spoke = silent[["tls_protocol", "tls_cipher"]].dropna()
    return dict(Counter(zip(spoke["tls_protocol"], spoke["tls_cipher"], strict=True)))


def stopped(clients: pd.DataFrame, vanished: Collection[tuple[str, str]]) -> int:
    """Return how many of the clients that fail had last spoken what has vanished.

    0 where others have most failures: behind one address there are devices of many manners.
    """
    return sum(row["clients"] for row in last_spoken(clients, vanished))


def last_spoken(
    clients: pd.DataFrame, vanished: Collection[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Return by protocol and cipher how many clients had last spoken what has vanished, and failed.

    None where others have most failures, as ``stopped``.
    """
    if not vanished or not {"tls_protocol", "tls_cipher"} <= set(clients):
        return []
    failing = clients[clients["failed"]]
    spoke = zip(failing["tls_protocol"], failing["tls_cipher"], strict=True)
    theirs = failing[[manner in vanished for manner in spoke]]
    if 2 * theirs["failures"].sum() < failing["failures"].sum():
        return []
    counted = theirs.groupby(["tls_protocol", "tls_cipher"])["failures"].agg(["size", "sum"])
    return [
        {
            "last_tls_protocol": protocol, "last_tls_cipher": cipher, "clients": int(size),
            "failures": int(failures),
        }
        for (protocol, cipher), size, failures in zip(
            counted.index, counted["size"], counted["sum"], strict=True
        )
    ]  # fmt: skip
