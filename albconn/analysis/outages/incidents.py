"""All incidents that a log holds, the strongest first, each with its cause and its kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.bursts import within
from albconn.analysis.counting.counts import Counting, open_counting
from albconn.analysis.counting.derived import NETWORK
from albconn.analysis.counting.dimensions import JOINED, REASON
from albconn.analysis.outages import causes, kinds, manners
from albconn.analysis.outages.causes import Cause, Named
from albconn.analysis.outages.certificates import presented
from albconn.analysis.outages.events import (
    NEEDED,
    OPTIONAL,
    background,
    hide,
    make_sources,
    span_of,
    take_out,
)
from albconn.analysis.outages.search import (
    LEAST_CLIENTS,
    Claim,
    condition,
    narrowest,
    strongest,
    window_of,
)
from albconn.analysis.outages.slow import LATENCY, Slow, find_slow
from albconn.analysis.outages.strata import Series, Stratum
from albconn.opened import Connections
from albconn.schema.kind import INSTANT
from albconn.storage.places import StorageOptions
from albconn.times import Window

WIDTH = 300_000_000  # of a bin [µs]: load balancers deliver every five minutes
MOST = 16
LEAST_SHARE = 0.25  # of a claim's clients, that a cause has to have struck
_A_BIN = timedelta(microseconds=WIDTH)
_COLUMNS = {
    "start": INSTANT,
    "end": INSTANT,
    "going_on": pa.bool_(),
    "kind": pa.string(),
    "cause": pa.string(),
    "dimension": pa.string(),
    "value": pa.string(),
    "elb": pa.string(),
    "network": pa.string(),
    "reason": pa.string(),
    "clients": pa.int64(),
    "failures": pa.int64(),
    "connections": pa.int64(),
    "failure_rate": pa.float64(),
    "usual": pa.float64(),
    "share_of_excess": pa.float64(),
    "spoken": pa.string(),
    "vanished": pa.string(),
    "change": pa.string(),
    "policy_before": pa.string(),
    "policy_after": pa.string(),
    "subjects": pa.int64(),
    "subject": pa.string(),
    "organization": pa.string(),
    "not_after": INSTANT,
    "log_p": pa.float64(),
}


def incidents(connections: Connections, *, storage_options: StorageOptions = None) -> pd.DataFrame:
    """Return every incident, the strongest first."""
    with open_counting(
        connections,
        columns=NEEDED,
        optional=[*OPTIONAL, *manners.SPOKEN, LATENCY, "cert_not_after"],
        storage_options=storage_options,
    ) as counting:
        rows = _once_each(_found(counting))
        apart = background(counting)
    schema = pa.schema(list(_COLUMNS.items()))
    answer = pa.Table.from_pylist(rows, schema=schema).to_pandas()
    answer.attrs["background"] = apart
    return answer


def _once_each(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows without those that are a part of another: the same cause in a time of its."""
    told: list[dict[str, Any]] = []
    for row in rows:
        same = [
            place
            for place, other in enumerate(told)
            if all(row[name] == other[name] for name in ("kind", "dimension", "value"))
            and row["start"] < other["end"]
            and other["start"] < row["end"]
        ]
        if not same:
            told.append(row)
        elif row["failures"] > told[same[0]]["failures"]:
            told[same[0]] = row
    return told


def _slow_row(slow: Slow, everything: Window) -> dict[str, Any]:
    return {
        "start": slow.window[0],
        "end": slow.window[1],
        "going_on": slow.window[1] >= everything[1],
        "kind": "slow handshakes",
        "cause": _phrase(slow.named),
        "dimension": JOINED.join(slow.named),
        "value": JOINED.join(slow.named.values()),
        "elb": slow.named.get("elb"),
        "clients": slow.clients,
        "failures": 0,
        "connections": slow.timed,
        "failure_rate": slow.slow / slow.timed,
        "usual": slow.usual,
        "log_p": slow.log_p,
    }


def _phrase(named: Named) -> str:
    return ", ".join(f"{name} {value}" for name, value in named.items())


class _Finding(NamedTuple):
    """A claim, its window, its causes, and what was taken out for it."""

    claim: Claim
    window: Window
    told: list[Cause]
    taken: list[str]


def _found(counting: Counting) -> list[dict[str, Any]]:
    make_sources(counting, WIDTH)
    span = span_of(counting)
    if span is None:
        return []
    series = Series(counting, *span, WIDTH)
    everything = window_of(series, 0, series.bins)
    slow = [_slow_row(each, everything) for each in find_slow(counting, series)]
    findings = _search(counting, series, everything)
    baseline = _outside(everything, [finding.window for finding in findings])
    rows: list[dict[str, Any]] = []
    for place, finding in enumerate(findings):
        hide(counting, [part for earlier in findings[:place] for part in earlier.taken])
        before = baseline or _outside(everything, [finding.window])
        told = finding.told
        if place < len(findings) - 1:  # when it was found, later ones were in its baseline
            again = _causes(counting, series, finding.claim, before, finding.window)
            told = again if _failures(again) >= _failures(told) / 2 else told
        struck = [part for other in findings[:place] for part in other.taken]
        for cause in told:
            row = _row(counting, finding.claim, cause, before, finding.window)
            if _is_news(counting, cause, row, rows, struck):
                rows.append(row | {"going_on": finding.window[1] >= everything[1]})
    return [*rows, *slow]


def _is_news(
    counting: Counting,
    cause: Cause,
    row: dict[str, Any],
    told: Sequence[dict[str, Any]],
    struck: Sequence[str],
) -> bool:
    """Say whether a cause struck others than those before it: who failed tries again elsewhere."""
    at_once = any(
        row["reason"] == other["reason"]
        and row["start"] < other["end"]
        and other["start"] < row["end"]
        for other in told
    )
    window = (row["start"], row["end"])
    return not at_once or causes.strikes_others(counting, cause.named, window, struck)


