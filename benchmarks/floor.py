"""The floor under any converter that splits with Arrow: gunzip, split without conversion, encode.

It reads each file with isal, splits the lines with Arrow into plain strings (no value is
converted or checked, no line is accounted for), and encodes for each line read one row of a
table that was typed beforehand, in parts of the same size and with the same Parquet settings
as albconn's, on two threads. It is not a converter: no value of any line is looked at.
"""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from isal import igzip
from pyarrow import csv

NAMES = [f"field_{n}" for n in range(1, 16)]
JOINED_BYTES = 4 << 20
PART_ROWS = 1 << 17
TYPED = ".typed.arrow"
# As albconn writes (``dataset.parts.write.writer_options``), but for statistics and page index.
PLAIN = (
    "timestamp", "client_port", "conn_trace_id", "cert_not_before", "cert_not_after", "line_number",
)  # fmt: skip
OPTIONS: dict[str, Any] = {
    "compression": "zstd", "compression_level": 1, "version": "2.6", "store_schema": False,
    "write_batch_size": 1 << 13,
}  # fmt: skip


def convert(folder: str, out: str, *, threads: int) -> int:
    """Read all files, encode as many rows as they have lines; return the rows."""
    rows = _Encoder(Path(out), _typed_table(folder))
    paths = sorted(Path(folder).glob("*.log.gz"))
    groups = _groups(paths)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda group: rows.take(_split(group)), groups))
    rows.finish()
    return rows.total


class _Encoder:
    """Encodes rows of the typed table, a part at a time, on the thread that fills it."""

    def __init__(self, out: Path, typed: pa.Table) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self.out, self.typed = out, typed
        self.total = self.waiting = self.parts = 0
        self.lock = threading.Lock()

    def take(self, rows: int) -> None:
        with self.lock:
            self.total += rows
            self.waiting += rows
            full, self.waiting = divmod(self.waiting, PART_ROWS)
        for _ in range(full):
            self._write(PART_ROWS)

    def finish(self) -> None:
        self._write(self.waiting)

    def _write(self, rows: int) -> None:
        with self.lock:
            self.parts += 1
            path = self.out / f"part-{self.parts:04d}.parquet"
        names = [name for name in self.typed.column_names if name not in PLAIN]
        options: dict[str, Any] = {**OPTIONS, "use_dictionary": names}
        pq.write_table(self.typed.slice(0, rows), path, **options)


def _groups(paths: list[Path]) -> list[list[Path]]:
    """Join small files into groups of about a block; a large file is its own."""
    groups: list[list[Path]] = [[]]
    size = 0
    for path in paths:
        if size * 6 > JOINED_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(path)
        size += path.stat().st_size
    return groups


def _split(group: list[Path]) -> int:
    text = b"".join(igzip.decompress(path.read_bytes()) for path in group)
    table = csv.read_csv(
        pa.BufferReader(text),
        read_options=csv.ReadOptions(use_threads=False, block_size=1 << 20, column_names=NAMES),
        parse_options=csv.ParseOptions(delimiter=" "),
        convert_options=csv.ConvertOptions(
            check_utf8=False, column_types=dict.fromkeys(NAMES, pa.string())
        ),
    )
    return len(table)


def make_typed_table(folder: str) -> None:
    """Type one part's rows beforehand and leave them beside the logs, as Arrow data."""
    from albconn.dataset.parts.write import sorted_table
    from albconn.logs.find.selection import EVERYTHING
    from albconn.logs.find.sources import list_log_files
    from albconn.logs.reading import Reading
    from albconn.logs.scan import scan
    from albconn.schema.connections import CONNECTIONS

    tables: list[pa.Table] = []
    for log_file in list_log_files(folder, selection=EVERYTHING).log_files:
        scan([log_file], Reading(CONNECTIONS), tables.append, threads=1)
        if sum(len(table) for table in tables) >= PART_ROWS:
            break
    typed = sorted_table(tables, CONNECTIONS)
    while len(typed) < PART_ROWS:
        typed = sorted_table([typed, typed], CONNECTIONS)
    typed = typed.slice(0, PART_ROWS).combine_chunks()
    with pa.ipc.new_file(str(Path(folder, TYPED)), typed.schema) as writer:
        writer.write_table(typed)


def _typed_table(folder: str) -> pa.Table:
    with pa.memory_map(str(Path(folder, TYPED))) as source:
        return pa.ipc.open_file(source).read_all()


if __name__ == "__main__":
    make_typed_table(sys.argv[1])
