"""Causes of several attributes, for finding them where the windows are given.

Connections have four to six attributes with uneven, correlated values. A *leaf* is a combination
of values that occurs; each has a usual failure rate of its own, and minutes are better or worse.
In the incident the leaves of one to three causes fail more often: a cause is a value of one to
three attributes, and each of its leaves takes part more or less.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations

import numpy as np
import pyarrow as pa

from albconn.schema.connections import CONNECTIONS
from worlds.traffic.leaves import Leaves, draw_leaves
from worlds.traffic.logged import category
from worlds.traffic.truth import Named

BEGIN = datetime(2026, 9, 23, 8, 0, tzinfo=UTC)
REASONS = ("ClientCertInvalid", "ClientCertUntrusted", "ClientCertRejected", "ClientCertExpired")
SAME = 0.97  # of the traffic of two sets of leaves is shared: they are one
COARSER = 1.3  # a part of a cause has so many times its traffic, or it were the cause
Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class RaisedCause:
    """A cause that was planted.

    Attributes
    ----------
    named : dict
        Its attributes and their values.
    alike : tuple of dict
        Other sets, of three attributes at most, that select the same connections.
    rate : float
        How likely it makes an exposed connection fail, on average [1].
    connections, failures : int
        Of the incident's window: exposed to it, and failed by it.
    """

    named: Named
    alike: tuple[Named, ...]
    rate: float
    connections: int
    failures: int


@dataclass(frozen=True)
class MultiWorld:
    """Connections, the two windows, and the causes; the larger in failures first."""

    seed: int
    connections: pa.Table
    attributes: tuple[str, ...]
    baseline: Window
    incident: Window
    causes: tuple[RaisedCause, ...]


def make_multi(
    seed: int, *, connections: int | None = None, causes: int | None = None
) -> MultiWorld:
    """Return a world of several attributes; the same each time.

    Parameters
    ----------
    seed : int
        Any number from 0.
    connections : int, optional
        In both windows together; else 50,000 to 300,000.
    causes : int, optional
        0 to 3; else 1 to 3.
    """
    random = np.random.default_rng([77, seed])
    count = connections or int(np.exp(random.uniform(np.log(50_000), np.log(300_000))))
    leaves = draw_leaves(random)
    minutes = int(random.integers(120, 360)), int(random.integers(20, 60))
    exposed = count * minutes[1] / sum(minutes)
    wanted = int(random.integers(1, 4)) if causes is None else causes
    chosen = _choose(random, leaves, wanted, exposed)
    lifts = [_lift(random, leaves, members, exposed) for _, members in chosen]
    usual = _attempts(random, leaves, minutes[0], count - round(exposed), [])
    struck = _attempts(random, leaves, minutes[1], round(exposed), lifts)
    struck["minute"] += minutes[0]
    there = {name: np.concatenate([usual[name], struck[name]]) for name in usual}
    middle, end = (BEGIN + timedelta(minutes=m) for m in (minutes[0], sum(minutes)))
    planted = [
        RaisedCause(
            named, _alike(leaves, named, members), float(lift[members].mean()),
            int(members[struck["leaf"]].sum()), int((struck["cause"] == n).sum()),
        )
        for n, ((named, members), lift) in enumerate(zip(chosen, lifts, strict=True))
    ]  # fmt: skip
    return MultiWorld(
        seed, _table(random, leaves, there), tuple(leaves.values), (BEGIN, middle), (middle, end),
        tuple(sorted(planted, key=lambda cause: -cause.failures)),
    )  # fmt: skip


def _choose(
    random: np.random.Generator, leaves: Leaves, wanted: int, exposed: float
) -> list[tuple[Named, np.ndarray]]:
    """Return causes that share no leaf, and none of which is one of fewer attributes."""
    chosen: list[tuple[Named, np.ndarray]] = []
    least = 60 / exposed  # of the traffic, so that there is something to see
    for _ in range(3000):
        if len(chosen) == wanted:
            break
        size = int(random.integers(1, 4))
        like = int(random.choice(len(leaves.weights), p=leaves.weights))
        names = random.choice(list(leaves.values), size, replace=False)
        named = {str(name): leaves.value_of(str(name), like) for name in names}
        members = leaves.where(named)
        traffic = leaves.weights[members].sum()
        free = not any((members & taken).any() for _, taken in chosen)
        is_fit = max(0.005, least) <= traffic <= 0.3 and members.sum() >= 2
        if free and is_fit and _is_needed(leaves, named, traffic):
            chosen.append((named, members))
    return chosen


def _is_needed(leaves: Leaves, named: Named, traffic: float) -> bool:
    """Say whether each attribute narrows a cause down."""
    parts = combinations(named.items(), len(named) - 1)
    return all(leaves.weights[leaves.where(dict(p))].sum() >= COARSER * traffic for p in parts)


def _lift(
    random: np.random.Generator, leaves: Leaves, members: np.ndarray, exposed: float
) -> np.ndarray:
    """Return by leaf how likely a cause makes it fail: a rate, give or take a third."""
    traffic = exposed * leaves.weights[members].sum()
    least = max(0.02, 30 / traffic, 3 * float(leaves.rates[members].mean()))
    rate = np.exp(random.uniform(np.log(least), np.log(max(0.8, least))))
    scatter = np.exp(0.3 * random.standard_normal(len(members)))
    return np.where(members, np.clip(rate * scatter, 0, 0.95), 0.0)


def _attempts(
    random: np.random.Generator, leaves: Leaves, minutes: int, count: int, lifts: list[np.ndarray]
) -> dict[str, np.ndarray]:
    """Return when connections came, of which leaf, whether each failed and of which cause."""
    shifted = leaves.weights * np.exp(0.1 * random.standard_normal(len(leaves.weights)))
    leaf = random.choice(len(shifted), count, p=shifted / shifted.sum())
    busy = random.gamma(20, 1 / 20, minutes)
    minute = random.choice(minutes, count, p=busy / busy.sum())
    worse = random.gamma(4, 1 / 4, minutes)
    failed = random.random(count) < leaves.rates[leaf] * worse[minute]
    cause = np.full(count, -1)
    for n, lift in enumerate(lifts):
        struck = random.random(count) < lift[leaf] * np.clip(worse[minute], 0.7, 1.4)
        cause[struck & ~failed] = n
        failed |= struck
    return {
        "minute": minute + random.random(count), "leaf": leaf,
        "failed": failed, "cause": cause,
    }  # fmt: skip


def _alike(leaves: Leaves, named: Named, members: np.ndarray) -> tuple[Named, ...]:
    """Return the other sets of values that select (nearly) the same traffic."""
    found: list[Named] = []
    like = int(np.flatnonzero(members)[np.argmax(leaves.weights[members])])
    values = {name: leaves.value_of(name, like) for name in leaves.values}
    for size in (1, 2, 3):
        for names in combinations(values, size):
            other = {name: values[name] for name in names}
            is_new = other != named and not any(f.items() <= other.items() for f in found)
            if is_new and not named.items() <= other.items():
                selected = leaves.where(other)
                both = leaves.weights[selected & members].sum()
                if both >= SAME * leaves.weights[selected | members].sum():
                    found.append(other)
    return tuple(found)


def _table(random: np.random.Generator, leaves: Leaves, there: dict[str, np.ndarray]) -> pa.Table:
    """Return the connections by time, in the schema in memory; what is not told of is null."""
    order = np.argsort(there["minute"], kind="stable")
    leaf, failed, cause = (there[name][order] for name in ("leaf", "failed", "cause"))
    reason = np.where(cause >= 0, cause % len(REASONS), random.integers(0, len(REASONS), len(leaf)))
    reason = np.where(failed, reason, -1)
    micros = int(BEGIN.timestamp() * 1e6) + np.round(there["minute"][order] * 6e7).astype("int64")
    latency = np.round(0.03 * np.exp(0.5 * random.standard_normal(len(leaf))), 3)
    columns = {
        **leaves.columns(random, leaf),
        "timestamp": pa.array(micros).cast(pa.timestamp("us", tz="UTC")),
        "tls_handshake_latency": pa.array(latency, mask=failed),
        "outcome": category(failed.astype(int), ["success", "failed"]),
        "failure_reason": category(reason, REASONS),
        "tls_verify_status": category(reason + 1, ["Success", *(f"Failed:{r}" for r in REASONS)]),
        "source_file": category(np.zeros(len(leaf), int), ["multi.log.gz"]),
        "line_number": pa.array(np.arange(1, len(leaf) + 1)),
    }
    schema = CONNECTIONS.memory_schema
    none = {name: pa.nulls(len(leaf), schema.field(name).type) for name in schema.names}
    return pa.table({**none, **columns}, schema=schema)
