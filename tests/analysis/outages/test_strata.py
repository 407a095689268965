"""Parts of the traffic: which there are, and their events and exposure bin by bin."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from albconn.analysis.outages.events import take_out
from albconn.analysis.outages.strata import LEAST_EVENTS, MOST_STRATA, Series, Stratum
from albconn.analysis.stats.raised import judged
from tests.analysis.outages.prepared import every, prepared, series_of
from worlds.lines import API, SHOP
from worlds.rows import Row, connection

NODE, OTHER = "10.0.1.1", "10.0.2.1"


def failures(start: float, count: int, network: int, **fields: Any) -> list[Row]:
    """Return failures of different clients of a network that got through before."""
    clients = [{"client_ip": f"10.9.{network}.{n}", **fields} for n in range(count)]
    good = [connection(n, **client) for n, client in enumerate(clients)]
    return good + [connection(60 * start + n, "A", **client) for n, client in enumerate(clients)]


WORLD = [
    *every(10, 0, 120, elb=SHOP, ip_address=NODE), *every(10, 0, 120, elb=API, ip_address=OTHER),
    *failures(62, 8, 1, elb=SHOP, ip_address=NODE),
    *failures(90, 6, 2, elb=SHOP, ip_address=NODE, listener_port=8443),
    *failures(30, LEAST_EVENTS - 1, 3, elb=API, ip_address=OTHER),
]  # fmt: skip


def by_name(series: Series) -> dict[tuple, Stratum]:
    return {(stratum.columns, stratum.values): stratum for stratum in series.strata}


def test_each_part_with_events_enough() -> None:
    with prepared(WORLD) as counting:
        series = series_of(counting)
        parts = by_name(series)
    assert series.bins == 24
    events = {name: float(stratum.events.sum()) for name, stratum in parts.items()}
    assert events[("elb",), (SHOP,)] == 14
    assert events[("elb", "listener_port"), (SHOP, 443)] == 8
    assert events[("elb", "listener_port"), (SHOP, 8443)] == 6
    assert events[("elb", "ip_address"), (SHOP, NODE)] == 14
    assert events[("elb", "failure_reason"), (SHOP, "A")] == 14
    assert events[("network",), ("10.9.1.0/24",)] == 8
    assert not any(API in values or "10.9.3.0/24" in values for _, values in parts)


def test_events_lie_in_their_bins() -> None:
    with prepared(WORLD) as counting:
        shop = by_name(series_of(counting))[("elb",), (SHOP,)]
    assert len(shop.events) == len(shop.exposure) == 24
    assert np.flatnonzero(shop.events).tolist() == [12, 18]
    assert shop.events[[12, 18]].tolist() == [8, 6]


def test_exposure_is_in_proportion_to_traffic() -> None:
    rows = [*every(10, 0, 60, elb=SHOP), *every(5, 60, 120, elb=SHOP)]
    rows += [row for n in range(40) for row in failures(3 * n, 1, n, elb=SHOP)]
    with prepared(rows) as counting:
        shop = by_name(series_of(counting))[("elb",), (SHOP,)]
        connections = counting.table(
            "SELECT epoch_us(timestamp) // 300000000 AS place, count(*) AS n FROM connections "
            "GROUP BY place ORDER BY place"
        ).to_pandas()["n"]
    share = shop.exposure / connections.to_numpy()
    assert share == pytest.approx(share[0], rel=0.02)


def test_a_network_is_exposed_where_it_connects() -> None:
    good = [connection(300 * n + 7, client_ip="10.9.1.1", elb=SHOP) for n in range(0, 24, 2)]
    with prepared([*WORLD, *good]) as counting:
        network = by_name(series_of(counting))[("network",), ("10.9.1.0/24",)]
    expected = np.zeros(24)
    expected[::2] += 1
    expected[0] += 8  # it got through
    expected[12] += 8  # and failed
    assert network.exposure.tolist() == expected.tolist()


def test_what_is_taken_out_is_counted_no_more() -> None:
    with prepared(WORLD) as counting:
        series = series_of(counting)
        before = by_name(series)
        take_out(counting, before=[], now=["listener_port = 8443"])
        series.count()
        after = by_name(series)
    assert after[("elb",), (SHOP,)].events.sum() == 8
    assert (("network",), ("10.9.2.0/24",)) not in after
    assert len(after) < len(before)


def test_where_a_window_lies() -> None:
    with prepared(WORLD) as counting:
        series = series_of(counting)
        shop = by_name(series)[("elb",), (SHOP,)]
        raised = judged(shop.events, shop.exposure, 12, 13)
        query = f"SELECT count(*) FROM events WHERE {series.between(raised)}"
        assert counting.database.sql(query).fetchall() == [(8,)]


def test_an_hour_of_the_day_that_always_fails_more_is_granted_it() -> None:
    # Four days in which each noon has three failures a bin, else one an hour.
    rows = every(60, 0, 4 * 1440, elb=SHOP)
    for day in range(4):
        for hour in range(24):
            many = 24 if hour == 2 else 1  # the rows begin at ten
            start = 1440 * day + 60 * hour
            rows += [
                connection(60 * start + n * 140, "A", client_ip=f"10.1.{n % 50}.9", elb=SHOP)
                for n in range(many)
            ]
    with prepared(rows) as counting:
        shop = by_name(series_of(counting))[("elb",), (SHOP,)]
    noon = (np.arange(len(shop.events)) // 12) % 24 == 2
    assert shop.exposure[noon].mean() > 1.5 * shop.exposure[~noon].mean()


def test_a_source_without_places_has_parts_all_the_same() -> None:
    rows = [*every(10, 0, 120), *failures(62, 8, 1)]
    with prepared(rows, "elb", "listener_port", "ip_address") as counting:
        parts = by_name(series_of(counting))
    assert ("network",) in {columns for columns, _ in parts}
    assert {float(s.events.sum()) for (columns, _), s in parts.items() if columns == ("elb",)} == {
        8
    }


def test_a_new_load_balancer_in_each_line_is_no_part_of_its_own() -> None:
    """Those with most events are kept, so many that parts and bins fit into memory."""
    names = [f"app/lb{n}/1" for n in range(MOST_STRATA + 200)]
    rows = [row for n, elb in enumerate(names) for row in failures(62, 5, n % 250, elb=elb)]
    rows += failures(90, 9, 251, elb=SHOP)
    with prepared(rows) as counting:
        series = series_of(counting)
    parts = by_name(series)
    assert max(Counter(columns for columns, _ in parts).values()) == MOST_STRATA
    assert (("elb",), (SHOP,)) in parts


def test_years_of_bins_leave_room_for_few_parts() -> None:
    years = [connection(-86_400.0 * 3600, client_ip="10.0.0.1")]
    rows = [row for n in range(20) for row in failures(62, 5, n, elb=f"app/lb{n}/1")]
    with prepared([*years, *rows]) as counting:
        series = series_of(counting)
    assert series.bins > 1_000_000
    assert max(Counter(stratum.columns for stratum in series.strata).values()) <= 8


def test_reasons_without_end_do_not_meet_all_the_traffic() -> None:
    good = [row for node in range(60) for row in every(60, 0, 120, ip_address=f"n{node}")]
    rows = [row for n in range(120) for row in failures(62, 2, n % 200)]
    for n, row in enumerate(rows):
        row |= {"failure_reason": f"Code{n}"} if row["outcome"] == "failed" else {}
    with prepared([*good, *rows]) as counting:
        series = series_of(counting)
        assert len(series._exposed(("elb", "failure_reason")).n) == 0
