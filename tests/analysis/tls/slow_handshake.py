"""A handshake played out, and every client that could have made one: slow and plain.

It shares nothing with ``judging`` but the rules of TLS. A client is a set of protocols without a
gap and a set of ciphers; a load balancer a policy and the types of its certificates' keys.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from albconn.analysis.tls.policies import Policy

AGES = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
OF_13 = frozenset(
    {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}
)


class Client(NamedTuple):
    protocols: frozenset[str]
    ciphers: frozenset[str]


def negotiate(client: Client, policy: Policy, keys: Collection[str]) -> tuple[str, str] | None:
    """Return what is agreed on; None where the handshake fails."""
    common = [protocol for protocol in AGES if protocol in client.protocols & set(policy.protocols)]
    if not common:
        return None
    newest = common[-1]
    for cipher in policy.ciphers:
        if cipher in client.ciphers and cipher_is_of(cipher, newest) and has_key(cipher, keys):
            return newest, cipher
    return None


def cipher_is_of(cipher: str, protocol: str) -> bool:
    if cipher in OF_13 or protocol == "TLSv1.3":
        return cipher in OF_13 and protocol == "TLSv1.3"
    return protocol == "TLSv1.2" or cipher.split("-")[-1] == "SHA"


def has_key(cipher: str, keys: Collection[str]) -> bool:
    return cipher in OF_13 or ("ECDSA" if "ECDSA" in cipher else "RSA") in keys


def clients(
    chosen: str, universe: Sequence[str], others: int, in_force: Policy
) -> Iterator[Client]:
    """Return every client with the chosen cipher and up to so many others.

    Where TLS 1.3 was not on offer, a client that has it has all its ciphers.
    """
    rest = [cipher for cipher in universe if cipher != chosen]
    for low in range(4):
        for high in range(low, 4):
            protocols = frozenset(AGES[low : high + 1])
            hidden = "TLSv1.3" in protocols and "TLSv1.3" not in in_force.protocols
            for count in range(others + 1):
                for more in combinations(rest, count):
                    ciphers = {chosen, *more, *(OF_13 if hidden else ())}
                    yield Client(protocols, frozenset(ciphers))


def verdict_of(
    negotiated: tuple[str, str],
    policy: Policy,
    in_force: Policy,
    served: Collection[str],
    universe: Sequence[str],
    others: int,
) -> str | None:
    """Return the verdict of all that could have negotiated this; None where nobody could."""
    connects = [
        negotiate(client, policy, keys) is not None
        for keys in key_sets(served)
        for client in clients(negotiated[1], universe, others, in_force)
        if negotiate(client, in_force, keys) == negotiated
    ]
    if not connects:
        return None
    return "fits" if all(connects) else "at risk" if any(connects) else "breaks"


def key_sets(served: Collection[str]) -> list[set[str]]:
    """Return which certificates a client may have met: one host may have fewer than another."""
    return [set(keys) for n in (1, 2) for keys in combinations(sorted(served), n)]
