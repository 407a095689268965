"""Quiet kinds in which something changes, and nothing goes wrong: who comes, and where it lands."""

from __future__ import annotations

import numpy as np
import pandas as pd

from worlds.traffic.clients import clients_of, manners, scaled, spread, zipf
from worlds.traffic.population import misfits, sites_for
from worlds.traffic.registry import quiet
from worlds.traffic.stage import Stage, Surge
from worlds.traffic.values import HYBRID


@quiet(hours=24)
def more_nodes(stage: Stage) -> None:
    """The huge load balancer scales out under way: new nodes take their part."""
    _resize(stage, int(stage.random.integers(1, 5)))


@quiet(hours=24)
def fewer_nodes(stage: Stage) -> None:
    """It scales in: nodes fall silent."""
    _resize(stage, -int(stage.random.integers(1, 3)))


def _resize(stage: Stage, by: int) -> None:
    since = float(stage.random.uniform(0.2, 0.8) * stage.seconds)
    nodes = max(int(stage.account.nodes[0]) + by, 1)
    stage.resizes.append((0, since, nodes))
    stage.note(resized=(since, nodes))


@quiet(hours=[24, 72])
def new_population(stage: Stage) -> None:
    """New good clients arrive, with their ordinary failures and a few misfits among them."""
    random = stage.random
    since = float(random.uniform(0.3, 0.75) * stage.seconds)
    count = scaled(stage, int(random.integers(200, 900)), 20)
    addresses, homes = spread(stage, count, max(count // 15, 2))
    arrived = clients_of(
        stage,
        "new",
        addresses,
        homes,
        site=sites_for(stage, count),
        since=since,
        weight=random.uniform(0.1, 0.5) * zipf(random, count, 0.8),
    )
    unfit = misfits(stage, int(random.integers(1, 5)))
    unfit["since"] = since + random.uniform(0, 3600, len(unfit))
    stage.add_clients(pd.concat([arrived, unfit], ignore_index=True))
    stage.note(since=since, arrived=count, misfits=len(unfit))


@quiet(hours=24)
def listener_mix_shifts(stage: Stage) -> None:
    """A listener with a higher usual failure rate gets more traffic."""
    account = stage.account
    site = int(stage.random.choice(np.flatnonzero(account.site_mutual)))
    _shift(stage, (stage.clients["site"] == site).to_numpy())


@quiet(hours=24, balancers=4)
def balancer_mix_shifts(stage: Stage) -> None:
    """A load balancer with a higher usual failure rate gets more traffic."""
    account = stage.account
    elb = int(stage.random.integers(1, len(account.elbs)))
    _shift(stage, account.sites_of(elb)[stage.clients["site"].to_numpy()])


def _shift(stage: Stage, some: np.ndarray) -> None:
    """Give these clients a high rate all the time, and more traffic from some moment on."""
    random, clients = stage.random, stage.clients
    usual = random.uniform(0.01, 0.04) * random.gamma(2, 0.5, len(clients))
    is_misfit = (clients["group"] == "misfit").to_numpy()
    clients["rate"] = np.where(some & ~is_misfit, np.minimum(usual, 0.3), clients["rate"])
    start = float(random.uniform(0.3, 0.7) * stage.seconds)
    factor = float(random.uniform(3, 8))
    stage.surges.append(Surge(some, start, stage.seconds, factor))
    stage.note(shifted=(start, factor))


@quiet(hours=24 * 7, connections=120_000)
def post_quantum_rises(stage: Stage) -> None:
    """Client after client learns a post-quantum group."""
    random, clients = stage.random, stage.clients
    can = clients["manner"].isin(list(HYBRID)).to_numpy()
    learns = can & (random.random(len(clients)) < 0.7)
    when = random.uniform(0.1, 1, len(clients)) * stage.seconds
    clients["switch_at"] = np.where(learns, when, np.inf)
    clients["later"] = clients["manner"].replace(HYBRID).where(learns, clients["manner"])
    stage.note(learn=int(learns.sum()))


@quiet(hours=24)
def campaign(stage: Stage) -> None:
    """An hour of five times the people: as many more failures, at the same rate."""
    people = (stage.clients["group"] == "people").to_numpy()
    start, end = stage.window((40, 120))
    stage.surges.append(Surge(people, start, end, float(stage.random.uniform(3, 6))))
    stage.note(campaign=(start, end))


@quiet(hours=24)
def old_clients_arrive(stage: Stage) -> None:
    """Good clients that speak old TLS arrive, and get through."""
    random = stage.random
    since = float(random.uniform(0.3, 0.7) * stage.seconds)
    count = scaled(stage, int(random.integers(40, 150)), 10)
    addresses, homes = spread(stage, count, max(count // 4, 2), six=0)
    stage.add_clients(
        clients_of(
            stage,
            "old",
            addresses,
            homes,
            site=sites_for(stage, count),
            since=since,
            weight=random.uniform(0.02, 0.1) * zipf(random, count, 0.5),
            steady=True,
            manner=manners(stage, count, old=0.9),
        )
    )
    stage.note(since=since, arrived=count)
