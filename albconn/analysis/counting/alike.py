"""Connections that are alike, told once, with how many they are.

Most of what is counted of a large log looks at the same few columns, in the same bins of time. They
are read once and become a small table; who counts connections by `Counting.many` counts its rows
for as many as they stand for. What is about clients, latencies or single moments needs the rows.
"""

from __future__ import annotations

from dataclasses import replace

from albconn.analysis.counting.counts import OUTCOME_COLUMNS, open_counting
from albconn.analysis.counting.source import ALIKE, FIRST_OF, LAST_OF, quoted
from albconn.analysis.counting.splits import bin_number
from albconn.opened import Opened
from albconn.times import FIRST, microseconds

LEAST_ROWS = 200_000  # below, a log is counted as fast as it is
MOST_TOLD = 0.25  # of the rows, in so many the table is worth making
MOST_ROWS = 1_000_000  # of the table; whoever writes lines can name a new cipher in each
_COLUMNS = (
    "elb", "ip_address", "listener_port", "tls_protocol", "tls_cipher", "tls_keyexchange",
    "tls_verify_status",
)  # fmt: skip
_SECOND = 1_000_000  # [µs]


def count_alike(connections: Opened, width: int) -> Opened:
    """Return connections as a table of those that are alike, in bins of a width [s].

    Where it would not be small they are given back as they are. Bins of a multiple of the width,
    splits by load balancer, node, listener or what a handshake agreed on, outcomes and reasons
    are told by it.
    """
    with open_counting(
        connections, columns=("timestamp", *OUTCOME_COLUMNS), optional=_COLUMNS
    ) as counting:
        lines = counting.lines()
        if lines < LEAST_ROWS:
            return connections
        names = [*OUTCOME_COLUMNS, *(name for name in _COLUMNS if counting.has([name]))]
        micros = width * _SECOND
        start = f"greatest({bin_number(micros)} * {micros}, {microseconds(FIRST)})"
        counting.database.execute(
            f"CREATE TEMP TABLE alike AS SELECT make_timestamptz({start}) AS timestamp, "
            f"{', '.join(map(quoted, names))}, count(*) AS {ALIKE}, "
            f"min(timestamp) AS {FIRST_OF}, max(timestamp) AS {LAST_OF} "
            f"FROM connections GROUP BY ALL LIMIT {MOST_ROWS + 1}"
        )
        rows = counting.table("SELECT count(*) AS n FROM alike")["n"][0].as_py()
        if rows > min(MOST_ROWS, MOST_TOLD * lines):
            return connections
        told = counting.table("SELECT * FROM alike")
    return replace(connections, connections=told, whole=None)
