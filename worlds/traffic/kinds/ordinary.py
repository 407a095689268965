"""Quiet kinds: ordinary traffic of many tempers, in which nothing goes wrong."""

from __future__ import annotations

import numpy as np

from worlds.traffic.clock import DAY, HOUR
from worlds.traffic.nuisances import flood, hammer, probe
from worlds.traffic.population import misfits
from worlds.traffic.registry import quiet
from worlds.traffic.stage import Stage


@quiet(hours=24, swing=[0.7, 0.95])
def daily_swing(stage: Stage) -> None:
    """Busy days, empty nights; misfits and machines never sleep, so nights have worse rates."""


@quiet(hours=24 * 14, connections=150_000, swing=[0.5, 0.9], weekend=[0.15, 0.5])
def weekly_swing(stage: Stage) -> None:
    """A fortnight with its weekends."""


@quiet(hours=24, zipf=[1.1, 1.4])
def zipf_clients(stage: Stage) -> None:
    """A few clients make most of the traffic, and some of these are flaky."""


@quiet(hours=24, nat_share=[0.4, 0.6])
def many_behind_nat(stage: Stage) -> None:
    """Half of the traffic comes from a few addresses with mixed manners."""


@quiet(hours=24, rate=[0.003, 0.01], persistence=(0.85, 0.97))
def retries_with_backoff(stage: Stage) -> None:
    """Clients that fail try again and again, so failures come in clusters."""


@quiet(hours=24, misfits=[0.01, 0.02])
def chronic_misfits(stage: Stage) -> None:
    """Dozens of clients never get through and come back every few minutes or hours."""


@quiet(hours=[24, 72], connections=[150, 600], clients=30, balancers=1, pace=(2 * HOUR, 2 * DAY))
def tiny_traffic(stage: Stage) -> None:
    """A few connections an hour."""


@quiet(hours=24, mask="xxx")
def masked_addresses(stage: Stage) -> None:
    """Addresses whose last part is masked as in published samples."""


@quiet(hours=24, mask="zero")
def truncated_addresses(stage: Stage) -> None:
    """Addresses that were cut to their networks."""


@quiet(hours=24, mask="token")
def pseudonymous_addresses(stage: Stage) -> None:
    """Addresses that are pseudonyms: there are no networks."""


@quiet(hours=[24, 48])
def missing_files(stage: Stage) -> None:
    """Log files are missing: of one node for hours, and of all nodes for some."""
    random, account = stage.random, stage.account
    for _ in range(int(random.integers(2, 6))):
        start = _whole_file(random.uniform(0, stage.seconds * 0.95))
        node = int(random.choice([*account.nodes_of(0), -1]))
        stage.holes.append((node, start, start + _whole_file(random.uniform(600, 3 * 3600))))
    stage.note(holes=stage.holes)


def _whole_file(seconds: float) -> float:
    return float(seconds // 300 * 300)


@quiet(hours=24)
def one_hammering_client(stage: Stage) -> None:
    """A single client fails five hundred times, and nobody else."""
    failures = int(stage.random.integers(400, 650))
    hammer(stage, failures=failures, hours=float(stage.random.uniform(0.3, 6)))


@quiet(hours=24, scanners="mild")
def mild_scanners(stage: Stage) -> None:
    """Several single addresses a day that each fail up to 500 times."""
    for _ in range(int(stage.random.integers(3, 9))):
        probe(stage, one_address=True, failures=int(stage.random.integers(10, 500)))


@quiet(hours=24, scanners="loud")
def loud_scanners(stage: Stage) -> None:
    """Networks and addresses that fail thousands of times."""


@quiet(hours=24 * 7, connections=120_000, scanners="loud")
def loud_scanners_for_a_week(stage: Stage) -> None:
    """The same every day for a week."""
    for _ in range(int(stage.seconds / DAY)):
        probe(stage, one_address=False, failures=int(stage.random.integers(1000, 4000)))


@quiet(hours=24, rate=[0.002, 0.005])
def flaky_mobiles(stage: Stage) -> None:
    """A fifth of the people are on mobile networks that drop one handshake of twenty or so."""
    random, clients = stage.random, stage.clients
    mobile = (clients["group"] == "people").to_numpy() & (random.random(len(clients)) < 0.2)
    rates = np.where(mobile, random.uniform(0.02, 0.1, len(clients)), clients["rate"])
    clients["rate"] = rates
    stage.note(mobiles=int(mobile.sum()))


@quiet(hours=24)
def http_flood(stage: Stage) -> None:
    """Port 80 is flooded: lines without a TLS outcome, and no failure."""
    random = stage.random
    connections = int(stage.plan.connections * stage.plan.size * random.uniform(0.3, 1.5))
    flood(stage, connections=connections, minutes=float(random.uniform(10, 120)))


@quiet(hours=4, connections=20_000)
def four_hours(stage: Stage) -> None:
    """A short span: the night of a small site, or its noon; one misfit arrives."""
    arrived = misfits(stage, 1)
    arrived["since"] = stage.random.uniform(0, stage.seconds)
    stage.add_clients(arrived)
