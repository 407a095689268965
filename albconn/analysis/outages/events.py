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
from albconn.analysis.counting.derived import make_networks
from albconn.analysis.counting.networks import network_query
from albconn.analysis.counting.splits import bin_number

PLACES = ("elb", "listener_port", "ip_address")
SUBJECT = "leaf_client_cert_subject"
NEEDED = ("timestamp", "outcome", "failure_reason")
OPTIONAL = ("client_ip", *PLACES, SUBJECT)
_TYPES = {"listener_port": "INTEGER"}
_PLACE = ", ".join(PLACES)


def make_sources(counting: Counting, width: int) -> None:
    """Make tables of who failed when, and let ``connections`` hold only those that count.

    ``sources``: each client, its network (/24, /48), its successes and failures, and whether it
    counts. ``failures``: those that count; ``events``: the first of each run of them.
    ``successes``: how many in each bin and place. All connections stay at hand as
    ``all_connections``, with the number of their bin; a column of ``OPTIONAL`` that the source
    lacks is empty there.

    Parameters
    ----------
    width : int
        Of a bin [µs].
    """
    execute = counting.database.execute
    missing = "".join(
        f", NULL::{_TYPES.get(name, 'VARCHAR')} AS {name}"
        for name in OPTIONAL
        if not counting.has([name])
    )
    execute("ALTER VIEW connections RENAME TO given_connections")
    execute(
        f"CREATE TEMP VIEW all_connections AS SELECT *, {bin_number(width)} AS bin"
        f"{missing} FROM given_connections WHERE {KNOWN}"
    )
    execute(_CLIENTS)
    networks = network_query(counting, "clients", ipv4_prefix=24, ipv6_prefix=48)
    execute(f"CREATE TEMP TABLE located AS SELECT *, client AS network FROM ({networks})")
    execute(_SOURCES)
    hide(counting, [])
    make_networks(counting, "sources")
    execute(
        "CREATE TEMP TABLE failures AS SELECT connections.*, network FROM connections "
        "JOIN sources ON connections.client_ip IS NOT DISTINCT FROM sources.client_ip "
        "WHERE outcome = 'failed'"
    )
    execute(_BETWEEN)
    _make_events(counting)
    execute(
        "CREATE TEMP TABLE successes AS "
        f"SELECT bin, {_PLACE}, count(*) AS successes FROM connections "
        "WHERE outcome = 'success' GROUP BY ALL"
    )


def count_networks(counting: Counting) -> None:
    """Make the table ``network_successes``: how many in each bin of a network that has events."""
    counting.database.execute(
        "CREATE OR REPLACE TEMP TABLE network_successes AS "
        "SELECT network, bin, count(*) AS successes "
        "FROM connections JOIN sources USING (client_ip) WHERE outcome = 'success' "
        "AND network IN (SELECT network FROM events) GROUP BY ALL"
    )


def take_out(counting: Counting, *, before: Sequence[str], now: Sequence[str]) -> None:
    """Let all tables, also that of ``count_networks``, be without some more connections.

    Parameters
    ----------
    before, now : sequence of str
        Conditions in SQL on connections: those that were taken out already, and the next ones.
    """
    execute = counting.database.execute
    gone = " OR ".join(f"({condition})" for condition in now) or "false"
    execute(f"DELETE FROM failures WHERE {gone}")
    _make_events(counting)
    execute(
        "CREATE OR REPLACE TEMP TABLE gone AS "
        f"SELECT bin, client_ip, {_PLACE}, -count(*) AS successes FROM connections "
        f"WHERE outcome = 'success' AND ({gone}) GROUP BY ALL"
    )
    execute(f"INSERT INTO successes SELECT bin, {_PLACE}, sum(successes) FROM gone GROUP BY ALL")
    execute(
        "INSERT INTO network_successes SELECT network, bin, sum(gone.successes) "
        "FROM gone JOIN sources USING (client_ip) "
        "WHERE network IN (SELECT network FROM network_successes) GROUP BY ALL"
    )
    hide(counting, [*before, *now])


