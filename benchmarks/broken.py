"""Every cut and every flipped bit of a gzip: what is read of it, judged by what was written.

A broken file may be read in three ways: *whole* (the change was in a byte that means nothing),
*marked* as damaged, with what could be salvaged, or *silent*: fewer or other rows, and nothing
said. There must be no silent one. (A file of several members that ends exactly behind one of them
is a whole gzip; only its length tells, and on S3 that is compared.)
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from albconn import load_connections
from worlds.deliveries import FIRST
from worlds.lines import line
from worlds.trees import packed

LINES = 60
AT_ONCE = 2_000  # files in one reading


class Broken(NamedTuple):
    """How many broken files there were, and how each was read."""

    files: int
    whole: int
    marked: int
    silent: int

    @property
    def text(self) -> str:
        """Return one line for a table."""
        return f"{self.files:,} files, {self.marked:,} marked as damaged, {self.silent} silent"


def cuts(most: int | None = None) -> Broken:
    """Cut a gzip of one member, as AWS writes it, at every byte, or at most at so many."""
    stored, _ = _world(1)
    places = range(1, len(stored))
    return _judge(stored[:size] for size in places[:: _step(len(places), most)])


def flips(most: int | None = None) -> Broken:
    """Flip every bit of a gzip of two members, or at most so many."""
    stored, _ = _world(2)
    places = range(8 * len(stored))
    return _judge(_flipped(stored, bit) for bit in places[:: _step(len(places), most)])


def _world(members: int) -> tuple[bytes, list[int]]:
    """Return a log file of so many members, and the ports of its lines, each another."""
    ports = list(range(2_000, 2_000 + LINES))
    texts = [line(FIRST + timedelta(seconds=n), client_port=port) for n, port in enumerate(ports)]
    each = LINES // members
    return b"".join(packed(texts[at : at + each]) for at in range(0, LINES, each)), ports


def _flipped(stored: bytes, bit: int) -> bytes:
    changed = bytearray(stored)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _step(places: int, most: int | None) -> int:
    return 1 if most is None else max(1, places // most)


def _judge(files: Iterable[bytes]) -> Broken:
    verdicts = [verdict for batch in _batches(files) for verdict in _read(batch)]
    return Broken(len(verdicts), *(verdicts.count(kind) for kind in ("whole", "marked", "silent")))


def _batches(files: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for stored in files:
        batch.append(stored)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _read(batch: list[bytes]) -> Iterator[str]:
    _, ports = _world(1)
    with tempfile.TemporaryDirectory(prefix="broken-") as folder:
        for n, stored in enumerate(batch):
            Path(folder, f"{n:06d}.log.gz").write_bytes(stored)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that they are damaged
            loaded = load_connections(folder)
    read = loaded.connections.groupby("source_file", observed=True)["client_port"].agg(list)
    for name, lines, rejected, damaged in loaded.files[
        ["source_file", "lines", "rejected", "damaged"]
    ].itertuples(index=False):
        got = read.get(name, [])
        if lines != len(got) + rejected:
            yield "silent"
        elif damaged:
            yield "marked"
        else:
            yield "whole" if got == ports and not rejected else "silent"
