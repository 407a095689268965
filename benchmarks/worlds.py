"""The log files that every side of a benchmark reads: seeded, 15 fields, two shapes.

The shapes are the two that matter: a few large files, and very many small ones.
"""

from __future__ import annotations

import gzip
import os
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

ELB = "app/shop/50dc6c495c0c9188"
FIRST = datetime(2026, 9, 22, tzinfo=UTC)


class Shape(NamedTuple):
    """How many files of how many lines, over how many days."""

    files: int
    lines: int
    days: int = 2


SHAPES = {"large": Shape(40, 50_000), "small": Shape(2_000, 500)}
SMOKE = {"large": Shape(2, 2_000), "small": Shape(20, 50)}


def make_world(folder: Path, shape: Shape) -> Path:
    """Write the files of a shape below ``folder`` unless they are there; return the folder."""
    done = folder / ".done"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(partial(_write_file, folder, shape), range(shape.files), chunksize=8))
        done.touch()
    return folder


def one_file(world: Path, folder: Path, times: int) -> Path:
    """Write half of a world's files ``times`` times into one of as many gzip members."""
    folder.mkdir()
    paths = sorted(world.glob("*.log.gz"))
    with (folder / "one.log.gz").open("wb") as one:
        for path in paths[: len(paths) // 2] * times:
            one.write(path.read_bytes())
    return folder


def more_files(world: Path, folder: Path, times: int) -> Path:
    """Give each of a world's files ``times`` names; return the folder of the names."""
    folder.mkdir()
    for path in sorted(world.glob("*.log.gz")):
        for n in range(times):
            os.link(path, folder / f"{n}_{path.name}")
    return folder


def lines_of(number: int, shape: Shape) -> bytes:
    """Return the lines of one file."""
    random = np.random.default_rng(number)
    span = shape.days * 86_400_000_000 // shape.files
    offsets = np.sort(random.integers(0, span, shape.lines)) + number * span
    instants = np.datetime_as_string(
        np.datetime64(FIRST.replace(tzinfo=None), "us") + offsets.astype("timedelta64[us]")
    )
    clients = random.integers(0, 5_000, shape.lines)
    ports = random.integers(1024, 65_536, shape.lines)
    latency = random.lognormal(-3.2, 0.7, shape.lines)
    kinds = random.choice(len(_KINDS), shape.lines, p=_WEIGHTS)
    traces = random.bytes(16 * shape.lines).hex()
    node = f"10.0.{number % 2 + 1}.10"
    return "".join(
        _KINDS[kind].format(
            time=instants[n], ip=f"203.0.{client >> 8}.{client & 255}", port=port,
            latency=f"{seconds:.3f}", trace=traces[32 * n : 32 * n + 32], elb=ELB, node=node,
        )
        for n, (kind, client, port, seconds) in enumerate(
            zip(kinds.tolist(), clients.tolist(), ports.tolist(), latency.tolist(), strict=True)
        )
    ).encode()  # fmt: skip


def _kind(middle: str, group: str) -> str:
    return "{time}Z {ip} {port} 443 " + middle + " TID_{trace} " + group + " {elb} {node}\n"


_CERTIFICATE = (
    '"CN=fleet-7,OU=devices,O=Example Fleet,C=US" '
    "NotBefore=2025-09-23T10:00:00Z;NotAfter=2026-09-23T10:00:00Z 03A5B1"
)
_KINDS = (
    _kind('TLSv1.3 TLS_AES_128_GCM_SHA256 {latency} "-" - - Success', "X25519MLKEM768"),
    _kind('TLSv1.3 TLS_AES_256_GCM_SHA384 {latency} "-" - - Success', "x25519"),
    _kind('TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 {latency} "-" - - Success', "secp256r1"),
    _kind(f"TLSv1.3 TLS_AES_128_GCM_SHA256 {{latency}} {_CERTIFICATE} Success", "x25519"),
    _kind(f"TLSv1.3 TLS_AES_128_GCM_SHA256 - {_CERTIFICATE} Failed:ClientCertExpired", "x25519"),
    _kind('TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256 - "-" - - Failed:UnmappedConnectionError', "-"),
    '{time}Z {ip} {port} 80 - - - "-" - - - TID_{trace} - {elb} {node}\n',
)
_WEIGHTS = (0.40, 0.25, 0.15, 0.08, 0.02, 0.02, 0.08)


def _write_file(folder: Path, shape: Shape, number: int) -> None:
    end = FIRST + timedelta(days=shape.days) * (number + 1) / shape.files
    name = (
        f"conn_log_123456789012_elasticloadbalancing_us-east-1_{ELB.replace('/', '.')}"
        f"_{end:%Y%m%dT%H%MZ}_10.0.{number % 2 + 1}.10_{number:08x}.log.gz"
    )
    content = gzip.compress(lines_of(number, shape), 6, mtime=0)
    (folder / name).write_bytes(content)
