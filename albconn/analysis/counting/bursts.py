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
    # Of two lines of one moment the success comes first: a failure more, no event more.
    return (
        f"WITH seen AS (SELECT {CLIENT}::VARCHAR AS client, {within(incident)} AS late, "
        f"2 * epoch_us(timestamp) + {FAILED}::INT AS tick FROM connections "
        f"WHERE {KNOWN} AND {CLIENT} IS NOT NULL AND {within(*baseline, incident)}), "
        "failing AS MATERIALIZED (SELECT client, late, row_number() OVER () AS number "
        "FROM (SELECT DISTINCT client, late FROM seen WHERE tick % 2 = 1)), "
        # Numbers and ticks, as sorting is what takes the time.
        "ordered AS (SELECT number, tick % 2 = 1 AS has_failed, "
        "lag(tick % 2 = 1) OVER (PARTITION BY number ORDER BY tick) AS had_failed "
        "FROM seen JOIN failing USING (client, late)), "
        "counted AS (SELECT number, "
        f"count(*) / count(*) FILTER (had_failed IS DISTINCT FROM true) AS {BURST} "
        "FROM ordered WHERE has_failed GROUP BY number) "
        f"SELECT client, late, {BURST} FROM counted JOIN failing USING (number)"
    )
