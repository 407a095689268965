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
from typing import Any, NamedTuple

import numpy as np

from worlds.lines import NOT_TLS, SHOP, UNMAPPED, line
from worlds.trees import name_of

FIRST = datetime(2026, 9, 22, tzinfo=UTC)


class Shape(NamedTuple):
    """How many files of how many lines, over how many days."""

    files: int
    lines: int
    days: int = 2


SHAPES = {
    "large": Shape(40, 50_000), "small": Shape(2_000, 500), "requests": Shape(20, 50_000),
}  # fmt: skip
SMOKE = {"large": Shape(2, 2_000), "small": Shape(20, 50), "requests": Shape(2, 500)}


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
            latency=f"{seconds:.3f}", trace=traces[32 * n : 32 * n + 32], node=node,
        )
        for n, (kind, client, port, seconds) in enumerate(
            zip(kinds.tolist(), clients.tolist(), ports.tolist(), latency.tolist(), strict=True)
        )
    ).encode()  # fmt: skip


def _kind(**fields: Any) -> str:
    """Return a line for ``str.format``: formatting one is faster than writing it."""
    changing: dict[str, Any] = {
        "client_ip": "{ip}", "client_port": "{port}", "tls_handshake_latency": "{latency}",
        "conn_trace_id": "TID_{trace}", "elb": SHOP, "ip_address": "{node}",
    }  # fmt: skip
    return line("{time}Z", **changing | fields) + "\n"


_CERTIFICATE = {
    "leaf_client_cert_subject": "CN=fleet-7,OU=devices,O=Example Fleet,C=US",
    "leaf_client_cert_validity": "NotBefore=2025-09-23T10:00:00Z;NotAfter=2026-09-23T10:00:00Z",
    "leaf_client_cert_serial_number": "03A5B1",
}
_EXPIRED = {"tls_handshake_latency": None, "tls_verify_status": "Failed:ClientCertExpired"}
_UNMAPPED = {"tls_handshake_latency": None, "tls_verify_status": f"Failed:{UNMAPPED}"}
_KINDS = (
    _kind(tls_keyexchange="X25519MLKEM768"),
    _kind(tls_cipher="TLS_AES_256_GCM_SHA384"),
    _kind(
        tls_protocol="TLSv1.2", tls_cipher="ECDHE-RSA-AES128-GCM-SHA256",
        tls_keyexchange="secp256r1",
    ),
    _kind(**_CERTIFICATE),
    _kind(**_CERTIFICATE, **_EXPIRED),
    _kind(
        **_UNMAPPED, tls_protocol="TLSv1.2", tls_cipher="ECDHE-ECDSA-AES128-GCM-SHA256",
        tls_keyexchange=None,
    ),
    _kind(**NOT_TLS, listener_port=80),
)  # fmt: skip
_WEIGHTS = (0.40, 0.25, 0.15, 0.08, 0.02, 0.02, 0.08)


def _write_file(folder: Path, shape: Shape, number: int) -> None:
    end = FIRST + timedelta(days=shape.days) * (number + 1) / shape.files
    name = name_of(end, elb=SHOP, node=f"10.0.{number % 2 + 1}.10", letters=f"{number:08x}")
    content = gzip.compress(lines_of(number, shape), 6, mtime=0)
    (folder / name).write_bytes(content)
