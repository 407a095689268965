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
from albconn.analysis.counting.source import instant_literal, quoted
from albconn.arguments import names_given
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


@dataclass(frozen=True)
class Values:
    """The counts of one dimension's values.

    Attributes
    ----------
    columns : tuple of str
        The dimension.
    counts : DataFrame
        One row for each value: the columns as text, ``baseline_connections``,
        ``baseline_failures``, ``incident_connections``, ``incident_failures``, ``incident_events``.
    total : Series
        The same counts of all connections; without unmapped failures where the dimension is one
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

    @property
    def texts(self) -> pd.Series | str:
        """Return each value as one text."""
        if not len(self.counts):
            return ""
        return self.counts[list(self.columns)].astype(str).agg(JOINED.join, axis=1)


COUNTS = [
    "baseline_connections", "baseline_failures", "incident_connections", "incident_failures",
]  # fmt: skip
EVENTS = "incident_events"  # see bursts
_SUMS = [*COUNTS, EVENTS]


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
    problems = []
    for place, columns in enumerate(asked):
        problems += [
            f"by: {shown(name)} is not a dimension; expected {NETWORK} or a column of the table"
            for name in columns
            if name not in (NETWORK, *CONNECTIONS.columns)
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
    """Make the view ``marked``: connections of baseline and incident, each with which it is.

    ``late`` says that it lies in the incident; ``burst`` how many failures an event of its client
    has, 1 where that is not known.
    """
    columns = list(dict.fromkeys([*names, *OUTCOME_COLUMNS]))
    measure_bursts(counting, baseline, incident)
    derive(counting, columns)
    listed = ", ".join(quoted(name) for name in ("timestamp", *columns))
    client = CLIENT if counting.has([CLIENT]) else "NULL"
    counting.database.execute(
        f"CREATE OR REPLACE TEMP VIEW marked AS WITH seen AS (SELECT {listed}, "
        f"{client}::VARCHAR AS client, {within(incident)} AS late FROM {table_with(columns)} "
        f"WHERE {KNOWN} AND {within(*baseline, incident)}) "
        f"SELECT seen.* EXCLUDE (client), coalesce({BURST}, 1.0) AS {BURST} "
        "FROM seen LEFT JOIN bursts ON seen.client = bursts.client AND seen.late = bursts.late"
    )


def count_values(counting: Counting, dimensions: Sequence[Columns], *, most: int) -> list[Values]:
    """Count the values of dimensions: of each, at most about twice ``most`` values."""
    if not dimensions:
        return []
    # A success has no reason: failures of one reason are a share of all connections of the rest.
    rests = [tuple(n for n in columns if n != REASON) for columns in dimensions]
    sets = list(dict.fromkeys([(), *dimensions, *rests]))
    counted = _counted(counting, sets)
    of = {columns: counted[counted["place"] == place] for place, columns in enumerate(sets)}
    return [
        _values(columns, _chosen(of[columns], columns), _chosen(of[rest], columns), of[()], most)
        for columns, rest in zip(dimensions, rests, strict=True)
    ]


def _chosen(counts: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    """Return the counts that a dimension is judged by, under their plain names."""
    mapped = "" if HANDSHAKE_COLUMNS.isdisjoint(columns) else "mapped_"
    keys = [name for name in columns if name in counts]
    there = counts[[*keys, *(f"{mapped}{name}" for name in _SUMS)]]
    return there.rename(columns={f"mapped_{name}": name for name in _SUMS})


def _values(
    columns: Columns, counts: pd.DataFrame, rest: pd.DataFrame, total: pd.DataFrame, most: int
) -> Values:
    counts = counts.dropna(subset=list(columns))
    if REASON in columns:
        keys = [name for name in columns if name != REASON]
        counts = counts.drop(columns=COUNTS[::2]).merge(
            rest[[*keys, *COUNTS[::2]]], how="left" if keys else "cross", on=keys or None
        )
        counts = counts[counts["baseline_failures"] + counts["incident_failures"] > 0]
    counts = counts[counts["baseline_connections"] + counts["incident_connections"] > 0]
    total_counts = _chosen(total, columns)[COUNTS].iloc[0].astype("int64")
    kept = pd.concat(
        [
            counts.nlargest(most, "incident_failures", keep="first"),
            counts.nlargest(most, "incident_connections", keep="first"),
        ]
    )
    kept = kept[~kept.index.duplicated()]
    return Values(columns, kept.reset_index(drop=True), total_counts, len(counts))


def _counted(counting: Counting, sets: Sequence[Columns]) -> pd.DataFrame:
    """Count several groupings at once; ``place`` says which of them a row is of."""
    names = list(dict.fromkeys(name for columns in sets for name in columns))
    groupings = ", ".join(f"({', '.join(quoted(n) for n in columns)})" for columns in sets)
    places = " ".join(
        f"WHEN {_bits(names, columns)} THEN {place}" for place, columns in enumerate(sets)
    )
    place = f"CASE GROUPING({', '.join(quoted(n) for n in names)}) {places} END AS place"
    sums = ", ".join((sums_of("true", ""), sums_of(MAPPED, "mapped_")))
    texts = ", ".join(f"{quoted(n)}::VARCHAR AS {quoted(n)}" for n in names)
    return counting.table(
        f"WITH counted AS (SELECT {', '.join(quoted(n) for n in names)}, "
        f"{place}, {sums} FROM marked GROUP BY GROUPING SETS ({groupings}))"
        f" SELECT {texts}, * EXCLUDE ({', '.join(quoted(n) for n in names)}) FROM counted "
        f"ORDER BY ALL"
    ).to_pandas()


def sums_of(kind: str, prefix: str) -> str:
    """Return SQL for the counts of those connections of ``marked`` that a condition lets in."""
    counts = (
        f"count(*) FILTER ({late} AND {outcome} AND {kind}) AS {prefix}{name}"
        for name, late, outcome in zip(
            COUNTS,
            ("NOT late", "NOT late", "late", "late"),
            ("true", FAILED, "true", FAILED),
            strict=True,
        )
    )
    events = f"coalesce(sum(1 / {BURST}) FILTER (late AND {FAILED} AND {kind}), 0.0)"
    return ", ".join((*counts, f"{events} AS {prefix}{EVENTS}"))


def _bits(names: Sequence[str], columns: Columns) -> int:
    """Return what SQL's GROUPING gives: a bit for each name that is not grouped by."""
    return int("".join("0" if name in columns else "1" for name in names), 2)


def events_over_time(
    counting: Counting, baseline: Spans, bins: int = 36
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return events and connections of the baseline's bins, by no order; empty ones are absent."""
    start = instant_literal(min(first for first, _ in baseline))
    width = max(int(length_of(baseline).total_seconds() * 1e6 / bins), 1)
    counted = counting.table(
        f"SELECT coalesce(sum(1 / {BURST}) FILTER ({FAILED}), 0.0) AS k, count(*)::DOUBLE AS n "
        "FROM marked WHERE NOT late "
        f"GROUP BY (epoch_us(timestamp) - epoch_us({start})) // {width}"
    )
    return counted["k"].to_numpy(), counted["n"].to_numpy()


def length_of(spans: Spans) -> timedelta:
    """Return how long windows are together."""
    return sum((end - start for start, end in spans), timedelta())
