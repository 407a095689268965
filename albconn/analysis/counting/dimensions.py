"""What connections can be told apart by: the columns that a cause may hide in, and pairs of them.

Of each value the connections and failures in two windows are counted, all values of all
dimensions in one pass over the connections. A missing value is no value: nothing is blamed on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from albconn.analysis.counting.bursts import BURST, CLIENT, Spans, measure_bursts, within
from albconn.analysis.counting.counts import (
    FAILED,
    HANDSHAKE_COLUMNS,
    KNOWN,
    MAPPED,
    OUTCOME_COLUMNS,
    Counting,
)
from albconn.analysis.counting.derived import NETWORK, derive, logged, table_with
from albconn.analysis.counting.source import instant_literal, literal, quoted
from albconn.arguments import meant, names_given
from albconn.errors import TableError, shown
from albconn.schema.connections import CONNECTIONS
from albconn.times import Window

REASON = "failure_reason"
JOINED = " × "  # between the names, and the values, of a pair

DIMENSIONS = (
    "leaf_client_cert_subject", "client_ip", NETWORK, "ip_address", "listener_port", "elb",
    "tls_protocol", "tls_cipher", "tls_keyexchange", REASON,
)  # fmt: skip
# Parts of one another: a pair of these says nothing that one of them does not.
NESTED = (frozenset({NETWORK, "client_ip"}), frozenset({"elb", "ip_address"}))

Dimensions = Sequence[str | Sequence[str]]
Columns = tuple[str, ...]  # of one dimension: a single column, or several


COUNTS = [
    "baseline_connections", "baseline_failures", "incident_connections", "incident_failures",
]  # fmt: skip
EVENTS = "incident_events"  # see bursts
COUNTED = [*COUNTS, EVENTS]


@dataclass(frozen=True)
class Values:
    """The counts of one dimension's values.

    Attributes
    ----------
    columns : tuple of str
        The dimension.
    counts : DataFrame
        One row for each value: ``value`` as text, ``baseline_connections``,
        ``baseline_failures``, ``incident_connections``, ``incident_failures``, ``incident_events``.
    total : Series
        The four counts of all connections; without unmapped failures where the dimension is one
        that they do not know.
    found : int
        How many values there are; ``counts`` holds those with most failures and connections.
    """

    columns: Columns
    counts: pd.DataFrame
    total: pd.Series
    found: int

    @property
    def name(self) -> str:
        """Return the dimension's name."""
        return JOINED.join(self.columns)


def parse_dimensions(by: str | Dimensions) -> list[Columns]:
    """Return what the user asked for as column tuples.

    Raises
    ------
    TableError
        A name is no column, or the same column or dimension is named twice (all are named).
    """
    asked = [
        (entry,) if not isinstance(entry, list | tuple) else tuple(entry)
        for entry in names_given(
            "by", by, one="the name of a dimension", example="by=['elb', 'client_ip']"
        )
    ]
    wrong = [name for columns in asked for name in columns if not isinstance(name, str)]
    if wrong:
        raise TableError(f"by: {shown(wrong[0])} is not the name of a dimension")
    known = (NETWORK, *CONNECTIONS.columns)
    problems = []
    for place, columns in enumerate(asked):
        problems += [
            f"by: {shown(name)} is not a dimension; expected {NETWORK} or a column of the table"
            f"{meant(name, known)}"
            for name in columns
            if name not in known
        ]
        if columns in asked[:place] or len(set(columns)) < len(columns) or not columns:
            problems.append(f"by: {shown(columns)} is empty or named twice")
    if problems:
        raise TableError(problems)
    return asked


def is_nested(first: str, second: str) -> bool:
    """Say whether two dimensions are one thing at two scales."""
    return any({first, second} <= nested for nested in NESTED)


def needed_columns(dimensions: Iterable[Columns]) -> list[str]:
    """Return the table's columns that dimensions are made of."""
    return list(logged(name for columns in dimensions for name in columns))


def mark_windows(
    counting: Counting, baseline: Spans, incident: Window, names: Iterable[str]
) -> None:
    """Make the table ``marked``: how many connections of each window have the same values.

    They are read once: a row for each combination of values, outcome, reason, client and window.
    ``late`` says that it lies in the incident, ``n`` how many connections it is, ``events`` how
    many events its failures are: as many as failures, where that is not known.
    """
    columns = list(dict.fromkeys([*names, *OUTCOME_COLUMNS]))
    measure_bursts(counting, baseline, incident)
    client = CLIENT if counting.has([CLIENT]) else "NULL"
    alike = ", ".join(quoted(name) for name in logged(columns))
    counting.database.execute(
        f"CREATE OR REPLACE TEMP TABLE alike AS SELECT {alike}, {client}::VARCHAR AS client, "
        f"{within(incident)} AS late, count(*) AS n FROM connections "
        f"WHERE {KNOWN} AND {within(*baseline, incident)} GROUP BY ALL"
    )
    derive(counting, columns, source="alike")
    listed = ", ".join(quoted(name) for name in columns)
    counting.database.execute(
        f"CREATE OR REPLACE TEMP TABLE marked AS SELECT {listed}, late, n, "
        f"CASE WHEN {FAILED} THEN n / coalesce({BURST}, 1.0) ELSE 0.0 END AS events "
        f"FROM {table_with(columns, source='alike')} LEFT JOIN bursts USING (client, late)"
    )


