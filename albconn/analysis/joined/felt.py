"""Who felt it: clients whose handshake failed, who came back, and what they asked for then.

A failed handshake has no request, so what its client wanted is in no log. What it asked for when it
got through, minutes later, is: a user who tried again asks for the page that did not open.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.agents import AGENTS, USER, agents_query
from albconn.analysis.counting.counts import FAILED, KNOWN, OUTCOME_COLUMNS
from albconn.analysis.joined.both import TRACE, open_both
from albconn.arrow import to_frame
from albconn.errors import TableError, shown
from albconn.opened import Connections
from albconn.schema.kind import CATEGORY, INSTANT
from albconn.storage.places import StorageOptions

Within = str | timedelta | np.timedelta64

_SPOKEN = ("tls_protocol", "tls_cipher", "tls_keyexchange")
_ASKED = ("request_host", "request_path", "user_agent", "elb_status_code")


def felt_failures(
    connections: Connections,
    requests: Connections,
    *,
    within: Within = "30min",
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return the failures after which a client came back, and what it asked for then.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Connection logs, a converted dataset, a DataFrame or Arrow data.
    requests : what ``open_requests`` takes, or returned
        Access logs, a converted dataset, a DataFrame or Arrow data.
    within : str or timedelta
        How long after its last failure a client's success counts as coming back: ``"30min"``.
    storage_options : dict, optional
        Passed to the store (s3fs), where a source is a path.

    Returns
    -------
    DataFrame, shape (runs of failures, columns)
        A run is all failures of an address without a success between. Users first, then crawlers,
        then those of whom no request is there; within each the longest waiting first.

        ===========================  ==================  ========================================
        column                       type                meaning
        ===========================  ==================  ========================================
        client_ip                    category            the address
        agent                        category            user or crawler, by its user agent
        failures                     int64               of the run
        failure_reason               category            the most frequent one
        first_failure, last_failure  datetime64[us,UTC]  of the run
        back_at                      datetime64[us,UTC]  the success that ended it
        seconds_to_return            float64 [s]         back_at - first_failure
        tls_protocol, tls_cipher,    category            of that success
        tls_keyexchange
        requests                     int64               by that connection and those that follow
                                                         within the time
        request_host, request_path,  category            of the first of these
        user_agent
        elb_status_code              Int64               what it got
        ===========================  ==================  ========================================

        ``attrs`` holds ``within`` as text, ``clients_failed`` (addresses), ``clients_back``,
        ``users_back`` and ``clients_not_back``: never, or later.

    Raises
    ------
    TableError
        ``within`` is no duration, or a source lacks columns (all are named).
    SourceError, DatasetError
        There is nothing at a path, or it cannot be read.
    """
    width = parse_duration("within", within)
    with open_both(
        connections,
        requests,
        columns=("timestamp", "client_ip", TRACE, *OUTCOME_COLUMNS, *_SPOKEN),
        of_requests=("time", TRACE, *_ASKED),
        storage_options=storage_options,
    ) as counting:
        counting.database.execute(f"CREATE TEMP TABLE back AS {_came_back(width)}")
        counting.database.execute(f"CREATE TEMP TABLE got AS {_got(width)}")
        rows = to_frame(_typed(counting.table(_QUERY)))
        failed = counting.table(
            f"SELECT count(DISTINCT client_ip) AS n FROM connections WHERE {FAILED}"
        )["n"][0].as_py()
    rows["agent"] = rows["agent"].cat.set_categories(list(AGENTS))
    back = rows["client_ip"].nunique()
    rows.attrs.update(
        within=str(width), clients_failed=failed, clients_back=back,
        users_back=rows.loc[rows["agent"] == USER, "client_ip"].nunique(),
        clients_not_back=failed - back,
    )  # fmt: skip
    return rows


def parse_duration(argument: str, value: object) -> timedelta:
    """Return a duration that is longer than nothing.

    Raises
    ------
    TableError
        It is none.

    Examples
    --------
    >>> parse_duration("within", "1h")
    datetime.timedelta(seconds=3600)
    """
    try:
        if isinstance(value, str | timedelta | np.timedelta64):
            found = pd.Timedelta(value)
            if found > pd.Timedelta(0):
                return found.to_pytimedelta()
    except (ValueError, OverflowError):
        pass
    raise TableError(f"{argument}: {shown(value)} is no duration; expected '30min', '1h' or so")


