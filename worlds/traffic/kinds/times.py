"""Incidents that are about time: at the edge of the data, twice, slowly, briefly, each night."""

from __future__ import annotations

import numpy as np

from worlds.traffic.addresses import hosts_of, shown_network
from worlds.traffic.clients import clients_of, scaled
from worlds.traffic.clock import DAY, HOUR
from worlds.traffic.events import attempts
from worlds.traffic.kinds.certificates import fleet_expires, new_fleet
from worlds.traffic.kinds.places import break_elb, break_network, break_node, marks, offices
from worlds.traffic.play import node_at
from worlds.traffic.registry import incident
from worlds.traffic.stage import Cause, Stage
from worlds.traffic.values import UNMAPPED


@incident(hours=24 * 7, connections=120_000)
def nightly_job(stage: Stage) -> None:
    """A job of a dozen hosts fails at the same hour of each night; by day the hosts are fine."""
    random = stage.random
    network, count = stage.networks.four(), scaled(stage, int(random.integers(8, 25)), 5)
    hosts, site = hosts_of(random, network, count), stage.account.site(0, 443)
    stage.add_clients(
        clients_of(stage, "host", hosts, network, site=site, steady=True, weight=0.02 / count)
    )
    job = stage.add_clients(clients_of(stage, "job", hosts, network, site=site, weight=0.0))
    hour = float(random.integers(0, 6)) - stage.clock.begin.hour + random.uniform(0, 0.5)
    length = float(random.uniform(10, 40)) * 60
    tries = int(random.integers(6, 25))
    for night in range(int(stage.seconds / DAY) + 1):
        start = (hour % 24) * HOUR + night * DAY
        if start + length + RETRIES < stage.seconds:
            _run_job(stage, job, (start, start + length), tries, shown_network(network))
    stage.note(tries=tries, hosts=count)


RETRIES = 600.0  # after the last start of a job it still tries [s]


def _run_job(
    stage: Stage, job: np.ndarray, window: tuple[float, float], tries: int, network: str
) -> None:
    random = stage.random
    client = np.repeat(job, tries)
    start, end = window
    time = random.uniform(start, end, len(client))
    site = stage.clients["site"].to_numpy()[client]
    stage.scheduled.append(attempts(time, client, site, node_at(stage, site, time)))
    there = marks(len(stage.clients), *job)
    stage.causes.append(
        Cause(
            "one network",
            start,
            end + RETRIES,
            UNMAPPED,
            clients=there,
            words=(network,),
            also=("failures",),
            named=({"client_network": network},),
            recurs=True,
        )
    )


@incident(hours=36, connections=100_000)
def slow_ramp(stage: Stage) -> None:
    """A node leaks: over twelve hours its failures rise from none to a third."""
    start = float(stage.random.uniform(0.35, 0.6) * stage.seconds)
    share = float(stage.random.uniform(0.15, 0.5))
    break_node(stage, (start, start + 14 * HOUR), 0, ramp=12 * HOUR, share=share)


@incident(hours=24)
def on_at_the_start(stage: Stage) -> None:
    """It was going on already when the data begin."""
    _some_place(stage, (-1.0, float(stage.random.uniform(40, 180)) * 60))


@incident(hours=24)
def on_at_the_end(stage: Stage) -> None:
    """It is still going on when the data end."""
    _some_place(stage, (stage.seconds - float(stage.random.uniform(20, 120)) * 60, np.inf))


def _some_place(stage: Stage, window: tuple[float, float]) -> None:
    """Break a node, a load balancer or a network."""
    which = int(stage.random.integers(0, 3))
    if which == 0:
        break_node(stage, window)
    elif which == 1:
        break_elb(stage, window, int(stage.random.integers(0, 2)))
    else:
        break_network(stage, window, offices(stage, six=False)[0])


@incident(hours=[36, 60], connections=100_000)
def two_apart(stage: Stage) -> None:
    """Two incidents, hours apart and different."""
    break_node(stage, stage.window((20, 80), 0.15, 0.4), 0)
    break_network(stage, stage.window((30, 100), 0.6, 0.9), offices(stage, six=False)[0])


@incident(hours=24)
def two_at_once(stage: Stage) -> None:
    """Two load balancers have different troubles in the same hour."""
    start, end = stage.window((40, 120))
    fleet, organization = new_fleet(stage, shared=True)
    fleet_elb = int(stage.account.site_elb[int(stage.clients["site"].to_numpy()[fleet][0])])
    fleet_expires(stage, fleet, start, organization)
    break_elb(stage, (start, end), 1 - fleet_elb, share=float(stage.random.uniform(0.1, 0.5)))


@incident(hours=24)
def slow_handshakes(stage: Stage) -> None:
    """Handshakes take many times as long, everywhere or on one load balancer; none fails."""
    random, account = stage.random, stage.account
    elb = int(random.integers(0, 2))
    is_everywhere = random.random() < 0.5
    name = account.elbs[elb]
    stage.causes.append(
        Cause(
            "slow handshakes",
            *stage.window((30, 120)),
            "",
            sites=None if is_everywhere else account.sites_of(elb),
            share=float(random.uniform(0.7, 1)),
            slower=float(random.uniform(4, 12)),
            words=() if is_everywhere else (name,),
            named=({} if is_everywhere else {"elb": name},),
        )
    )


@incident(hours=24)
def very_short(stage: Stage) -> None:
    """Five to ten minutes in which a load balancer mostly fails."""
    share = float(stage.random.uniform(0.4, 1))
    break_elb(stage, stage.window((5, 10)), int(stage.random.integers(0, 2)), share=share)


@incident(hours=24 * 8, connections=150_000, swing=0.8, weekend=0.4)
def hour_at_weekly_peak(stage: Stage) -> None:
    """Eight days, and an hour of failures just when a day is busiest."""
    start = stage.clock.peak(0.3, 0.9, HOUR)
    share = float(stage.random.uniform(0.03, 0.3))
    break_elb(stage, (start, start + HOUR), int(stage.random.integers(0, 2)), share=share)