def count_values(counting: Counting, dimensions: Sequence[Columns], *, most: int) -> list[Values]:
    """Count the values of dimensions: of each, at most about twice ``most`` values."""
    if not dimensions:
        return []
    totals = {kind: total_of(counting, kind) for kind in set(map(_kind, dimensions))}
    each = (_largest(place, columns, most) for place, columns in enumerate(dimensions))
    counted = counting.table(f"{' UNION ALL '.join(each)} ORDER BY place, rank").to_pandas()
    values = []
    for place, columns in enumerate(dimensions):
        counts = counted[counted["place"] == place]
        found = int(counts["found"].iloc[0]) if len(counts) else 0
        counts = counts[["value", *COUNTED]].reset_index(drop=True)
        values.append(Values(columns, counts, totals[_kind(columns)], found))
    return values


def total_of(counting: Counting, kind: str = "true") -> pd.Series:
    """Return the four counts of those connections of ``marked`` that a condition lets in."""
    total = counting.table(f"SELECT {SUMS} FROM marked WHERE {kind}").to_pandas()
    return total[COUNTS].iloc[0].astype("int64")


def _kind(columns: Iterable[str]) -> str:
    """Return SQL for what counts: unmapped failures tell no protocol, cipher or group (rule 4)."""
    return "true" if HANDSHAKE_COLUMNS.isdisjoint(columns) else MAPPED


def _largest(place: int, columns: Columns, most: int) -> str:
    """Return SQL for the values with most failures, and after them those with most connections."""
    keys = ", ".join(quoted(name) for name in columns)
    return (
        f"(WITH counted AS ({_counted(columns)}) "
        f"SELECT {place} AS place, concat_ws({literal(JOINED)}, {keys}) AS value, "
        f"{', '.join(COUNTED)}, count(*) OVER () AS found, "
        f"row_number() OVER (ORDER BY incident_failures DESC, {keys}) AS by_failures, "
        f"row_number() OVER (ORDER BY incident_connections DESC, {keys}) AS by_connections, "
        f"IF(by_failures <= {most}, by_failures, {most} + by_connections) AS rank "
        f"FROM counted QUALIFY by_failures <= {most} OR by_connections <= {most})"
    )


def _counted(columns: Columns) -> str:
    """Return SQL for the counts of a dimension's values, as texts; of a missing one none.

    A success has no reason: failures of one reason are a share of all connections of the rest.
    """
    texts = ", ".join(f"{quoted(n)}::VARCHAR AS {quoted(n)}" for n in columns)
    there = " AND ".join([_kind(columns), *(f"{quoted(n)} IS NOT NULL" for n in columns)])
    if REASON not in columns:
        return f"SELECT {texts}, {SUMS} FROM marked WHERE {there} GROUP BY ALL"
    rest = [n for n in columns if n != REASON]
    rest_texts = "".join(f"{quoted(n)}::VARCHAR AS {quoted(n)}, " for n in rest)
    using = f"JOIN rest USING ({', '.join(map(quoted, rest))})" if rest else "CROSS JOIN rest"
    return (
        f"WITH reasons AS (SELECT {texts}, {SUMS} FROM marked WHERE {there} GROUP BY ALL), "
        f"rest AS (SELECT {rest_texts}{SUMS} FROM marked WHERE {_kind(columns)} GROUP BY ALL) "
        f"SELECT reasons.* REPLACE (rest.baseline_connections AS baseline_connections, "
        f"rest.incident_connections AS incident_connections) FROM reasons {using} "
        "WHERE reasons.baseline_failures + reasons.incident_failures > 0"
    )


def _sum(condition: str) -> str:
    return f"coalesce(sum(n) FILTER ({condition}), 0)::BIGINT"


SUMS = (
    f"{_sum('NOT late')} AS baseline_connections, "
    f"{_sum(f'NOT late AND {FAILED}')} AS baseline_failures, "
    f"{_sum('late')} AS incident_connections, "
    f"{_sum(f'late AND {FAILED}')} AS incident_failures, "
    f"coalesce(sum(events) FILTER (late), 0.0) AS {EVENTS}"
)  # of rows of ``marked``


def events_over_time(
    counting: Counting, baseline: Spans, bins: int = 36
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return events and connections of the baseline's bins, by no order; empty ones are absent."""
    start = instant_literal(min(first for first, _ in baseline))
    width = max(int(length_of(baseline).total_seconds() * 1e6 / bins), 1)
    client = CLIENT if counting.has([CLIENT]) else "NULL"
    counted = counting.table(
        f"WITH binned AS (SELECT (epoch_us(timestamp) - epoch_us({start})) // {width} AS bin, "
        f"IF({FAILED}, {client}::VARCHAR, NULL) AS client, {FAILED} AS has_failed, "
        f"count(*)::DOUBLE AS n FROM connections WHERE {KNOWN} AND {within(*baseline)} "
        "GROUP BY ALL), "
        f"early AS (SELECT client, {BURST} FROM bursts WHERE NOT late) "
        f"SELECT coalesce(sum(n / coalesce({BURST}, 1.0)) FILTER (has_failed), 0.0) AS k, "
        "sum(n) AS n FROM binned LEFT JOIN early USING (client) GROUP BY bin"
    )
    return counted["k"].to_numpy(), counted["n"].to_numpy()


def length_of(spans: Spans) -> timedelta:
    """Return how long windows are together."""
    return sum((end - start for start, end in spans), timedelta())