def _came_back(within: timedelta) -> str:
    """Return a query: runs of failures that a success ended in time, and that success."""
    spoken = ", ".join(_SPOKEN)
    # Of a failure and a success at one moment the failure comes first: their order is not logged.
    return f"""
        WITH failing AS (
            SELECT DISTINCT client_ip FROM connections WHERE {FAILED} AND client_ip IS NOT NULL
        ),
        numbered AS (
            SELECT *, count(*) FILTER (outcome = 'success') OVER (
                PARTITION BY client_ip ORDER BY timestamp, outcome, {TRACE}
                ROWS UNBOUNDED PRECEDING) AS successes
            FROM connections SEMI JOIN failing USING (client_ip)
            WHERE {KNOWN} AND timestamp IS NOT NULL
        ),
        runs AS (
            SELECT client_ip, successes + 1 AS number, count(*) AS failures,
                min(timestamp) AS first_failure, max(timestamp) AS last_failure
            FROM numbered WHERE {FAILED} GROUP BY ALL
        ),
        reasons AS (
            SELECT client_ip, successes + 1 AS number, failure_reason FROM numbered
            WHERE {FAILED} GROUP BY client_ip, number, failure_reason
            QUALIFY row_number() OVER (PARTITION BY client_ip, number
                ORDER BY count(*) DESC, failure_reason NULLS LAST) = 1
        ),
        ends AS (
            SELECT client_ip, successes AS number, timestamp AS back_at, {spoken}
            FROM numbered WHERE outcome = 'success'
        )
        SELECT runs.*, failure_reason, back_at, {spoken},
            (epoch_us(back_at) - epoch_us(first_failure)) / 1e6 AS seconds_to_return
        FROM runs JOIN ends USING (client_ip, number) JOIN reasons USING (client_ip, number)
        WHERE {_in_time("back_at", within)}
    """


def _got(within: timedelta) -> str:
    """Return a query: of each run, how many requests came in time, and which was the first."""
    asked = ", ".join(_ASKED)
    return f"""
        WITH later AS (
            SELECT client_ip, number, {TRACE} FROM connections JOIN back USING (client_ip)
            WHERE outcome = 'success' AND timestamp >= back_at AND {_in_time("timestamp", within)}
        )
        SELECT client_ip, number, count(*) AS requests,
            arg_min(({asked}), (time, {asked})) AS first_one
        FROM requests JOIN later USING ({TRACE}) GROUP BY client_ip, number
    """


def _in_time(moment: str, within: timedelta) -> str:
    micros = within // timedelta(microseconds=1)
    return f"epoch_us({moment}) - epoch_us(last_failure) <= {micros}"


_FIRST = ", ".join(f"first_one[{n}] AS {name}" for n, name in enumerate(_ASKED, 1))
_ANSWER = (
    "client_ip", "agent", "failures", "failure_reason", "first_failure", "last_failure",
    "back_at", "seconds_to_return", *_SPOKEN, "requests", *_ASKED,
)  # fmt: skip
_QUERY = f"""
    WITH asked AS (SELECT client_ip, number, requests, {_FIRST} FROM got),
    agents AS ({agents_query("asked")})
    SELECT {
    ", ".join(
        name if name != "requests" else "coalesce(requests, 0) AS requests" for name in _ANSWER
    )
}
    FROM back LEFT JOIN asked USING (client_ip, number) LEFT JOIN agents USING (user_agent)
    ORDER BY list_position(['user', 'crawler'], agent) NULLS LAST, seconds_to_return DESC,
        client_ip, first_failure
"""


def _typed(counted: pa.Table) -> pa.Table:
    def kind(field: pa.Field) -> pa.DataType:
        if pa.types.is_string(field.type):
            return CATEGORY
        return INSTANT if pa.types.is_timestamp(field.type) else field.type

    return counted.cast(pa.schema([field.with_type(kind(field)) for field in counted.schema]))
