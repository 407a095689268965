"""Arrow arrays straight from buffers.

``pyarrow.array`` imports pandas to see whether it was given something of pandas'. Reading and
converting need no pandas, and its import takes as long as reading three hundred thousand lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd


def numbers(values: np.ndarray, kind: pa.DataType, missing: np.ndarray | None = None) -> pa.Array:
    """Return integers as an array of ``kind``, which has the same width as ``values``' dtype.

    ``missing`` says which are null, shape (values,), bool.
    """
    content = np.ascontiguousarray(values)
    valid = None if missing is None else pa.py_buffer(_bits(~missing))
    return pa.Array.from_buffers(kind, len(content), [valid, pa.py_buffer(content)])


def flags(values: np.ndarray) -> pa.BooleanArray:
    """Return bools as an array."""
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(_bits(values))])


def zeros(count: int, dtype: np.dtype[Any]) -> np.ndarray:
    """Return zeros in memory that all callers share, and that is therefore never touched.

    Many columns of a block have one value or none: no certificate, one load balancer. Their
    codes would be a fifth of a table.
    """
    global _zeros
    size = count * dtype.itemsize
    if len(_zeros) < size:
        _zeros = bytes(2 * size)
    return np.frombuffer(_zeros, dtype, count)


_zeros = bytes(1 << 18)


def places(values: np.ndarray | Sequence[int]) -> pa.Int64Array:
    """Return row numbers as an array, for ``take``."""
    return numbers(np.asarray(values, np.int64), pa.int64())


def by_code(codes: pa.Array, values: Sequence[int | None], kind: pa.DataType) -> pa.Array:
    """Return for each code the value at its place; null where the code or the value is missing.

    Parameters
    ----------
    codes : array of int32
        Places in ``values``.
    values : sequence of int or None
        What the codes stand for.
    kind : DataType
        The result's type: int32, int64 or an instant.
    """
    dtype = np.dtype(np.int32 if kind == pa.int32() else np.int64)
    missing = missing_of(codes)
    places = values_of(codes)
    if None in values:
        no_value = np.array([value is None for value in values]).take(places, mode="clip")
        missing = no_value if missing is None else missing | no_value
    if not any(values):
        return numbers(zeros(len(codes), dtype), kind, missing)
    filled = np.array([value or 0 for value in values], dtype)
    return numbers(filled.take(places, mode="clip"), kind, missing)  # a null's code is anything


def category(codes: pa.Array, values: Sequence[str | None]) -> pa.DictionaryArray:
    """Return for each code the text at its place in ``values``, as a category.

    Parameters are those of ``by_code``; texts may recur in ``values``, not in the category.
    """
    distinct = list(dict.fromkeys(value for value in values if value is not None))
    place = {value: n for n, value in enumerate(distinct)}
    wanted = [None if value is None else place[value] for value in values]
    codes = by_code(codes, wanted, pa.int32())
    return pa.DictionaryArray.from_arrays(codes, texts(distinct), safe=False)


def missing_of(column: pa.Array) -> np.ndarray | None:
    """Return which values are null, shape (values,), bool; None where none is."""
    bits = column.buffers()[0]
    if not column.null_count or bits is None:
        return None
    valid = np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")
    return ~valid[column.offset : column.offset + len(column)].astype(bool)


def texts(values: Sequence[str]) -> pa.StringArray:
    """Return texts, none of them missing, as an array."""
    encoded = [value.encode() for value in values]
    offsets = np.zeros(len(encoded) + 1, np.int32)
    np.cumsum([len(value) for value in encoded], out=offsets[1:])
    return pa.StringArray.from_buffers(
        len(encoded), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))
    )


def _bits(values: np.ndarray) -> np.ndarray:
    return np.packbits(values, bitorder="little")


def values_of(column: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Return integers or instants without missing ones as int64 or int32, or bools, as NumPy."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    parts = [_chunk_values(chunk) for chunk in chunks]
    return parts[0] if len(parts) == 1 else np.concatenate([_NO_VALUES, *parts])


_NO_VALUES = np.empty(0, np.int32)  # concatenated with others, it does not change their dtype


def _chunk_values(chunk: pa.Array) -> np.ndarray:
    content = chunk.buffers()[1]
    first, count = chunk.offset, len(chunk)
    if content is None:
        return _NO_VALUES
    if pa.types.is_boolean(chunk.type):
        bits = np.unpackbits(np.frombuffer(content, np.uint8), bitorder="little")
        return bits[first : first + count].astype(bool)
    dtype = np.int32 if chunk.type.bit_width == 32 else np.int64
    return np.frombuffer(content, dtype)[first : first + count]


def with_plain_texts(table: pa.Table) -> pa.Table:
    """Return a table whose texts are of the two kinds that every kernel knows.

    polars hands over views and wide strings, also inside its categories.
    """
    plain = [f.with_type(_plain(f.type)) for f in table.schema]
    return table if plain == list(table.schema) else table.cast(pa.schema(plain))


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        values = _plain(kind.value_type)
        return pa.dictionary(pa.int32(), values) if pa.types.is_string(values) else kind
    is_text = pa.types.is_string_view(kind) or pa.types.is_large_string(kind)
    return pa.string() if is_text else kind


def to_frame(connections: pa.Table) -> pd.DataFrame:
    """Turn an Arrow table of connections into a DataFrame with the dtypes of the table.

    Dictionaries are unified once, so a repeated string is one category over all chunks.
    A port column becomes ``Int32`` only where a port is missing (missing stays missing).
    """
    import pandas as pd

    unified = connections.unify_dictionaries()
    frame = unified.to_pandas(split_blocks=True)
    for name in unified.column_names:
        column = unified[name]
        if column.null_count and pa.types.is_integer(column.type):
            nullable = pd.Int32Dtype() if column.type == pa.int32() else pd.Int64Dtype()
            frame[name] = column.to_pandas(types_mapper={column.type: nullable}.get)
    return frame
