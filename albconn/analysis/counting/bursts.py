"""How many failures one event makes: a client that tries again fails again.

An *event* is a run of a client's failures without a success of it in between. One client that
fails five hundred times in a row is one event; an address with many devices behind it, some of
which fail, has nearly as many events as failures, as the others succeed in between. What is said
about chance counts events.
"""

from __future__ import annotations

from collections.abc import Sequence

from albconn.analysis.counting.counts import FAILED, KNOWN, Counting
from albconn.analysis.counting.source import instant_literal
from albconn.times import Window

Spans = Sequence[Window]
CLIENT = "client_ip"
BURST = "burst"


def measure_bursts(counting: Counting, baseline: Spans, incident: Window) -> None:
    """Make the table ``bursts``: how many failures an event of a client has, in each window.

    Columns ``client``, ``late`` (the incident's), ``burst`` [failures]; a row for each client
    that failed. Without addresses it is empty: there each failure counts for itself.
    """
    counting.database.execute(
        f"CREATE OR REPLACE TEMP TABLE bursts (client VARCHAR, late BOOLEAN, {BURST} DOUBLE)"
    )
    if counting.has([CLIENT, "timestamp"]):
        counting.database.execute(f"INSERT INTO bursts {_bursts(baseline, incident)}")


def within(*spans: Window) -> str:
    """Return SQL that says whether a connection lies in one of some half-open windows."""
    return f"({' OR '.join(map(_within, spans)) or 'false'})"


def _within(span: Window) -> str:
    start, end = (instant_literal(moment) for moment in span)
    return f"(timestamp >= {start} AND timestamp < {end})"


def _bursts(baseline: Spans, incident: Window) -> str:
    return (
        f"WITH seen AS (SELECT {CLIENT}::VARCHAR AS client, timestamp, outcome, "
        f"{within(incident)} AS late FROM connections "
        f"WHERE {KNOWN} AND {CLIENT} IS NOT NULL AND {within(*baseline, incident)}), "
        f"failing AS (SELECT DISTINCT client FROM seen WHERE {FAILED}), "
        # Of two lines of one moment the success comes first: a failure more, no event more.
        "ordered AS (SELECT client, late, outcome, lag(outcome) OVER "
        "(PARTITION BY client, late ORDER BY timestamp, outcome DESC) AS before "
        "FROM seen SEMI JOIN failing USING (client)) "
        "SELECT client, late, count(*) / count(*) FILTER (before IS DISTINCT FROM 'failed') "
        f"FROM ordered WHERE {FAILED} GROUP BY client, late"
    )
