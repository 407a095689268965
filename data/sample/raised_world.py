"""The traffic of ``policy_raised/``: one day, one changed policy, and who was not ready for it.

``raised_connections(seed)`` plays the day through: each client offers what its software has and
the load balancer answers by the policy of that moment. The same seed gives the same list.
"""

from __future__ import annotations

import math

from raised_clients import (
    AFTER,
    BATCH,
    BATCH_STARTS,
    BEFORE,
    BROWSER,
    MISFITS,
    OLD,
    OLD_ELSEWHERE,
    SCANNERS,
    Client,
    Device,
    Policy,
    Software,
    negotiate,
    pool,
)
from sample_clients import PARTNERS, UNTRUSTED, Certificate
from sample_world import DAY, HOUR, INTERVAL, MINUTE, SECOND, Connection, Traffic

START = 14 * DAY  # 6 October 2026, in microseconds since the first sample's first midnight
END = START + DAY
MOMENT = START + 14 * HOUR + 2 * MINUTE
ALARM = (START + 14 * HOUR, START + 18 * HOUR)  # what they looked at who were called
BURST = (START + 5 * HOUR + 20 * MINUTE, START + 5 * HOUR + 23 * MINUTE)
BURST_CLIENT, BURST_ATTEMPTS = SCANNERS[-1], 90

ORDERS, WWW = "app/orders/7c41d09be2f35a68", "app/www/0b6e92d4f1a7c835"
ALL_NODES = {ORDERS: ("10.1.1.31", "10.1.2.32"), WWW: ("10.1.1.41", "10.1.2.42")}
MTLS_PARTNERS = PARTNERS[3:7]
RIG, UNTRUSTED_STATUS = "198.51.100.240", "Failed:ClientCertUntrusted"


def policy_at(elb: str, at: int) -> Policy:
    """Return the policy in force."""
    return AFTER if elb == ORDERS and at >= MOMENT else BEFORE


class RaisedWorld(Traffic):
    """The connections of the day."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        clients = pool()
        self.clients = {ORDERS: clients[:240], WWW: clients[120:]}

    def connect(
        self, at: int, elb: str, address: str, software: Software,
        port: int = 443, cert: Certificate | None = None,
    ) -> bool:  # fmt: skip
        """Add a handshake by the policy of the moment and say whether it succeeded."""
        agreed = negotiate(software, policy_at(elb, at))
        if agreed is None:
            self.drop(at, elb, address)
            return False
        protocol, cipher, group = agreed
        median = 0.045 if protocol == "TLSv1.3" else 0.070
        self.connections.append(
            Connection(
                at, elb, address, port, protocol, cipher,
                self.latency(median), cert, "Success", group,
            )
        )  # fmt: skip
        return True

    def anyone(self, elb: str) -> Client:
        """Return one of the ordinary clients, the first ones most often."""
        clients = self.clients[elb]
        return clients[int(len(clients) * self.random.random() ** 1.8)]

    def fill(self, at: int, elb: str) -> None:
        """Add a connection of anyone."""
        client = self.anyone(elb)
        self.connect(at, elb, client.address, client.software)

    def ordinary(self, elb: str, night: float, day: float) -> None:
        """Add ordinary traffic: ``night`` connections per minute, ``day`` more at the peak."""
        at = float(START)
        while True:
            hours = (at - START) / HOUR
            rate = night + day * math.exp(-(((hours - 13) / 3.8) ** 2))
            at -= math.log(1 - self.random.random()) / rate * MINUTE
            if at >= END:
                return
            if elb == WWW and self.random.random() < 0.12:
                self.connections.append(Connection(int(at), elb, self.anyone(elb).address, 80))
            else:
                self.fill(int(at), elb)

    def partners(self) -> None:
        """Add the mutual-TLS listener: partners who get in, and a test rig that does not."""
        for index, cert in enumerate(MTLS_PARTNERS):
            client = self.clients[ORDERS][40 + index]
            at = START + self.between(0, 30 * MINUTE)
            while at < END:
                self.connect(at, ORDERS, client.address, client.software, 8443, cert)
                at += self.between(25 * MINUTE, 45 * MINUTE)
        at = START + self.between(0, HOUR)
        while at < END:
            self.refuse(at)
            at += self.between(2 * HOUR, 3 * HOUR)

    def refuse(self, at: int) -> None:
        """Add a handshake of the test rig, which ends at its certificate."""
        self.connect(at, ORDERS, RIG, BROWSER, 8443, UNTRUSTED)
        self.connections[-1].status, self.connections[-1].latency = UNTRUSTED_STATUS, "-"

    def live(self, device: Device, elb: str, first: int) -> None:
        """Add the day of a device: its timetable, then retries that grow rarer, then an update."""
        at, failed = first, 0
        updated = END if device.updated is None else START + int(device.updated * HOUR)
        while at < END:
            software = device.new_software if at >= updated else device.software
            if self.connect(at, elb, device.address, software):
                failed = 0
                early = min(device.every * MINUTE // 10, 2 * MINUTE)
                at += device.every * MINUTE + self.between(-early, early)
            else:
                failed += 1
                if failed == device.tries:
                    return
                wait = min(2**failed * SECOND, 20 * MINUTE)
                at += self.between(0.85 * wait, 1.15 * wait)

    def devices(self) -> None:
        """Add all that come by a timetable."""
        for device in OLD:
            self.live(device, ORDERS, START + self.between(0, device.every * MINUTE))
        for device in BATCH:
            self.live(device, ORDERS, START + BATCH_STARTS * MINUTE + self.between(0, 20 * MINUTE))
        for device in OLD_ELSEWHERE:
            self.live(device, WWW, START + self.between(0, device.every * MINUTE))

    def never(self) -> None:
        """Add those that only ever fail, and the burst of one of them."""
        for address in MISFITS:
            at = START + self.between(0, 2 * HOUR)
            while at < END:
                self.drop(at, ORDERS, address)
                at += self.between(2 * HOUR, 3.3 * HOUR)
        for address in SCANNERS:
            at = START + self.between(0, 3 * HOUR)
            while at < END - MINUTE:
                for _ in range(2):
                    self.drop(at + self.between(0, MINUTE), ORDERS, address)
                at += self.between(3 * HOUR, 3.5 * HOUR)
        for _ in range(BURST_ATTEMPTS):
            self.drop(self.between(*BURST), ORDERS, BURST_CLIENT)

    def strays(self, every: int) -> None:
        """Add the failures of every day at the other one: busy clients that hung up once."""
        times = sorted(made.at for made in self.connections if made.elb == WWW)
        for place in range(every // 2, len(times), every):
            client = self.clients[WWW][self.between(0, 40)]
            self.drop(min(times[place] + self.between(0, MINUTE), END - 1), WWW, client.address)


def raised_connections(seed: int) -> list[Connection]:
    """Return all connections of the day, by time."""
    world = RaisedWorld(seed)
    world.ordinary(ORDERS, night=2.0, day=7.5)
    world.ordinary(WWW, night=1.6, day=4.0)
    world.partners()
    world.devices()
    world.never()
    world.strays(250)
    world.settle_nodes(ALL_NODES, range(START // INTERVAL, END // INTERVAL), world.fill)
    world.settle_lines(lambda _: 15)
    return world.connections
