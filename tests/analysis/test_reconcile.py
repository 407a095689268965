"""CloudWatch's numbers beside the log's: both shapes of its JSON, periods, and missing points."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from albconn import TableError
from albconn.analysis.reconcile import reconcile_metric
from worlds.lines import API, SHOP
from worlds.rows import BEGIN, Row, bare, connection, frame_of


def world() -> list[Row]:
    """Failures at 10:00 (2), 10:01 (1), 10:06 (4) for the shop; one at 10:02 for the other."""
    return [
        connection(1, "A"), connection(59.999999, "A"), connection(60, "A"), connection(70),
        *(connection(360 + n, "A") for n in range(4)),
        connection(130, "A", elb=API), bare(500), connection(140, "A", elb=None),
    ]  # fmt: skip


def data(points: dict[str, float], **more: Any) -> dict[str, Any]:
    result = {"Id": "m1", "Label": "ClientTLSNegotiationErrorCount", "StatusCode": "Complete"}
    result |= {"Timestamps": list(points), "Values": list(points.values())} | more
    return {"MetricDataResults": [result], "Messages": []}


def statistics(points: dict[str, float]) -> dict[str, Any]:
    return {
        "Label": "ClientTLSNegotiationErrorCount",
        "Datapoints": [
            {"Timestamp": at, "Sum": total, "Unit": "Count"} for at, total in points.items()
        ],
    }


MINUTES = {"2026-09-23T10:06:00+00:00": 3.0, "2026-09-23T10:00:00+00:00": 2.0}
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


def test_text_path_and_python_values_are_the_same(tmp_path: Path) -> None:
    text = json.dumps(data(MINUTES))
    (tmp_path / "metric.json").write_text(text)
    moments = {
        datetime(2026, 9, 23, 10, 6, tzinfo=UTC): 3.0,
        datetime(2026, 9, 23, 10, 0, tzinfo=UTC): 2.0,
    }
    boto = data({})
    boto["MetricDataResults"][0] |= {"Timestamps": list(moments), "Values": [3.0, 2.0]}
    epochs = {"Datapoints": [{"Timestamp": at.timestamp(), "Sum": n} for at, n in moments.items()]}
    expected = reconcile_metric(frame_of(world()), data(MINUTES))
    for given in (text, tmp_path / "metric.json", str(tmp_path / "metric.json"), boto, epochs):
        assert reconcile_metric(frame_of(world()), given).equals(expected)


def test_pages_of_one_metric_and_partial_answers() -> None:
    pages = data({"2026-09-23T10:00:00Z": 2.0}, StatusCode="PartialData")
    pages["MetricDataResults"] += data({"2026-09-23T10:06:00Z": 3.0})["MetricDataResults"]
    table = reconcile_metric(frame_of(world()), pages)
    assert table["metric_errors"].sum() == 5.0
    assert table.attrs["is_partial"] is True
    requests = {"Id": "m0", "Label": "RequestCount", "Timestamps": [], "Values": []}
    several = data(MINUTES)
    several["MetricDataResults"].append(requests)
    assert reconcile_metric(frame_of(world()), several)["metric_errors"].sum() == 5.0


def test_no_points_are_zeros() -> None:
    table = reconcile_metric(frame_of(world()), statistics({}), period=60)
    assert table["metric_errors"].tolist() == [0.0] * 7
    empty = reconcile_metric(frame_of([]), statistics({}))
    assert len(empty) == 0
    assert [str(kind) for kind in empty.dtypes] == [str(kind) for kind in table.dtypes]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"Metrics": []}, "are not of get-metric-data"),
        ("{nonsense", "not JSON"),
        ("/nowhere/metric.json", "cannot be read"),
        ("[1]", "a JSON object is expected"),
        (data({"2026-09-23T10:00:30Z": 1.0}), "not on whole minutes"),
        (data({"2026-09-23T10:00:00": 1.0}), "no time zone"),
        (data({"yesterday": 1.0}), "is not a time"),
        (data({f"2026-09-23T{hour:02}:00:00Z": 1.0 for hour in range(6)}), "multiples of 3600 s"),
        (data(MINUTES, Values=[1.0]), "2 Timestamps but 1 Values"),
        ({"Datapoints": [{"Timestamp": "2026-09-23T10:00:00Z", "Average": 1}]}, "no Sum"),
        ({"MetricDataResults": [{"Id": "a"}, {"Id": "b"}]}, "2 metrics"),
    ],
)
def test_what_is_refused(given: Any, message: str) -> None:
    with pytest.raises(TableError, match=message):
        reconcile_metric(frame_of(world()), given)


def test_periods_that_are_refused() -> None:
    with pytest.raises(TableError, match="expected 60 or 300"):
        reconcile_metric(frame_of(world()), data(MINUTES), period=3600)
    with pytest.raises(TableError, match="300 s apart"):
        reconcile_metric(frame_of(world()), data(MINUTES), period=300)
    hours = data({f"2026-09-23T{hour:02}:00:00Z": 1.0 for hour in range(6)})
    assert reconcile_metric(frame_of([]), hours, period=300)["metric_errors"].sum() == 6
