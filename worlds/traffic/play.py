"""The play: who connects when, who fails, and who tries again.

An attempt that fails is repeated after a second, then two, then four …, as long as its client
has the patience, ten times at the most; each try meets the causes that are at work at its own
time. A client that fails for reasons of its own mostly gets through on the second try.
"""

from __future__ import annotations

import numpy as np

from worlds.traffic.clock import HOUR
from worlds.traffic.events import FINE, NO_CAUSE, Events, attempts, together
from worlds.traffic.population import reason_of_misfit
from worlds.traffic.stage import Stage, Surge
from worlds.traffic.values import PASSING, PASSING_SHARES, REASONS, code

MOST_TRIES = 10
AGAIN = 0.35  # how likely a reason of one's own lasts until the next try [1]
OTHER, PLAIN = 0.3, 0.03  # visits to the second load balancer, and to port 80 first [1]
BURST = 0.6  # connections of a person come in bursts of 1/BURST


def play(stage: Stage) -> Events:
    """Return all attempts of a world by time."""
    planned = [ordinary(stage), misfits_attempts(stage), *stage.scheduled]
    events = together([*rounds(stage, together(planned)), *stage.settled])
    events = events.take(events.time < stage.seconds)
    return events.take(np.argsort(events.time, kind="stable"))


def ordinary(stage: Stage) -> Events:
    """Return the first tries of everyone who is there on purpose."""
    clients, plan = stage.clients, stage.plan
    weight = clients["weight"].to_numpy()
    count = plan.connections * plan.size * weight.sum()
    everyone = _visits(stage, weight, count)
    more = [
        _visits(stage, np.where(_sized(s.clients, len(weight)), weight, 0), count, s)
        for s in stage.surges
    ]
    return _without_those_who_left(stage, together([everyone, *more]))


def _sized(marked: np.ndarray, size: int) -> np.ndarray:
    return np.concatenate([marked, np.zeros(size - len(marked), bool)])


def _visits(stage: Stage, weight: np.ndarray, count: float, surge: Surge | None = None) -> Events:
    """Return connections of clients by weight; of a surge, those that come on top."""
    random, clients = stage.random, stage.clients
    part = weight.sum() / clients["weight"].sum()
    factor = 1.0 if surge is None else surge.factor - 1
    steady = clients["steady"].to_numpy()
    sessions = random.poisson(count * part * factor * (1 + BURST) / 2)
    client = np.searchsorted(np.cumsum(weight), random.random(sessions) * weight.sum())
    client = np.minimum(client, len(weight) - 1)
    time = stage.clock.times(random, steady[client])
    here = (time >= clients["since"].to_numpy()[client]) & (
        time < clients["until"].to_numpy()[client]
    )
    if surge is not None:
        here &= (time >= surge.start) & (time < surge.end)
    return _connections(stage, time[here], client[here])


def _connections(stage: Stage, time: np.ndarray, client: np.ndarray) -> Events:
    """Return the connections of visits: some at once, all at one node and listener."""
    random, clients = stage.random, stage.clients
    site = clients["site"].to_numpy()[client]
    other = clients["other"].to_numpy()[client]
    site = np.where(random.random(len(site)) < OTHER, other, site)
    site = np.where(random.random(len(site)) < PLAIN, _plain(stage)[site], site)
    node = node_at(stage, site, time)
    steady = clients["steady"].to_numpy()[client]
    several = np.where(steady, 1, random.geometric(BURST, len(time)))
    visit = np.repeat(np.arange(len(time)), several)
    later = random.exponential(1.5, len(visit)) * (several[visit] > 1)
    return attempts(time[visit] + later, client[visit], site[visit], node[visit])


def _plain(stage: Stage) -> np.ndarray:
    """Return for each listener the one of port 80 that redirects to it, or itself."""
    account = stage.account
    sites = np.arange(len(account.site_elb))
    for plain in np.flatnonzero(account.site_port == 80):
        sites[account.site(int(account.site_elb[plain]), 443)] = plain
    return sites


