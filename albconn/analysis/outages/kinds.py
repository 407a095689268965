"""What kind of thing an incident is, from its cause, its reasons, and its clients' histories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

import pandas as pd

from albconn.analysis.counting.bursts import within
from albconn.analysis.counting.counts import UNMAPPED_REASON, Counting
from albconn.analysis.outages.causes import Named, condition
from albconn.analysis.tls.changes import fitting_change
from albconn.times import Window

Kind = Literal[
    "policy raised", "cipher removed", "client certificates expired",
    "client certificates not yet valid", "client certificates rejected",
    "client certificates revoked", "one node", "one listener", "one load balancer",
    "one network", "server-side everywhere", "failures", "slow handshakes", "one client",
    "scanner",
]  # fmt: skip
SLOW: Kind = "slow handshakes"
POLICY: tuple[Kind, ...] = ("policy raised", "cipher removed")
MOST_OF_REASONS = 0.6  # of the failures, from which a reason is the incident's
GONE = 0.2  # of what was to be expected: below it a manner of speaking has vanished
LEAST_EXPECTED = 5.0  # successes, or clients, to miss any
LEAST_MISSING = 0.15  # successes for each failure: who fails tries again
MOST_OF_SILENCED = 0.75  # of the clients that get through no more, whose manner has vanished

_NONE: Mapping[tuple[str, str], int] = MappingProxyType({})
_CERTIFICATES: dict[str, Kind] = {
    "ClientCertExpired": "client certificates expired",
    "ClientCertNotYetValid": "client certificates not yet valid",
    "ClientCertCrlHit": "client certificates revoked",
}
_PLACES: tuple[tuple[str, Kind], ...] = (
    ("ip_address", "one node"), ("client_network", "one network"), ("client_ip", "one network"),
    ("network", "one network"), ("listener_port", "one listener"), ("elb", "one load balancer"),
)  # fmt: skip


class Spoken(NamedTuple):
    """What was negotiated before and during, in a part of the traffic, by protocol and cipher.

    Attributes
    ----------
    before, during : dict of (str, str) to float
        Successes.
    silenced : mapping of (str, str) to int
        Clients that failed and got through no more, by what they last spoke.
    failures : int
        Of the cause.
    """

    before: dict[tuple[str, str], float]
    during: dict[tuple[str, str], float]
    silenced: Mapping[tuple[str, str], int] = _NONE
    failures: int = 0

    @property
    def vanished(self) -> dict[tuple[str, str], float]:
        """Return the manners that should have been seen and were not, with what is missing.

        None, where most clients that were silenced spoke otherwise, and far more failed than
        is missing: then the manner that is gone is a rare one of many that fail.
        """
        kept = {manner: n for manner, n in self.during.items() if manner in self.before}
        before = sum(self.before[manner] for manner in kept)
        scale = sum(kept.values()) / before if before else 0.0
        expected = {
            manner: max(scale * n, self.silenced.get(manner, 0.0))
            for manner, n in self.before.items()
        }
        vanished = {
            manner: n - self.during.get(manner, 0.0)
            for manner, n in expected.items()
            if scale and n >= LEAST_EXPECTED and self.during.get(manner, 0.0) <= GONE * n
        }
        silenced = sum(self.silenced.values())
        theirs = sum(n for manner, n in self.silenced.items() if manner in vanished)
        otherwise = silenced >= LEAST_EXPECTED and theirs < MOST_OF_SILENCED * silenced
        is_rare = sum(vanished.values()) < LEAST_MISSING * self.failures
        return {} if otherwise and is_rare else vanished


def kind_of(named: Named, reasons: pd.Series, spoken: Spoken) -> Kind:
    """Return what kind of thing it is."""
    place: Kind | None = next((kind for name, kind in _PLACES if name in named), None)
    if place == "one node":
        return place
    reason = main_reason(reasons)
    if reason is not None and reason.startswith("ClientCert"):
        return _CERTIFICATES.get(reason, "client certificates rejected")
    if reason == UNMAPPED_REASON and spoken.vanished and place not in ("one node", "one network"):
        return "policy raised" if _is_a_floor(spoken) else "cipher removed"
    if place is None and named:
        return "failures"
    return place or "server-side everywhere"


def main_reason(reasons: pd.Series) -> str | None:
    """Return the reason of most failures, where one has."""
    total = float(reasons.sum())
    return str(reasons.index[0]) if total and reasons.iloc[0] >= MOST_OF_REASONS * total else None


def _is_a_floor(spoken: Spoken) -> bool:
    """Say whether most of what vanished was of protocols of which hardly anything is left."""
    vanished: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for (protocol, _), n in spoken.vanished.items():
        vanished[protocol] += n  # type: ignore[assignment]
    for (protocol, _), n in spoken.during.items():
        left[protocol] += n  # type: ignore[assignment]
    gone = sum(
        n for protocol, n in vanished.items() if left[protocol] <= GONE * (n + left[protocol])
    )
    return gone >= sum(vanished.values()) / 2


def spoken(
    counting: Counting,
    named: Named,
    baseline: Sequence[Window],
    window: Window,
    *,
    silenced: Mapping[tuple[str, str], int] = _NONE,
    failures: int = 0,
) -> Spoken:
    """Return what successes spoke before and during, at the places of a cause."""
    if not counting.has(["tls_protocol", "tls_cipher"]):
        return Spoken({}, {})
    places = {name: value for name, value in named.items() if name in ("elb", "listener_port")}
    rows = counting.database.sql(
        "SELECT tls_protocol, tls_cipher, "
        f"count(*) FILTER ({within(*baseline)}), count(*) FILTER ({within(window)}) "
        f"FROM all_connections WHERE outcome = 'success' AND {condition(places)} "
        "AND tls_protocol IS NOT NULL AND tls_cipher IS NOT NULL GROUP BY ALL"
    ).fetchall()
    return Spoken(
        {(protocol, cipher): float(n) for protocol, cipher, n, _ in rows if n},
        {(protocol, cipher): float(n) for protocol, cipher, _, n in rows if n},
        silenced,
        failures,
    )


def told(kind: Kind, spoken: Spoken) -> dict[str, str | None]:
    """Return what vanished, and which change of policy explains it, as texts."""
    if kind not in POLICY:
        return {}
    place = 0 if kind == "policy raised" else 1
    gone: Counter[str] = Counter()
    for manner, missing in spoken.vanished.items():
        gone[manner[place]] += round(missing)
    change = fitting_change(spoken.vanished, spoken.during, before=spoken.before)
    return {
        "vanished": ", ".join(name for name, _ in gone.most_common()),
        "change": change.summary or None,
        "policy_before": change.old[0] if change.old else None,
        "policy_after": change.new[0] if change.new else None,
    }
