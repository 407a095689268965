"""All incidents that a log holds, the strongest first, each with its cause and its kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import pandas as pd

from albconn.analysis.counting.bursts import within
from albconn.analysis.counting.counts import Counting, open_counting
from albconn.analysis.counting.derived import NETWORK
from albconn.analysis.counting.dimensions import JOINED, REASON
from albconn.analysis.outages import causes, kinds, manners
from albconn.analysis.outages.answer import answer_of, lend, notes_of, phrase, slow_row
from albconn.analysis.outages.causes import Cause, Named
from albconn.analysis.outages.certificates import presented
from albconn.analysis.outages.events import (
    NEEDED,
    OPTIONAL,
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
from albconn.analysis.outages.slow import LATENCY, find_slow
from albconn.analysis.outages.strata import Series, Stratum
from albconn.opened import Connections
from albconn.storage.places import StorageOptions
from albconn.times import Window

WIDTH = 300_000_000  # of a bin [µs]: load balancers deliver every five minutes
MOST = 16
LEAST_SHARE = 0.25  # of a claim's clients, that a cause has to have struck
_A_BIN = timedelta(microseconds=WIDTH)


def incidents(connections: Connections, *, storage_options: StorageOptions = None) -> pd.DataFrame:
    """Return every incident that a log holds, the strongest first, each with its cause.

    Clients are counted, and each is its own control: one that got through before and fails now
    is evidence, one that never gets through is background. Each load balancer, listener, node,
    failure reason and network is searched by itself, in bins of five minutes.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data. It needs ``timestamp``,
        ``outcome`` and ``failure_reason``, and finds nothing without ``client_ip``
        (pseudonymised or truncated ones will do; of the latter a client is a network). What a
        cause can be of is what the source has of the other columns.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (incidents, columns)
        Empty where nothing stands out. Windows that overlap are of different clients.

        ===========================  ==================  ========================================
        column                       type                meaning
        ===========================  ==================  ========================================
        start, end                   datetime64[us,UTC]  ends of bins, half-open
        going_on                     bool                still so when the log ends
        kind                         str                 ``policy raised``, ``one node``,
                                                         ``slow handshakes``, … (``kinds.Kind``)
        cause                        str                 in words; empty: all alike
        dimension, value             str                 the same, as in ``compare_windows``
        elb, network, reason         str                 that nearly all its failures share
        clients                      int64               addresses that failed; of a policy, those
                                                         that had last spoken what has vanished
        failures, connections        int64               of the cause, in the window
        failure_rate                 float64 [1]         failures / connections
        usual                        float64 [1]         the same outside of all incidents; NaN
                                                         where the cause had no connections
        share_of_excess              float64 [1]         of the window's failures beyond the usual
        spoken                       str                 what the clients last got through with
        vanished                     str                 what nobody gets through with any more
        change                       str                 of the policy, that is consistent with it
        policy_before, policy_after  str                 likewise
        subjects                     int64               client certificates of its failures
        subject, organization        str                 that nearly all of these share
        not_after                    datetime64[us,UTC]  end of these certificates, if one moment
        log_p                        float64             ln of the bound on its chance
        ===========================  ==================  ========================================

        Of slow handshakes ``connections`` are the successful ones, ``failure_rate`` and
        ``usual`` the shares that were slow, ``failures`` 0. What does not apply is missing.

        ``attrs`` holds what was looked at: ``start``, ``end`` (ISO 8601), ``connections``,
        ``failures``, ``clients``, ``failures_without_client`` (lines without an address), and
        ``background``, what is in no incident as it never gets through: ``clients``,
        ``failures``, and the ``source`` (address or network) with most, ``source_failures``;
        and ``over_time`` for the chart: lists ``bin_start``, ``clients`` (different ones that
        failed, without the background), ``background_failures``, and the width ``every``.

    Raises
    ------
    TableError
        The source lacks columns (all are named), or holds times without a zone.
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.

    Examples
    --------
    >>> minutes = pd.date_range("2026-09-23T10:00Z", periods=120, freq="min")
    >>> log = pd.DataFrame({"timestamp": minutes.repeat(4), "outcome": "success"})
    >>> log["client_ip"] = [f"203.0.113.{n % 40}" for n in range(480)]
    >>> struck = log["timestamp"].between("2026-09-23T11:00Z", "2026-09-23T11:19Z")
    >>> log.loc[struck, "outcome"] = "failed"
    >>> log["failure_reason"] = log["outcome"].map({"failed": "ClientCertCrlHit"})
    >>> incidents(log)[["kind", "clients", "failures", "usual"]]
                              kind  clients  failures  usual
    0  client certificates revoked       40        80    0.0
    """
    told = (*manners.SPOKEN, LATENCY, "cert_not_after")
    with open_counting(
        connections, columns=NEEDED, optional=(*OPTIONAL, *told), storage_options=storage_options
    ) as counting:
        lend(counting, told)
        answer = answer_of(list(_found(counting)))
        answer.attrs.update(notes_of(counting))
    return answer


class _Finding(NamedTuple):
    """A claim, its window, its causes, and what was taken out for it."""

    claim: Claim
    window: Window
    told: list[Cause]
    taken: list[str]


def _found(counting: Counting) -> Iterator[dict[str, Any]]:
    make_sources(counting, WIDTH)
    span = span_of(counting)
    if span is None:
        return
    series = Series(counting, *span, WIDTH)
    everything = window_of(series, 0, series.bins)
    slow = [slow_row(each, everything) for each in find_slow(counting, series)]
    findings = _search(counting, series, everything)
    baseline = _outside(everything, [finding.window for finding in findings])
    for place, finding in enumerate(findings):
        hide(counting, [part for earlier in findings[:place] for part in earlier.taken])
        before = baseline or _outside(everything, [finding.window])
        told = finding.told
        if place < len(findings) - 1:  # when it was found, later ones were in its baseline
            again = _causes(counting, series, finding.claim, before, finding.window)
            told = again if _failures(again) >= _failures(told) / 2 else told
        for cause in told:
            row = _row(counting, finding.claim, cause, before, finding.window)
            yield row | {"going_on": finding.window[1] >= everything[1]}
    yield from slow


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
    spoken = kinds.spoken(counting, cause.named, baseline, core, silenced=manners.silenced(clients))
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
        "cause": phrase(named),
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
