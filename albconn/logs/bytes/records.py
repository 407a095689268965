"""Parquet files as batches of records, in bounded memory.

Its table of contents is its end, so a file goes to the disk first. A few kilobytes can stand for
terabytes of text: one value for a million rows. So texts stay as they are stored, each once, and a
record of more than 1 MiB is none; a file whose contents are far larger than it says is refused.
"""

# pyright: reportAttributeAccessIssue=false
# (pyarrow.compute makes its functions at import, where no checker sees them)

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from albconn.errors import cut
from albconn.logs.bytes.gunzip import PIECE_BYTES, Damage
from albconn.logs.bytes.joined import JoinedPieces
from albconn.logs.formats import parquet
from albconn.logs.lines.layout import LEFT, Layout
from albconn.schema.table import LogTable

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow.parquet as pq

LONGEST_RECORD = 1 << 20  # of texts [bytes]
_IN_MEMORY = 8 << 20  # of a file [bytes]
_BATCH_ROWS = 1 << 16
_BATCH_BYTES = 64 << 20  # of texts, each row's counted
_LONGEST_FOOTER = 16 << 20
_MOST_MEMBERS = 1_000_000  # of anything in the footer
_LARGE, FAR_TOO_LARGE = 64 << 20, 1 << 30  # of a column in a group of rows [bytes]
MOST_TIMES = 100  # as many bytes as are stored has a large one
_STREAMED = 1 << 16  # [bytes] of a column that are read at a time


class Rows(NamedTuple):
    """Consecutive records of a file; one alone where it is ``too_long``."""

    layout: Layout
    records: pa.RecordBatch
    too_long: bool = False


def read_records(pieces: Iterator[bytes], table: LogTable) -> Iterator[Rows]:
    """Yield the records of a Parquet file in their order.

    Raises
    ------
    Damage
        It is broken, cut off, a bomb, or holds other columns than the table's.
    """
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
        shutil.copyfileobj(io.BufferedReader(JoinedPieces(pieces)), spool, PIECE_BYTES)
        _refuse_footer(spool)
        try:
            yield from _rows(spool, table)
        except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
            raise Damage(f"the Parquet file is broken ({cut(str(error))})") from error


def keys_of_footer(file: IO[bytes] | io.RawIOBase) -> tuple[str, ...]:
    """Return the names of the columns of a Parquet file; none where its end does not tell them."""
    import pyarrow.parquet as pq

    try:
        return tuple(pq.read_schema(file, memory_map=False).names)
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError):
        return ()


def _rows(spool: IO[bytes], table: LogTable) -> Iterator[Rows]:
    import pyarrow.parquet as pq

    limits: dict[str, Any] = {
        "thrift_string_size_limit": _LONGEST_FOOTER,
        "thrift_container_size_limit": _MOST_MEMBERS,
    }
    with pq.ParquetFile(spool, **limits) as file:
        schema = file.schema_arrow
        layout = parquet.describe(schema.names, table) if _is_set(schema.names) else None
        if layout is None:
            raise Damage(
                f"Parquet of other columns ({cut(', '.join(schema.names))}); expected {table.name}"
            )
        _refuse_bomb(file.metadata)
    texts = [field.name for field in schema if _is_text(field.type)]
    wanted = [key for key, name in zip(layout.keys, layout.names, strict=True) if name[0] != LEFT]
    with pq.ParquetFile(
        spool, read_dictionary=texts, buffer_size=_STREAMED, pre_buffer=False, **limits
    ) as file:
        for batch in file.iter_batches(_BATCH_ROWS, columns=wanted, use_threads=False):
            for records, too_long in _bounded(batch):
                yield Rows(layout, records, too_long)


def _is_set(names: list[str]) -> bool:
    return len(set(names)) == len(names)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _refuse_footer(spool: IO[bytes]) -> None:
    size = spool.seek(0, io.SEEK_END)
    spool.seek(max(0, size - 8))
    end = spool.read(8)
    if end[4:] != parquet.MAGIC:
        raise Damage("the Parquet file is cut off: its end is missing")
    length = int.from_bytes(end[:4], "little")
    if length > min(size, _LONGEST_FOOTER):
        raise Damage(f"the Parquet file is broken: its footer would have {length:,} bytes")
    spool.seek(0)


def _refuse_bomb(metadata: pq.FileMetaData) -> None:
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            column = metadata.row_group(group).column(place)
            size, stored = column.total_uncompressed_size, max(1, column.total_compressed_size)
            if size > FAR_TOO_LARGE or (size > _LARGE and size > MOST_TIMES * stored):
                raise Damage(
                    f"the Parquet file is a bomb: {stored:,} bytes of a column become {size:,}"
                )


def _bounded(batch: pa.RecordBatch) -> Iterator[tuple[pa.RecordBatch, bool]]:
    """Yield the records, in stretches of few enough bytes, and those too long alone."""
    sizes = _sizes(batch)
    if sizes is None:
        yield batch, False
        return
    first, size = 0, 0
    for place, length in enumerate(sizes.tolist()):
        too_long = length > LONGEST_RECORD
        if too_long or size + length > _BATCH_BYTES:
            if place > first:
                yield batch.slice(first, place - first), False
            first, size = place, 0
        if too_long:
            yield batch.slice(place, 1), True
            first = place + 1
        else:
            size += length
    if first < len(batch):
        yield batch.slice(first), False


def _sizes(batch: pa.RecordBatch) -> npt.NDArray[np.int64] | None:
    """Return how long the texts of each record are together; None where all are short enough."""
    import pyarrow.compute as pc

    lengths, most = [], 0
    for column in batch.columns:
        values = column.dictionary if pa.types.is_dictionary(column.type) else column
        if not _is_text(values.type) or not len(values):
            continue
        each = pc.binary_length(values)
        most += pc.max(each).as_py() or 0
        lengths.append((column, each))
    if most <= LONGEST_RECORD and most * len(batch) <= _BATCH_BYTES:
        return None
    total = np.zeros(len(batch), np.int64)
    for column, each in lengths:
        is_category = pa.types.is_dictionary(column.type)
        of_rows: Any = each.take(column.indices) if is_category else each
        total += of_rows.fill_null(0).to_numpy(zero_copy_only=False)
    return total