def hide(counting: Counting, gone: Sequence[str]) -> None:
    """Let ``connections`` hold what counts, but for what some conditions in SQL say."""
    kept = [
        "(client_ip IS NULL OR client_ip NOT IN (SELECT client_ip FROM sources WHERE NOT counts))",
        *(f"({condition}) IS NOT TRUE" for condition in gone),
    ]
    counting.database.execute(
        "CREATE OR REPLACE TEMP VIEW connections AS "
        f"SELECT * FROM all_connections WHERE {' AND '.join(kept)}"
    )


def _make_events(counting: Counting) -> None:
    counting.database.execute(f"CREATE OR REPLACE TEMP TABLE events AS {_EVENTS}")


# A clean hour has successes and no failure. A scanner that gets through now and then has hardly
# any, and fails far more often than not; of a fleet of them some address has two by chance.
_WORKS = "(clean >= 2 OR (clean > 0 AND 5 * clean >= hours) OR successes > failures)"
_HOUR = 3_600_000_000  # [µs]
_SOME = 0.25  # of the clients of a network, that have to work for any of them to count
_CLIENTS = f"""
CREATE TEMP TABLE clients AS
WITH hourly AS (
    SELECT client_ip, {bin_number(_HOUR)} AS hour,
        count(*) FILTER (outcome = 'success') AS successes,
        count(*) FILTER (outcome = 'failed') AS failures
    FROM all_connections GROUP BY ALL
)
SELECT client_ip, sum(successes) AS successes, sum(failures) AS failures,
    count(*) FILTER (successes > 0 AND failures = 0) AS clean, count(*) AS hours
FROM hourly GROUP BY client_ip
"""
_SOURCES = f"""
CREATE TEMP TABLE sources AS
WITH networks AS (
    SELECT network, avg({_WORKS}::INT) >= {_SOME} AS works FROM located GROUP BY network
),
proven AS (
    SELECT {SUBJECT} AS subject FROM all_connections WHERE {SUBJECT} IS NOT NULL
    GROUP BY {SUBJECT} HAVING count(*) FILTER (outcome = 'success') > 0
),
certified AS (
    SELECT DISTINCT client_ip FROM all_connections SEMI JOIN proven ON {SUBJECT} = subject
)
SELECT located.client_ip, network, located.successes, located.failures,
    coalesce(
        certified.client_ip IS NOT NULL
        OR ({_WORKS} AND networks.works),
        false
    ) OR located.client_ip IS NULL AS counts
FROM located LEFT JOIN networks USING (network) LEFT JOIN certified
    ON located.client_ip = certified.client_ip
"""
# Successes of a client at a listener where it failed more than once in a bin.
_BETWEEN = """
CREATE TEMP TABLE between_failures AS
SELECT timestamp, bin, client_ip, elb, listener_port
FROM connections SEMI JOIN (
    SELECT bin, client_ip, elb, listener_port FROM failures GROUP BY ALL HAVING count(*) > 1
) AS often ON connections.bin = often.bin AND connections.client_ip = often.client_ip
    AND connections.elb IS NOT DISTINCT FROM often.elb
    AND connections.listener_port IS NOT DISTINCT FROM often.listener_port
WHERE outcome = 'success'
"""
# Of two lines of one moment the success comes first: a failure more, no event more.
_EVENTS = """
WITH seen AS (
    SELECT *, true AS has_failed FROM failures
    UNION ALL BY NAME SELECT *, false AS has_failed FROM between_failures
),
ordered AS (
    SELECT *, lag(has_failed) OVER (
        PARTITION BY client_ip, elb, listener_port, bin ORDER BY timestamp, has_failed
    ) AS had_failed FROM seen
)
SELECT * EXCLUDE (has_failed, had_failed) FROM ordered
WHERE has_failed AND (client_ip IS NULL OR had_failed IS DISTINCT FROM true)
"""


def span_of(counting: Counting) -> tuple[int, int] | None:
    """Return the first and the last bin of all connections; None where it is empty."""
    first, last = counting.database.sql(
        "SELECT min(bin), max(bin) FROM all_connections"
    ).fetchall()[0]
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
