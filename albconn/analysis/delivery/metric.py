"""CloudWatch's answer about a metric, read from the JSON that its command line prints.

Two shapes: of ``get-metric-data`` and of ``get-metric-statistics``. Neither says what period it
has, and both leave out periods in which the metric was zero, so the period is told from the
times: whole minutes, or all on five minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any, NamedTuple

from albconn.arguments import Json, json_object
from albconn.errors import TableError, shown

METRIC = "ClientTLSNegotiationErrorCount"
PERIODS = (60, 300)  # [s]
_ENOUGH = 5  # points, all on a wider grid, that cannot be by chance

MetricJson = Json
Point = tuple[datetime, float]


class Metric(NamedTuple):
    """The points of a metric: start of the period [s since 1970] and sum."""

    period: int
    sums: dict[int, float]
    is_partial: bool


def read_metric(metric_json: MetricJson, period: int | None) -> Metric:
    """Return the metric in a dict, a JSON text, or the file of a path.

    Raises
    ------
    TableError
        It is no such JSON, holds several metrics, or has another period than 60 or 300 s.
    """
    if not (period is None or (isinstance(period, int) and period in PERIODS)):
        raise TableError(f"period: {shown(period)} is not supported; expected 60 or 300 [s]")
    told = json_object("metric_json", metric_json)
    try:
        points, is_partial = _read(told)
    except (ArithmeticError, AttributeError, OSError, TypeError, ValueError) as error:
        if isinstance(error, TableError):
            raise
        raise TableError("metric_json: not as the command prints it; give its answer") from error
    sums: dict[int, float] = {}
    for moment, value in points:
        start = int(moment.timestamp())
        sums[start] = sums.get(start, 0.0) + value
    return Metric(_period(sums, period), sums, is_partial)


def _read(told: Mapping[str, Any]) -> tuple[list[Point], bool]:
    if "MetricDataResults" in told:
        return _metric_data(told["MetricDataResults"])
    if "Datapoints" in told:
        return _statistics(told["Datapoints"]), False
    raise TableError(
        f"metric_json: keys {shown(list(told))} are not of get-metric-data "
        "(MetricDataResults) or get-metric-statistics (Datapoints)"
    )


def _metric_data(results: Any) -> tuple[list[Point], bool]:
    named = [r for r in results if METRIC in f"{r.get('Label')} {r.get('Id')}"] or list(results)
    ids = sorted({str(result.get("Id")) for result in named})
    if len(ids) > 1:  # one metric in several pages has one Id
        raise TableError(
            f"metric_json: {len(ids)} metrics ({', '.join(ids)[:60]}); keep the one that is "
            f"{METRIC}"
        )
    is_partial = any(result.get("StatusCode") == "PartialData" for result in named)
    points = []
    for result in named:
        moments, values = result.get("Timestamps", []), result.get("Values", [])
        if len(moments) != len(values):
            raise TableError(
                f"metric_json: {len(moments)} Timestamps but {len(values)} Values; "
                "give the whole answer"
            )
        points += _points(zip(moments, values, strict=True))
    return points, is_partial


def _statistics(datapoints: Any) -> list[Point]:
    if any("Sum" not in point for point in datapoints):
        raise TableError("metric_json: a point has no Sum; ask for --statistics Sum")
    return _points((point.get("Timestamp"), point["Sum"]) for point in datapoints)


def _points(pairs: Iterable[tuple[Any, Any]]) -> list[Point]:
    return [(_moment(moment), _count(value)) for moment, value in pairs]


def _count(value: Any) -> float:
    count = float(value)
    if not isfinite(count):  # JSON has no such number, but Python reads and prints it
        raise TableError(f"metric_json: {shown(value)} is not a count; give the whole answer")
    return count


def _moment(value: Any) -> datetime:
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise TableError(f"metric_json: {shown(value)} is not a time") from error
    if moment.tzinfo is None:
        raise TableError(f"metric_json: {shown(value)} has no time zone; expected Z or an offset")
    return moment


def _period(starts: Iterable[int], period: int | None) -> int:
    """Return the period [s] that the starts fit, or the one that was given."""
    moments = list(starts)
    step = period or next((s for s in reversed(PERIODS) if _all_on(moments, s)), None)
    if step is None or not _all_on(moments, step):
        raise TableError(
            "metric_json: its times are not on whole minutes; a period of 60 or 300 s is expected"
            if period is None
            else f"metric_json: its times are not a period of {period} s apart"
        )
    wider = next((s for s in (3600, 900) if _all_on(moments, s)), None)
    if period is None and wider and len(moments) >= _ENOUGH:
        raise TableError(
            f"metric_json: all {len(moments)} times are multiples of {wider} s; ask CloudWatch "
            "for a period of 60 or 300 s, or say period=300 if it has that"
        )
    return step


def _all_on(moments: list[int], step: int) -> bool:
    return all(moment % step == 0 for moment in moments)
