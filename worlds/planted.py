"""Worlds in which one known thing happens: four hours of a load balancer, and a cause.

Ordinary traffic comes and goes, half a percent of it fails for reasons of its own (clients that
retry a few times), and in 40 of the minutes the planted cause is at work. ``plant(kind, seed)``
gives the connections, the truth, and the two windows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd

from albconn.arrow import to_frame  # types only; nothing is counted with it
from albconn.schema.connections import CONNECTIONS
from worlds.lines import SHOP, UNMAPPED

Kind = Literal["expired", "policy", "node", "scanner", "slow", "quiet"]
KINDS: tuple[Kind, ...] = ("expired", "policy", "node", "scanner", "slow", "quiet")

BEGIN = datetime(2026, 9, 23, 8, 0, tzinfo=UTC)
MINUTES = 240
INCIDENT = (BEGIN + timedelta(minutes=160), BEGIN + timedelta(minutes=200))
BASELINE = (BEGIN, INCIDENT[0])
NODES = ("10.0.1.11", "10.0.2.12", "10.0.3.13")
FLEET = "CN=fleet-7,OU=devices,O=Example Fleet,C=US"
FLEET_NETWORK = "203.0.113.0/24"
OLD = ("TLSv1.1", "TLSv1")

# protocol, cipher, group, share of the clients
_MANNERS = (
    ("TLSv1.3", "TLS_AES_128_GCM_SHA256", "X25519MLKEM768", 0.35),
    ("TLSv1.3", "TLS_AES_256_GCM_SHA384", "x25519", 0.25),
    ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", "secp256r1", 0.22),
    ("TLSv1.2", "AES128-SHA", None, 0.06),
    ("TLSv1.1", "ECDHE-RSA-AES128-SHA", "secp256r1", 0.07),
    ("TLSv1", "AES128-SHA", None, 0.05),
)


@dataclass
class Planted:
    """A world: its connections, and each dimension's value that names the cause."""

    kind: Kind
    connections: pd.DataFrame
    truth: dict[str, str]


def plant(kind: Kind, seed: int) -> Planted:
    """Return the world of a kind and a seed; the same each time."""
    random = np.random.default_rng([KINDS.index(kind), seed])
    world = _ordinary(random)
    truth = _CAUSES[kind](world, random)
    failing = _background(world, random)
    columns = _columns(pd.concat([world, failing], ignore_index=True), random)
    return Planted(kind, columns, truth)


def _ordinary(random: np.random.Generator) -> pd.DataFrame:
    """Return successes of 400 clients, a tenth of them a fleet with certificates."""
    count = int(random.poisson(25 * MINUTES))
    client = random.integers(0, 400, count)
    manner = random.choice(len(_MANNERS), 400, p=[m[3] for m in _MANNERS])
    manner[:40] = 0  # the fleet
    protocols, ciphers, group_names, _ = zip(*_MANNERS, strict=True)
    network = random.integers(0, 60, 400)
    address = [f"198.18.{network[n]}.{n % 250 + 1}" for n in range(400)]
    address[:40] = [f"203.0.113.{n + 1}" for n in range(40)]
    if random.random() < 0.5:  # the fleet is in one network, or all over the place
        address[:40] = [f"100.64.{n}.9" for n in range(40)]
    world = pd.DataFrame({"minute": np.sort(random.uniform(0, MINUTES, count)), "client": client})
    world["client_ip"] = np.array(address)[client]
    of_client = manner[client]
    world["tls_protocol"] = np.array(protocols)[of_client]
    world["tls_cipher"] = np.array(ciphers)[of_client]
    world["tls_keyexchange"] = np.array(group_names, dtype=object)[of_client]
    world["fleet"] = client < 40
    world["reason"] = None
    world["slower"] = 1.0
    world["ip_address"] = np.array(NODES)[random.integers(0, 3, count)]
    return world


def _in_incident(world: pd.DataFrame) -> pd.Series:
    first, last = ((moment - BEGIN).total_seconds() / 60 for moment in INCIDENT)
    return (world["minute"] >= first) & (world["minute"] < last)


def _expired(world: pd.DataFrame, random: np.random.Generator) -> dict[str, str]:
    fleet = _in_incident(world) & world["fleet"]
    world.loc[fleet, "reason"] = "ClientCertExpired"
    if world.loc[fleet, "client_ip"].str.startswith(FLEET_NETWORK[:9]).all():
        return {"leaf_client_cert_subject": FLEET, "client_network": FLEET_NETWORK}
    return {"leaf_client_cert_subject": FLEET}


