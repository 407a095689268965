"""Do the logs agree with CloudWatch?

CloudWatch counts ``ClientTLSNegotiationErrorCount`` on its own. Nobody states that it equals the
number of failures in the log, and it need not:

- it includes clients that reject the server's certificate, which may end before a line is made;
- a connection that fails on the client's certificate is a failure in the log, and may not count
  as a negotiation error;
- log delivery is best effort, and a file may come late or never (see ``coverage``);
- the metric is one load balancer's; logs may hold several, or only some nodes;
- it counts a minute by its own clock, so a failure may fall into the next bin.

Agreement in shape and size is what to look for; a constant factor is a fact, a gap is a hole.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.counts import (
    FAILURES,
    KNOWN,
    OUTCOME_COLUMNS,
    Counting,
    open_counting,
)
from albconn.analysis.counting.source import literal
from albconn.analysis.counting.splits import bin_number
from albconn.analysis.delivery.metric import Metric, MetricJson, read_metric
from albconn.logs.find.keys import LogKey
from albconn.logs.find.selection import Names, make_selection
from albconn.opened import Connections
from albconn.schema.kind import INSTANT
from albconn.storage.places import StorageOptions

MOST_PERIODS = 2_000_000  # of one minute, nearly four years


def reconcile_metric(
    connections: Connections,
    metric_json: MetricJson,
    *,
    load_balancer: Names = None,
    period: int | None = None,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return failures in the log beside CloudWatch's count of TLS negotiation errors.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    metric_json : dict, str or path
        What ``aws cloudwatch get-metric-data`` or ``get-metric-statistics --statistics Sum``
        printed for ``ClientTLSNegotiationErrorCount``: parsed, as text, or in a file.
    load_balancer : str or sequence of str, optional
        The load balancer that the metric is of: name, ``app/name/hash``, or glob.
    period : int, optional
        The metric's period [s], 60 or 300. Without it: 300 if all its times fit, else 60.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (periods, columns)
        Every period from the first to the last that the log or the metric knows of; of more than
        two million, only those of which one of them has something.

        ==============  ==================  =====================================================
        column          type                meaning
        ==============  ==================  =====================================================
        bin_start       datetime64[us,UTC]  start of the period
        log_failures    int64               failures in the log
        metric_errors   float64             the metric's sum; a missing point is zero
        difference      float64             log_failures - metric_errors
        ==============  ==================  =====================================================

        ``attrs`` holds ``period`` [s], ``log_failures`` and ``metric_errors`` (totals),
        ``log_start`` and ``log_end`` (ISO 8601: outside of these the log says nothing, and its
        zeros are holes), ``load_balancers`` in the log, and ``is_partial`` if CloudWatch said
        that its answer is not complete. Why the two differ: see the module's text.

    Raises
    ------
    TableError
        The JSON is of neither command, of another period, or the source lacks columns.
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.

    References
    ----------
    AWS, "CloudWatch metrics for your Application Load Balancer". AWS CLI, ``cloudwatch``.

    Examples
    --------
    >>> connections = pd.DataFrame({
    ...     "timestamp": pd.to_datetime(["2026-09-23T10:00:07Z", "2026-09-23T10:02:30Z"]),
    ...     "outcome": "failed", "failure_reason": "ClientCertExpired",
    ...     "elb": "app/shop/50dc6c495c0c9188",
    ... })
    >>> answer = {"Datapoints": [{"Timestamp": "2026-09-23T10:02:00Z", "Sum": 1.0}]}
    >>> reconcile_metric(connections, answer)[["log_failures", "metric_errors", "difference"]]
       log_failures  metric_errors  difference
    0             1            0.0         1.0
    1             0            0.0         0.0
    2             1            1.0         0.0
    """
    metric = read_metric(metric_json, period)
    columns = ("timestamp", *OUTCOME_COLUMNS)
    needed, optional = (columns, ["elb"]) if load_balancer is None else ((*columns, "elb"), [])
    with open_counting(
        connections, columns=needed, optional=optional, storage_options=storage_options
    ) as counting:
        balancers = _balancers(counting, load_balancer)
        wanted = "true" if load_balancer is None else _among(balancers)
        counted = counting.table(
            f"SELECT {bin_number(metric.period * 1_000_000)} AS bin, "
            f"{FAILURES} AS failures, min(timestamp) AS first, max(timestamp) AS last "
            f"FROM connections WHERE {KNOWN} AND {wanted} GROUP BY bin ORDER BY bin"
        )
    table = _side_by_side(counted, metric)
    first = [moment for moment in counted["first"].cast(INSTANT).to_pylist() if moment]
    last = [moment for moment in counted["last"].cast(INSTANT).to_pylist() if moment]
    table.attrs.update(
        period=metric.period,
        log_failures=int(table["log_failures"].sum()),
        metric_errors=float(table["metric_errors"].sum()),
        log_start=_text(min(first, default=None)),
        log_end=_text(max(last, default=None)),
        load_balancers=balancers,
        is_partial=metric.is_partial,
    )
    return table


def _side_by_side(counted: pa.Table, metric: Metric) -> pd.DataFrame:
    failures = dict(zip(counted["bin"].to_pylist(), counted["failures"].to_pylist(), strict=True))
    errors = {start // metric.period: total for start, total in metric.sums.items()}
    places = [*failures, *errors]
    bins = _periods(sorted({*places}))
    table = pd.DataFrame(
        {
            "bin_start": pa.array(bins * metric.period * 1_000_000, INSTANT).to_pandas(),
            "log_failures": np.array([failures.get(place, 0) for place in bins.tolist()], np.int64),
            "metric_errors": np.array(
                [errors.get(place, 0.0) for place in bins.tolist()], np.float64
            ),
        }
    )
    table["difference"] = table["log_failures"] - table["metric_errors"]
    return table


def _periods(places: list[int]) -> npt.NDArray[np.int64]:
    """Return all periods from first to last; only those of which something is known, of too many.

    One line of the year 1, or one point of a metric, must not become a row for each minute since.
    """
    if not places or places[-1] - places[0] >= MOST_PERIODS:
        return np.array(places, dtype=np.int64)
    return np.arange(places[0], places[-1] + 1)


def _balancers(counting: Counting, load_balancer: Names) -> list[str]:
    """Return the log's load balancers, of those that are asked for."""
    if not counting.has(["elb"]):
        return []
    selection = make_selection(load_balancer=load_balancer)
    listed = counting.table("SELECT DISTINCT elb FROM connections WHERE elb IS NOT NULL ORDER BY 1")
    return [elb for elb in listed["elb"].to_pylist() if selection.may_hold(LogKey(elb=elb))]


def _among(balancers: list[str]) -> str:
    return f"elb IN ({', '.join(map(literal, balancers))})" if balancers else "false"


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
