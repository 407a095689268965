"""An account: load balancers from huge to tiny, their listeners, and their nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from worlds.traffic.values import BALANCERS, PLACEHOLDERS


@dataclass(frozen=True)
class Account:
    """Load balancers, and their listeners, which are the *sites* that clients connect to.

    Attributes
    ----------
    elbs : list of str
        Load balancers; the first is huge, the last tiny.
    shares : array
        What part of the ordinary traffic each load balancer has [1].
    placeholder : list of str
        The cipher that each logs on an unmapped failure.
    node_ips : list of str
        Nodes of all load balancers; those of one stand together.
    first_node, nodes : array
        Where a load balancer's nodes begin, and how many of them are in service at first.
    spare : array
        How many further nodes stand behind those, for days on which it grows.
    site_elb, site_port, site_mutual : array
        Of each listener; listeners of port 80 speak no TLS.
    """

    elbs: list[str]
    shares: np.ndarray
    placeholder: list[str]
    node_ips: list[str]
    first_node: np.ndarray
    nodes: np.ndarray
    spare: np.ndarray
    site_elb: np.ndarray
    site_port: np.ndarray
    site_mutual: np.ndarray

    def site(self, elb: int, port: int) -> int:
        """Return the listener of a load balancer."""
        return int(np.flatnonzero((self.site_elb == elb) & (self.site_port == port))[0])

    def sites_of(self, elb: int) -> np.ndarray:
        """Return which listeners are a load balancer's."""
        return self.site_elb == elb

    def nodes_of(self, elb: int) -> range:
        """Return the nodes of a load balancer that are in service at first."""
        first = int(self.first_node[elb])
        return range(first, first + int(self.nodes[elb]))


def draw_account(random: np.random.Generator, balancers: int, huge_share: float) -> Account:
    """Return an account; the first two load balancers have a listener with mutual TLS."""
    shares = _shares(random, balancers, huge_share)
    nodes = np.array([int(random.integers(3, 7)), *random.integers(2, 4, balancers - 1)])
    spare = np.full(balancers, 4)
    spans = nodes + spare
    sites = [(elb, port) for elb in range(balancers) for port in _ports(elb)]
    return Account(
        elbs=[BALANCERS[n] for n in random.permutation(len(BALANCERS))[:balancers]],
        shares=shares,
        placeholder=[str(cipher) for cipher in random.choice(PLACEHOLDERS, balancers)],
        node_ips=_node_ips(random, spans),
        first_node=np.concatenate([[0], np.cumsum(spans)[:-1]]),
        nodes=nodes,
        spare=spare,
        site_elb=np.array([elb for elb, _ in sites]),
        site_port=np.array([port for _, port in sites], "int32"),
        site_mutual=np.array([port == 8443 for _, port in sites]),
    )


def _shares(random: np.random.Generator, balancers: int, huge: float) -> np.ndarray:
    """Return the shares of traffic: one huge, one of half a percent or less, the rest between."""
    if balancers == 1:
        return np.ones(1)
    tiny = float(random.uniform(0.002, 0.006))
    between = random.dirichlet(np.full(max(balancers - 2, 1), 3.0)) * (1 - huge - tiny)
    return np.array([huge, *between, tiny]) if balancers > 2 else np.array([1 - tiny, tiny])


def _ports(elb: int) -> tuple[int, ...]:
    return (80, 443, 8443) if elb == 0 else (443, 8443) if elb == 1 else (443,)


def _node_ips(random: np.random.Generator, spans: np.ndarray) -> list[str]:
    """Return addresses: each node in one of three zones, none twice."""
    hosts = random.choice(np.arange(10, 250), int(spans.sum()), replace=False)
    return [f"10.0.{n % 3 + 1}.{host}" for n, host in enumerate(hosts)]
