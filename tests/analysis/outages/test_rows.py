"""A cause as a row: plain counts of the connections that it holds."""

from __future__ import annotations

from typing import Any

import pytest

from albconn.analysis.outages.findings import again, search
from albconn.analysis.outages.rows import row_of
from albconn.analysis.outages.search import window_of
from tests.analysis.outages.prepared import (
    NODES,
    START,
    STOP,
    is_during,
    minutes,
    prepared,
    series_of,
    struck,
)
from worlds.lines import API, SHOP
from worlds.rows import Row


def first_row(rows: list[Row]) -> dict[str, Any]:
    with prepared(rows) as counting:
        series = series_of(counting)
        everything = window_of(series, 0, series.bins)
        found = search(counting, series, everything)
        told, baseline = again(counting, series, everything, found, 0)
        return row_of(counting, found[0].claim, told[0], baseline, found[0].window)


@pytest.mark.parametrize("named", [{"elb": API}, {"ip_address": NODES[SHOP][1]}])
def test_counts_are_those_of_plain_python(named: dict[str, str]) -> None:
    rows = struck(named)
    row = first_row(rows)
    inside = [each for each in rows if is_during(each) and named.items() <= each.items()]
    failed = [each for each in inside if each["outcome"] == "failed"]
    assert (row["start"], row["end"]) == minutes(START, STOP)
    assert (row["failures"], row["connections"]) == (len(failed), len(inside))
    assert row["failure_rate"] == pytest.approx(len(failed) / len(inside))
    assert row["clients"] == len({each["client_ip"] for each in failed})
    # The usual is that of all times but the incident and a bin on either side.
    near = minutes(START - 5, STOP + 5)
    before = [
        each for each in rows
        if not near[0] <= each["timestamp"] < near[1] and named.items() <= each.items()
    ]  # fmt: skip
    usual = sum(each["outcome"] == "failed" for each in before) / len(before)
    assert row["usual"] == pytest.approx(usual)
    assert row["value"] == next(iter(named.values()))
    assert row["cause"] == " ".join(*named.items())
    assert row["reason"] == "A"


def test_a_reason_that_is_not_the_clients_is_no_part_of_the_cause() -> None:
    row = first_row(struck({"elb": API}, "ClientCertUntrusted"))
    assert row["kind"] == "client certificates rejected"
    assert row["dimension"] == "elb × failure_reason"  # of certificates it is
    assert first_row(struck({"elb": API}))["dimension"] == "elb"
