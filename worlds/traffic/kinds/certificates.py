"""Incidents of client certificates, on a listener with mutual TLS."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from worlds.traffic.population import add_fleet
from worlds.traffic.registry import incident
from worlds.traffic.stage import Cause, Stage
from worlds.traffic.values import ORGANIZATIONS


def new_fleet(stage: Stage, *, shared: bool, n: int = 4) -> tuple[np.ndarray, str]:
    """Add the fleet that it happens to; return which clients are its, and its O."""
    mutual = np.flatnonzero(stage.account.site_mutual)
    site = int(stage.random.choice(mutual))
    numbers = add_fleet(stage, n, site, shared=shared, group="hit fleet", share=(0.05, 0.15))
    marked = np.zeros(len(stage.clients), bool)
    marked[numbers] = True
    return marked, ORGANIZATIONS[n][0]


def mutual_of(stage: Stage, fleet: np.ndarray) -> np.ndarray:
    """Return the listener of a fleet, as a mark on listeners."""
    site = int(stage.clients["site"].to_numpy()[fleet][0])
    return np.arange(len(stage.account.site_elb)) == site


def _certs_of(stage: Stage, fleet: np.ndarray) -> list[int]:
    return sorted({int(n) for n in stage.clients["cert"].to_numpy()[fleet]})


def _fail(
    stage: Stage,
    finding: str,
    fleet: np.ndarray,
    window: tuple[float, float],
    reason: str,
    organization: str | None = None,
    **more: object,
) -> None:
    """Let a fleet fail; one subject names it where it has one, its O where it has many."""
    subjects = sorted({stage.certificates.subjects[n] for n in _certs_of(stage, fleet)})
    named = ({"leaf_client_cert_subject": subjects[0]},) if len(subjects) == 1 else ()
    word = subjects[0] if len(subjects) == 1 else organization
    stage.causes.append(
        Cause(
            finding,
            *window,
            reason,
            clients=fleet,
            sites=mutual_of(stage, fleet),
            named=named,
            words=(word,) if word else (),
            organization=organization,
            **more,  # pyright: ignore
        )
    )


def expire(stage: Stage, fleet: np.ndarray, start: float) -> None:
    """Let the certificates of a fleet end at a moment."""
    moment = (stage.clock.begin + timedelta(seconds=start)).replace(microsecond=0)
    for cert in _certs_of(stage, fleet):
        stage.certificates.not_after[cert] = moment
        stage.certificates.not_before[cert] = moment - timedelta(days=365)


@incident(hours=24)
def fleet_certificate_expires(stage: Stage) -> None:
    """The one certificate that a fleet shares comes to its end; nobody renews it."""
    fleet, organization = new_fleet(stage, shared=True)
    fleet_expires(stage, fleet, stage.clock.moment(stage.random, 0.4, 0.85), organization)


def fleet_expires(stage: Stage, fleet: np.ndarray, start: float, organization: str) -> None:
    """Let a fleet's certificates end, and its connections fail from then on."""
    start = float(np.floor(start))
    expire(stage, fleet, start)
    _fail(stage, "client certificates expired", fleet, (start, np.inf), "ClientCertExpired",
          organization)  # fmt: skip


@incident(hours=24)
def many_certificates_expire(stage: Stage) -> None:
    """Certificates of many subjects of one O, made on one day, end at one time."""
    fleet, organization = new_fleet(stage, shared=False)
    fleet_expires(stage, fleet, stage.clock.moment(stage.random, 0.4, 0.85), organization)
    _name_by_reason(stage, fleet)


def _name_by_reason(stage: Stage, fleet: np.ndarray) -> None:
    """Add the reason at the fleet's listener to the names: the subjects are many."""
    cause = stage.causes.pop()
    site = int(np.flatnonzero(mutual_of(stage, fleet))[0])
    elb = stage.account.elbs[int(stage.account.site_elb[site])]
    port = str(stage.account.site_port[site])
    names = (
        {"failure_reason": cause.reason},
        {"leaf_client_cert_subject": f"O={cause.organization}"},
        {"failure_reason": cause.reason, "elb": elb, "listener_port": port},
    )
    stage.causes.append(Cause(**{**vars(cause), "named": (*cause.named, *names)}))


