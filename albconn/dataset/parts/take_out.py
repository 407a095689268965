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
from albconn.dataset.parts.rejected import parse_rejected
from albconn.dataset.parts.write import write_part
from albconn.logs.books import RejectedLine
from albconn.schema.connections import FIELDS, MEMORY_SCHEMA
from albconn.storage.store import Store

_REPEATED = [f.name for f in FIELDS if f.repeated]


@dataclass(frozen=True)
class Leftover:
    """What stays of the files that ``removes`` names."""

    parts: tuple[Part, ...] = ()
    rejected: tuple[RejectedLine, ...] = ()
    removes: tuple[str, ...] = ()


def without_sources(
    store: Store,
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
        rest = _rows_of_others(read_part(store, part.path), gone)
        if len(rest):
            path = part_path(day_of_part(part.path) or "", batch, f"{token}-{number:04d}")
            kept_parts.append(write_part(store, path, rest.unify_dictionaries().combine_chunks()))
    for kept in rejected:
        lines = list(parse_rejected(store.read(kept.path)))
        rest_lines = [line for line in lines if line.source_file not in gone]
        if len(rest_lines) < len(lines):
            removes.append(kept.path)
            kept_lines += rest_lines
    return Leftover(tuple(kept_parts), tuple(kept_lines), tuple(removes))


def read_part(store: Store, path: str) -> pa.Table:
    """Return a part as a table of ``MEMORY_SCHEMA``; columns it does not have are null."""
    content = pa.BufferReader(store.read(path))
    table = pq.ParquetFile(content, read_dictionary=_REPEATED).read()
    arrays = [
        table[f.name].cast(f.type) if f.name in table.column_names else pa.nulls(len(table), f.type)
        for f in MEMORY_SCHEMA
    ]
    return pa.Table.from_arrays(arrays, schema=MEMORY_SCHEMA)


def _holds(store: Store, part: Part, urls: set[str]) -> bool:
    """Look at one column of the part, which is small: few names, many times."""
    file_system, base = store.arrow()
    with pq.ParquetFile(
        f"{base}/{part.path}", filesystem=file_system, read_dictionary=["source_file"]
    ) as file:
        column = file.read(["source_file"])["source_file"]
    return any(not urls.isdisjoint(chunk.unique().to_pylist()) for chunk in column.chunks)


def _rows_of_others(table: pa.Table, urls: set[str]) -> pa.Table:
    kept = [
        np.array([name not in urls for name in chunk.dictionary.to_pylist()])[
            values_of(chunk.indices)
        ]
        for chunk in table["source_file"].chunks
    ]
    return table.filter(flags(np.concatenate(kept)))
