"""The clients of an ordinary account: people, offices, NATs, machines, fleets, and misfits."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from worlds.traffic.addresses import hosts_of
from worlds.traffic.certificates import serial_of, validity_of
from worlds.traffic.clients import clients_of, level_out, manners, scaled, spread, zipf
from worlds.traffic.stage import Stage
from worlds.traffic.values import FLEETS, MANNERS, MISFITTING, ORGANIZATIONS, REASONS


def populate(stage: Stage) -> None:
    """Put everyone on the stage who is there on an ordinary day."""
    random, plan = stage.random, stage.plan
    stage.note(
        tastes=random.gamma(8, 1 / 8, len(MANNERS)),
        rate=plan.rate or float(np.exp(random.uniform(np.log(0.0007), np.log(0.006)))),
        zipf=plan.zipf or float(random.uniform(0.6, 1.1)),
    )
    add_people(stage)
    add_offices(stage)
    add_nats(stage)
    add_machines(stage)
    add_fleets(stage)
    level_out(stage)
    add_misfits(stage)


def sites_for(stage: Stage, count: int) -> np.ndarray:
    """Return a listener for each client: 443 of a load balancer, small ones not forgotten."""
    account = stage.account
    odds = account.shares**0.5
    elb = stage.random.choice(len(odds), count, p=odds / odds.sum())
    main = np.array([account.site(n, 443) for n in range(len(odds))])
    return main[elb]


def add_people(stage: Stage) -> None:
    """Add browsers and apps all over the place; a tenth uses a second load balancer."""
    random, plan = stage.random, stage.plan
    drawn = plan.clients or int(np.exp(random.uniform(np.log(600), np.log(4000))))
    count = scaled(stage, drawn, 40)
    addresses, homes = spread(stage, count, max(count // 4, 5))
    site = sites_for(stage, count)
    second = np.where(random.random(count) < 0.1, sites_for(stage, count), site)
    weight = zipf(random, count, stage.notes["zipf"])
    stage.add_clients(
        clients_of(stage, "people", addresses, homes, site=site, other=second, weight=weight)
    )


def add_offices(stage: Stage) -> None:
    """Add four networks with people at work: three /24 and a /48."""
    random = stage.random
    for n in range(4):
        network = stage.networks.six() if n == 3 else stage.networks.four()
        count = scaled(stage, int(random.integers(15, 60)), 8)
        site = stage.account.site(int(random.integers(0, 2) % len(stage.account.elbs)), 443)
        stage.add_clients(
            clients_of(
                stage,
                "office",
                hosts_of(random, network, count),
                network,
                site=site,
                weight=random.uniform(0.01, 0.03) * zipf(random, count, 0.4),
            )
        )


def add_nats(stage: Stage) -> None:
    """Add addresses with many devices of all manners behind each."""
    random, plan = stage.random, stage.plan
    addresses = scaled(stage, int(random.integers(4, 12)), 3)
    devices = random.integers(10, 150, addresses)
    hosts = [hosts_of(random, stage.networks.four(), 1)[0] for _ in range(addresses)]
    address = np.repeat(np.array(hosts), devices)
    count = len(address)
    share = plan.nat_share / (1 - plan.nat_share)
    stage.add_clients(
        clients_of(
            stage,
            "nat",
            list(address),
            [a.rpartition(".")[0] for a in address],
            site=sites_for(stage, count),
            weight=share * zipf(random, count, 0.5),
        )
    )


def add_machines(stage: Stage) -> None:
    """Add programs that connect by day and night, and speak what their makers once chose."""
    random = stage.random
    count = scaled(stage, int(random.integers(40, 150)), 12)
    addresses, homes = spread(stage, count, max(count // 2, 4), six=0.03)
    stage.add_clients(
        clients_of(
            stage,
            "machine",
            addresses,
            homes,
            site=sites_for(stage, count),
            steady=True,
            manner=manners(stage, count, old=min(2 * stage.plan.old_share, 0.9)),
            weight=random.uniform(0.05, 0.2) * zipf(random, count, 0.5),
        )
    )


def add_fleets(stage: Stage) -> None:
    """Add fleets of devices with certificates to each listener with mutual TLS."""
    mutual = np.flatnonzero(stage.account.site_mutual)
    for n in range(4):
        add_fleet(stage, n, int(mutual[n % len(mutual)]), shared=n < 2)


def add_fleet(
    stage: Stage,
    n: int,
    site: int,
    *,
    shared: bool,
    group: str = "fleet",
    share: tuple[float, float] = (0.03, 0.08),
) -> np.ndarray:
    """Add one fleet and return its numbers: all with one certificate, or one for each device."""
    random = stage.random
    count = scaled(stage, int(random.integers(20, 90)), 8)
    addresses, homes = _homes_of_fleet(stage, count)
    organization, unit = ORGANIZATIONS[n]
    start, end = validity_of(random, stage.clock.begin)
    tail = f"OU={unit},O={organization},C={random.choice(['US', 'JP', 'DE'])}"
    names = (
        [f"CN=fleet-{n + 1}"] if shared else [f"CN={unit}-{d:04d}.example" for d in range(count)]
    )
    certs = [
        stage.certificates.add(f"{name},{tail}", start, end, serial_of(random)) for name in names
    ]
    speaks = int(random.choice(FLEETS))  # devices of one make
    size = stage.account.shares[stage.account.site_elb[site]]
    return stage.add_clients(
        clients_of(
            stage,
            f"{group} {n}",
            addresses,
            homes,
            site=site,
            steady=True,
            manner=speaks,
            cert=np.resize(certs, count),
            weight=size * random.uniform(*share) * zipf(random, count, 0.2),
        )
    )


def _homes_of_fleet(stage: Stage, count: int) -> tuple[list[str], list[str]]:
    """Return addresses of devices: all over the place, in a network, or in one of IPv6."""
    how = stage.random.choice(["spread", "one", "six"], p=[0.6, 0.3, 0.1])
    if how == "spread":
        return spread(stage, count, max(count // 2, 3), six=0.05)
    network = stage.networks.six() if how == "six" else stage.networks.four()
    return hosts_of(stage.random, network, count), [network] * count


def add_misfits(stage: Stage) -> None:
    """Add clients that never get through and come back again and again, by ``MISFITTING``."""
    random = stage.random
    daily = min(stage.plan.connections * 24 / stage.plan.hours / 70_000, 1)
    daily *= min(stage.plan.size, 1) ** 0.5
    expected = stage.plan.misfits * len(stage.clients) * daily
    count = int(random.poisson(expected)) + (stage.plan.misfits > 0)
    stage.add_clients(misfits(stage, count))


def misfits(stage: Stage, count: int) -> pd.DataFrame:
    """Return misfits, half of them on listeners with mutual TLS; ``rate`` is above 1."""
    random = stage.random
    addresses, homes = spread(stage, count, max(count, 1))
    mutual = stage.account.site_mutual
    at_mutual = (random.random(count) < 0.4) & mutual.any()
    site = np.where(at_mutual, random.choice(np.flatnonzero(mutual), count),
                    sites_for(stage, count))  # fmt: skip
    cert = [_misfit_certificate(stage) if there else -1 for there in at_mutual]
    return clients_of(
        stage,
        "misfit",
        addresses,
        homes,
        site=site,
        cert=np.array(cert, int),
        weight=0.0,
        rate=2.0,
        persistence=random.uniform(0, 0.6, count),
    )


def _misfit_certificate(stage: Stage) -> int:
    random, begin = stage.random, stage.clock.begin
    start, end = validity_of(random, begin)
    if random.random() < 0.5:  # its time has passed
        end = begin - timedelta(days=float(random.uniform(1, 15)))
        start = end - timedelta(days=365)
    name = f"CN=old-{int(random.integers(0, 1 << 24)):06x},O=Forgotten Devices,C=US"
    return stage.certificates.add(name, start, end, serial_of(random))


def reason_of_misfit(stage: Stage, cert: int) -> int:
    """Return why a misfit fails, always the same."""
    if cert < 0:
        return REASONS.index(MISFITTING[3])
    if stage.certificates.not_after[cert] < stage.clock.begin:
        return REASONS.index(MISFITTING[1])
    return REASONS.index(MISFITTING[0 if cert % 3 else 2])
