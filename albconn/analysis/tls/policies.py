"""What is known of TLS at a load balancer: security policies, ciphers, key-exchange groups.

The two files in ``data/`` hold it. Whether a client can still connect under another policy is
pure logic over them, and lives here too.

References
----------
AWS, "Security policies for your Application Load Balancer".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Literal

from albconn.analysis.tls.known import load_known
from albconn.errors import SHOWN_CHARACTERS, TableError, shown

Verdict = Literal["breaks", "at risk", "fits"]
VERDICTS: tuple[Verdict, ...] = ("breaks", "at risk", "fits")  # the worst first
PROTOCOLS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")  # oldest first
_NOT_OF_ALB = "s2n-only"  # known to the TLS library, not offered for load balancers


@dataclass(frozen=True)
class Policy:
    """A security policy; ciphers in the order in which the load balancer prefers them."""

    name: str
    protocols: tuple[str, ...]
    ciphers: tuple[str, ...]
    post_quantum: bool
    fips: bool
    forward_secrecy_only: bool
    is_of_alb: bool


@cache
def policies() -> dict[str, Policy]:
    """Return all known policies by name."""
    return {
        name: Policy(
            name=name,
            protocols=tuple(told["protocols"]),
            ciphers=tuple(told["ciphers"]),
            post_quantum=told["pq"],
            fips=told["fips"],
            forward_secrecy_only=told["forward_secrecy_only"],
            is_of_alb=told["section"] != _NOT_OF_ALB,
        )
        for name, told in load_known("security_policies.json").items()
    }


def find_policy(name: str, argument: str = "policy") -> Policy:
    """Return a policy by its name.

    Raises
    ------
    TableError
        There is none of that name; close ones are named.
    """
    known = policies()
    if isinstance(name, str) and name in known:
        return known[name]
    asked = name[:SHOWN_CHARACTERS] if isinstance(name, str) else ""
    close = get_close_matches(asked, known, n=2, cutoff=0.5)
    meant = f"did you mean {' or '.join(close)}?" if close else f"for example {next(iter(known))}"
    raise TableError(f"{argument}: {shown(name)} is not a security policy known here; {meant}")


def judge(
    protocol: str | None,
    cipher: str | None,
    policy: Policy,
    in_force: Policy | None,
    served: Collection[str],
) -> Verdict:
    """Return what becomes of clients that negotiated this, under another policy.

    ``served`` are the key types (RSA, ECDSA) of the certificates seen in use: a cipher for
    another key type is no way out.

    Examples
    --------
    >>> raised = find_policy("ELBSecurityPolicy-TLS13-1-2-Res-2021-06")
    >>> judge("TLSv1.2", "AES128-SHA", raised, None, {"RSA"})
    'at risk'
    >>> in_force = find_policy("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06")
    >>> judge("TLSv1.2", "AES128-SHA", raised, in_force, {"RSA"})
    'breaks'
    """
    if protocol in policy.protocols and cipher in policy.ciphers:
        return "fits"
    if protocol not in PROTOCOLS or cipher is None:
        return "at risk"  # nothing is known that would rule anything out
    left = _protocols_left(protocol, policy, in_force)
    if not left:
        return "breaks"
    if in_force is None or cipher not in in_force.ciphers or protocol not in in_force.protocols:
        return "at risk"
    gone = _ruled_out(protocol, cipher, in_force)
    possible = any(
        _is_usable(offered, other) and _key_type(offered) in ("any", *served)
        for offered in policy.ciphers
        for other in left
        if offered not in gone
    )
    return "at risk" if possible else "breaks"


def _protocols_left(protocol: str, policy: Policy, in_force: Policy | None) -> list[str]:
    """Return the policy's protocols that a client may still speak.

    A handshake takes the newest protocol that both sides know. So the client knows none that is
    newer, of those that it was offered; without the policy in force it counts as offered all.
    """
    rank = PROTOCOLS.index(protocol)
    not_offered = () if in_force is None else set(PROTOCOLS) - set(in_force.protocols)
    return [
        other
        for other in policy.protocols
        if PROTOCOLS.index(other) <= rank or other in not_offered
    ]


def _ruled_out(protocol: str, cipher: str, in_force: Policy) -> set[str]:
    """Return the ciphers that the client cannot have: the load balancer would have taken them."""
    preferred = in_force.ciphers[: in_force.ciphers.index(cipher)]
    kind = _key_type(cipher)
    return {c for c in preferred if _is_usable(c, protocol) and _key_type(c) == kind}


def _is_usable(cipher: str, protocol: str) -> bool:
    """Say whether a protocol has this cipher: 1.3 has its own, GCM and SHA-2 came with 1.2."""
    if cipher.startswith("TLS_"):
        return protocol == "TLSv1.3"
    return protocol == "TLSv1.2" or (protocol != "TLSv1.3" and cipher.endswith("-SHA"))


def key_types(ciphers: Collection[str | None]) -> set[str]:
    """Return the certificate key types that negotiated ciphers show: RSA, ECDSA."""
    return {_key_type(cipher) for cipher in ciphers if cipher is not None} - {"any"}


def _key_type(cipher: str) -> str:
    known = load_known("ciphers_and_groups.json")["ciphers"].get(cipher)
    if known is not None:
        return known["auth"]
    return "any" if cipher.startswith("TLS_") else "ECDSA" if "ECDSA" in cipher else "RSA"
