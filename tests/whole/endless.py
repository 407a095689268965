"""Convert one gzip file of so many bytes of lines, made as it is read; print rows and peak memory.

Run as a process of its own: ``python endless.py BYTES DEST``. The file is a gzip member over and
over, so any range of its bytes can be made without the others.
"""

from __future__ import annotations

import gzip
import json
import re
import resource
import sys
from pathlib import Path
from typing import Any

import fsspec
from fsspec.spec import AbstractFileSystem

from worlds.lines import line

MEMBER_LINES = 40_000
LINE = (
    line(
        "2026-09-23T{hour:02d}:{minute:02d}:{second:02d}.{n:06d}Z",
        client_ip="203.0.113.{host}",
        client_port="{port}",
        tls_handshake_latency="0.0{host:02d}",
        conn_trace_id="TID_{n:032x}",
    )
    + "\n"
)
TEXT = "".join(
    LINE.format(
        hour=n % 24, minute=n % 60, second=n % 59, n=n, host=n % 100, port=1024 + n % 60_000
    )
    for n in range(MEMBER_LINES)
).encode()
MEMBER = gzip.compress(TEXT, 1)
PATH = "logs/one.log.gz"


class Made(AbstractFileSystem):
    """A store with one object that nobody has written."""

    protocol = "made"

    def __init__(self, members: int = 1, **options: Any) -> None:
        super().__init__(**options)
        self.entry = {"name": PATH, "size": members * len(MEMBER), "type": "file", "ETag": "x"}

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        return [self.entry if detail else PATH]

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        if self._strip_protocol(path) != PATH:
            raise FileNotFoundError(path)
        return self.entry

    def cat_file(
        self, path: str, start: int | None = None, end: int | None = None, **_: Any
    ) -> bytes:
        start, end = start or 0, self.entry["size"] if end is None else end
        first, last = start // len(MEMBER), -(-end // len(MEMBER))
        offset = first * len(MEMBER)
        return (MEMBER * (last - first))[start - offset : end - offset]


def peak_bytes() -> int:
    """Return this process's own peak; what its parent held before the exec is not its own."""
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    size, dest = int(sys.argv[1]), sys.argv[2]
    members = -(-size // len(TEXT))
    fsspec.register_implementation("made", Made)
    import albconn

    done = albconn.convert(f"made://{PATH}", dest, storage_options={"members": members})
    sys.stdout.write(
        json.dumps(
            {
                "rows": done.rows,
                "expected": members * MEMBER_LINES,
                "stored": members * len(MEMBER),
                "lines_bytes": members * len(TEXT),
                "peak_bytes": peak_bytes(),
            }
        )
    )


if __name__ == "__main__":
    main()
