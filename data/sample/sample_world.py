"""The traffic of the sample: 39 devices, their expired certificate, and everybody else.

``connections(seed)`` thinks up two days at two load balancers. The incident is built to the
connection (380 refused devices, 14 other failures, 672 successes); the rest follows a curve of day
and night. The same seed gives the same list: no clock, no hash order, and of the random module
only ``random`` and ``getrandbits``, which Python promises not to change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from statistics import NormalDist

from sample_clients import (
    FLEET,
    FLEET_NEW,
    FLEET_OLD,
    PARTNERS,
    UNTRUSTED,
    Certificate,
    Client,
    pool,
)

ORIGIN = datetime(2026, 9, 22, tzinfo=UTC)
SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
INTERVAL = 5 * MINUTE

SHOP, API = "app/shop/50dc6c495c0c9188", "app/api/8f1b2c3d4e5f6a7b"
NODES = {SHOP: ("10.0.1.11", "10.0.2.12"), API: ("10.0.1.21", "10.0.2.22")}

INCIDENT = (DAY + 10 * HOUR, DAY + 10 * HOUR + 40 * MINUTE)
FLEET_ATTEMPTS, INCIDENT_SUCCESSES = 380, 672
HOLE = (API, NODES[API][1], 3 * HOUR, 3 * HOUR + 15 * MINUTE)


@dataclass
class Connection:
    """One connection attempt; ``at`` is in microseconds since the first midnight."""

    at: int
    elb: str
    client_ip: str
    listener_port: int
    protocol: str = "-"
    cipher: str = "-"
    latency: str = "-"
    certificate: Certificate | None = None
    status: str = "-"
    keyexchange: str = "-"
    client_port: int = 0
    trace_id: str = ""
    node: str = ""
    width: int = 15


class Traffic:
    """Connections in the order in which they were thought of: what every sample is made with."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.connections: list[Connection] = []

    def between(self, low: float, high: float) -> int:
        """Return a whole number in [low, high)."""
        return int(low + self.random.random() * (high - low))

    def latency(self, median: float) -> str:
        """Return a handshake latency [s]: log-normal, with a few too short to measure."""
        if self.random.random() < 0.004:
            return "0.000"
        z = NormalDist().inv_cdf(min(max(self.random.random(), 1e-9), 1 - 1e-9))
        return f"{min(max(median * math.exp(0.5 * z), 0.010), 0.300):.3f}"

    def drop(self, at: int, elb: str, client_ip: str) -> None:
        """Add a handshake without common ground; the log names a cipher that was never agreed."""
        failed = Connection(at, elb, client_ip, 443, "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256")
        failed.status = "Failed:UnmappedConnectionError"
        self.connections.append(failed)

    def settle_nodes(
        self,
        nodes: Mapping[str, tuple[str, str]],
        intervals: range,
        fill: Callable[[int, str], None],
    ) -> None:
        """Give each connection its node; where an interval has none, ``fill`` adds one."""
        for made in self.connections:
            made.node = nodes[made.elb][self.random.random() < 0.5]
        seen = {(made.node, made.at // INTERVAL) for made in self.connections}
        for elb, its_nodes in nodes.items():
            for interval in intervals:
                for node in its_nodes:
                    if (node, interval) not in seen:
                        start = interval * INTERVAL
                        fill(self.between(start, start + INTERVAL), elb)
                        self.connections[-1].node = node

    def settle_lines(self, width: Callable[[int], int]) -> None:
        """Put the connections in order; give each its port, trace id and line width."""
        self.connections.sort(key=lambda made: (made.at, made.client_ip))
        for made in self.connections:
            made.client_port = self.between(1024, 65536)
            made.trace_id = f"TID_{self.random.getrandbits(128):032x}"
            made.width = width(made.at)


class World(Traffic):
    """The connections of two days."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.clients = pool()

    def succeed(
        self, at: int, elb: str, client: Client, port: int = 443, cert: Certificate | None = None
    ) -> None:
        """Add a connection that is made and, where a certificate is shown, verified."""
        hybrid = client.hybrid_from < 0.30 + 0.08 * at / (2 * DAY)
        self.connections.append(
            Connection(
                at, elb, client.address, port, client.protocol, client.cipher,
                self.latency(0.045 if client.protocol == "TLSv1.3" else 0.070), cert, "Success",
                "X25519MLKEM768" if hybrid else client.keyexchange,
            )
        )  # fmt: skip

    def refuse(self, at: int, client_ip: str, cert: Certificate, reason: str) -> None:
        """Add a handshake that ends at the client's certificate."""
        failed = Connection(at, SHOP, client_ip, 8443, "TLSv1.3", "TLS_AES_128_GCM_SHA256")
        failed.certificate, failed.status, failed.keyexchange = cert, f"Failed:{reason}", "x25519"
        self.connections.append(failed)

    def anyone(self) -> Client:
        """Return one of the ordinary clients, the first ones most often."""
        return self.clients[int(len(self.clients) * self.random.random() ** 1.8)]

    def ordinary(self, elb: str, night: float, day: float) -> None:
        """Add ordinary traffic: ``night`` connections per minute, ``day`` more at the peak."""
        at = 0.0
        while True:
            hours = (at / HOUR) % 24
            rate = night + day * math.exp(-(((hours - 11) / 3.6) ** 2))
            at -= math.log(1 - self.random.random()) / rate * MINUTE
            if at >= 2 * DAY:
                return
            if elb == SHOP and self.random.random() < 0.12:
                self.connections.append(Connection(int(at), elb, self.anyone().address, 80))
            else:
                self.succeed(int(at), elb, self.anyone())

    def partners(self) -> None:
        """Add the clients with certificates that nothing is wrong with."""
        for index, cert in enumerate(PARTNERS):
            for copy in range(1 + index % 3):
                client = Client(f"198.51.100.{201 + 4 * index + copy}")
                if index == 4:
                    client = Client(f"2001:db8:ff:{copy + 1}::10")
                at = self.between(0, 25 * MINUTE)
                while at < 2 * DAY:
                    self.succeed(at, SHOP, client, 8443, cert)
                    at += self.between(20 * MINUTE, (35 + 5 * index) * MINUTE)

    def fleet(self) -> None:
        """Add the 39 devices: every half hour, then failing and retrying, then renewed."""
        start, end = INCIDENT
        for index, address in enumerate(FLEET):
            at = self.between(0, 30 * MINUTE)
            while at < start:
                self.succeed(at, SHOP, Client(address), 8443, FLEET_OLD)
                at += self.between(29 * MINUTE, 31 * MINUTE)
            tries = FLEET_ATTEMPTS // len(FLEET) + (index < FLEET_ATTEMPTS % len(FLEET))
            slot = (end - start) // tries
            for number in range(tries):
                at = start + number * slot + self.between(0, slot)
                self.refuse(at, address, FLEET_OLD, "ClientCertExpired")
            at = end + self.between(0, 4 * MINUTE)
            while at < 2 * DAY:
                self.succeed(at, SHOP, Client(address), 8443, FLEET_NEW)
                at += self.between(29 * MINUTE, 31 * MINUTE)

    def background(self, elb: str, every: int, old_clients: tuple[str, ...]) -> None:
        """Add the failures of every day: one for each ``every`` TLS connections, evenly."""
        times = sorted(
            made.at for made in self.connections if made.elb == elb and made.status == "Success"
        )
        for number, place in enumerate(range(every // 2, len(times), every)):
            at = min(times[place] + self.between(0, MINUTE), 2 * DAY - 1)
            if elb == SHOP and INCIDENT[0] - MINUTE <= at < INCIDENT[1]:
                continue
            if elb == SHOP and number % 10 == 6:
                self.refuse(at, "198.51.100.250", UNTRUSTED, "ClientCertUntrusted")
            else:
                self.drop(at, elb, old_clients[self.between(0, len(old_clients))])

    def oddities(self) -> None:
        """Add what else fails in the incident, two scanners, and four rows that say nothing."""
        for minute, address in ((3, "192.0.2.11"), (14, "192.0.2.10"), (22, "192.0.2.12"),
                                (35, "192.0.2.10")):  # fmt: skip
            self.drop(INCIDENT[0] + self.between(minute, minute + 1) * MINUTE, SHOP, address)
        for _ in range(10):
            at = INCIDENT[0] + self.between(12 * MINUTE, 14 * MINUTE)
            self.drop(at, SHOP, "198.51.100.253")
        for _ in range(12):
            self.drop(self.between(920 * MINUTE, 923 * MINUTE), API, "198.51.100.254")
        for elb, hours in ((SHOP, 9.3), (SHOP, 31.7), (API, 20.2), (API, 44.9)):
            at = self.between(hours * HOUR, hours * HOUR + MINUTE)
            self.connections.append(Connection(at, elb, self.anyone().address, 443))

    def settle_incident(self) -> None:
        """Take ordinary successes out of the incident until the planted number is left."""
        start, end = INCIDENT
        made_it = [
            made
            for made in self.connections
            if made.elb == SHOP and made.status == "Success" and start <= made.at < end
        ]
        ordinary = [made for made in made_it if made.certificate is None]
        surplus = len(made_it) - INCIDENT_SUCCESSES
        if surplus < 0:
            raise RuntimeError(f"the incident lacks {-surplus} successes; raise the peak of shop")
        gone = {id(ordinary[place * len(ordinary) // surplus]) for place in range(surplus)}
        self.connections = [made for made in self.connections if id(made) not in gone]


def width_at(at: int, chance: float) -> int:
    """Return how many fields the line has: a rollout reaches the fleet bit by bit."""
    hours = at / HOUR
    if hours >= 44 and chance < 0.06:
        return 16 + (chance < 0.03)
    steps = ((3, 4, 12), (7, 8, 13), (12, 14, 15))
    width = 11
    for begins, ends, fields in steps:
        if (hours - begins) / (ends - begins) > chance:
            width = fields
    return width


def connections(seed: int) -> list[Connection]:
    """Return all connections of the two days, by time; those of the hole are not among them."""
    world = World(seed)
    world.ordinary(SHOP, night=1.8, day=19.6)
    world.ordinary(API, night=0.9, day=3.2)
    world.partners()
    world.fleet()
    world.settle_incident()
    world.background(SHOP, 166, ("192.0.2.10", "192.0.2.11", "192.0.2.12", "192.0.2.13"))
    world.background(API, 250, ("192.0.2.14", "192.0.2.15"))
    world.oddities()
    world.settle_nodes(
        NODES, range(2 * DAY // INTERVAL), lambda at, elb: world.succeed(at, elb, world.anyone())
    )
    world.settle_lines(lambda at: width_at(at, world.random.random()))
    _, node, begins, ends = HOLE
    return [m for m in world.connections if not (m.node == node and begins <= m.at < ends)]
