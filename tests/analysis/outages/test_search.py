"""Claims: the one that chance explains least, and what is none though much fails."""

from __future__ import annotations

from datetime import UTC, datetime
from math import log
from typing import Any

import pytest

from albconn.analysis.outages.search import ALPHA, Claim, condition, narrowest, strongest, window_of
from tests.analysis.outages.prepared import every, minutes, prepared, series_of
from worlds.lines import API, SHOP
from worlds.rows import Row, connection

NODES = ("10.0.1.1", "10.0.1.2")
END = 480.0


def calm() -> list[Row]:
    """Return eight hours of two load balancers; one in a hundred fails, of whoever it is."""
    rows = []
    for elb in (SHOP, API):
        for node in NODES:
            rows += every(10, 0, END, elb=elb, ip_address=node)
    return [
        row | {"outcome": "failed", "failure_reason": "A"} if n % 101 == 0 else row
        for n, row in enumerate(rows)
    ]


def failing(start: float, count: int, clients: int, **fields: Any) -> list[Row]:
    """Return failures of some clients in half an hour, each of whom gets through before."""
    rows = [connection(n, client_ip=f"10.8.{n}.1", **fields) for n in range(clients)]
    for n in range(count):
        second = 60 * start + n * 1800 / count
        rows.append(connection(second, "A", client_ip=f"10.8.{n % clients}.1", **fields))
    return rows


def claim_of(rows: list[Row]) -> tuple[Claim | None, dict[str, Any]]:
    """Return the strongest claim, and its window and its narrowest part."""
    with prepared(rows) as counting:
        series = series_of(counting)
        claim = strongest(counting, series)
        if claim is None:
            return None, {}
        part = narrowest(series, claim)
        return claim, {
            "window": window_of(series, claim.first, claim.last),
            "part": dict(zip(part.columns, part.values, strict=True)),
        }


def test_a_quiet_day_has_no_claim() -> None:
    assert claim_of(calm()) == (None, {})


def test_one_node() -> None:
    claim, told = claim_of([*calm(), *failing(120, 120, 40, elb=SHOP, ip_address=NODES[1])])
    assert claim is not None
    assert told["window"] == minutes(120, 150)
    assert told["part"] == {"elb": SHOP, "ip_address": NODES[1]}
    assert claim.log_p < log(ALPHA)
    assert 40 <= claim.clients <= 60
    assert claim.raised.events >= 100


def test_of_two_the_surer_one() -> None:
    small = failing(60, 60, 30, elb=SHOP, ip_address=NODES[0])
    large = failing(300, 300, 45, elb=API, ip_address=NODES[0])
    _, told = claim_of([*calm(), *small, *large])
    assert told["window"] == minutes(300, 330)
    assert told["part"]["elb"] == API


@pytest.mark.parametrize(("clients", "is_claimed"), [(1, False), (2, False), (30, True)])
def test_few_clients_are_no_claim(clients: int, is_claimed: bool) -> None:
    claim, _ = claim_of([*calm(), *failing(120, 300, clients, elb=SHOP, ip_address=NODES[0])])
    assert (claim is not None) is is_claimed


def test_one_loud_client_beside_a_few_is_no_claim() -> None:
    # In each bin of its half hour the loud one is an event; two others fail once.
    loud = failing(120, 300, 1, elb=SHOP, ip_address=NODES[0])
    for port in range(1000, 1030):
        loud += failing(120, 30, 1, elb=SHOP, ip_address=NODES[0], listener_port=port)
    others = failing(125, 3, 3, elb=SHOP, ip_address=NODES[0])
    assert claim_of([*calm(), *loud, *others]) == (None, {})


def test_scanners_are_no_claim() -> None:
    scanner = [
        connection(7200 + n, "A", client_ip=f"198.51.100.{n % 40}", elb=SHOP) for n in range(900)
    ]
    assert claim_of([*calm(), *scanner]) == (None, {})


def test_a_condition_on_rows_with_missing_values() -> None:
    rows = [connection(-3600), connection(0, "A", elb=None), connection(400, "A", elb="it's")]
    with prepared(rows) as counting:
        for values, count in (((None, 443.0), 1), (("it's", 443), 1), ((float("nan"), 8443), 0)):
            where = condition(("elb", "listener_port"), values)
            query = f"SELECT count(*) FROM events WHERE {where}"
            assert counting.database.sql(query).fetchall() == [(count,)]
    assert condition((), ()) == "true"


def test_windows_are_whole_bins() -> None:
    with prepared([connection(0), connection(3600)]) as counting:
        series = series_of(counting)
        assert window_of(series, 0, 1) == minutes(0, 5)
        assert window_of(series, 3, 13) == minutes(15, 65)
        assert window_of(series, -series.first, 0)[0] == datetime(1970, 1, 1, tzinfo=UTC)
