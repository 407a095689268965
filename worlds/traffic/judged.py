"""The truth of a played world: who was hit, how often, and every way to name the cause exactly.

A kind says how it names its cause. Others may be as exact by construction: a fleet's subject and
the network that it is alone in. So every value that (nearly) all failures of a cause share is
tried, alone and in pairs: where the attempts that have it are the attempts that were exposed, it
is exact; else it is true, but coarser.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations

import numpy as np
import pandas as pd

from worlds.traffic.addresses import networks_of
from worlds.traffic.events import Events
from worlds.traffic.logged import is_tls, manner_of, shown_addresses
from worlds.traffic.stage import Cause, Stage
from worlds.traffic.truth import Incident, Named, Nuisance
from worlds.traffic.values import MANNERS

NEARLY = 0.97  # of all failures share a value; attempts with it and exposed ones are the same


def incidents_of(stage: Stage, events: Events) -> tuple[Incident, ...]:
    """Return the incidents by their start."""
    incidents = [
        _incident(stage, events, number, cause) for number, cause in enumerate(stage.causes)
    ]
    return tuple(sorted(incidents, key=lambda incident: incident.start))


def nuisances_of(stage: Stage) -> tuple[Nuisance, ...]:
    """Return the nuisances by their start."""
    told = [
        Nuisance(
            what,
            named,
            _moment(stage, events.time.min()),
            _moment(stage, events.time.max()),
            failures=int(events.failed.sum()),
            connections=len(events),
        )
        for what, named, events in stage.nuisances
        if len(events)
    ]
    return tuple(sorted(told, key=lambda nuisance: nuisance.start))


def _moment(stage: Stage, seconds: float) -> datetime:
    return stage.clock.begin + timedelta(seconds=round(float(seconds), 6))


def _incident(stage: Stage, events: Events, number: int, cause: Cause) -> Incident:
    exposed = cause.exposed(events) & is_tls(stage, events)
    hit = events.cause == number
    exact, coarser = _names(stage, events, cause, exposed, hit)
    alike = (
        _at_any_time(stage, cause, events) & is_tls(stage, events) & ~exposed & (events.cause < 0)
    )
    return Incident(
        start=_moment(stage, max(cause.start, 0.0)),
        end=_moment(stage, cause.end) if cause.end < stage.seconds else None,
        finding=cause.finding,
        also=cause.also,
        causes=exact,
        true_of_it=coarser,
        clients=_addresses(stage, events.client[hit]),
        failures=int((hit & events.failed).sum()),
        exposed=int(exposed.sum()),
        usual=float(events.failed[alike].mean()) if alike.any() else float("nan"),
        words=cause.words,
        spoken=_spoken(stage, events.take(hit), cause.spoken),
        organization=cause.organization,
        recurs=cause.recurs,
    )


def _at_any_time(stage: Stage, cause: Cause, events: Events) -> np.ndarray:
    """Return the attempts of the same addresses, listeners and nodes."""
    counted = (stage.clients["group"] != "scanner").to_numpy()
    if cause.clients is not None:
        address = stage.clients["address"]
        counted = counted & address.isin(address.iloc[np.flatnonzero(cause.clients)]).to_numpy()
    always = {**vars(cause), "start": -np.inf, "end": np.inf, "clients": counted}
    return Cause(**always).exposed(events)


def _addresses(stage: Stage, clients: np.ndarray) -> int:
    shown = np.array(shown_addresses(stage), object)
    return len(set(shown[np.unique(clients)]))


def _spoken(stage: Stage, hit: Events, what: str | None) -> dict[str, int]:
    """Return what the hit addresses had spoken, by the number of addresses that had."""
    if what is None:
        return {}
    said = pd.DataFrame(
        {
            "value": dimensions(stage, hit)[what],
            "address": np.array(shown_addresses(stage), object)[hit.client],
        }
    )
    return {str(v): int(n) for v, n in said.groupby("value")["address"].nunique().items()}


def dimensions(stage: Stage, events: Events) -> pd.DataFrame:
    """Return what is true of attempts, logged or not; ``client_network`` narrow and wide."""
    clients, account = stage.clients, stage.account
    manner = manner_of(stage, events)
    address = clients["address"].to_numpy()[events.client]
    cert = clients["cert"].to_numpy()[events.client]
    shown = account.site_mutual[events.site] & (cert >= 0)
    narrow, wide = _networks(address)
    spoken = zip(*((m.protocol, m.cipher, m.group) for m in MANNERS), strict=True)
    protocols, ciphers, groups = (np.array(values, object)[manner] for values in spoken)
    subjects = np.array([*stage.certificates.subjects, None], object)
    return pd.DataFrame(
        {
            "elb": np.array(account.elbs, object)[account.site_elb[events.site]],
            "ip_address": np.array(account.node_ips, object)[events.node],
            "listener_port": account.site_port[events.site].astype(str).astype(object),
            "client_ip": address,
            "client_network": narrow,
            "client_network (wide)": wide,
            "leaf_client_cert_subject": subjects[np.where(shown, cert, -1)],
            "tls_protocol": protocols,
            "tls_cipher": ciphers,
            "tls_keyexchange": groups,
        }
    )


def _networks(address: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    codes, texts = pd.factorize(address)
    if not len(texts):
        return address, address
    narrow, wide = zip(*(networks_of(text) for text in texts), strict=True)
    return np.array(narrow, object)[codes], np.array(wide, object)[codes]


def _names(
    stage: Stage, events: Events, cause: Cause, exposed: np.ndarray, hit: np.ndarray
) -> tuple[tuple[Named, ...], tuple[Named, ...]]:
    """Return the exact names of a cause and the coarser truths."""
    within = (events.time >= cause.start) & (events.time < cause.end) & is_tls(stage, events)
    there = dimensions(stage, events.take(within))
    is_exposed = exposed[within]
    shared = dict(_shared(there[hit[within]]))
    marks = {pair: (there[pair[0]] == pair[1]).to_numpy() for pair in shared.items()}
    exact = [*cause.named]
    for size in (1, 2):
        for chosen in combinations(marks, size):
            together = np.logical_and.reduce([marks[pair] for pair in chosen])
            named = _named(dict(chosen))
            if _same(together, is_exposed) and not any(_within(e, named) for e in exact):
                exact.append(named)
    true = [_named({name: value}) for name, value in shared.items()]
    if cause.reason:
        true.append({"failure_reason": cause.reason})
    return tuple(_shown(stage, exact)), tuple(_shown(stage, [t for t in true if t not in exact]))


def _shared(hit: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield each dimension and the value that nearly all hit attempts have."""
    for name in hit:
        counts = hit[name].value_counts()
        if len(counts) and counts.iloc[0] >= NEARLY * len(hit):
            yield str(name), str(counts.index[0])


def _same(these: np.ndarray, those: np.ndarray) -> bool:
    either = int((these | those).sum())
    return either > 0 and int((these & those).sum()) >= NEARLY * either


def _within(small: Named, large: Named) -> bool:
    return set(small.items()) <= set(large.items())


def _named(pairs: Named) -> Named:
    return {name.removesuffix(" (wide)"): value for name, value in pairs.items()}


def _shown(stage: Stage, names: list[Named]) -> Iterator[Named]:
    """Yield names once, without addresses where the log masks them."""
    seen: list[Named] = []
    for named in names:
        hidden = stage.plan.mask and named.keys() & {"client_ip", "client_network"}
        if named not in seen and not hidden:
            seen.append(named)
            yield named
