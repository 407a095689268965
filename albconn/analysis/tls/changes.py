"""Which change of the security policy explains that these clients stopped working?

A policy that was raised leaves a trace: what the clients that stopped had last spoken, the new
policy lacks; what still works, it has; and the old one had all of it. Some clients stop by chance
at the same time. They spoke what others still speak, so they count against the share that is
explained and not against a policy.

Policies with the same protocols and ciphers (those with post-quantum groups, say) cannot be told
apart by this, so several fit; the likeliest is named first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from albconn.analysis.tls.known import load_known
from albconn.analysis.tls.policies import PROTOCOLS, Policy, policies
from albconn.words import counted

Manners = Mapping[tuple[str, str], float]  # (protocol, cipher) → clients, or another weight

ALL_BUT_A_FEW = 0.995  # of what works, by weight, a policy has to support
SMALL_SHARE = 0.05  # of what is gone for good, by weight, a policy may support
LEAST_EXPLAINED = 0.5  # of all that stopped, by weight
# What AWS recommends or sets by default, the likeliest first; then plain before special ones.
_COMMON = (
    "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    "ELBSecurityPolicy-2016-08",
    "ELBSecurityPolicy-TLS13-1-3-2021-06",
    "ELBSecurityPolicy-TLS-1-2-2017-01",
    "ELBSecurityPolicy-FS-2018-06",
)


@dataclass(frozen=True)
class PolicyChange:
    """A change of policy that fits what was seen; empty where none does.

    Attributes
    ----------
    floor : str or None
        The oldest protocol that still works, where clients of older ones stopped.
    removed_ciphers : tuple of str
        Ciphers of protocols that still work, whose clients stopped; the most clients first.
    old, new : tuple of str
        Names of the policies that may have been in force before and after, the likeliest first.
    explained : float
        Share [1] of what stopped that the likeliest new policy lacks.
    summary : str
        The change in words: ``TLS 1.2 and newer, without RSA key exchange``.
    """

    floor: str | None = None
    removed_ciphers: tuple[str, ...] = ()
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    explained: float = 0.0
    summary: str = ""


def fitting_change(
    vanished: Manners,
    working: Manners,
    *,
    before: Manners | None = None,
    known: Mapping[str, Policy] | None = None,
) -> PolicyChange:
    """Return the policies before and after that fit what stopped and what still works.

    Parameters
    ----------
    vanished : mapping of (protocol, cipher) to weight
        What clients that stopped working had last spoken.
    working : mapping of (protocol, cipher) to weight
        What was seen to succeed after the moment.
    before : mapping of (protocol, cipher) to weight, optional
        What was seen to succeed before it. Without it, what stopped and what works: right
        where the new policy offers nothing that the old one did not.
    known : mapping of str to Policy, optional
        All policies by name; without it, the shipped ones.

    Returns
    -------
    PolicyChange
        Empty where no policy fits, or nothing stopped.

    Examples
    --------
    >>> old, new = ("TLSv1", "AES128-SHA"), ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256")
    >>> change = fitting_change({old: 12}, {new: 900}, before={old: 12, new: 900})
    >>> change.summary, change.explained
    ('TLS 1.2 and newer', 1.0)
    >>> change.old[0], change.new[0]
    ('ELBSecurityPolicy-2016-08', 'ELBSecurityPolicy-TLS-1-2-2017-01')
    """
    gone = {manner: n for manner, n in vanished.items() if not _still_works(manner, n, working)}
    seen = _together(working if before is None else before, gone)
    candidates = [policy for policy in (known or policies()).values() if policy.is_of_alb]
    new = sorted(
        (policy for policy in candidates if _fits_after(policy, vanished, gone, working)),
        key=lambda policy: _rank(policy, working, vanished),
    )
    old = sorted(
        (policy for policy in candidates if _fits_before(policy, gone, seen)),
        key=lambda policy: _rank(policy, seen, {}),
    )
    if not new:
        return PolicyChange()
    lacking = {manner: n for manner, n in gone.items() if not _supports(new[0], manner)}
    floor = _floor(lacking, working)
    removed = _removed(lacking, floor)
    return PolicyChange(
        floor=floor,
        removed_ciphers=removed,
        old=tuple(policy.name for policy in old),
        new=tuple(policy.name for policy in new),
        explained=1.0 - _supported(new[0], vanished),
        summary=_summary(floor, removed, new[0]),
    )


def _still_works(manner: tuple[str, str], stopped: float, working: Manners) -> bool:
    """Say whether more clients speak this than stopped: then those stopped by chance."""
    return working.get(manner, 0) > stopped


def _fits_after(policy: Policy, vanished: Manners, gone: Manners, working: Manners) -> bool:
    """Say whether a policy has what works and lacks what is gone for good."""
    return (
        sum(gone.values()) > 0 < sum(working.values())
        and _supported(policy, working) >= ALL_BUT_A_FEW
        and _supported(policy, gone) <= SMALL_SHARE
        and 1.0 - _supported(policy, vanished) >= LEAST_EXPLAINED
    )


def _fits_before(policy: Policy, gone: Manners, seen: Manners) -> bool:
    """Say whether a policy had what was seen, and what is gone for good too: no new one has."""
    return _supported(policy, seen) >= ALL_BUT_A_FEW and _supported(policy, gone) >= 1 - SMALL_SHARE


def _rank(policy: Policy, spoken: Manners, vanished: Manners) -> tuple[Any, ...]:
    """Return what sorts the likelier policy first.

    It explains most, it supports all that works, it offers few versions that nobody speaks, it
    is in common use, it has few ciphers that nobody needs.
    """
    unseen = set(policy.protocols) - {protocol for protocol, _ in spoken}
    place = _COMMON.index(policy.name) if policy.name in _COMMON else len(_COMMON)
    return (
        round(_supported(policy, vanished), 1) if vanished else 0,
        _supported(policy, spoken) < 1,
        len(unseen),
        policy.fips,
        place,
        len(policy.ciphers),
        policy.post_quantum,
        policy.name,
    )


def _supported(policy: Policy, manners: Manners) -> float:
    """Return the share [1], by weight, that a policy supports; of nothing, all."""
    total = sum(manners.values())
    supported = sum(n for manner, n in manners.items() if _supports(policy, manner))
    return supported / total if total else 1.0


def _supports(policy: Policy, manner: tuple[str, str]) -> bool:
    protocol, cipher = manner
    return protocol in policy.protocols and cipher in policy.ciphers


def _together(*parts: Manners) -> Manners:
    """Return all that was seen; what is in several parts with its largest weight."""
    weights: Counter[tuple[str, str]] = Counter()
    for part in parts:
        weights |= Counter(part)
    return weights


def _floor(lacking: Manners, working: Manners) -> str | None:
    """Return the oldest protocol that works in numbers, where older ones make out what stopped."""
    spoken = _sum_by(0, working)
    enough = (1 - ALL_BUT_A_FEW) * sum(spoken.values())
    oldest = min((p for p, n in spoken.items() if p in PROTOCOLS and n > enough), default=None)
    if oldest is None:
        return None
    below = sum(n for (protocol, _), n in lacking.items() if protocol < oldest)
    return oldest if below > SMALL_SHARE * sum(lacking.values()) else None


def _removed(lacking: Manners, floor: str | None) -> tuple[str, ...]:
    """Return the ciphers that stopped in numbers although their protocol still works."""
    weights = _sum_by(
        1, {manner: n for manner, n in lacking.items() if floor is None or manner[0] >= floor}
    )
    enough = SMALL_SHARE * sum(lacking.values())
    ranked = sorted(weights, key=lambda cipher: (-weights[cipher], cipher))
    return tuple(cipher for cipher in ranked if weights[cipher] > enough)


def _sum_by(place: Literal[0, 1], manners: Manners) -> dict[str, float]:
    """Return weights by protocol (0) or by cipher (1)."""
    sums: dict[str, float] = {}
    for manner, n in manners.items():
        sums[manner[place]] = sums.get(manner[place], 0) + n
    return sums


def _summary(floor: str | None, removed: Collection[str], new: Policy) -> str:
    parts = []
    if floor is not None:
        parts.append(_spelt(floor) + (" and newer" if floor != PROTOCOLS[-1] else " only"))
    if removed:
        parts.append(_without(removed, new))
    return ", ".join(parts)


def _without(removed: Collection[str], new: Policy) -> str:
    """Return what the removed ciphers have in common and the policy lacks, else the first."""
    for name, is_one in _FAMILIES.items():
        if all(map(is_one, removed)) and not any(map(is_one, new.ciphers)):
            return f"without {name}"
    first, *others = removed
    return f"without {first}" + (f" and {counted(len(others), 'other cipher')}" if others else "")


def _has_rsa_key_exchange(cipher: str) -> bool:
    return _told(cipher).get("kx") == "RSA"


def _is_cbc(cipher: str) -> bool:
    return _told(cipher).get("enc", "").endswith("CBC")


def _told(cipher: str) -> dict[str, str]:
    return load_known("ciphers_and_groups.json")["ciphers"].get(cipher, {})


_FAMILIES = {"RSA key exchange": _has_rsa_key_exchange, "CBC ciphers": _is_cbc}


def _spelt(protocol: str) -> str:
    """Return a protocol as people write it: TLSv1 is TLS 1.0."""
    version = protocol.removeprefix("TLSv")
    return f"TLS {version if '.' in version else f'{version}.0'}"
