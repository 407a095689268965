"""Days of five-minute deliveries as they come in life, and what is true of them in the end.

Each node delivers a file every five minutes. Some come late, some a second time under another
path, some change after they came (a longer file under the same key), some come cut off and are
delivered again whole. Lines that are no connections stand between the others. What every file
holds in the end is kept apart, by plain Python, to be compared with a dataset made of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from worlds.lines import line
from worlds.trees import key, packed

FIRST = datetime(2026, 9, 22, 22, 0, tzinfo=UTC)  # the second midnight is soon crossed
TICK = timedelta(minutes=5)
COPIES = "o-copies0/"  # the folder below AWSLogs/ that somebody copied files to
LATE, DOUBLED, CHANGED, CUT = 0.05, 0.03, 0.02, 0.03  # how many of a hundred files
ANCHOR = "AWSLogs/"
LATEST = 30  # [ticks] a late file is late


class Delivery(NamedTuple):
    """One PUT: at which tick, under which path below the folder, what."""

    tick: int
    path: str
    stored: bytes


@dataclass
class Deliveries:
    """All PUTs in their order; of every key the numbers of its rows and of its rejected lines."""

    puts: list[Delivery] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    late: int = 0
    doubled: int = 0
    changed: int = 0
    cut: int = 0

    def at(self, tick: int) -> Iterator[Delivery]:
        """Yield what is put at a tick."""
        return (put for put in self.puts if put.tick == tick)


def make_deliveries(ticks: int, *, nodes: int = 3, lines: int = 40, seed: int = 0) -> Deliveries:
    """Return what some nodes deliver in some ticks, and after these what is late."""
    chance = random.Random(seed)
    made = Deliveries()
    for tick in range(ticks):
        for node in range(nodes):
            _deliver(made, tick, node, lines, chance)
    made.puts.sort(key=lambda put: put.tick)
    return made


def put(folder: Path, delivery: Delivery) -> None:
    """Write an object as a store does: whole, in one step."""
    place = folder / delivery.path
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = place.with_name(place.name + ".aside")
    aside.write_bytes(delivery.stored)
    aside.replace(place)


def _deliver(made: Deliveries, tick: int, node: int, lines: int, chance: random.Random) -> None:
    end = FIRST + TICK * (tick + 1)
    path = key(end, node=f"10.0.0.{node + 1}", letters=f"{tick:05d}{node:03d}")
    texts = _texts(end, chance.randrange(lines // 2, lines), chance)
    at = tick
    if chance.random() < LATE:
        at += chance.randrange(1, LATEST)
        made.late += 1
    if chance.random() < CUT:
        stored = packed(texts)
        made.puts.append(Delivery(at, path, stored[: len(stored) * 2 // 3]))
        at += chance.randrange(1, 4)
        made.cut += 1
    if chance.random() < CHANGED:
        made.puts.append(Delivery(at, path, packed(texts)))
        texts += _texts(end, 5, chance)
        at += chance.randrange(1, 10)
        made.changed += 1
    made.puts.append(Delivery(at, path, packed(texts)))
    if chance.random() < DOUBLED:
        copy = path.replace(ANCHOR, ANCHOR + COPIES, 1)
        made.puts.append(Delivery(at + chance.randrange(3), copy, packed(texts)))
        made.doubled += 1
    bad = sum(text.startswith("no connection") for text in texts)
    made.rows[path], made.rejected[path] = len(texts) - bad, bad


def _texts(end: datetime, count: int, chance: random.Random) -> list[str]:
    """Return a file's lines: most of its five minutes, a few of the day before."""
    texts = []
    for n in range(count):
        back = chance.uniform(0, 300) if chance.random() < 0.99 else chance.uniform(0, 86_400)
        moment = end - timedelta(seconds=back)
        texts.append(line(moment, client_port=1024 + n) if chance.random() < 0.98 else _BAD)
    return texts


_BAD = "no connection at all"
