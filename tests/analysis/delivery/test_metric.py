"""CloudWatch's JSON, in every shape in which it comes, and what is none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from albconn import TableError
from albconn.analysis.delivery.reconcile import reconcile_metric
from tests.analysis.cloudwatch import MINUTES, data, world
from worlds.rows import frame_of


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


@pytest.mark.parametrize(
    "point",
    [
        {"Sum": 10**400}, {"Sum": float("inf")}, {"Sum": float("nan")}, {"Sum": {}}, {"Sum": None},
        {"Timestamp": 1e300}, {"Timestamp": -1e300}, {"Timestamp": float("nan")},
        {"Timestamp": {"a": 1}}, {"Sum": "x" * 1_000_000}, {"Timestamp": "x" * 1_000_000},
    ],
    ids=lambda point: str(point)[:30],
)  # fmt: skip
def test_a_number_or_time_that_is_none_is_one_line(point: dict[str, Any]) -> None:
    whole = {"Timestamp": "2026-09-23T10:00:00Z", "Sum": 1.0} | point
    with pytest.raises(TableError) as refused:
        reconcile_metric(frame_of(world()), json.dumps({"Datapoints": [whole]}))
    assert len(str(refused.value)) < 200
