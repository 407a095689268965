"""What a kind sets up before its world is played: a plan, an account, clients, and causes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from worlds.traffic.account import Account, draw_account
from worlds.traffic.addresses import Networks
from worlds.traffic.certificates import Certificates
from worlds.traffic.clock import HOUR, Clock, draw_clock
from worlds.traffic.events import Events
from worlds.traffic.truth import Level, Named

FIRST_DAY = datetime(2026, 9, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Plan:
    """The parameters of ordinary traffic; None is drawn by chance.

    Attributes
    ----------
    hours : float
        The span of the data.
    connections : float
        How many ordinary connections there are in it, about.
    clients : int or None
        Browsers and apps; fleets, offices and NATs come on top.
    balancers : int or None
        Load balancers.
    huge_share : float
        What part of the traffic the first of them has [1].
    swing, weekend : float
        Daily amplitude, and what is left of people's traffic at weekends [1].
    rate : float or None
        Usual failure rate of clients that work [1].
    zipf : float or None
        How unequal clients are.
    old_share : float
        What part of the clients speaks TLS 1.0 or 1.1 [1].
    nat_share : float
        What part of the traffic comes from behind NATs [1].
    misfits : float
        Clients that never get through, as a part of all [1], where traffic is as usual; fewer
        where there is less of it in a day.
    pace : tuple of float
        How long misfits stay away between visits, from and to [s].
    persistence : tuple of float
        How likely a client tries again after a failure, from and to [1].
    mask : str or None
        What addresses are logged as: see ``addresses.masked``.
    size : float
        Scales connections and clients.
    """

    hours: float = 24
    connections: float = 70_000
    clients: int | None = None
    balancers: int | None = None
    huge_share: float = 0.6
    swing: float = 0.6
    weekend: float = 0.7
    rate: float | None = None
    zipf: float | None = None
    old_share: float = 0.05
    nat_share: float = 0.12
    misfits: float = 0.002
    pace: tuple[float, float] = (600.0, 12 * HOUR)
    persistence: tuple[float, float] = (0.2, 0.9)
    mask: str | None = None
    size: float = 1.0


@dataclass(frozen=True)
class Cause:
    """Something that makes attempts fail, or slow.

    An attempt is exposed where its client, its listener and its node are all marked (None marks
    all) within the window [s]; then it fails with probability ``share``, which a ``ramp`` [s]
    reaches only by and by.
    """

    finding: str
    start: float
    end: float
    reason: str
    clients: np.ndarray | None = None
    sites: np.ndarray | None = None
    nodes: np.ndarray | None = None
    share: float = 1.0
    ramp: float = 0.0
    slower: float = 1.0
    gives_up: float = 0.0  # how many clients go away for good, an hour or more later [1]
    named: tuple[Named, ...] = ()
    words: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    spoken: str | None = None  # "tls_protocol" or "tls_cipher"
    organization: str | None = None
    recurs: bool = False

    def exposed(self, events: Events) -> np.ndarray:
        """Return which attempts it can reach."""
        there = (events.time >= self.start) & (events.time < self.end)
        for marked, at in (
            (self.clients, events.client),
            (self.sites, events.site),
            (self.nodes, events.node),
        ):
            if marked is not None:
                there &= _padded(marked, int(at.max(initial=0)) + 1)[at]
        return there

    def odds(self, events: Events) -> np.ndarray:
        """Return how likely it makes each attempt fail."""
        grown = 1.0
        if self.ramp:
            grown = np.clip((events.time - self.start) / self.ramp, 0, 1)
        return np.where(self.exposed(events), self.share * grown, 0.0)


def _padded(marked: np.ndarray, size: int) -> np.ndarray:
    """Return marks for clients that came after they were made, too: none of them is meant."""
    return np.concatenate([marked, np.zeros(max(size - len(marked), 0), bool)])


@dataclass(frozen=True)
class Surge:
    """Some clients have ``factor`` times their ordinary traffic in a window [s]."""

    clients: np.ndarray
    start: float
    end: float
    factor: float


@dataclass
class Stage:
    """A world in the making."""

    random: np.random.Generator
    plan: Plan
    scanners: Level
    account: Account
    clock: Clock
    networks: Networks
    certificates: Certificates = field(default_factory=Certificates)
    frames: list[pd.DataFrame] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    surges: list[Surge] = field(default_factory=list)
    resizes: list[tuple[int, float, int]] = field(default_factory=list)  # elb, from [s], nodes
    scheduled: list[Events] = field(default_factory=list)  # attempts besides the ordinary ones
    settled: list[Events] = field(default_factory=list)  # attempts whose end is known
    nuisances: list[tuple[str, Named, Events]] = field(default_factory=list)
    holes: list[tuple[int, float, float]] = field(default_factory=list)  # node or -1, from, to
    notes: dict[str, Any] = field(default_factory=dict)
    made: dict[Any, Any] = field(default_factory=dict)  # what is made once, for many rows

    @property
    def seconds(self) -> float:
        """Return the span [s]."""
        return self.clock.seconds

    @property
    def clients(self) -> pd.DataFrame:
        """Return all clients so far."""
        if len(self.frames) > 1:
            self.frames = [pd.concat(self.frames, ignore_index=True)]
        return self.frames[0]

    def add_clients(self, clients: pd.DataFrame) -> np.ndarray:
        """Add clients and return their numbers."""
        first = sum(len(frame) for frame in self.frames)
        self.frames.append(clients)
        return np.arange(first, first + len(clients))

    def note(self, **notes: Any) -> None:
        """Keep what was drawn, for whoever looks at a world."""
        self.notes |= notes

    def window(self, minutes: tuple[float, float], first: float = 0.4, last: float = 0.8
               ) -> tuple[float, float]:  # fmt: skip
        """Return a window [s] of a length [minutes], when people are about."""
        length = self.random.uniform(*minutes) * 60
        start = min(self.clock.moment(self.random, first, last), self.seconds - length)
        return start, start + length


def set_stage(random: np.random.Generator, plan: Plan, scanners: Level) -> Stage:
    """Return a stage with an account and a clock, and nobody on it."""
    balancers = plan.balancers or int(random.integers(3, 6))
    begin = FIRST_DAY + timedelta(days=int(random.integers(0, 28)))
    if plan.hours < 48:
        begin += timedelta(hours=int(random.integers(0, 24)))
    account = draw_account(random, balancers, plan.huge_share)
    clock = draw_clock(random, begin, plan.hours, plan.swing, plan.weekend)
    stage = Stage(random, plan, scanners, account, clock, Networks(random))
    stage.note(hours=plan.hours, elbs=account.elbs, peak=clock.peak(0, 1, HOUR) / HOUR)
    return stage
