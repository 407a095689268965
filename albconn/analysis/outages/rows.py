"""A cause of an incident as a row of the answer: its kind, its counts, its clients' histories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from albconn.analysis.counting.counts import Counting
from albconn.analysis.counting.dimensions import JOINED, REASON
from albconn.analysis.outages import causes, kinds, manners
from albconn.analysis.outages.answer import phrase
from albconn.analysis.outages.causes import Cause
from albconn.analysis.outages.certificates import presented
from albconn.analysis.outages.events import PLACES
from albconn.analysis.outages.findings import named_by
from albconn.analysis.outages.search import Claim
from albconn.times import Window


def row_of(
    counting: Counting,
    claim: Claim,
    cause: Cause,
    baseline: Sequence[Window],
    window: Window,
) -> dict[str, Any]:
    """Return a row of the answer, with the notes to it; what does not apply is missing."""
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
    elb = (named.get("elb") or named_by(claim.stratum).get("elb")) if named else None
    vanished = spoken.vanished if kind in kinds.POLICY else {}
    place = {name: cause.named[name] for name in PLACES if name in cause.named}
    there = causes.row_of(counting, ({"elb": elb} if elb else {}) | place, baseline, window)
    return {
        "start": window[0],
        "end": window[1],
        "kind": kind,
        "cause": phrase(named),
        "dimension": JOINED.join(named),
        "value": JOINED.join(named.values()),
        "elb": elb,
        "network": causes.network_of(counting, cause.named, window),
        "reason": reason,
        "clients": manners.stopped(clients, vanished)
        or causes.clients_of(counting, cause.named, window),
        "failures": int(counted["incident_failures"]),
        "connections": int(counted["incident_connections"]),
        "failure_rate": float(counted["incident_rate"]),
        "usual": float(counted["baseline_rate"]),
        "place_failures": int(there["incident_failures"]),
        "place_connections": int(there["incident_connections"]),
        "place_usual": float(there["baseline_rate"]),
        "share_of_excess": float(counted["share_of_excess"]),
        **(told if is_unmapped else {}),
        **certificates._asdict(),
        "log_p": claim.log_p,
        "last_spoken": manners.last_spoken(clients, vanished),
    }
