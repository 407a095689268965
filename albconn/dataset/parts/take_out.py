"""Taking a source out of a dataset, row for row.

Parts and rejected lines hold several sources. Those that hold something of the sources to be
replaced are written anew without it; all others stay as they are.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from albconn.arrow import flags, values_of
from albconn.dataset.commits.layout import day_of_part, part_path
from albconn.dataset.commits.record import Part, RejectedFile
from albconn.dataset.parts.decode import decode
from albconn.dataset.parts.rejected import parse_rejected
from albconn.dataset.parts.write import write_part
from albconn.logs.rejected import RejectedLine
from albconn.schema.table import SOURCE_FILE, LogTable
from albconn.storage.store import Store


@dataclass(frozen=True)
class Leftover:
    """What stays of the files that ``removes`` names."""

    parts: tuple[Part, ...] = ()
    rejected: tuple[RejectedLine, ...] = ()
    removes: tuple[str, ...] = ()


def without_sources(
    store: Store,
    table: LogTable,
    batch: str,
    urls: Sequence[str],
    parts: Iterable[Part],
    rejected: Iterable[RejectedFile],
) -> Leftover:
    """Write anew, without the rows of ``urls``, each part that holds some."""
    gone = set(urls)
    token = secrets.token_hex(4)
    kept_parts, kept_lines, removes = [], [], []
    for number, part in enumerate(parts):
        if not _holds(store, part, gone):
            continue
        removes.append(part.path)
        rest = _rows_of_others(decode(store.read(part.path), table), gone)
        if len(rest):
            day = day_of_part(part.path) or ""
            path = part_path(table.name, day, batch, f"{token}-{number:04d}")
            rest = rest.unify_dictionaries().combine_chunks()
            kept_parts.append(write_part(store, path, rest, table))
    for kept in rejected:
        lines = list(parse_rejected(store.read(kept.path)))
        rest_lines = [line for line in lines if line.source_file not in gone]
        if len(rest_lines) < len(lines):
            removes.append(kept.path)
            kept_lines += rest_lines
    return Leftover(tuple(kept_parts), tuple(kept_lines), tuple(removes))


def _holds(store: Store, part: Part, urls: set[str]) -> bool:
    """Look at one column of the part, which is small: few names, many times."""
    file_system, base = store.arrow()
    with pq.ParquetFile(
        f"{base}/{part.path}", filesystem=file_system, read_dictionary=[SOURCE_FILE.name]
    ) as file:
        column = file.read([SOURCE_FILE.name])[SOURCE_FILE.name]
    return any(not urls.isdisjoint(chunk.unique().to_pylist()) for chunk in column.chunks)


def _rows_of_others(rows: pa.Table, urls: set[str]) -> pa.Table:
    kept = [
        np.array([name not in urls for name in chunk.dictionary.to_pylist()])[
            values_of(chunk.indices)
        ]
        for chunk in rows[SOURCE_FILE.name].chunks
    ]
    return rows.filter(flags(np.concatenate(kept)))
