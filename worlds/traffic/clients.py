"""Who connects: one row a client, with the manner, the place and the temper of each.

Everything about a client is stable: its address, what it speaks, the listener it uses, its
certificate. Several clients can have one address (a NAT).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from worlds.traffic.addresses import hosts_of
from worlds.traffic.values import MANNERS, OLD

if TYPE_CHECKING:
    from worlds.traffic.stage import Stage

NEVER = np.inf


def clients_of(
    stage: Stage, group: str, addresses: Sequence[str], network: Sequence[str] | str, **given: Any
) -> pd.DataFrame:
    """Return clients as rows.

    Columns are ``group``, ``address``, ``network`` (as ``Networks`` gives it), ``manner``,
    ``site``, ``other`` (a second listener), ``cert`` (-1: none), ``weight`` (of the ordinary
    traffic), ``rate`` (of its usual failures [1]), ``persistence``, ``since`` and ``until`` [s],
    ``steady`` (a machine), ``latency`` [s], and from ``switch_at`` [s] on it speaks as ``later``.
    """
    random, count = stage.random, len(addresses)
    columns: dict[str, Any] = {
        "group": group, "address": list(addresses), "network": network,
        "manner": manners(stage, count), "site": 0, "cert": -1,
        "weight": np.full(count, 1.0 / max(count, 1)),
        "rate": uneven(random, stage.notes["rate"], count),
        "persistence": random.uniform(*stage.plan.persistence, count),
        "since": -1.0, "until": NEVER, "steady": False,
        "latency": 0.03 * np.exp(0.6 * random.standard_normal(count)),
        "switch_at": NEVER,
    }  # fmt: skip
    columns |= given
    columns.setdefault("other", columns["site"])
    columns.setdefault("later", columns["manner"])
    return pd.DataFrame(columns)


def uneven(random: np.random.Generator, rate: float, count: int) -> np.ndarray:
    """Return failure rates around one: most clients have less, a few have much more."""
    return np.minimum(rate * random.gamma(0.4, 1 / 0.4, count), 0.5)


def manners(
    stage: Stage, count: int, among: Sequence[int] | None = None, old: float | None = None
) -> np.ndarray:
    """Return manners for clients, by the shares of this world; ``old`` is the share of old ones."""
    shares = np.array([m.share for m in MANNERS]) * stage.notes["tastes"]
    is_old = np.isin(np.arange(len(MANNERS)), OLD)
    part = stage.plan.old_share if old is None else old
    shares = np.where(is_old, part * shares / shares[is_old].sum(),
                      (1 - part) * shares / shares[~is_old].sum())  # fmt: skip
    if among is not None:
        shares = np.where(np.isin(np.arange(len(MANNERS)), among), shares, 0)
    return stage.random.choice(len(MANNERS), count, p=shares / shares.sum())


def zipf(random: np.random.Generator, count: int, exponent: float) -> np.ndarray:
    """Return unequal weights with sum 1, in an order by chance."""
    weights = np.arange(1, count + 1) ** -exponent
    return random.permutation(weights / weights.sum())


def spread(
    stage: Stage, count: int, networks: int, six: float = 0.12
) -> tuple[list[str], list[str]]:
    """Return addresses of clients that are spread unevenly over networks, and these networks."""
    random = stage.random
    sizes = random.multinomial(count, zipf(random, networks, 0.7))
    addresses: list[str] = []
    homes: list[str] = []
    for size in sizes[sizes > 0]:
        home = stage.networks.six() if random.random() < six else stage.networks.four()
        addresses += hosts_of(random, home, int(size))
        homes += [home] * int(size)
    order = random.permutation(count)
    return [addresses[n] for n in order], [homes[n] for n in order]


def scaled(stage: Stage, count: float, least: int = 1) -> int:
    """Return a number of clients at the world's size."""
    return max(round(count * min(stage.plan.size, 1.0) ** 0.5), least)


def level_out(stage: Stage) -> None:
    """Scale the weights so that each load balancer has its share of the traffic."""
    clients, account = stage.clients, stage.account
    elb = account.site_elb[clients["site"].to_numpy()]
    sums = np.bincount(elb, clients["weight"], len(account.shares))
    factors = np.divide(account.shares, sums, out=np.zeros_like(sums), where=sums > 0)
    clients["weight"] *= factors[elb]