def node_at(stage: Stage, site: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return a node of each listener's load balancer, of those in service at a time."""
    account = stage.account
    elb = account.site_elb[site]
    serving = account.nodes[elb]
    for resized, since, nodes in stage.resizes:
        serving = np.where((elb == resized) & (time >= since), nodes, serving)
    return account.first_node[elb] + (stage.random.random(len(site)) * serving).astype(int)


def _without_those_who_left(stage: Stage, events: Events) -> Events:
    """Return visits without those of clients that gave a load balancer up."""
    random = stage.random
    for cause in stage.causes:
        if cause.gives_up:
            patience = random.exponential(3 * HOUR, len(stage.clients)) + HOUR / 2
            gone = cause.start + patience
            gone[random.random(len(gone)) >= cause.gives_up] = np.inf
            left = cause.exposed(events) & (events.time > gone[events.client])
            events = events.take(~left)
    return events


def misfits_attempts(stage: Stage) -> Events:
    """Return the visits of misfits: each at a pace of its own, from minutes to hours."""
    random, clients = stage.random, stage.clients
    numbers = np.flatnonzero(clients["group"] == "misfit")
    quick, slow = np.log(stage.plan.pace)
    pace = np.exp(random.uniform(quick, slow, len(numbers)))
    times = []
    for step in pace:
        steps = step * random.gamma(8, 1 / 8, int(stage.seconds / step) + 2)
        times.append(np.cumsum(steps) - random.random() * step)
    counts = [len(t) for t in times]
    client = np.repeat(numbers, counts)
    time = np.concatenate([*times, np.empty(0)])
    there = (time >= 0) & (time < stage.seconds) & (time >= clients["since"].to_numpy()[client])
    client, time = client[there], time[there]
    site = clients["site"].to_numpy()[client]
    return attempts(time, client, site, node_at(stage, site, time))


def rounds(stage: Stage, current: Events) -> list[Events]:
    """Return the tries, first ones first: those of each round have failed in the one before."""
    random, done = stage.random, []
    persistence = stage.clients["persistence"].to_numpy()
    for n in range(MOST_TRIES):
        _meet_causes(stage, current)
        _meet_chance(stage, current, is_first=n == 0)
        done.append(current)
        goes_on = current.failed & (random.random(len(current)) < persistence[current.client])
        current = current.take(goes_on)
        if not len(current):
            break
        current = _tried_again(stage, current, n)
    return done


def _tried_again(stage: Stage, failed: Events, n: int) -> Events:
    """Return the next try of failed attempts; half of them meet another node."""
    random = stage.random
    wait = np.minimum(2.0**n * random.uniform(0.5, 2, len(failed)), 300)
    time = failed.time + wait
    moved = random.random(len(failed)) < 0.5
    node = np.where(moved, node_at(stage, failed.site, time), failed.node)
    return attempts(time, failed.client, failed.site, node).take(time < stage.seconds)


def _meet_causes(stage: Stage, events: Events) -> None:
    for number, cause in enumerate(stage.causes):
        odds = cause.odds(events)
        hit = (stage.random.random(len(events)) < odds) & (events.cause < 0)
        hit &= _speaks_tls(stage, events)
        events.cause[hit] = number
        if cause.slower > 1:
            events.slower[hit] = cause.slower
        else:
            events.reason[hit] = code(cause.reason)


def _speaks_tls(stage: Stage, events: Events) -> np.ndarray:
    return stage.account.site_port[events.site] != 80


def _meet_chance(stage: Stage, events: Events, *, is_first: bool) -> None:
    """Let attempts fail for reasons of their own; on a second try most are over it."""
    random = stage.random
    rate = stage.clients["rate"].to_numpy()[events.client]
    odds = rate if is_first else np.maximum(np.minimum(rate, 1), AGAIN)
    fails = (random.random(len(events)) < odds) & ~events.failed & _speaks_tls(stage, events)
    numbers = np.flatnonzero(fails)
    mutual = stage.account.site_mutual[events.site[numbers]]
    chance = random.choice([code(r) for r in PASSING], len(numbers), p=PASSING_SHARES)
    events.reason[numbers] = np.where(mutual, chance, REASONS.index(PASSING[0]))
    events.slower[numbers], events.cause[numbers] = 1.0, NO_CAUSE  # too slow to matter
    _keep_to_reason(stage, events, numbers)


def _keep_to_reason(stage: Stage, events: Events, numbers: np.ndarray) -> None:
    """Let a misfit fail for the one reason that it always has."""
    if "own reasons" not in stage.made:
        clients = stage.clients
        own = np.full(len(clients), FINE)
        for misfit in np.flatnonzero(clients["group"] == "misfit"):
            own[misfit] = reason_of_misfit(stage, int(clients["cert"].iloc[misfit]))
        stage.made["own reasons"] = own
    reason = stage.made["own reasons"][events.client[numbers]]
    events.reason[numbers] = np.where(reason == FINE, events.reason[numbers], reason)
