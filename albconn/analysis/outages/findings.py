"""Claims with what explains them: each is taken out before the next is looked for.

Where there are several, the first ones were in the way of one another when their causes were
looked for: a later window is a part of the baseline of an earlier one. So once all windows are
known, the causes are looked for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from albconn.analysis.counting.bursts import within
from albconn.analysis.counting.counts import Counting
from albconn.analysis.counting.derived import NETWORK
from albconn.analysis.counting.dimensions import REASON
from albconn.analysis.outages import causes
from albconn.analysis.outages.causes import Cause, Named
from albconn.analysis.outages.events import hide, take_out
from albconn.analysis.outages.search import (
    LEAST_CLIENTS,
    Claim,
    condition,
    narrowest,
    strongest,
    text_of,
    window_of,
)
from albconn.analysis.outages.strata import A_BIN, Series, Stratum
from albconn.times import Window, moved

MOST = 16
LEAST_SHARE = 0.25  # of a claim's clients, that a cause has to have struck


class Finding(NamedTuple):
    """A claim, its window, its causes, and what was taken out for it."""

    claim: Claim
    window: Window
    told: list[Cause]
    taken: list[str]


def search(counting: Counting, series: Series, everything: Window) -> list[Finding]:
    """Return claims, the strongest first; each is taken out before the next is looked for."""
    findings: list[Finding] = []
    while len(findings) < MOST and (claim := strongest(counting, series)) is not None:
        window = window_of(series, claim.first, claim.last)
        windows = [window, *(finding.window for finding in findings)]
        baseline = outside(everything, windows) or outside(everything, [window])
        if not baseline:
            break
        told = _causes(counting, series, claim, baseline, window)
        gone = taken_by(findings)
        findings.append(Finding(claim, window, told, _explained(claim, told, window)))
        take_out(counting, before=gone, now=findings[-1].taken)
        series.count()
    return findings


def again(
    counting: Counting, series: Series, everything: Window, findings: Sequence[Finding], place: int
) -> tuple[list[Cause], list[Window]]:
    """Return what explains a finding and its baseline, now that the others are known.

    ``connections`` are without what the earlier ones explain.
    """
    finding, others = findings[place], findings[:place]
    hide(counting, taken_by(others))
    baseline = outside(everything, [each.window for each in findings])
    baseline = baseline or outside(everything, [finding.window])
    if place == len(findings) - 1:  # when it was found, all others were known
        return finding.told, baseline
    told = _causes(counting, series, finding.claim, baseline, finding.window)
    return (told if _failures(told) >= _failures(finding.told) / 2 else finding.told), baseline


def taken_by(findings: Sequence[Finding]) -> list[str]:
    """Return conditions in SQL on connections: what findings explain."""
    return [part for finding in findings for part in finding.taken]


def _failures(told: Sequence[Cause]) -> int:
    return sum(int(cause.row["incident_failures"]) for cause in told)


def _causes(
    counting: Counting, series: Series, claim: Claim, baseline: Sequence[Window], window: Window
) -> list[Cause]:
    """Return what holds the excess of a claim; the claim's own part where nothing else does."""
    told = causes.find(counting, baseline, window)
    least = max(LEAST_CLIENTS, LEAST_SHARE * claim.clients) if claim.clients else 0
    struck = [causes.clients_of(counting, cause.named, window) for cause in told]
    kept = [cause for cause, clients in zip(told, struck, strict=True) if clients >= least]
    if not kept or not kept[0].named or _is_finer(kept[0].named, claim):
        named = named_by(narrowest(series, claim))
        network = causes.network_apart(counting, named, window)
        named = {NETWORK: network} if network else named
        own = Cause(named, causes.row_of(counting, named, baseline, window))
        if causes.holds_most(own, causes.row_of(counting, {}, baseline, window)):
            kept = [own, *kept[1:]]
    kept = [causes.at_one_listener(counting, cause, baseline, window) for cause in kept]
    return causes.of_their_own(counting, kept or told[:1], window)


def named_by(stratum: Stratum) -> Named:
    """Return a part of the traffic as a cause; its reason is told beside it."""
    pairs = zip(stratum.columns, stratum.values, strict=True)
    return {
        NETWORK if column == "network" else column: text_of(value)
        for column, value in pairs
        if column != REASON and value is not None and value == value
    }


def _is_finer(named: Named, claim: Claim) -> bool:
    """Say whether a cause is a part of the /48 that the claim is of."""
    return claim.stratum.columns == ("network",) and ":" in str(claim.stratum.values[0]) and (
        ":" in named.get(NETWORK, "") or ":" in named.get("client_ip", "") or NETWORK not in named
    )  # fmt: skip


def _explained(claim: Claim, told: Sequence[Cause], window: Window) -> list[str]:
    """Return what is taken out: the causes in their window, and the claim itself."""
    around = within((moved(window[0], -A_BIN), moved(window[1], A_BIN)))
    if not all(cause.named for cause in told):
        return [around]
    stratum = claim.stratum
    inside = condition(stratum.columns, stratum.values)
    if stratum.columns == ("network",):
        inside = f"client_ip IN (SELECT client_ip FROM sources WHERE {inside})"
    parts = [causes.taken(cause.named) for cause in told if cause.named]
    return [f"{around} AND ({part})" for part in (*parts, inside)]


def outside(span: Window, windows: Sequence[Window]) -> list[Window]:
    """Return what is left of a span without windows, and without a bin on either side of them."""
    left = [span]
    for start, end in windows:
        left = [
            part
            for first, last in left
            for part in (
                (first, min(last, moved(start, -A_BIN))),
                (max(first, moved(end, A_BIN)), last),
            )
            if part[0] < part[1]
        ]
    return left
