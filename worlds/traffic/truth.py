"""What a world of traffic is: its connections, and what truly happened in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import pyarrow as pa

Level = Literal["none", "mild", "loud"]
LEVELS: tuple[Level, ...] = ("none", "mild", "loud")
Named = dict[str, str]  # dimension to value, all as text; a port is "443"

FINDINGS = (
    "policy raised",
    "cipher removed",
    "client certificates expired",
    "client certificates not yet valid",
    "client certificates rejected",
    "client certificates revoked",
    "one node",
    "one listener",
    "one load balancer",
    "one network",
    "server-side everywhere",
    "slow handshakes",
    "failures",
)


@dataclass(frozen=True)
class Incident:
    """One thing that went wrong.

    Attributes
    ----------
    start, end : datetime
        When it was at work; ``end`` is None where it goes on when the data end.
    finding : str
        One of ``FINDINGS``; ``also`` are others that are as right.
    causes : tuple of dict
        Sets of dimension and value, each of which is exact: the connections that were exposed
        are those with these values. An empty set is everything. A set that holds one of these,
        and else only what is true of it, is exact too. Where many subjects of one O are meant,
        ``leaf_client_cert_subject`` has ``O=<its name>`` for a value.
    true_of_it : tuple of dict
        Single values that hold of all its failures, but of other connections too.
    clients : int
        Addresses in the log with a failure that it caused; of slowness, with a slow handshake.
    failures : int
        Failures that it caused, retries counted; none of slowness.
    exposed : int
        Attempts that it could have made fail (or slow), failed or not.
    usual : float
        Failure rate of the same addresses at the same places outside of it, when no other
        incident struck them, scanners apart [1]; NaN where there were none.
    words : tuple of str
        What a right sentence has to hold.
    spoken : dict
        Of a raised policy or a removed cipher: what the stopped clients had spoken before, by
        the number of addresses that had.
    organization : str or None
        The O that all affected certificates share, where they share one.
    recurs : bool
        One of several of the same kind, at the same time of each day.
    """

    start: datetime
    end: datetime | None
    finding: str
    causes: tuple[Named, ...]
    true_of_it: tuple[Named, ...]
    clients: int
    failures: int
    exposed: int
    usual: float
    words: tuple[str, ...]
    also: tuple[str, ...] = ()
    spoken: dict[str, int] = field(default_factory=dict)
    organization: str | None = None
    recurs: bool = False

    @property
    def findings(self) -> tuple[str, ...]:
        """Return every finding that is right."""
        return (self.finding, *self.also)

    def holds(self, claim: Named) -> bool:
        """Say whether every value of a claim is true of it."""
        true = {pair for named in (*self.causes, *self.true_of_it) for pair in named.items()}
        return set(claim.items()) <= true

    def is_exact(self, claim: Named) -> bool:
        """Say whether a claim names it: it holds an exact cause, and else only what is true."""
        return self.holds(claim) and any(
            set(cause.items()) <= set(claim.items()) for cause in self.causes
        )


@dataclass(frozen=True)
class Nuisance:
    """Failures that are nobody's outage: a scanner, or a client that hammers.

    Attributes
    ----------
    what : str
        ``"scanner"``, ``"hammering client"`` or ``"HTTP flood"``.
    named : dict
        Its address or its network.
    start, end : datetime
        First and last attempt.
    failures, connections : int
        How many it left.
    """

    what: str
    named: Named
    start: datetime
    end: datetime
    failures: int
    connections: int


@dataclass(frozen=True)
class World:
    """A world: connections, and the truth about them.

    Attributes
    ----------
    kind, seed
        What ``make`` was asked for.
    connections : pyarrow.Table
        In the schema of ``CONNECTIONS`` in memory, by time.
    truth : tuple of Incident
        By their start; empty where nothing happened.
    nuisances : tuple of Nuisance
        Scanners and the like: no incidents.
    begin, end : datetime
        The span; the data may end before it by chance.
    scanners : str
        How loud they are.
    notes : dict
        What the kind drew: when clients arrived, how many nodes there were, and so on.
    """

    kind: str
    seed: int
    connections: pa.Table
    truth: tuple[Incident, ...]
    nuisances: tuple[Nuisance, ...]
    begin: datetime
    end: datetime
    scanners: Level
    notes: dict[str, Any]
