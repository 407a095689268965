"""What explains a window: causes of hand-made outages, and who and what they struck."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from albconn.analysis.counting.counts import Counting
from albconn.analysis.outages import causes
from albconn.analysis.outages.causes import Cause, Named
from tests.analysis.outages.prepared import every, minutes, prepared
from worlds.lines import API, SHOP
from worlds.rows import Row, connection

BEFORE, DURING = minutes(0, 120), minutes(120, 150)
NODES = ("10.0.1.1", "10.0.1.2", "10.0.2.1", "10.0.2.2")
ELB_OF = {node: SHOP if node.startswith("10.0.1.") else API for node in NODES}


def places(**fields: Any) -> list[Row]:
    """Return two load balancers of two nodes and two ports each, all well: 20 s at each place."""
    return [
        row
        for node in NODES
        for port in (443, 8443)
        for row in every(
            20, 0, 150, ip_address=node, elb=ELB_OF[node], listener_port=port, **fields
        )
    ]


def struck(rows: list[Row], named: dict[str, Any], reason: str = "A") -> list[Row]:
    """Return rows of which two in three fail in the window, where they have some values."""
    return [
        row | {"outcome": "failed", "failure_reason": reason}
        if n % 3
        and DURING[0] <= row["timestamp"] < DURING[1]
        and all(row[name] == value for name, value in named.items())
        else row
        for n, row in enumerate(rows)
    ]


def failing(rows: list[Row], named: dict[str, Any] | None = None) -> int:
    return sum(
        row["outcome"] == "failed" and all(row[k] == v for k, v in (named or {}).items())
        for row in rows
    )


def found(rows: list[Row]) -> list[Cause]:
    with prepared(rows) as counting:
        return causes.find(counting, [BEFORE], DURING)


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"elb": SHOP}, {"elb": SHOP}),
        ({"ip_address": NODES[0]}, {"ip_address": NODES[0]}),
        ({"listener_port": 8443}, {"listener_port": "8443"}),
        ({"elb": API, "listener_port": 443}, {"elb": API, "listener_port": "443"}),
    ],
)
def test_the_cause_is_what_was_struck(named: dict[str, Any], told: Named) -> None:
    rows = struck(places(), named)
    (cause,) = found(rows)
    assert cause.named == told
    assert cause.row["incident_failures"] == failing(rows)
    assert cause.row["baseline_failures"] == 0
    assert cause.row["share_of_excess"] == pytest.approx(1, abs=0.05)


def test_everything_has_no_name() -> None:
    rows = struck(places(), {})
    (cause,) = found(rows)
    assert cause.named == {}
    assert cause.row["incident_connections"] == 8 * 90
    assert cause.row["incident_failures"] == failing(rows)
    assert cause.row["incident_rate"] == pytest.approx(failing(rows) / 720)
    assert cause.row["baseline_rate"] == 0


def test_the_counts_of_some_values() -> None:
    rows = struck(places(), {"elb": SHOP})
    with prepared(rows) as counting:
        node = causes.row_of(counting, {"ip_address": NODES[0]}, [BEFORE], DURING)
        both = causes.row_of(counting, {}, [minutes(0, 30), minutes(60, 90)], DURING)
        nothing = causes.row_of(counting, {"elb": "other"}, [BEFORE], DURING)
    assert node["baseline_connections"] == 2 * 360
    assert node["incident_connections"] == 2 * 90
    assert node["incident_failures"] == failing(rows, {"ip_address": NODES[0]})
    assert both["baseline_connections"] == 8 * 180
    assert nothing["incident_connections"] == 0
    assert causes.excess_of(nothing) == 0
    assert causes.excess_of(both) == failing(rows)
    assert causes.holds_most(Cause({}, both), both)
    assert not causes.holds_most(Cause({}, node), both)  # a half of it


def test_an_excess_is_beyond_the_rate_before() -> None:
    chance = Random(7)
    rows = places()
    for row in rows:
        is_late = row["timestamp"] >= DURING[0]
        if chance.random() < (0.5 if is_late else 0.1):
            row |= {"outcome": "failed", "failure_reason": "A"}
    with prepared(rows) as counting:
        row = causes.row_of(counting, {}, [BEFORE], DURING)
    late = failing([row for row in rows if row["timestamp"] >= DURING[0]])
    usual = (failing(rows) - late) / (8 * 360)
    assert row["baseline_rate"] == pytest.approx(usual)
    assert causes.excess_of(row) == pytest.approx(late - 720 * usual)
    assert 200 < causes.excess_of(row) < 350


def listener(counting: Counting, named: Named) -> Named:
    row = causes.row_of(counting, named, [BEFORE], DURING)
    return causes.at_one_listener(counting, Cause(named, row), [BEFORE], DURING).named


def test_a_load_balancer_of_which_one_port_fails_is_a_listener() -> None:
    one = struck(places(), {"elb": SHOP, "listener_port": 443})
    with prepared(one) as counting:
        assert listener(counting, {"elb": SHOP}) == {"elb": SHOP, "listener_port": "443"}
        assert listener(counting, {"listener_port": "443"}) == {"listener_port": "443", "elb": SHOP}
        assert listener(counting, {"ip_address": NODES[0]}) == {"ip_address": NODES[0]}
    both = struck(places(), {"elb": SHOP})
    with prepared(both) as counting:
        assert listener(counting, {"elb": SHOP}) == {"elb": SHOP}
    with prepared(one, "listener_port") as counting:
        assert listener(counting, {"elb": SHOP}) == {"elb": SHOP}
    only = [row for row in one if row["listener_port"] == 443]
    with prepared(only) as counting:
        assert listener(counting, {"elb": SHOP}) == {"elb": SHOP}


def test_a_cause_that_struck_the_same_clients_again_is_none_of_its_own() -> None:
    def fail(client: str, **fields: Any) -> Row:
        return connection(121 * 60, "A", client_ip=client, **fields)

    good = [connection(n, client_ip=f"10.{k}.{n}.1") for n in range(10) for k in (1, 2)]
    first = [fail(f"10.1.{n}.1", elb=SHOP) for n in range(10)]
    again = [fail(f"10.1.{n}.1", elb=API) for n in range(10)]
    fresh = [fail(f"10.2.{n}.1", elb=API) for n in range(10)]

    def kept(rows: list[Row]) -> list[Named]:
        with prepared([*good, *rows]) as counting:
            told = [
                Cause(named, causes.row_of(counting, named, [BEFORE], DURING))
                for named in ({"elb": SHOP}, {"elb": API})
            ]
            return [cause.named for cause in causes.of_their_own(counting, told, DURING)]

    assert kept([*first, *again]) == [{"elb": SHOP}]
    assert kept([*first, *fresh]) == [{"elb": SHOP}, {"elb": API}]
    assert kept([*first, *fresh[:2]]) == [{"elb": SHOP}]  # too few
    assert kept([*first, *again, *fresh[:8]]) == [{"elb": SHOP}]  # most of them the same
    assert kept([*first, *again[:3], *fresh]) == [{"elb": SHOP}, {"elb": API}]


def test_reasons_clients_and_networks() -> None:
    good = [connection(n, client_ip=f"192.0.2.{n}") for n in range(9)]
    bad = [connection(7200 + n, "A" if n < 6 else "B", client_ip=f"192.0.2.{n % 5}", elb=SHOP)
           for n in range(9)]  # fmt: skip
    far = [connection(-60, client_ip="198.51.100.1"),
           connection(7300, "C", client_ip="198.51.100.1", elb=API)]  # fmt: skip
    late = [connection(9100, "B", client_ip="192.0.2.7", elb=SHOP)]
    network = {"client_network": "192.0.2.0/24"}
    with prepared([*good, *bad, *far, *late]) as counting:
        assert causes.reasons_of(counting, {}, DURING).to_dict() == {"A": 6, "B": 3, "C": 1}
        assert list(causes.reasons_of(counting, {"elb": SHOP}, DURING).items()) == [
            ("A", 6), ("B", 3),
        ]  # fmt: skip
        assert causes.reasons_of(counting, network, DURING).sum() == 9
        assert causes.clients_of(counting, {}, DURING) == 6
        assert causes.clients_of(counting, network, DURING) == 5
        assert causes.network_of(counting, {"elb": SHOP}, DURING) == "192.0.2.0/24"
        assert causes.network_of(counting, {}, DURING) is None  # of two
        assert causes.network_of(counting, {"elb": API}, DURING) is None  # one client alone
        assert causes.reasons_of(counting, {"elb": "other"}, DURING).empty


def test_a_network_of_version_six_is_a_48() -> None:
    good = [connection(n, client_ip=f"2001:db8:7:{n}::1") for n in range(5)]
    bad = [connection(7200 + n, "A", client_ip=f"2001:db8:7:{n}::1") for n in range(5)]
    with prepared([*good, *bad]) as counting:
        assert causes.clients_of(counting, {"client_network": "2001:db8:7::/48"}, DURING) == 5
        assert causes.network_of(counting, {}, DURING) == "2001:db8:7::/48"


def test_a_condition_holds_values_as_texts() -> None:
    assert causes.condition({}) == "true"
    rows = [connection(0, elb="it's", listener_port=port) for port in (443, 443, 8443)]
    with prepared(rows) as counting:
        where = causes.condition({"elb": "it's", "listener_port": "443"})
        query = f"SELECT count(*) FROM connections WHERE {where}"
        assert counting.database.sql(query).fetchall() == [(2,)]
