"""A client's own history: who a client is, and what it spoke when it last succeeded.

What a failed line says of protocol, cipher and group need not be the client's (rule 4). Its own
earlier successes are (rule 7), and only they are looked at here.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.counts import HANDSHAKE_COLUMNS, KNOWN, OUTCOME_COLUMNS, Counting
from albconn.analysis.counting.derived import DATE, derive, logged, table_with
from albconn.analysis.counting.source import literal, quoted
from albconn.arguments import text
from albconn.arrow import to_frame
from albconn.errors import TableError, shown
from albconn.schema.connections import CONNECTIONS
from albconn.schema.kind import CATEGORY, INSTANT

SUCCEEDED = "(outcome = 'success')"
PLACED = "client IS NOT NULL AND count(timestamp) > 0"  # of a group: it is in a history
SPOKEN = ("tls_protocol", "tls_cipher", "tls_keyexchange", "leaf_client_cert_subject")
LISTENER = ("elb", "listener_port")

# Of the connection, or of this one attempt: a failed line's are not the client's own.
_NO_CLIENTS = HANDSHAKE_COLUMNS | {*OUTCOME_COLUMNS, "tls_verify_status", DATE}


def check_client(by: str, answer: Sequence[str]) -> str:
    """Return the column that says who a client is, checked against the answer's other columns.

    Raises
    ------
    TableError
        It is no name, is a column of the answer, or a column of the table that names no client.
    """
    text("by", by, "the name of a column that says who a client is, such as 'client_ip'")
    if by in answer:
        raise TableError(f"by: {shown(by)} is a column of the answer already; give another one")
    if by in _NO_CLIENTS or not _is_text(by):
        raise TableError(
            f"by: {shown(by)} does not say who a client is; expected 'client_ip', "
            "'client_network', 'leaf_client_cert_subject' or another column of text"
        )
    return by


def _is_text(name: str) -> bool:
    return (
        name not in CONNECTIONS.columns or CONNECTIONS.file_schema.field(name).type == pa.string()
    )


def follow(counting: Counting, by: str) -> None:
    """Make the view ``history``: who connected when, with what outcome, and what was logged.

    Its columns are ``client``, ``timestamp``, ``outcome``, ``failure_reason`` and those of
    ``LISTENER`` and ``SPOKEN``, null where the source has none. What has no client, no time or no
    known outcome is in no history: who groups by client leaves it out when it is grouped, for to
    ask it of every row takes as long again as the grouping.
    """
    derive(counting, (by,))
    columns = ", ".join(
        quoted(name) if name in counting.columns else f"NULL::{_sql_type(name)} AS {quoted(name)}"
        for name in (*LISTENER, *SPOKEN)
    )
    counting.database.execute(
        f"CREATE TEMP VIEW history AS SELECT {quoted(by)}::VARCHAR AS client, timestamp, "
        f"{', '.join(OUTCOME_COLUMNS)}, {columns} FROM {table_with((by,))}"
    )


def _sql_type(name: str) -> str:
    return "VARCHAR" if _is_text(name) else "INTEGER"


def spoken_at(lasts: str, keys: Sequence[str]) -> str:
    """Return a query: the columns of ``lasts``, and what was logged with each success in it.

    ``lasts`` has the keys and ``last_success``, the moment of a success; the query adds ``last_``
    and its name for each column of ``LISTENER`` and ``SPOKEN``. Of several successes at that very
    moment the first by values counts, so that the answer is the same for every source.
    """
    logged = ", ".join(f"history.{quoted(n)} AS last_{n}" for n in (*LISTENER, *SPOKEN))
    order = ", ".join(f"history.{quoted(n)} NULLS LAST" for n in (*SPOKEN, *LISTENER))
    same = " AND ".join(f"history.{key} IS NOT DISTINCT FROM lasts.{key}" for key in keys)
    partition = ", ".join(f"lasts.{key}" for key in keys)
    return (
        f"SELECT lasts.*, {logged} FROM history JOIN {lasts} AS lasts "
        f"ON {same} AND timestamp = lasts.last_success WHERE {SUCCEEDED} "
        f"QUALIFY row_number() OVER (PARTITION BY {partition} ORDER BY {order}) = 1"
    )


def count_without_client(counting: Counting, by: str, condition: str = KNOWN) -> int:
    """Return how many connections that meet a condition have a time but no client."""
    (column,) = logged((by,))  # a network is missing where the address is
    query = (
        f"SELECT count(timestamp) FROM connections WHERE {quoted(column)} IS NULL AND {condition}"
    )
    return counting.database.sql(query).fetchall()[0][0]


def history_frame(counting: Counting, query: str, by: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return a query's ``client``, named as ``by``, and its columns, in the types of the table."""
    found = counting.table(query).select(["client", *columns]).rename_columns([by, *columns])
    return to_frame(found.cast(pa.schema([_typed(field) for field in found.schema])))


def _typed(field: pa.Field) -> pa.Field:
    if pa.types.is_string(field.type):
        return field.with_type(CATEGORY)
    return field.with_type(INSTANT) if pa.types.is_timestamp(field.type) else field


def rank_of(column: str, values: Sequence[str]) -> str:
    """Return SQL for a text's place among known ones, which orders by it."""
    return f"list_position([{', '.join(literal(value) for value in values)}], {column})"
