"""What is known of TLS at a load balancer: security policies, ciphers, key-exchange groups.

The two files in ``data/`` hold it. A user's own list of policies is read in ``described``;
whether a client can still connect under another policy is pure logic, and lives in ``judging``.

References
----------
AWS, "Security policies for your Application Load Balancer".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from albconn.analysis.tls.known import load_known
from albconn.arguments import meant
from albconn.errors import TableError, shown

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


def find_policy(
    name: str, argument: str = "policy", known: Mapping[str, Policy] | None = None
) -> Policy:
    """Return a policy by its name, of all ``known``; without these, of the shipped ones.

    Raises
    ------
    TableError
        There is none of that name; close ones are named.
    """
    known = policies() if known is None else known
    if isinstance(name, str) and name in known:
        return known[name]
    near = meant(name, known) or f"; for example {next(iter(known))}"
    raise TableError(f"{argument}: {shown(name)} is not a security policy known here{near}")
