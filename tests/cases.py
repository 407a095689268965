"""The five cases that pages and pictures are looked at in, from their logs.

An expired certificate, a raised policy, a broken node, a quiet time, and damaged log files.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from worlds.traffic.making import make

SAMPLE = Path(__file__).parents[1] / "data/sample"
CASES = ("expired", "policy", "node", "quiet", "damaged")
_KINDS = {"node": "node_broken", "quiet": "daily_swing"}


class Case(NamedTuple):
    """What is opened, and a moment in the middle of it."""

    source: str | pa.Table
    moment: Any


def case_of(name: str, folder: Path, size: float = 0.3) -> Case:
    """Return a case; what it has to write goes to a folder. Worlds are scaled by their size."""
    if name in _KINDS:
        world = make(_KINDS[name], 3, size=size)
        return Case(world.connections, world.begin + (world.end - world.begin) / 2)
    if name == "damaged":
        return Case(str(_damaged(folder)), "2026-09-23T10:30Z")
    if name == "policy":
        return Case(str(SAMPLE / "policy_raised"), "2026-10-06T14:02Z")
    return Case(str(SAMPLE / "AWSLogs"), "2026-09-23T10:00Z")


def _damaged(folder: Path) -> Path:
    """Write ten hours of the sample: files are lost, cut short, or have lines that are none."""
    for place, source in enumerate(sorted((SAMPLE / "AWSLogs").rglob("*_20260923T1*.gz"))):
        if place % 7 == 0:
            continue
        dest = folder / source.relative_to(SAMPLE)
        dest.parent.mkdir(parents=True, exist_ok=True)
        lines = gzip.decompress(source.read_bytes())
        written = gzip.compress(b"no line\x00\n" * (place % 11 == 0) + lines)
        dest.write_bytes(written[: len(written) * 2 // 3] if place % 13 == 0 else written)
    return folder
