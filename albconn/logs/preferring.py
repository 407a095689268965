"""Reading what came by both of AWS's routes, each connection once.

The files of the route that is preferred are read first, and what they tell is remembered; of the
others, connections that are known already are left out. Which file came by which route its first
bytes say.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from albconn.arrow import flags, values_of
from albconn.logs.books import Books
from albconn.logs.find.sources import LogFile
from albconn.logs.reading import Reading
from albconn.logs.scan import Sink, scan
from albconn.logs.sifting import formats_of
from albconn.logs.twins import Known, has_twins, route_of
from albconn.schema.table import SOURCE_FILE


def scan_routes(
    log_files: Sequence[LogFile], reading: Reading, sink: Sink, **options: Any
) -> Books:
    """Read log files as ``scan`` does; where a route is preferred, each connection once."""
    if reading.prefer is None or not has_twins(reading.table):
        return scan(log_files, reading, sink, **options)
    first, others = by_route(log_files, reading)
    sieve = Sieve(reading)
    taken = scan(first, reading, sink, sieve=sieve.remember, **options)
    sieve.known.settle()
    rest = scan(others, reading, sink, sieve=sieve.leave_known, **options)
    return _joined(log_files, taken, rest, sieve)


def by_route(log_files: Sequence[LogFile], reading: Reading) -> tuple[list[LogFile], list[LogFile]]:
    """Return the files of the route that is preferred, and all others."""
    formats = formats_of(log_files, reading)
    preferred = [f for f in log_files if route_of(formats.get(f.url)) == reading.prefer]
    chosen = {f.url for f in preferred}
    return preferred, [f for f in log_files if f.url not in chosen]


class Sieve:
    """Remembers connections, or leaves out those that are known; for any thread."""

    def __init__(self, reading: Reading, known: Any = None) -> None:
        self._table = reading.table
        self.known = known or Known()
        self.left_out: Counter[str] = Counter()
        self._lock = threading.Lock()

    def remember(self, rows: pa.Table) -> pa.Table:
        """Return all rows, and remember them."""
        self.known.add(rows, self._table)
        return rows

    def leave_known(self, rows: pa.Table) -> pa.Table:
        """Return the rows that are not known."""
        found = self.known.has(rows, self._table)
        if not found.any():
            return rows
        gone = rows.filter(flags(found))
        with self._lock:
            for chunk in gone[SOURCE_FILE.name].chunks:
                counts = np.bincount(values_of(chunk.indices), minlength=len(chunk.dictionary))
                for name, count in zip(chunk.dictionary.to_pylist(), counts, strict=True):
                    self.left_out[name] += int(count)
        return rows.filter(flags(~found))


def _joined(log_files: Sequence[LogFile], taken: Books, rest: Books, sieve: Sieve) -> Books:
    """Return the books of both readings as one."""
    files = {f.source_file: f for f in (*taken.files, *rest.files)}
    for name, count in sieve.left_out.items():
        files[name].filtered += count
    order = {log_file.url: n for n, log_file in enumerate(log_files)}
    rejected = sorted((*taken.rejected, *rest.rejected), key=lambda line: order[line.source_file])
    return replace(
        taken,
        files=[files[log_file.url] for log_file in log_files],
        rejected=rejected,
        wide_lines=taken.wide_lines + rest.wide_lines,
        left_out=taken.left_out.joined(rest.left_out),
        twins=sum(sieve.left_out.values()),
    )
