"""The counting rules, each written once; every analysis counts with these words of SQL.

1. A connection counts when its outcome is known: ``success`` or ``failed``.
2. A line on an HTTP listener is *not TLS*. A line without a status on a listener that speaks
   TLS otherwise, or with a status that says neither, is *unclassified*. Neither counts.
3. A rate travels with its numerator, denominator and interval.
4. ``UnmappedConnectionError`` is *unmapped*: the protocol, cipher and group logged with it are
   not the client's. A split by one of these counts unmapped failures apart, not in the rate.
5. A bin without connections is absent: a hole is not zero.
6. Any new code, protocol, cipher or group is a value.
7. A client is its own control: one that succeeded before and fails now is evidence, one that never
   succeeded is background. What it speaks is told by its own last success (``history``).
8. A count of clients says what a client is: an address, a network, a certificate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import duckdb
import pyarrow as pa

from albconn.analysis.counting.source import (
    ALIKE,
    FIRST_OF,
    LAST_OF,
    TOLD_COLUMNS as TOLD_COLUMNS,
    instant_literal,
    open_source,
)
from albconn.opened import Connections
from albconn.schema.kind import INSTANT
from albconn.storage.places import StorageOptions

UNMAPPED_REASON = "UnmappedConnectionError"

KNOWN = "(outcome IN ('success', 'failed'))"
FAILED = "(outcome = 'failed')"
UNMAPPED = f"(outcome = 'failed' AND failure_reason = '{UNMAPPED_REASON}')"
MAPPED = f"({UNMAPPED} IS NOT TRUE)"  # rule 4: what a split by protocol, cipher or group counts

CONNECTIONS = f"count(*) FILTER ({KNOWN})"
FAILURES = f"count(*) FILTER ({FAILED})"
UNMAPPED_FAILURES = f"count(*) FILTER ({UNMAPPED})"

Many = Callable[[str], str]  # a condition in SQL to SQL that counts connections

HANDSHAKE_COLUMNS = frozenset({"tls_protocol", "tls_cipher", "tls_keyexchange"})
OUTCOME_COLUMNS = ("outcome", "failure_reason")  # what the counts above look at
LISTENER_COLUMNS = ("elb", "listener_port", "tls_verify_status")  # what rule 2 looks at


# (load balancer, port, lines, lines with a status); (load balancer, port)
Bare = list[tuple[str | None, int | None, int, int]]
Listeners = set[tuple[str | None, int]]


class Uncounted(NamedTuple):
    """Lines in neither count, by rule 2."""

    unclassified: int
    not_tls: int


@dataclass(frozen=True)
class Counting:
    """Connections, ready to be counted: the view ``connections`` in a private DuckDB.

    Attributes
    ----------
    database : duckdb.DuckDBPyConnection
        Where temporary tables can be made.
    columns : tuple of str
        The columns that the view has.
    """

    database: duckdb.DuckDBPyConnection
    columns: tuple[str, ...]

    def table(self, query: str) -> pa.Table:
        """Return a query's answer."""
        return self.database.sql(query).to_arrow_table()

    def has(self, columns: Sequence[str]) -> bool:
        """Say whether the view has all of these columns."""
        return set(columns) <= set(self.columns)

    @property
    def many(self) -> Many:
        """Return how connections are counted here: a row may stand for several."""
        return _alike if self.has([ALIKE]) else each_row

    def lines(self) -> int:
        """Return the number of lines, which Parquet knows without being read."""
        return self.database.sql(f"SELECT {self.many('true')} FROM connections").fetchall()[0][0]

    def uncounted(self, lines: int | None = None) -> Uncounted | None:
        """Count what rule 2 leaves out; None where the source lacks a column for it.

        Who has counted the lines without a known outcome gives their number; of none, nothing is
        asked. Listeners that speak TLS are looked for only among those that these lines came to.
        """
        if lines == 0 and self.has(LISTENER_COLUMNS):
            return Uncounted(0, 0)
        bare = self.bare(lines)
        if bare is None:
            return None
        ports = {port for _, port, _, _ in bare if port is not None}
        return classify(bare, self.listeners(ports) if ports else set())

    def bare(self, lines: int | None = None) -> Bare | None:
        """Return (load balancer, port, lines, lines with a status) of lines without outcome.

        Where as many lines lack an outcome as are looked for, Parquet finds them by their nulls.
        """
        if not self.has(LISTENER_COLUMNS):
            return None
        found = self._bare("outcome IS NULL")
        if lines is not None and lines == sum(count for _, _, count, _ in found):
            return found
        return self._bare(f"{KNOWN} IS NOT TRUE")

    def listeners(self, ports: set[int] | None = None) -> Listeners:
        """Return which listeners, on these ports or any, have connections with a known outcome.

        A listener is a load balancer and a port. Lines too old to say which load balancer they
        are from go by the port alone: it is also listed with None.
        """
        if not self.has(LISTENER_COLUMNS):
            return set()
        among = f"listener_port IN ({', '.join(map(str, sorted(ports)))})" if ports else "true"
        rows = self.database.sql(
            f"SELECT DISTINCT elb, listener_port FROM connections WHERE {KNOWN} AND {among}"
        ).fetchall()
        return {*rows, *((None, port) for _, port in rows)}

    def _bare(self, condition: str) -> Bare:
        return self.database.sql(
            f"SELECT elb, listener_port, {self.many('true')}, "
            f"{self.many('tls_verify_status IS NOT NULL')} FROM connections "
            f"WHERE {condition} GROUP BY ALL"
        ).fetchall()

    def span(
        self, first_before: datetime | None = None, last_from: datetime | None = None
    ) -> tuple[datetime | None, datetime | None]:
        """Return the first and the last timestamp of all lines; None where there is none.

        Who knows that the first is before some moment, and the last not before another, saves
        reading what lies between: Parquet is sorted by time.
        """
        if not self.has(["timestamp"]):
            return None, None
        ends_of = (FIRST_OF, LAST_OF) if self.has([ALIKE]) else ("timestamp", "timestamp")
        ends = (
            (f"min({ends_of[0]})", "<", first_before),
            (f"max({ends_of[1]})", ">=", last_from),
        )
        first, last = (
            self.table(
                f"SELECT {extreme} AS moment FROM connections WHERE "
                + (f"timestamp {side} {instant_literal(near)}" if near else "true")
            )["moment"].cast(INSTANT)[0].as_py()
            for extreme, side, near in ends
        )  # fmt: skip
        return first, last


def each_row(condition: str) -> str:
    """Return SQL for how many rows meet a condition, where each is a connection."""
    return "count(*)" if condition == "true" else f"count(*) FILTER ({condition})"


def _alike(condition: str) -> str:
    return f"coalesce(sum({ALIKE}) FILTER ({condition}), 0)::BIGINT"


def classify(bare: Bare, listeners: Listeners) -> Uncounted:
    """Tell lines without a known outcome apart: unclassified on a TLS listener, else not TLS."""
    unclassified = sum(
        count if (elb, port) in listeners else with_status for elb, port, count, with_status in bare
    )
    return Uncounted(unclassified, sum(count for _, _, count, _ in bare) - unclassified)


@contextmanager
def open_counting(
    connections: Connections,
    *,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    start: datetime | None = None,
    end: datetime | None = None,
    storage_options: StorageOptions = None,
) -> Iterator[Counting]:
    """Give connections to count; see ``open_source`` for parameters and errors."""
    with open_source(
        connections,
        columns=columns,
        optional=optional,
        start=start,
        end=end,
        storage_options=storage_options,
    ) as (database, there):
        yield Counting(database, there)
