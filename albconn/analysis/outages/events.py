"""Who failed when, each client once: what the search for incidents counts.

A client is its own control. One that got through at some time and fails now is an event, once in
each bin of time however often it tries (an address with many devices once for each run of
failures between successes). One that never got through is background: a scanner, or a misfit. Who
presents a certificate is no scanner.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from albconn.analysis.counting.counts import KNOWN, Counting
from albconn.analysis.counting.derived import NETWORK, derive
from albconn.analysis.counting.networks import network_query
from albconn.analysis.counting.source import quoted

PLACES = ("elb", "listener_port", "ip_address")
SUBJECT = "leaf_client_cert_subject"
NEEDED = ("timestamp", "outcome", "failure_reason")
OPTIONAL = ("client_ip", *PLACES, SUBJECT)
_TYPES = {"listener_port": "INTEGER"}


def make_sources(counting: Counting, width: int) -> None:
    """Make the table ``sources``, and let ``connections`` hold only those that count.

    ``sources``: each client, its network (/24, /48), its successes and failures, and whether it
    counts. All connections stay at hand as ``all_connections``.

    Parameters
    ----------
    width : int
        Of a bin [µs].
    """
    execute = counting.database.execute
    listed = ", ".join(
        quoted(name) if counting.has([name]) else f"NULL::{_TYPES.get(name, 'VARCHAR')} AS {name}"
        for name in OPTIONAL
    )
    execute(
        f"CREATE TEMP VIEW logged AS SELECT timestamp, epoch_us(timestamp) // {width} AS bin, "
        f"outcome, failure_reason, {listed} FROM connections WHERE {KNOWN}"
    )
    execute(_CLIENTS)
    networks = network_query(counting, "clients", ipv4_prefix=24, ipv6_prefix=48)
    execute(f"CREATE TEMP TABLE located AS SELECT *, client AS network FROM ({networks})")
    execute(_SOURCES)
    derive(counting, (NETWORK,) if counting.has(["client_ip"]) else ())
    execute("ALTER VIEW connections RENAME TO all_connections")
    leave_out(counting, [])


def leave_out(counting: Counting, gone: Sequence[str]) -> None:
    """Let ``connections`` hold what counts, but for some; count ``events`` and ``successes``.

    ``events``: bin, client, network, places, subject, reason. ``successes``: bin, network,
    places, and how many.

    Parameters
    ----------
    gone : sequence of str
        Conditions in SQL on ``connections``, of which none may hold.
    """
    hide(counting, gone)
    counting.database.execute(f"CREATE OR REPLACE TEMP TABLE events AS {_EVENTS}")
    counting.database.execute(f"CREATE OR REPLACE TEMP TABLE successes AS {_SUCCESSES}")


def hide(counting: Counting, gone: Sequence[str]) -> None:
    """Let ``connections`` hold what counts, but for some."""
    background = "SELECT client_ip FROM sources WHERE NOT counts"
    counted = f"(client_ip IS NULL OR client_ip NOT IN ({background}))"
    kept = " AND ".join(
        [
            counted if counting.has(["client_ip"]) else "true",
            *(f"({condition}) IS NOT TRUE" for condition in gone),
        ]
    )
    counting.database.execute(
        f"CREATE OR REPLACE TEMP VIEW connections AS SELECT * FROM all_connections WHERE {kept}"
    )


# A clean hour has successes and no failure. A scanner that gets through now and then has hardly
# any, and fails far more often than not.
_WORKS = (
    "({0}.clean >= 2 OR ({0}.clean > 0 AND 5 * {0}.clean >= {0}.hours) "
    "OR {0}.successes > {0}.failures)"
)
_CLIENTS = """
CREATE TEMP TABLE clients AS
WITH hourly AS (
    SELECT client_ip, epoch_us(timestamp) // 3_600_000_000 AS hour,
        count(*) FILTER (outcome = 'success') AS successes,
        count(*) FILTER (outcome = 'failed') AS failures
    FROM logged GROUP BY ALL
)
SELECT client_ip, sum(successes) AS successes, sum(failures) AS failures,
    count(*) FILTER (successes > 0 AND failures = 0) AS clean, count(*) AS hours
FROM hourly GROUP BY client_ip
"""
_SOURCES = f"""
CREATE TEMP TABLE sources AS
WITH networks AS (
    SELECT network, sum(successes) AS successes, sum(failures) AS failures, sum(clean) AS clean,
        sum(hours) AS hours
    FROM located GROUP BY network
),
proven AS (
    SELECT {SUBJECT} AS subject FROM logged WHERE {SUBJECT} IS NOT NULL
    GROUP BY {SUBJECT} HAVING count(*) FILTER (outcome = 'success') > 0
),
certified AS (
    SELECT DISTINCT client_ip FROM logged SEMI JOIN proven ON {SUBJECT} = subject
)
SELECT located.client_ip, network, located.successes, located.failures,
    coalesce(
        certified.client_ip IS NOT NULL
        OR ({_WORKS.format("located")} AND {_WORKS.format("networks")}),
        false
    ) OR located.client_ip IS NULL AS counts
FROM located LEFT JOIN networks USING (network) LEFT JOIN certified
    ON located.client_ip = certified.client_ip
"""
_SUCCESSES = """
SELECT bin, network, elb, listener_port, ip_address, count(*) AS successes
FROM logged JOIN sources ON logged.client_ip IS NOT DISTINCT FROM sources.client_ip
WHERE outcome = 'success' GROUP BY ALL
"""
# Of two lines of one moment the success comes first: a failure more, no event more.
_EVENTS = """
WITH failing AS (SELECT client_ip, network FROM sources WHERE failures > 0 AND counts),
ordered AS (
    SELECT logged.*, network, lag(outcome) OVER later AS before, lag(bin) OVER later AS bin_before
    FROM logged JOIN failing ON logged.client_ip IS NOT DISTINCT FROM failing.client_ip
    WINDOW later AS (
        PARTITION BY logged.client_ip, elb, listener_port ORDER BY timestamp, outcome DESC
    )
)
SELECT bin, client_ip, network, elb, listener_port, ip_address, leaf_client_cert_subject,
    failure_reason
FROM ordered
WHERE outcome = 'failed' AND (
    client_ip IS NULL OR before IS DISTINCT FROM 'failed' OR bin_before <> bin
)
"""


def span_of(counting: Counting) -> tuple[int, int] | None:
    """Return the first and the last bin of ``logged``; None where it is empty."""
    first, last = counting.database.sql("SELECT min(bin), max(bin) FROM logged").fetchall()[0]
    return None if first is None else (int(first), int(last))


def background(counting: Counting) -> dict[str, Any]:
    """Return what does not count: clients, failures, and the source that has most of them.

    The source is an address where it is alone in its network, else the network.
    """
    clients, failures = counting.database.sql(
        "SELECT count(*), coalesce(sum(failures), 0) FROM sources WHERE NOT counts AND failures > 0"
    ).fetchall()[0]
    most = counting.database.sql(
        "SELECT CASE WHEN count(*) = 1 THEN any_value(client_ip) ELSE network END, sum(failures) "
        "FROM sources WHERE NOT counts AND failures > 0 GROUP BY network "
        "ORDER BY sum(failures) DESC, network LIMIT 1"
    ).fetchall()
    source, source_failures = most[0] if most else (None, 0)
    return {
        "clients": int(clients),
        "failures": int(failures),
        "source": source,
        "source_failures": int(source_failures),
    }