def _policy(world: pd.DataFrame, random: np.random.Generator) -> dict[str, str]:
    refused = _in_incident(world) & world["tls_protocol"].isin(OLD)
    world.loc[refused, "reason"] = UNMAPPED
    return {"failure_reason": UNMAPPED}


def _node(world: pd.DataFrame, random: np.random.Generator) -> dict[str, str]:
    node = NODES[int(random.integers(0, 3))]
    reason = UNMAPPED if random.random() < 0.5 else "ClientCertCrlProcessingError"
    broken = _in_incident(world) & (world["ip_address"] == node)
    world.loc[broken & (random.random(len(world)) < random.uniform(0.3, 0.9)), "reason"] = reason
    return {"ip_address": node}


def _scanner(world: pd.DataFrame, random: np.random.Generator) -> dict[str, str]:
    count = int(random.integers(60, 300))
    probes = _failures(world, random, count, UNMAPPED)
    first = (INCIDENT[0] - BEGIN).total_seconds() / 60
    probes["minute"] = random.uniform(first, first + 40, count)
    probes["client_ip"] = [f"192.0.2.{n}" for n in random.integers(1, 120, count)]
    world.loc[len(world) : len(world) + count] = None
    world.iloc[-count:] = probes[world.columns].to_numpy()
    return {"client_network": "192.0.2.0/24"}


def _slow(world: pd.DataFrame, random: np.random.Generator) -> dict[str, str]:
    world.loc[_in_incident(world), "slower"] = 8.0
    return {}


def _quiet(world: pd.DataFrame, random: np.random.Generator) -> dict[str, str]:
    return {}


_CAUSES: dict[Kind, Callable[[pd.DataFrame, np.random.Generator], dict[str, str]]] = {
    "expired": _expired, "policy": _policy, "node": _node,
    "scanner": _scanner, "slow": _slow, "quiet": _quiet,
}  # fmt: skip


def _background(world: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Return the failures of every day: a client fails, and mostly tries again."""
    events = int(random.poisson(0.003 * len(world)))
    tries = np.minimum(random.geometric(0.5, events), 6)
    failing = _failures(world, random, events, UNMAPPED).loc[np.repeat(np.arange(events), tries)]
    failing["minute"] += random.uniform(0, 1, len(failing))
    failing.loc[random.random(len(failing)) < 0.3, "reason"] = "ClientCertUntrusted"
    return failing[failing["minute"] < MINUTES]


def _failures(
    world: pd.DataFrame, random: np.random.Generator, count: int, reason: str
) -> pd.DataFrame:
    chosen = world.iloc[random.integers(0, len(world), count)].reset_index(drop=True)
    return chosen.assign(reason=reason, fleet=False)


def _columns(world: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Return the world in the columns of the table, as ALB would log it."""
    world = world.sort_values("minute", kind="stable").reset_index(drop=True)
    failed = world["reason"].notna()
    unmapped = world["reason"] == UNMAPPED
    fleet = world["fleet"].astype(bool)
    latency = np.round(0.05 * np.exp(0.5 * random.standard_normal(len(world))), 3)
    offset = pd.to_timedelta(world["minute"].astype(float) * 60e6, unit="us")
    columns: dict[str, Any] = {
        "timestamp": (pd.Timestamp(BEGIN) + offset).dt.as_unit("us"),
        "client_ip": world["client_ip"],
        "listener_port": np.where(fleet, 8443, 443).astype("int32"),
        # What a failure without common ground logs is not the client's.
        "tls_protocol": world["tls_protocol"].mask(unmapped, "TLSv1.2"),
        "tls_cipher": world["tls_cipher"].mask(unmapped, "ECDHE-RSA-AES128-GCM-SHA256"),
        "tls_keyexchange": world["tls_keyexchange"].mask(unmapped, None),
        "tls_handshake_latency": (world["slower"].astype(float) * latency).mask(failed),
        "leaf_client_cert_subject": pd.Series(FLEET, index=world.index).where(
            fleet & ~unmapped, None
        ),
        "tls_verify_status": ("Failed:" + world["reason"].astype("str")).where(failed, "Success"),
        "elb": SHOP,
        "ip_address": world["ip_address"],
        "outcome": np.where(failed, "failed", "success"),
        "failure_reason": world["reason"],
    }
    return _typed(pd.DataFrame(columns))


def _typed(connections: pd.DataFrame) -> pd.DataFrame:
    import pyarrow as pa

    schema = pa.schema([CONNECTIONS.memory_schema.field(name) for name in connections.columns])
    plain = pa.Table.from_pandas(connections, preserve_index=False)
    return to_frame(plain.cast(schema))
