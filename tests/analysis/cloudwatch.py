"""Failures of two load balancers, and CloudWatch's answers in both of their shapes."""

from __future__ import annotations

from typing import Any

from worlds.lines import API
from worlds.rows import Row, bare, connection


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
