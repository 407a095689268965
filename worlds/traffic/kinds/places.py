"""Incidents of a place: a node, a listener, a load balancer, a network, or everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from worlds.traffic.addresses import hosts_of, shown_network
from worlds.traffic.clients import clients_of, scaled, zipf
from worlds.traffic.population import add_fleet
from worlds.traffic.registry import incident
from worlds.traffic.stage import Cause, Stage
from worlds.traffic.values import MANNERS, ORGANIZATIONS, UNMAPPED

Window = tuple[float, float]


def marks(size: int, *chosen: int) -> np.ndarray:
    """Return marks on the chosen of ``size``."""
    return np.isin(np.arange(size), chosen)


def break_node(stage: Stage, window: Window, elb: int = 0, **more: Any) -> None:
    """Let a node of a load balancer fail: all or a part of what it gets."""
    account, random = stage.account, stage.random
    node = int(random.choice(account.nodes_of(elb)))
    more.setdefault("share", float(random.uniform(0.2, 1.0)))
    address = account.node_ips[node]
    stage.causes.append(
        Cause(
            "one node",
            *window,
            UNMAPPED,
            nodes=marks(len(account.node_ips), node),
            words=(address,),
            **{"named": ({"ip_address": address},), **more},
        )
    )


def break_elb(stage: Stage, window: Window, elb: int, **more: Any) -> None:
    """Let all of a load balancer fail in part."""
    name = stage.account.elbs[elb]
    more.setdefault("share", float(stage.random.uniform(0.1, 0.9)))
    stage.causes.append(
        Cause(
            "one load balancer",
            *window,
            UNMAPPED,
            sites=stage.account.sites_of(elb),
            words=(name,),
            named=({"elb": name},),
            **more,
        )
    )


def break_network(stage: Stage, window: Window, network: str, **more: Any) -> None:
    """Let a network fail that is already there."""
    there = (stage.clients["network"] == network).to_numpy()
    more.setdefault("share", float(stage.random.uniform(0.5, 1.0)))
    named = {"client_network": shown_network(network)}
    stage.causes.append(
        Cause(
            "one network",
            *window,
            UNMAPPED,
            clients=there,
            words=(shown_network(network),),
            **{"named": (named,), **more},
        )
    )


def offices(stage: Stage, *, six: bool) -> list[str]:
    """Return the networks in which people are at work."""
    clients = stage.clients
    networks = clients.loc[clients["group"] == "office", "network"].unique().tolist()
    return [str(network) for network in networks if (":" in str(network)) is six]


@incident(hours=24)
def node_broken(stage: Stage) -> None:
    """One of a load balancer's nodes fails."""
    elb = int(stage.random.integers(0, 2))
    break_node(stage, stage.window((15, 90)), elb)


@incident(hours=24)
def listener_broken(stage: Stage) -> None:
    """A listener with a wrong certificate fails; others of the load balancer go on."""
    account, random = stage.account, stage.random
    elb, port = int(random.integers(0, 2)), int(random.choice([443, 8443]))
    site, name = account.site(elb, port), account.elbs[elb]
    stage.causes.append(
        Cause(
            "one listener",
            *stage.window((15, 90)),
            UNMAPPED,
            sites=marks(len(account.site_elb), site),
            share=float(random.uniform(0.3, 1.0)),
            words=(name, str(port)),
            named=({"elb": name, "listener_port": str(port)},),
        )
    )


@incident(hours=24, balancers=5, huge_share=0.4)
def balancer_broken(stage: Stage) -> None:
    """One of five load balancers fails."""
    break_elb(stage, stage.window((15, 90)), int(stage.random.integers(0, 4)))


@incident(hours=24, balancers=4, huge_share=0.85, connections=90_000)
def tiny_balancer_broken(stage: Stage) -> None:
    """The tiny load balancer beside a huge one fails."""
    elb = len(stage.account.elbs) - 1
    break_elb(stage, stage.window((60, 180)), elb, share=float(stage.random.uniform(0.6, 1)))


@incident(hours=24)
def network_fails(stage: Stage) -> None:
    """A /24 fails: its firewall breaks handshakes."""
    break_network(
        stage, stage.window((30, 150)), str(stage.random.choice(offices(stage, six=False)))
    )


