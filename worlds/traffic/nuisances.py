"""Failures that are nobody's outage: scanners, hammering clients, floods of plain HTTP."""

from __future__ import annotations

import numpy as np

from worlds.traffic.addresses import hosts_of, shown_network
from worlds.traffic.clients import clients_of
from worlds.traffic.clock import DAY, MINUTE
from worlds.traffic.events import FINE, Events, attempts
from worlds.traffic.play import node_at
from worlds.traffic.stage import Stage
from worlds.traffic.truth import Named
from worlds.traffic.values import UNMAPPED, code

MOST = 25  # scanners of a kind in a world, however long


def scan(stage: Stage) -> None:
    """Let scanners in, as many and as loud as the world's level says."""
    if stage.scanners == "none":
        return
    days = stage.seconds / DAY
    for _ in range(min(int(stage.random.poisson(3 * days)) + 1, MOST)):
        probe(stage, one_address=True, failures=_count(stage, 10, 500))
    if stage.scanners == "loud":
        for n in range(min(int(stage.random.poisson(days)) + 1, 5)):
            probe(stage, one_address=n % 2 == 1, failures=_count(stage, 1500, 6000))


def _count(stage: Stage, least: int, most: int) -> int:
    return int(np.exp(stage.random.uniform(np.log(least), np.log(most))))


def probe(stage: Stage, *, one_address: bool, failures: int) -> None:
    """Add a scanner: an address or a network, minutes or hours long; a few of its tries succeed."""
    random = stage.random
    network = stage.networks.four() if random.random() < 0.9 else stage.networks.six()
    hosts = hosts_of(random, network, 1 if one_address else int(random.integers(30, 200)))
    who = stage.add_clients(
        clients_of(stage, "scanner", hosts, network, weight=0.0, persistence=0.0, rate=0.0)
    )
    length = min(np.exp(random.uniform(np.log(2), np.log(150))) * MINUTE, stage.seconds / 2)
    start = random.uniform(0, stage.seconds - length)
    time = start + np.sort(random.uniform(0, length, failures))
    tried = random.permutation(_tls_sites(stage))[: int(random.integers(1, 4))]
    site = random.choice(tried, failures)
    events = attempts(time, random.choice(who, failures), site, node_at(stage, site, time),
                      code(UNMAPPED))  # fmt: skip
    lets_in = random.choice([0.0, 0.0, 0.05, 0.15])
    is_let_in = (random.random(failures) < lets_in) & ~stage.account.site_mutual[site]
    events.reason[is_let_in] = FINE
    named = {"client_ip": hosts[0]} if one_address else {"client_network": shown_network(network)}
    settle(stage, "scanner", named, events)


def _tls_sites(stage: Stage) -> np.ndarray:
    return np.flatnonzero(stage.account.site_port != 80)


def settle(stage: Stage, what: str, named: Named, events: Events) -> None:
    """Add attempts whose end is known, and tell of them in the truth."""
    stage.settled.append(events)
    stage.nuisances.append((what, named, events))


def hammer(stage: Stage, *, failures: int, hours: float) -> None:
    """Let one good client fail again and again for hours, and nobody else."""
    random, clients = stage.random, stage.clients
    likely = np.flatnonzero((clients["group"] == "people") & (clients["weight"] > 0))
    who = int(random.choice(likely))
    start = stage.clock.moment(random, 0.2, 0.8)
    time = start + np.sort(random.uniform(0, hours * 3600, failures))
    site = np.full(failures, int(clients["site"].iloc[who]))
    named = {"client_ip": str(clients["address"].iloc[who])}
    events = attempts(time, np.full(failures, who), site, node_at(stage, site, time),
                      code(UNMAPPED))  # fmt: skip
    settle(stage, "hammering client", named, events.take(time < stage.seconds))


def flood(stage: Stage, *, connections: int, minutes: float) -> None:
    """Flood port 80 from many addresses: connections without TLS, so without an outcome."""
    random = stage.random
    network = [stage.networks.four() for _ in range(300)]
    hosts = [hosts_of(random, home, 1)[0] for home in network]
    who = stage.add_clients(clients_of(stage, "flood", hosts, network, weight=0.0, rate=0.0))
    start = random.uniform(0, stage.seconds - minutes * MINUTE)
    time = start + np.sort(random.uniform(0, minutes * MINUTE, connections))
    site = np.full(connections, int(np.flatnonzero(stage.account.site_port == 80)[0]))
    events = attempts(time, random.choice(who, connections), site, node_at(stage, site, time))
    settle(stage, "HTTP flood", {"listener_port": "80"}, events)
