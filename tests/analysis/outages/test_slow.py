"""Slow handshakes: where and when, by hand-made worlds of ten-second traffic."""

from __future__ import annotations

from math import log
from typing import Any

import pytest

from albconn.analysis.outages.slow import ALPHA, LEAST_CLIENTS, Slow, find_slow
from albconn.analysis.stats.raised import Raised, find_raised
from albconn.analysis.stats.scans import Counts
from tests.analysis.outages.prepared import every, minutes, prepared, series_of
from worlds.lines import API, SHOP
from worlds.rows import Row

NODES = ("10.0.1.1", "10.0.1.2")
END = 360.0  # minutes


def traffic(start: float, end: float, latency: float, **fields: Any) -> list[Row]:
    return every(10, start, end, tls_handshake_latency=latency, **fields)


def world(slow: dict[tuple[str, str], float], start: float, end: float) -> list[Row]:
    """Return two load balancers of two nodes; some take another time from one minute to another."""
    rows = []
    for elb, usual in ((SHOP, 0.02), (API, 0.2)):
        for node in NODES:
            place = {"elb": elb, "ip_address": node}
            rows += traffic(0, start, usual, **place)
            rows += traffic(start, end, slow.get((elb, node), usual), **place)
            rows += traffic(end, END, usual, **place)
    return rows


def found(rows: list[Row], *missing: str) -> list[Slow]:
    with prepared(rows, *missing) as counting:
        return find_slow(counting, series_of(counting))


def test_one_node() -> None:
    (slow,) = found(world({(SHOP, NODES[1]): 0.5}, 120, 150))
    assert slow.named == {"elb": SHOP, "ip_address": NODES[1]}
    assert slow.window == minutes(120, 150)
    assert (slow.slow, slow.timed, slow.clients) == (180, 180, 50)
    assert slow.usual == 0
    assert slow.log_p < log(ALPHA)


def test_one_load_balancer_by_its_own_measure() -> None:
    # 0.2 s is slow for the shop and usual for the API.
    both = {(SHOP, node): 0.2 for node in NODES}
    (slow,) = found(world(both, 120, 150))
    assert slow.named == {"elb": SHOP}
    assert (slow.slow, slow.timed) == (360, 360)


def test_everywhere_until_the_end() -> None:
    everywhere = {(elb, node): 2.0 for elb in (SHOP, API) for node in NODES}
    (slow,) = found(world(everywhere, 300, END))
    assert slow.named == {}
    assert slow.window == minutes(300, END)
    assert slow.timed == 4 * 6 * 60


def test_two_are_found_one_after_the_other() -> None:
    rows = world({(SHOP, NODES[0]): 0.5}, 60, 90)
    for row in rows:
        if row["elb"] == API and minutes(240, 280)[0] <= row["timestamp"] < minutes(240, 280)[1]:
            row["tls_handshake_latency"] = 0.9
    assert {(*slow.named.values(), *slow.window) for slow in found(rows)} == {
        (SHOP, NODES[0], *minutes(60, 90)),
        (API, *minutes(240, 280)),
    }


def test_a_share_is_told_against_the_usual_share() -> None:
    # One in five is slow at a node, for half an hour four in five.
    for n, row in enumerate(rows := world({}, 120, 150)):
        if (row["elb"], row["ip_address"]) == (SHOP, NODES[0]):
            inside = minutes(120, 150)[0] <= row["timestamp"] < minutes(120, 150)[1]
            row["tls_handshake_latency"] = 0.5 if (n % 5 == 0) is not inside else 0.02
    (slow,) = found(rows)
    assert slow.named == {"elb": SHOP, "ip_address": NODES[0]}
    assert slow.window == minutes(120, 150)
    assert (slow.slow, slow.timed) == (144, 180)
    assert slow.usual == pytest.approx(0.2)


@pytest.mark.parametrize(("clients", "is_claimed"), [(LEAST_CLIENTS - 1, False), (30, True)])
def test_a_few_slow_clients_are_their_own_affair(clients: int, is_claimed: bool) -> None:
    far_away = [
        row | {"client_ip": f"10.7.{n % clients}.1"}
        for n, row in enumerate(traffic(120, 150, 0.5, elb=SHOP, ip_address=NODES[0]))
    ]
    assert bool(found([*world({}, 120, 150), *far_away])) is is_claimed


def test_nothing_is_slow() -> None:
    assert found(world({}, 120, 150)) == []
    # Twice as long is not yet slow, and what is always slow is usual.
    assert found(world({(SHOP, NODES[0]): 0.04}, 120, 150)) == []
    failing = [row | {"outcome": "failed", "failure_reason": "A"}
               for row in traffic(120, 150, 0.5, elb=SHOP, ip_address=NODES[0])]  # fmt: skip
    assert found([*world({}, 120, 150), *failing]) == []


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        (["ip_address"], {"elb": SHOP}),
        (["elb", "listener_port"], None),
        (["client_ip"], {"elb": SHOP, "ip_address": NODES[1]}),
    ],
)
def test_a_source_may_lack_columns(missing: list[str], named: dict[str, str] | None) -> None:
    rows = world({(SHOP, NODES[1]): 0.9}, 120, 150)
    told = found(rows, *missing)
    assert [slow.named for slow in told] == [named or {}]
    assert found(rows, "tls_handshake_latency") == []


def test_only_places_with_slow_handshakes_enough_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[float] = []

    def looked_at(slow: Counts, timed: Counts) -> Raised | None:
        seen.append(float(slow.sum()))
        return find_raised(slow, timed)

    monkeypatch.setattr("albconn.analysis.outages.slow.find_raised", looked_at)
    many = [row for n in range(400) for row in traffic(0, 1, 0.02, elb=f"app/lb{n}/1")]
    (slow,) = found([*many, *world({(SHOP, NODES[1]): 0.5}, 120, 150)])
    assert slow.named == {"elb": SHOP, "ip_address": NODES[1]}
    assert len(seen) < 10
    assert min(seen) >= 0
