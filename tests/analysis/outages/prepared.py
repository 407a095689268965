"""Connections as the search for incidents has them before it, for the tests of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

from albconn.analysis.counting.counts import Counting, open_counting
from albconn.analysis.outages.events import NEEDED, OPTIONAL, make_sources, span_of
from albconn.analysis.outages.strata import Series
from albconn.times import Window
from worlds.lines import API, SHOP
from worlds.rows import BEGIN, Row, connection, frame_of

NODES = {SHOP: ("10.0.1.1", "10.0.1.2"), API: ("10.0.2.1", "10.0.2.2")}
START, STOP, END = 240, 280, 480  # minutes
WIDTH = 300_000_000  # of a bin [µs]
MORE = ("tls_protocol", "tls_cipher", "tls_keyexchange", "tls_handshake_latency", "cert_not_after")


@contextmanager
def prepared(rows: Sequence[Row], *missing: str) -> Iterator[Counting]:
    """Give the counting of some rows, its sources made; some columns may be missing."""
    frame = frame_of(rows).drop(columns=list(missing))
    with open_counting(frame, columns=NEEDED, optional=[*OPTIONAL, *MORE]) as counting:
        make_sources(counting, WIDTH)
        yield counting


def series_of(counting: Counting) -> Series:
    span = span_of(counting)
    assert span is not None
    return Series(counting, *span, WIDTH)


def minutes(start: float, end: float) -> Window:
    """Return a window, in minutes from the beginning."""
    return BEGIN + timedelta(minutes=start), BEGIN + timedelta(minutes=end)


def every(seconds: float, start: float, end: float, **fields: Any) -> list[Row]:
    """Return a connection every so many seconds, from one minute to another; by 50 clients."""
    count = int((end - start) * 60 / seconds)
    return [
        connection(start * 60 + n * seconds, **{"client_ip": f"10.1.{n % 50}.9", **fields})
        for n in range(count)
    ]


def calm() -> list[Row]:
    """Return eight hours of two load balancers, one in two hundred failing by chance."""
    chance = Random(11)
    rows = [
        row
        for elb, nodes in NODES.items()
        for node in nodes
        for row in every(12, 0, END, elb=elb, ip_address=node)
    ]
    for n, row in enumerate(rows):
        row |= {"client_ip": f"10.{n % 7}.{n % 31}.{n % 3}"}
        if chance.random() < 0.005:
            row |= {"outcome": "failed", "failure_reason": "A"}
    return rows


CALM = calm()


def is_during(row: Row, stop: float = STOP) -> bool:
    start, end = minutes(START, stop)
    return start <= row["timestamp"] < end


def struck(named: dict[str, Any], reason: str = "A", stop: float = STOP) -> list[Row]:
    """Return the calm of which half fails, from four hours on, where they have some values."""
    return [
        row | {"outcome": "failed", "failure_reason": reason}
        if n % 2 and is_during(row, stop) and all(row[k] == v for k, v in named.items())
        else row
        for n, row in enumerate(CALM)
    ]
