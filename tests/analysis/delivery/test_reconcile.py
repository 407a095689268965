"""CloudWatch's numbers beside the log's: both shapes of its JSON, periods, and missing points."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from albconn import TableError
from albconn.analysis.delivery.reconcile import reconcile_metric
from tests.analysis.cloudwatch import MINUTES, data, statistics, world
from worlds.lines import API, SHOP
from worlds.rows import BEGIN, frame_of

FIVES = {"2026-09-23T19:05:00+09:00": 4.0, "2026-09-23T19:00:00+09:00": 3.0}


@pytest.mark.parametrize("shape", [data, statistics])
def test_minutes(shape: Any) -> None:
    table = reconcile_metric(frame_of(world()), shape(MINUTES), load_balancer="shop")
    assert table["log_failures"].tolist() == [2, 1, 0, 0, 0, 0, 4]
    assert table["metric_errors"].tolist() == [2.0, 0, 0, 0, 0, 0, 3.0]
    assert table["difference"].tolist() == [0, 1, 0, 0, 0, 0, 1]
    assert list(table["bin_start"]) == [BEGIN + timedelta(minutes=n) for n in range(7)]
    assert table.attrs["load_balancers"] == [SHOP]
    assert (table.attrs["log_failures"], table.attrs["metric_errors"]) == (7, 5.0)
    assert table.attrs["log_end"] == (BEGIN + timedelta(seconds=363)).isoformat()


@pytest.mark.parametrize("shape", [data, statistics])
def test_five_minutes_are_recognised(shape: Any) -> None:
    table = reconcile_metric(frame_of(world()), shape(FIVES), load_balancer=SHOP)
    assert table[["log_failures", "metric_errors"]].values.tolist() == [[3, 3], [4, 4]]
    assert table.attrs["period"] == 300


def test_a_point_can_be_said_to_be_a_minute() -> None:
    point = data({"2026-09-23T10:00:00Z": 2.0})
    assert len(reconcile_metric(frame_of(world()), point)) == 2
    assert len(reconcile_metric(frame_of(world()), point, period=60)) == 7


def test_all_load_balancers_without_one_named() -> None:
    table = reconcile_metric(frame_of(world()), data(MINUTES))
    assert table["log_failures"].sum() == 9
    assert table.attrs["load_balancers"] == [API, SHOP]
    none = reconcile_metric(frame_of(world()), data(MINUTES), load_balancer="nobody")
    assert none["log_failures"].sum() == 0
    assert none["metric_errors"].sum() == 5


def test_no_points_are_zeros() -> None:
    table = reconcile_metric(frame_of(world()), statistics({}), period=60)
    assert table["metric_errors"].tolist() == [0.0] * 7
    empty = reconcile_metric(frame_of([]), statistics({}))
    assert len(empty) == 0
    assert [str(kind) for kind in empty.dtypes] == [str(kind) for kind in table.dtypes]


def test_periods_that_are_refused() -> None:
    with pytest.raises(TableError, match="expected 60 or 300"):
        reconcile_metric(frame_of(world()), data(MINUTES), period=3600)
    with pytest.raises(TableError, match="300 s apart"):
        reconcile_metric(frame_of(world()), data(MINUTES), period=300)
    hours = data({f"2026-09-23T{hour:02}:00:00Z": 1.0 for hour in range(6)})
    assert reconcile_metric(frame_of([]), hours, period=300)["metric_errors"].sum() == 6


def test_times_ages_apart_are_no_row_for_each_minute_between() -> None:
    ages = {"0001-01-01T00:00:00Z": 2.0, "9999-12-31T23:59:00Z": 5.0}
    table = reconcile_metric(frame_of(world()), data(ages))
    minutes = {f"{row['timestamp']:%H:%M}" for row in world() if row["outcome"]}
    assert len(table) == 2 + len(minutes)
    assert table["metric_errors"].sum() == 7
    assert table["bin_start"].is_monotonic_increasing