@incident(hours=24)
def certificates_not_yet_valid(stage: Stage) -> None:
    """A fleet's new certificates are valid from an hour or two later: zone and clock were wrong."""
    fleet, organization = new_fleet(stage, shared=bool(stage.random.random() < 0.5))
    start, end = stage.window((50, 130), 0.4, 0.8)
    valid = (stage.clock.begin + timedelta(seconds=end)).replace(microsecond=0)
    for cert in _certs_of(stage, fleet):
        stage.certificates.not_before[cert] = valid
        stage.certificates.not_after[cert] = valid + timedelta(days=365)
    fleet = _roll_over(stage, fleet, start)
    end = (valid - stage.clock.begin).total_seconds()
    _fail(stage, "client certificates not yet valid", fleet, (start, end),
          "ClientCertNotYetValid", organization)  # fmt: skip
    if len({stage.certificates.subjects[n] for n in _certs_of(stage, fleet)}) > 1:
        _name_by_reason(stage, fleet)


def _roll_over(stage: Stage, fleet: np.ndarray, start: float) -> np.ndarray:
    """Give a fleet a life before the rollover, with its old certificates; return the new marks."""
    before = stage.clients[fleet].copy()
    before["until"] = start
    held = stage.certificates
    old = {
        cert: held.add(
            held.subjects[cert], stage.clock.begin - timedelta(days=300),
            held.not_before[cert] + timedelta(days=20), held.serials[cert][::-1],
        )
        for cert in _certs_of(stage, fleet)
    }  # fmt: skip
    before["cert"] = before["cert"].map(old)
    stage.clients.loc[fleet, "since"] = start
    stage.add_clients(before)
    return np.concatenate([fleet, np.zeros(len(before), bool)])


def _everyone_at(stage: Stage) -> tuple[np.ndarray, np.ndarray, int]:
    """Return all clients with certificates of a listener with mutual TLS, and that listener."""
    mutual = np.flatnonzero(stage.account.site_mutual)
    site = int(stage.random.choice(mutual))
    sites = np.arange(len(stage.account.site_elb)) == site
    return (stage.clients["site"] == site).to_numpy(), sites, site


@incident(hours=24)
def trust_store_replaced(stage: Stage) -> None:
    """The new trust store lacks an issuer: many subjects are untrusted until it is put right."""
    random = stage.random
    fleet, organization = new_fleet(stage, shared=False)
    start, end = stage.window((30, 150))
    window = (start, np.inf if random.random() < 0.3 else end)
    _fail(stage, "client certificates rejected", fleet, window, "ClientCertUntrusted",
          organization)  # fmt: skip
    _name_by_reason(stage, fleet)


@incident(hours=24)
def certificates_revoked(stage: Stage) -> None:
    """A revocation list goes live that holds a fleet's certificate, or certificates."""
    fleet, organization = new_fleet(stage, shared=bool(stage.random.random() < 0.5))
    start = stage.clock.moment(stage.random, 0.4, 0.85)
    _fail(stage, "client certificates revoked", fleet, (start, np.inf), "ClientCertCrlHit",
          organization, gives_up=0.3)  # fmt: skip
    if len(_certs_of(stage, fleet)) > 1:
        _name_by_reason(stage, fleet)


@incident(hours=24)
def revocation_list_broken(stage: Stage) -> None:
    """The revocation list cannot be read: everyone fails on a listener with mutual TLS."""
    _, sites, site = _everyone_at(stage)
    start, end = stage.window((20, 90))
    elb = stage.account.elbs[int(stage.account.site_elb[site])]
    reason = "ClientCertCrlProcessingError"
    stage.causes.append(
        Cause(
            "client certificates rejected",
            start,
            end,
            reason,
            sites=sites,
            share=float(stage.random.uniform(0.6, 1.0)),
            words=(elb, "8443"),
            also=("one listener",),
            named=({"elb": elb, "listener_port": "8443"}, {"failure_reason": reason}),
        )
    )
