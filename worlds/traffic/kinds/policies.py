"""Incidents of TLS policies: some clients have no common ground with a listener any more."""

from __future__ import annotations

import numpy as np

from worlds.traffic.registry import incident
from worlds.traffic.stage import Cause, Stage
from worlds.traffic.values import MANNERS, OLD, UNMAPPED

_PROTOCOLS = np.array([m.protocol for m in MANNERS])
_CIPHERS = np.array([m.cipher for m in MANNERS])


def busiest_elb(stage: Stage, clients: np.ndarray) -> int:
    """Return the load balancer that gets most traffic of some clients."""
    elb = stage.account.site_elb[stage.clients["site"].to_numpy()]
    weights = np.where(clients, stage.clients["weight"], 0.0)
    return int(np.argmax(np.bincount(elb, weights, len(stage.account.elbs))))


def raise_policy(stage: Stage, start: float, end: float, among: np.ndarray | None = None) -> None:
    """Stop clients of TLS 1.0, or of 1.0 and 1.1, on one load balancer."""
    stopped = ("TLSv1",) if stage.random.random() < 0.25 else ("TLSv1", "TLSv1.1")
    old = np.isin(_PROTOCOLS, stopped)[stage.clients["manner"].to_numpy()]
    old &= True if among is None else among
    elb = busiest_elb(stage, old)
    name = stage.account.elbs[elb]
    stage.causes.append(
        Cause(
            "policy raised",
            start,
            end,
            UNMAPPED,
            clients=old,
            sites=stage.account.sites_of(elb),
            gives_up=0.4 if np.isinf(end) else 0.0,
            spoken="tls_protocol",
            words=(name, *stopped),
            named=(
                *({"elb": name, "tls_protocol": spoken} for spoken in stopped),
                {"elb": name, "failure_reason": UNMAPPED},
            ),
        )
    )


@incident(hours=24, old_share=[0.03, 0.12])
def policy_raised(stage: Stage) -> None:
    """From one moment on clients of TLS 1.0 and 1.1 fail on one load balancer; some give up."""
    raise_policy(stage, stage.clock.moment(stage.random, 0.4, 0.85), np.inf)


@incident(hours=24, old_share=[0.03, 0.12])
def policy_rolled_back(stage: Stage) -> None:
    """The policy is raised, and 40 minutes later it is as it was."""
    start = stage.clock.moment(stage.random, 0.4, 0.85)
    raise_policy(stage, start, start + stage.random.uniform(35, 45) * 60)


@incident(hours=24, old_share=[0.03, 0.12], mask="xxx")
def policy_raised_masked(stage: Stage) -> None:
    """The same where addresses are masked, so that clients of a network cannot be told apart."""
    raise_policy(stage, stage.clock.moment(stage.random, 0.4, 0.85), np.inf)


@incident(hours=24, old_share=0.1, nat_share=0.35)
def old_clients_behind_nat(stage: Stage) -> None:
    """All old devices are behind NATs: their addresses fail and succeed at once."""
    clients = stage.clients
    is_old = clients["manner"].isin(OLD).to_numpy()
    behind = (clients["group"] == "nat").to_numpy()
    modern = stage.random.integers(0, 6, len(clients))
    clients["manner"] = np.where(is_old & ~behind, modern, clients["manner"])
    clients["later"] = clients["manner"]
    raise_policy(stage, stage.clock.moment(stage.random, 0.4, 0.85), np.inf, behind)


@incident(hours=24)
def cipher_removed(stage: Stage) -> None:
    """A cipher is taken out of a custom choice: clients that speak nothing else stop."""
    random, clients = stage.random, stage.clients
    choices = ("ECDHE-RSA-AES128-SHA256", "AES128-GCM-SHA256", "ECDHE-RSA-AES256-SHA")
    cipher = str(random.choice(choices))
    speaks = np.isin(_CIPHERS, cipher)[clients["manner"].to_numpy()]
    more = ~speaks & (random.random(len(clients)) < 0.03) & (clients["cert"] < 0).to_numpy()
    clients["manner"] = np.where(more, int(np.flatnonzero(np.isin(_CIPHERS, cipher))[0]),
                                 clients["manner"])  # fmt: skip
    clients["later"] = clients["manner"]
    elb = busiest_elb(stage, speaks | more)
    name = stage.account.elbs[elb]
    stage.causes.append(
        Cause(
            "cipher removed",
            stage.clock.moment(random, 0.4, 0.85),
            np.inf,
            UNMAPPED,
            clients=speaks | more,
            sites=stage.account.sites_of(elb),
            gives_up=0.4,
            spoken="tls_cipher",
            words=(name, cipher),
            named=({"elb": name, "tls_cipher": cipher}, {"elb": name, "failure_reason": UNMAPPED}),
        )
    )
