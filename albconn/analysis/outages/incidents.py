"""All incidents that a log holds, the strongest first, each with its cause and its kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.bursts import within
from albconn.analysis.counting.counts import Counting, open_counting
from albconn.analysis.counting.dimensions import JOINED
from albconn.analysis.outages import causes, kinds
from albconn.analysis.outages.events import NEEDED, OPTIONAL, leave_out, make_sources, span_of
from albconn.analysis.outages.search import Claim, condition, strongest, window_of
from albconn.analysis.outages.strata import Series
from albconn.opened import Connections
from albconn.schema.kind import INSTANT
from albconn.storage.places import StorageOptions
from albconn.times import Window

WIDTH = 300_000_000  # of a bin [µs]: load balancers deliver every five minutes
MOST = 12
_SPOKEN = ("tls_protocol", "tls_cipher", "tls_keyexchange")
_BEFORE = timedelta(microseconds=WIDTH)
_COLUMNS = {
    "start": INSTANT, "end": INSTANT, "going_on": pa.bool_(), "kind": pa.string(),
    "cause": pa.string(), "dimension": pa.string(), "value": pa.string(), "elb": pa.string(),
    "reason": pa.string(), "clients": pa.int64(), "failures": pa.int64(),
    "connections": pa.int64(), "failure_rate": pa.float64(), "usual": pa.float64(),
    "share_of_excess": pa.float64(), "change": pa.string(), "log_p": pa.float64(),
}  # fmt: skip


def incidents(connections: Connections, *, storage_options: StorageOptions = None) -> pd.DataFrame:
    """Return every incident, the strongest first."""
    with open_counting(
        connections,
        columns=NEEDED,
        optional=[*OPTIONAL, *_SPOKEN],
        storage_options=storage_options,
    ) as counting:
        rows = list(_found(counting))
    return _table(rows)


def _found(counting: Counting) -> list[dict[str, Any]]:
    make_sources(counting, WIDTH)
    span = span_of(counting)
    if span is None:
        return []
    series = Series(counting, *span, WIDTH)
    rows: list[dict[str, Any]] = []
    taken: list[str] = []
    windows: list[Window] = []
    for _ in range(MOST):
        claim = strongest(counting, series)
        if claim is None:
            break
        window = window_of(series, claim.first, claim.last)
        windows.append(window)
        baseline = _outside(window_of(series, 0, series.bins), windows)
        if not baseline:
            break
        told = causes.of_their_own(counting, causes.find(counting, baseline, window), window)
        rows += [_row(counting, series, claim, cause, baseline, window) for cause in told]
        taken += _explained(claim, told, window)
        leave_out(counting, taken)
        series.count()
    return rows


def _explained(claim: Claim, told: Sequence[causes.Cause], window: Window) -> list[str]:
    """Return what is taken out: the causes in their window, and the claim itself."""
    around = within((window[0] - _BEFORE, window[1] + _BEFORE))
    stratum = claim.stratum
    if stratum.columns == ("network",):
        inside = (
            "client_ip IN (SELECT client_ip FROM sources WHERE "
            f"{condition(stratum.columns, stratum.values)})"
        )
    else:
        inside = condition(stratum.columns, stratum.values)
    parts = [causes.taken(cause.named) for cause in told if cause.named]
    return [f"{around} AND ({part})" for part in (*parts, inside)]


def _outside(span: Window, windows: Sequence[Window]) -> list[Window]:
    """Return what is left of a span without windows."""
    left = [span]
    for start, end in windows:
        left = [
            part
            for first, last in left
            for part in ((first, min(last, start)), (max(first, end), last))
            if part[0] < part[1]
        ]
    return left


def _row(
    counting: Counting,
    series: Series,
    claim: Claim,
    cause: causes.Cause,
    baseline: Sequence[Window],
    window: Window,
) -> dict[str, Any]:
    reasons = causes.reasons_of(counting, cause.named, window)
    spoken = kinds.spoken(counting, cause.named, baseline, window)
    change = kinds.change_of(spoken)
    counted = cause.row
    return {
        "start": window[0],
        "end": window[1],
        "going_on": claim.last >= series.bins,
        "kind": kinds.kind_of(cause.named, reasons, change),
        "cause": ", ".join(f"{name} {value}" for name, value in cause.named.items()),
        "dimension": JOINED.join(cause.named),
        "value": JOINED.join(cause.named.values()),
        "elb": cause.named.get("elb") or _only_elb(claim),
        "reason": str(reasons.index[0]) if len(reasons) else None,
        "clients": causes.clients_of(counting, cause.named, window),
        "failures": int(counted["incident_failures"]),
        "connections": int(counted["incident_connections"]),
        "failure_rate": float(counted["incident_rate"]),
        "usual": float(counted["baseline_rate"]),
        "share_of_excess": float(counted["share_of_excess"]),
        "change": change.summary or None,
        "log_p": claim.log_p,
    }


def _only_elb(claim: Claim) -> str | None:
    names = dict(zip(claim.stratum.columns, claim.stratum.values, strict=True))
    return str(names["elb"]) if isinstance(names.get("elb"), str) else None


def _table(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    schema = pa.schema(list(_COLUMNS.items()))
    table = pa.Table.from_pylist(list(rows), schema=schema)
    return table.to_pandas()