def _failures(told: Sequence[Cause]) -> int:
    return sum(int(cause.row["incident_failures"]) for cause in told)


def _search(counting: Counting, series: Series, everything: Window) -> list[_Finding]:
    """Return claims, the strongest first; each is taken out before the next is looked for."""
    findings: list[_Finding] = []
    while len(findings) < MOST and (claim := strongest(counting, series)) is not None:
        window = window_of(series, claim.first, claim.last)
        windows = [window, *(finding.window for finding in findings)]
        baseline = _outside(everything, windows) or _outside(everything, [window])
        if not baseline:
            break
        told = _causes(counting, series, claim, baseline, window)
        gone = [part for finding in findings for part in finding.taken]
        findings.append(_Finding(claim, window, told, _explained(claim, told, window)))
        take_out(counting, before=gone, now=findings[-1].taken)
        series.count()
    return findings


def _causes(
    counting: Counting, series: Series, claim: Claim, baseline: Sequence[Window], window: Window
) -> list[Cause]:
    """Return what holds the excess of a claim; the claim's own part where nothing else does."""
    told = causes.find(counting, baseline, window)
    least = max(LEAST_CLIENTS, LEAST_SHARE * claim.clients)
    struck = [causes.clients_of(counting, cause.named, window) for cause in told]
    kept = [cause for cause, clients in zip(told, struck, strict=True) if clients >= least]
    if not kept or not kept[0].named or _is_finer(kept[0].named, claim):
        named = _named(narrowest(series, claim))
        network = causes.network_apart(counting, named, window)
        named = {NETWORK: network} if network else named
        own = Cause(named, causes.row_of(counting, named, baseline, window))
        if causes.holds_most(own, causes.row_of(counting, {}, baseline, window)):
            kept = [own, *kept[1:]]
    kept = [causes.at_one_listener(counting, cause, baseline, window) for cause in kept]
    return causes.of_their_own(counting, kept or told[:1], window)


def _named(stratum: Stratum) -> Named:
    """Return a part of the traffic as a cause; its reason is told beside it."""
    pairs = zip(stratum.columns, stratum.values, strict=True)
    return {
        NETWORK if column == "network" else column: _text(value)
        for column, value in pairs
        if column != REASON and value is not None and value == value
    }


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) else str(value)


def _is_finer(named: Named, claim: Claim) -> bool:
    """Say whether a cause is a part of the /48 that the claim is of."""
    return claim.stratum.columns == ("network",) and ":" in str(claim.stratum.values[0]) and (
        ":" in named.get(NETWORK, "") or ":" in named.get("client_ip", "") or NETWORK not in named
    )  # fmt: skip


def _explained(claim: Claim, told: Sequence[Cause], window: Window) -> list[str]:
    """Return what is taken out: the causes in their window, and the claim itself."""
    around = within((window[0] - _A_BIN, window[1] + _A_BIN))
    if not all(cause.named for cause in told):
        return [around]
    stratum = claim.stratum
    inside = condition(stratum.columns, stratum.values)
    if stratum.columns == ("network",):
        inside = f"client_ip IN (SELECT client_ip FROM sources WHERE {inside})"
    parts = [causes.taken(cause.named) for cause in told if cause.named]
    return [f"{around} AND ({part})" for part in (*parts, inside)]


def _outside(span: Window, windows: Sequence[Window]) -> list[Window]:
    """Return what is left of a span without windows, and without a bin on either side of them."""
    left = [span]
    for start, end in windows:
        left = [
            part
            for first, last in left
            for part in ((first, min(last, start - _A_BIN)), (max(first, end + _A_BIN), last))
            if part[0] < part[1]
        ]
    return left


def _row(
    counting: Counting,
    claim: Claim,
    cause: Cause,
    baseline: Sequence[Window],
    window: Window,
) -> dict[str, Any]:
    reasons = causes.reasons_of(counting, cause.named, window)
    reason = kinds.main_reason(reasons)
    is_unmapped = reason == kinds.UNMAPPED_REASON
    core = causes.core_of(counting, cause.named, window)
    clients = manners.histories(counting, cause.named, core)
    spoken = kinds.spoken(
        counting,
        cause.named,
        baseline,
        core,
        silenced=manners.silenced(clients),
        failures=int(reasons.sum()),
    )
    kind = kinds.kind_of(cause.named, reasons, spoken)
    named = cause.named | (manners.shared(clients) if is_unmapped else {})
    if reason is not None and (kind.startswith("client cert") or kind in kinds.POLICY):
        named = named | {REASON: reason}
    counted = cause.row
    told = kinds.told(kind, spoken) | manners.told(kind, clients, spoken.vanished)
    certificates = presented(counting, cause.named, window)
    return {
        "start": window[0],
        "end": window[1],
        "kind": kind,
        "cause": _phrase(named),
        "dimension": JOINED.join(named),
        "value": JOINED.join(named.values()),
        "elb": (named.get("elb") or _named(claim.stratum).get("elb")) if named else None,
        "network": causes.network_of(counting, cause.named, window),
        "reason": reason,
        "clients": manners.stopped(clients, spoken.vanished if kind in kinds.POLICY else {})
        or causes.clients_of(counting, cause.named, window),
        "failures": int(counted["incident_failures"]),
        "connections": int(counted["incident_connections"]),
        "failure_rate": float(counted["incident_rate"]),
        "usual": float(counted["baseline_rate"]),
        "share_of_excess": float(counted["share_of_excess"]),
        **(told if is_unmapped else {}),
        **certificates._asdict(),
        "log_p": claim.log_p,
    }