@incident(hours=24)
def six_network_fails(stage: Stage) -> None:
    """An IPv6 /48 fails, with all the /64 in it."""
    break_network(stage, stage.window((30, 150)), offices(stage, six=True)[0])


@incident(hours=24)
def customer_fails(stage: Stage) -> None:
    """A customer fails from all of its networks: devices of one O, certificates all different."""
    random, n = stage.random, 5
    mutual = np.flatnonzero(stage.account.site_mutual)
    site = int(random.choice(mutual))
    numbers = add_fleet(stage, n, site, shared=False, group="customer", share=(0.08, 0.2))
    clients = stage.clients
    homes = [stage.networks.four() for _ in range(int(random.integers(3, 7)))]
    rows = np.array_split(numbers, len(homes))
    for home, some in zip(homes, rows, strict=True):
        clients.loc[some, "address"] = hosts_of(random, home, len(some))
        clients.loc[some, "network"] = home
    reason = str(random.choice(["ClientCertUntrusted", "ClientCertInvalid", "ClientCertRejected"]))
    organization = ORGANIZATIONS[n][0]
    stage.causes.append(
        Cause(
            "client certificates rejected",
            *stage.window((40, 150)),
            reason,
            clients=marks(len(clients), *numbers),
            share=float(random.uniform(0.7, 1)),
            organization=organization,
            words=(organization,),
            also=("failures",),
            named=({"failure_reason": reason}, {"leaf_client_cert_subject": f"O={organization}"}),
        )
    )
    stage.note(networks=[shown_network(home) for home in homes])


@incident(hours=24)
def everywhere(stage: Stage) -> None:
    """A part of everything fails, whoever connects and wherever."""
    share = float(stage.random.uniform(0.05, 0.5))
    stage.causes.append(
        Cause("server-side everywhere", *stage.window((15, 60)), UNMAPPED, share=share, named=({},))
    )


@incident(hours=24, rate=0.003, huge_share=0.7, connections=100_000)
def busy_rate_rises(stage: Stage) -> None:
    """Half a percent becomes two on the huge load balancer, at its busiest time."""
    length = float(stage.random.uniform(60, 180)) * 60
    start = stage.clock.peak(0.3, 0.9, length)
    break_elb(stage, (start, start + length), 0, share=0.015, also=("failures",))


@incident(hours=24)
def node_and_listener(stage: Stage) -> None:
    """One listener fails on one node only."""
    account, random = stage.account, stage.random
    elb, port = int(random.integers(0, 2)), int(random.choice([443, 8443]))
    site = account.site(elb, port)
    break_node(
        stage,
        stage.window((30, 120)),
        elb,
        sites=marks(len(account.site_elb), site),
        share=float(random.uniform(0.5, 1)),
        also=("one listener", "failures"),
        named=(),
    )
    cause = stage.causes.pop()
    named = {"ip_address": cause.words[0], "listener_port": str(port)}
    words = (*cause.words, str(port))
    stage.causes.append(Cause(**{**vars(cause), "named": (named,), "words": words}))  # fmt: skip


@incident(hours=24)
def network_and_protocol(stage: Stage) -> None:
    """A middlebox at one network breaks handshakes of one protocol: others get through."""
    random = stage.random
    network = stage.networks.four()
    count = scaled(stage, 60, 16)
    numbers = stage.add_clients(
        clients_of(
            stage,
            "campus",
            hosts_of(random, network, count),
            network,
            site=stage.account.site(0, 443),
            weight=0.08 * zipf(random, count, 0.3),
        )
    )
    clients, protocol = stage.clients, str(random.choice(["TLSv1.3", "TLSv1.2"]))
    thirds = np.where(np.arange(count) % 2, 1, 6)  # half of them 1.3, half 1.2
    clients.loc[numbers, ["manner", "later"]] = np.column_stack([thirds, thirds])
    speaks = np.array([m.protocol == protocol for m in MANNERS])[clients["manner"].to_numpy()]
    there = marks(len(clients), *numbers)
    named = {"client_network": shown_network(network), "tls_protocol": protocol}
    stage.causes.append(
        Cause(
            "one network",
            *stage.window((30, 120)),
            UNMAPPED,
            clients=speaks & there,
            share=float(random.uniform(0.8, 1)),
            words=(named["client_network"], protocol),
            spoken="tls_protocol",
            named=(named,),
            also=("failures",),
        )
    )
