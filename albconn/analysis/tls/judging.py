"""Can a client that negotiated this still connect under another security policy?

What a load balancer does decides it. It takes the newest protocol that both sides know, then, of
the ciphers of that protocol that both know and that it has a certificate for, the one that *it*
prefers. Two things follow for a client that was seen to choose one protocol and cipher:

- Of the newer protocols that were on offer it has none. Nor has it any newer than those: what a
  client speaks has no gaps.
- Of the ciphers that the policy in force prefers to the chosen one, it has none.

So each further thing that is known of the offer takes ways out away, and a verdict only ever gets
sharper. A protocol that was *not* on offer, such as TLS 1.3 under ``ELBSecurityPolicy-2016-08``,
is not ruled out. A client that has TLS 1.3 is taken to have a cipher of it in common with any
policy.

References
----------
RFC 8446, sections 4.2.1 (versions) and 9.1 (ciphers that every client has). RFC 5246, appendix
E.1. OpenSSL, ``SSL_CTX_set_options``: a gap in a client's versions disables the newer ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from albconn.analysis.tls.known import load_known
from albconn.analysis.tls.policies import PROTOCOLS, Policy

Verdict = Literal["breaks", "at risk", "fits"]
VERDICTS: tuple[Verdict, ...] = ("breaks", "at risk", "fits")  # the worst first
_KEY_TYPES = ("RSA", "ECDSA")


def judge(
    protocol: str | None,
    cipher: str | None,
    policy: Policy,
    in_force: Policy | None,
    served: Collection[str],
    offered: Collection[str] = (),
) -> Verdict:
    """Return what becomes of clients that negotiated this, under another policy.

    ``served`` are the key types (RSA, ECDSA) of the certificates seen in use: a cipher for
    another key type is no way out. ``offered`` are protocols known to have been on offer, beside
    those of the policy in force. A handshake that could not have happened under ``in_force``
    says that another policy was: it is then judged as if none was named.

    Examples
    --------
    >>> from albconn.analysis.tls.policies import find_policy
    >>> raised = find_policy("ELBSecurityPolicy-TLS13-1-2-Res-2021-06")
    >>> judge("TLSv1.2", "AES128-SHA", raised, None, {"RSA"})
    'at risk'
    >>> in_force = find_policy("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06")
    >>> judge("TLSv1.2", "AES128-SHA", raised, in_force, {"RSA"})
    'breaks'
    """
    if protocol in policy.protocols and cipher in policy.ciphers:
        return "fits"
    if protocol not in PROTOCOLS:
        return "at risk"  # nothing is known that would rule anything out
    if cipher is None or in_force is None or not _could_happen(protocol, cipher, in_force):
        return "at risk" if _protocols_left(protocol, policy, offered) else "breaks"
    gone = _ruled_out(protocol, cipher, in_force)
    key_types = {"any", _key_type(cipher), *(served or _KEY_TYPES)}
    possible = any(
        _is_usable(other, newest) and other not in gone and _key_type(other) in key_types
        for newest in _protocols_left(protocol, policy, {*offered, *in_force.protocols})
        for other in policy.ciphers
    )
    return "at risk" if possible else "breaks"


def offered_with(protocol: str, known: Iterable[Policy]) -> frozenset[str]:
    """Return the protocols that every policy with this one offers, whichever is in force.

    Examples
    --------
    >>> from albconn.analysis.tls.policies import policies
    >>> sorted(offered_with("TLSv1.1", policies().values()))
    ['TLSv1.1', 'TLSv1.2']
    """
    having = [frozenset(policy.protocols) for policy in known if protocol in policy.protocols]
    return frozenset.intersection(*having) if having else frozenset()


def key_types(ciphers: Collection[str | None]) -> set[str]:
    """Return the certificate key types that negotiated ciphers show: RSA, ECDSA."""
    return {_key_type(cipher) for cipher in ciphers if cipher is not None} - {"any"}


def _could_happen(protocol: str, cipher: str, in_force: Policy) -> bool:
    return (
        protocol in in_force.protocols
        and cipher in in_force.ciphers
        and _is_usable(cipher, protocol)
    )


def _protocols_left(protocol: str, policy: Policy, offered: Collection[str]) -> list[str]:
    """Return the protocols that the client and the policy may come to agree on.

    Names of protocols sort by age. Of those that are no newer than the client's only the newest
    counts: it has no cipher less than the older ones.
    """
    refused = min((other for other in offered if other > protocol), default=None)
    newer = [
        other
        for other in policy.protocols
        if other > protocol and (refused is None or other < refused)
    ]
    no_newer = [other for other in policy.protocols if other <= protocol]
    return [*newer, *([max(no_newer)] if no_newer else [])]


def _ruled_out(protocol: str, cipher: str, in_force: Policy) -> set[str]:
    """Return the ciphers that the client cannot have: the load balancer would have taken them.

    Those for another type of key too: either the load balancer had such a certificate for this
    client, and would have taken them, or it has none, and they are no way out.
    """
    preferred = in_force.ciphers[: in_force.ciphers.index(cipher)]
    return {other for other in preferred if _is_usable(other, protocol)}


def _is_usable(cipher: str, protocol: str) -> bool:
    """Say whether a protocol has this cipher: 1.3 has its own, GCM and SHA-2 came with 1.2."""
    if cipher.startswith("TLS_"):
        return protocol >= "TLSv1.3"
    return protocol == "TLSv1.2" or (protocol < "TLSv1.2" and cipher.endswith("-SHA"))


def _key_type(cipher: str) -> str:
    known = load_known("ciphers_and_groups.json")["ciphers"].get(cipher)
    if known is not None:
        return known["auth"]
    return "any" if cipher.startswith("TLS_") else "ECDSA" if "ECDSA" in cipher else "RSA"
