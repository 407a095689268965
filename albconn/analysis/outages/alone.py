"""What is no outage and is told all the same: one client that hammers, who never gets through.

Both can make most of a log's failures. They stand beside the incidents, in notes of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from albconn.analysis.counting.counts import Counting
from albconn.analysis.counting.derived import NETWORK
from albconn.analysis.outages import causes, kinds
from albconn.analysis.outages.answer import phrase
from albconn.analysis.outages.causes import Named
from albconn.analysis.outages.events import hide
from albconn.analysis.outages.strata import A_BIN
from albconn.times import Window

MOST = 3
LEAST_FAILURES = 50
LEAST_SHARE = 0.2  # of all failures of its sort
A_RUN = 5.0  # failures without a success, on average, of a client that hammers


def alone_rows(
    counting: Counting, everything: Window, taken: Sequence[str]
) -> list[dict[str, Any]]:
    """Return single clients that get through at other times and fail very often in a row.

    Parameters
    ----------
    taken : sequence of str
        Conditions in SQL on connections: what incidents explain.
    """
    hide(counting, taken)
    loud = counting.database.sql(
        "SELECT client_ip FROM (SELECT client_ip, count(*) AS failures, "
        "sum(count(*)) OVER () AS of_all FROM connections WHERE outcome = 'failed' "
        "AND client_ip IS NOT NULL GROUP BY client_ip) "
        "JOIN (SELECT client_ip, count(*) AS events FROM events GROUP BY client_ip) "
        f"USING (client_ip) WHERE failures >= {LEAST_FAILURES} "
        f"AND failures >= {LEAST_SHARE} * of_all AND failures >= {A_RUN} * events "
        f"ORDER BY failures DESC, client_ip LIMIT {MOST}"
    ).fetchall()
    return list(
        _rows(counting, everything, "one client", [{"client_ip": address} for (address,) in loud])
    )


def scanner_rows(counting: Counting, everything: Window) -> list[dict[str, Any]]:
    """Return the addresses and networks that fail most and do not get through at any time."""
    counting.database.execute(
        "CREATE OR REPLACE TEMP VIEW connections AS SELECT all_connections.* FROM all_connections "
        "SEMI JOIN (SELECT * FROM sources WHERE NOT counts) AS apart "
        "ON all_connections.client_ip = apart.client_ip"
    )
    loud = counting.database.sql(
        "SELECT IF(count(*) = 1, any_value(client_ip), NULL), network FROM sources "
        "WHERE NOT counts AND failures > 0 GROUP BY network "
        f"HAVING sum(failures) >= {LEAST_FAILURES} AND sum(failures) >= {LEAST_SHARE} * "
        "(SELECT sum(failures) FROM sources WHERE NOT counts) "
        f"ORDER BY sum(failures) DESC, network LIMIT {MOST}"
    ).fetchall()
    named: list[Named] = [
        {"client_ip": address} if address is not None else {NETWORK: network}
        for address, network in loud
    ]
    return list(_rows(counting, everything, "scanner", named))


def _rows(
    counting: Counting, everything: Window, kind: kinds.Kind, told: Sequence[Named]
) -> Iterator[dict[str, Any]]:
    for named in told:
        window = causes.core_of(counting, named, everything)
        row = causes.row_of(counting, named, [], window)
        yield {
            "start": window[0],
            "end": window[1],
            "going_on": everything[1] - window[1] < A_BIN,
            "kind": kind,
            "cause": phrase(named),
            "dimension": next(iter(named)),
            "value": next(iter(named.values())),
            "network": named.get(NETWORK),
            "reason": kinds.main_reason(causes.reasons_of(counting, named, window)),
            "clients": causes.clients_of(counting, named, window),
            "failures": int(row["incident_failures"]),
            "connections": int(row["incident_connections"]),
            "failure_rate": float(row["incident_rate"]),
        }
