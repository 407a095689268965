"""Combinations: which are rows, which are causes, and what is no attribute of a cause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from albconn.analysis.comparing.combined import MOST_ROWS, Combined, combine, none_combined
from albconn.analysis.comparing.judge import Judge
from albconn.analysis.counting.counts import OUTCOME_COLUMNS, open_counting
from albconn.analysis.counting.dimensions import DIMENSIONS, count_values, needed_columns
from albconn.times import Window
from worlds.lines import API, SHOP, UNMAPPED
from worlds.rows import BEGIN, Row, connection, frame_of

BEFORE: Window = (BEGIN - timedelta(seconds=1000), BEGIN)
DURING: Window = (BEGIN, BEGIN + timedelta(seconds=500))
NODES = ("10.0.1.1", "10.0.1.2", "10.0.1.3")
PORTS = (443, 8443)
PROTOCOLS = ("TLSv1.2", "TLSv1.3")


def combined(rows: list[Row]) -> tuple[Combined, pd.DataFrame]:
    """Return the combinations of some rows, and the single values."""
    dimensions = [(name,) for name in DIMENSIONS]
    names = ["timestamp", *OUTCOME_COLUMNS, *needed_columns(dimensions)]
    with open_counting(frame_of(rows), columns=names) as counting:
        judge = Judge(counting, [BEFORE], DURING, DIMENSIONS)
        singles = judge.judged(count_values(counting, dimensions, most=200))
        return combine(judge, dimensions, singles), singles


def world(is_struck: Callable[[dict[str, Any]], bool], reason: str = "A") -> list[Row]:
    """Return connections at every place, of which those that are struck fail, half of them."""
    rows = []
    for node in NODES:
        for port in PORTS:
            for protocol in PROTOCOLS:
                place = {"ip_address": node, "listener_port": port, "tls_protocol": protocol}
                for n in range(60):
                    client = {"client_ip": f"10.9.{n}.{len(rows) % 250}"}
                    rows.append(connection(-999 + 16 * n, **place, **client))
                    failed = reason if is_struck(place) and n % 2 else None
                    rows.append(connection(8 * n, failed, **place, **client))
    return rows


def test_one_value_is_a_cause_without_a_row_of_its_own() -> None:
    found, singles = combined(world(lambda place: place["ip_address"] == "10.0.1.2"))
    assert found.causes == [("ip_address", "10.0.1.2")]
    assert ("ip_address", "10.0.1.2") in found.gain
    single = singles[singles["value"] == "10.0.1.2"]
    assert single[["incident_connections", "incident_failures"]].to_numpy().tolist() == [[240, 120]]


def test_a_pair_is_a_row_with_its_counts() -> None:
    found, singles = combined(
        world(lambda place: place["ip_address"] == "10.0.1.2" and place["listener_port"] == 443)
    )
    assert found.causes == [("ip_address × listener_port", "10.0.1.2 × 443")]
    row = found.rows.iloc[0]
    assert (row["dimension"], row["value"]) == found.causes[0]
    counts = ["baseline_connections", "baseline_failures", "incident_connections",
              "incident_failures", "incident_events"]  # fmt: skip
    assert row[counts].tolist() == [120, 0, 120, 60, 60]
    assert found.near >= {("ip_address", "10.0.1.2"), ("listener_port", "443")}
    assert found.near <= set(found.gain)
    assert list(found.rows) == list(singles)
    assert [str(kind) for kind in found.rows.dtypes[counts]] == ["int64"] * 4 + ["float64"]


def test_three_values_are_a_cause() -> None:
    struck = {"ip_address": "10.0.1.3", "listener_port": 8443, "tls_protocol": "TLSv1.2"}
    found, _ = combined(world(lambda place: place == struck))
    assert found.causes == [
        ("ip_address × listener_port × tls_protocol", "10.0.1.3 × 8443 × TLSv1.2")
    ]


def test_two_causes() -> None:
    found, _ = combined(
        world(lambda p: p["ip_address"] == "10.0.1.1" or p["tls_protocol"] == "TLSv1.2")
    )
    assert set(found.causes) == {("ip_address", "10.0.1.1"), ("tls_protocol", "TLSv1.2")}
    gains = [found.gain[cause] for cause in found.causes]
    assert gains == sorted(gains, reverse=True)


def test_unmapped_failures_have_no_protocol_for_a_cause() -> None:
    found, _ = combined(world(lambda place: place["ip_address"] == "10.0.1.2", UNMAPPED))
    assert found.causes == [("ip_address", "10.0.1.2")]
    assert not any("tls_" in dimension for dimension, _ in found.gain)


def test_a_value_that_all_have_is_no_part_of_a_cause() -> None:
    found, singles = combined(world(lambda place: place["ip_address"] == "10.0.1.2"))
    assert singles["dimension"].eq("elb").any()
    assert not any("elb" in dimension for dimension, _ in found.gain)
    assert not any("failure_reason" in dimension for dimension, _ in found.gain)


def test_an_address_and_its_network_are_one_thing() -> None:
    rows = [row | {"elb": API if row["ip_address"] == NODES[0] else SHOP}
            for row in world(lambda place: place["ip_address"] == NODES[0])]  # fmt: skip
    found, _ = combined(rows)
    for dimension, _ in found.gain:
        parts = set(dimension.split(" × "))
        assert not {"elb", "ip_address"} <= parts
        assert not {"client_network", "client_ip"} <= parts
    assert len(found.rows) <= MOST_ROWS


@pytest.mark.parametrize("rows", [[], world(lambda _: False)])
def test_nothing_that_failed_more_has_no_combinations(rows: list[Row]) -> None:
    found, singles = combined(rows)
    assert len(found.rows) == 0
    assert list(found.rows) == list(singles)
    assert (found.causes, found.gain) == ([], {})


def test_everywhere_has_no_cause() -> None:
    found, _ = combined(world(lambda _: True))
    assert found.causes == []


def test_none_has_the_columns_of_the_others() -> None:
    _, singles = combined(world(lambda _: False))
    none = none_combined(singles)
    assert list(none.rows) == list(singles)
    assert len(none.rows) == 0
