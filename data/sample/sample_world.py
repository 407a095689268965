"""The traffic of the sample: 39 devices, their expired certificate, and everybody else.

``connections(seed)`` thinks up two days at two load balancers. The incident is built to the
connection (380 refused devices, 14 other failures, 672 successes); the rest follows a curve of day
and night. The same seed gives the same list: no clock, no hash order, and of the random module
only ``random`` and ``getrandbits``, which Python promises not to change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from statistics import NormalDist

ORIGIN = datetime(2026, 9, 22, tzinfo=UTC)
SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
INTERVAL = 5 * MINUTE

SHOP, API = "app/shop/50dc6c495c0c9188", "app/api/8f1b2c3d4e5f6a7b"
NODES = {SHOP: ("10.0.1.11", "10.0.2.12"), API: ("10.0.1.21", "10.0.2.22")}

INCIDENT = (DAY + 10 * HOUR, DAY + 10 * HOUR + 40 * MINUTE)
FLEET = [f"203.0.113.{host}" for host in range(10, 49)]
FLEET_ATTEMPTS, INCIDENT_SUCCESSES = 380, 672
HOLE = (API, NODES[API][1], 3 * HOUR, 3 * HOUR + 15 * MINUTE)

@dataclass(frozen=True)
class Certificate:
    """A client certificate as the log writes it: subject, validity and serial number."""

    subject: str
    not_before: str
    not_after: str
    serial: str


FLEET_SUBJECT = "CN=fleet-7,OU=devices,O=Example Fleet,C=US"
FLEET_OLD = Certificate(FLEET_SUBJECT, "2025-09-23T10:00:00Z", "2026-09-23T10:00:00Z", "03A5B1")
FLEET_NEW = Certificate(FLEET_SUBJECT, "2026-09-23T10:35:00Z", "2027-09-23T10:00:00Z", "03F20C")
UNTRUSTED = Certificate(
    "CN=test-rig,O=Example Lab,C=DE", "2026-01-10T00:00:00Z", "2036-01-08T00:00:00Z", "02"
)
PARTNERS = [
    Certificate(subject, f"{begins}Z", f"{ends}Z", serial)
    for subject, begins, ends, serial in (
        (r"serialNumber=X-1,GN=MARI,SN=M\C3\84NNIK,CN=M\C3\84NNIK\,MARI\,X-1,C=EE",
         "2025-02-01T00:00:00", "2028-01-31T23:59:59", "0B2C77E1"),
        ("CN=client_.example.com,OU=client-3,O=mTLS,ST=Washington,C=US",
         "2025-09-29T08:00:00", "2026-09-29T08:00:00", "FEF257372D5C14D4"),
        ("CN=pos-terminal-12,OU=stores,O=Example Retail,C=GB",
         "2025-10-15T12:00:00", "2026-10-15T12:00:00", "0A"),
        ("CN=Client Certificate,O=My Organization,L=tokyo,C=jp",
         "2025-12-01T00:00:00", "2026-12-01T00:00:00", "4E9D01C2A7B35F68"),
        (r"CN=billing,O=Example Partner\, Inc.,C=US",
         "2026-03-01T00:00:00", "2027-03-01T00:00:00",
         "5A1B9C3D7E2F40618293A4B5C6D7E8F901234567"),
        ("CN=demo-client-v1.local,OU=v1-current,O=Demo-Client",
         "2026-01-01T00:00:00", "2031-01-01T00:00:00", "01"),
        ("emailAddress=ops@example.com,CN=ops,O=Example,C=FR",
         "2026-05-05T05:05:05", "2027-05-05T05:05:05", "7F10"),
        ("CN=warehouse-3,OU=logistics,O=Example Freight,C=NL",
         "2026-06-01T00:00:00", "2027-06-01T00:00:00", "00C4E2"),
        ("CN=meter-gw,O=Example Energy,C=SE",
         "2024-11-11T00:00:00", "2029-11-11T00:00:00", "6B0F5D21AA"),
        ("CN=kiosk,OU=airport,O=Example Retail,C=GB",
         "2026-02-02T00:00:00", "2028-02-02T00:00:00", "33DD90"),
    )
]  # fmt: skip


@dataclass(frozen=True)
class Client:
    """What one client negotiates, the same every time it connects."""

    address: str
    protocol: str = "TLSv1.3"
    cipher: str = "TLS_AES_128_GCM_SHA256"
    keyexchange: str = "x25519"
    hybrid_from: float = 2.0  # share of the fleet of browsers that is ahead of it in upgrading


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


def spread(index: int, ratio: float) -> float:
    """Return the index-th point of an evenly spread sequence in [0, 1)."""
    return (index * ratio) % 1.0


def pool() -> list[Client]:
    """Return the ordinary clients, busiest first; every tenth speaks IPv6."""
    v4 = [f"198.51.100.{host}" for host in range(1, 180)]
    v4 += [f"192.0.2.{host}" for host in range(40, 250)]
    old_ciphers = (
        (0.55, "ECDHE-RSA-AES128-GCM-SHA256"),
        (0.75, "ECDHE-RSA-AES256-GCM-SHA384"),
        (0.87, "ECDHE-RSA-AES128-SHA256"),
        (0.95, "ECDHE-RSA-AES128-SHA"),
        (1.00, "AES128-SHA"),
    )
    clients = []
    for index in range(420):
        address = v4[(index * 167) % len(v4)]
        if index % 10 == 4:
            address = f"2001:db8:{index % 7 + 1:x}:{index:x}::{index * 37 % 4093:x}"
        place = spread(index, 0.7548776662)
        if spread(index, 0.6180339887) < 0.23:
            cipher = next(name for upto, name in old_ciphers if place < upto)
            group = "-" if cipher == "AES128-SHA" else ("x25519", "secp256r1")[place < 0.6]
            clients.append(Client(address, "TLSv1.2", cipher, group))
        else:
            suites = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
            suite = suites[(place > 0.88) + (place > 0.96)]
            ahead = spread(index, 0.5698402910)
            group = "secp256r1" if ahead > 0.93 else "x25519"
            clients.append(Client(address, "TLSv1.3", suite, group, ahead))
    return clients


class World:
    """The connections of two days, in the order in which they were thought of."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.clients = pool()
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

    def drop(self, at: int, elb: str, client_ip: str) -> None:
        """Add a handshake without common ground; the log names a cipher that was never agreed."""
        failed = Connection(at, elb, client_ip, 443, "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256")
        failed.status = "Failed:UnmappedConnectionError"
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
        inside = [
            made for made in self.connections
            if made.elb == SHOP and made.status == "Success" and INCIDENT[0] <= made.at < INCIDENT[1]
            and made.certificate is None
        ]  # fmt: skip
        partners = sum(
            made.certificate is not None and made.status == "Success"
            and INCIDENT[0] <= made.at < INCIDENT[1]
            for made in self.connections
        )  # fmt: skip
        surplus = len(inside) + partners - INCIDENT_SUCCESSES
        if surplus < 0:
            raise RuntimeError(f"the incident lacks {-surplus} successes; raise the peak of shop")
        gone = {id(inside[place * len(inside) // surplus]) for place in range(surplus)}
        self.connections = [made for made in self.connections if id(made) not in gone]

    def settle_lines(self) -> None:
        """Give each connection its node, port, trace id and line width; leave no interval bare."""
        for made in self.connections:
            made.node = NODES[made.elb][self.random.random() < 0.5]
        seen = {(made.node, made.at // INTERVAL) for made in self.connections}
        for elb, nodes in NODES.items():
            for interval in range(2 * DAY // INTERVAL):
                for node in nodes:
                    if (node, interval) not in seen:
                        start = interval * INTERVAL
                        self.succeed(self.between(start, start + INTERVAL), elb, self.anyone())
                        self.connections[-1].node = node
        self.connections.sort(key=lambda made: (made.at, made.client_ip))
        for made in self.connections:
            made.client_port = self.between(1024, 65536)
            made.trace_id = f"TID_{self.random.getrandbits(128):032x}"
            made.width = width_at(made.at, self.random.random())


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
    world.settle_lines()
    _, node, begins, ends = HOLE
    return [m for m in world.connections if not (m.node == node and begins <= m.at < ends)]
