"""Findings: which there are, what explains each, and what is their baseline."""

from __future__ import annotations

from albconn.analysis.outages.findings import again, named_by, outside, search
from albconn.analysis.outages.search import window_of
from albconn.analysis.outages.strata import Stratum
from albconn.times import Window
from tests.analysis.outages.prepared import (
    CALM,
    NODES,
    START,
    STOP,
    minutes,
    prepared,
    series_of,
    struck,
)
from worlds.lines import API, SHOP
from worlds.rows import Row


def also(rows: list[Row], window: Window) -> list[Row]:
    """Return rows of which every second one fails in a window at a node of the shop."""
    start, end = window
    return [
        row | {"outcome": "failed", "failure_reason": "B"}
        if n % 2 and start <= row["timestamp"] < end and row["ip_address"] == NODES[SHOP][0]
        else row
        for n, row in enumerate(rows)
    ]


def test_nothing_is_found_in_the_calm() -> None:
    with prepared(CALM) as counting:
        series = series_of(counting)
        assert search(counting, series, window_of(series, 0, series.bins)) == []


def test_each_finding_is_taken_out_and_explained_again() -> None:
    first, second = minutes(START, STOP), minutes(60, 80)
    with prepared(also(struck({"elb": API}), second)) as counting:
        series = series_of(counting)
        everything = window_of(series, 0, series.bins)
        found = search(counting, series, everything)
        assert [finding.window for finding in found] == [first, second]
        assert [cause.named for finding in found for cause in finding.told] == [
            {"elb": API}, {"ip_address": NODES[SHOP][0]},
        ]  # fmt: skip
        # Of neither the other one's time is the usual.
        for place, named in enumerate(({"elb": API}, {"ip_address": NODES[SHOP][0]})):
            told, baseline = again(counting, series, everything, found, place)
            assert [cause.named for cause in told] == [named]
            assert baseline == outside(everything, [first, second])


def test_what_is_outside_of_windows() -> None:
    span = minutes(0, 120)
    assert outside(span, []) == [span]
    # A bin on either side belongs to neither.
    assert outside(span, [minutes(30, 40)]) == [minutes(0, 25), minutes(45, 120)]
    assert outside(span, [minutes(0, 40), minutes(60, 120)]) == [minutes(45, 55)]
    assert outside(span, [minutes(3, 118)]) == []
    assert outside(span, [minutes(30, 40), minutes(35, 60)]) == [minutes(0, 25), minutes(65, 120)]


def test_a_part_of_the_traffic_as_a_cause() -> None:
    def named(columns: tuple[str, ...], values: tuple[object, ...]) -> dict[str, str]:
        return named_by(Stratum(columns, values, None, None))  # type: ignore[arg-type]

    assert named(("elb", "listener_port"), (SHOP, 443.0)) == {"elb": SHOP, "listener_port": "443"}
    assert named(("elb", "failure_reason"), (SHOP, "A")) == {"elb": SHOP}
    assert named(("network",), ("10.0.0.0/24",)) == {"client_network": "10.0.0.0/24"}
    assert named(("elb", "ip_address"), (float("nan"), "10.0.1.1")) == {"ip_address": "10.0.1.1"}
