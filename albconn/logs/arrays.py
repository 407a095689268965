"""Arrow arrays straight from buffers.

``pyarrow.array`` imports pandas to see whether it was given something of pandas'. Reading and
converting need no pandas, and its import takes as long as reading three hundred thousand lines.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa


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


def places(values: np.ndarray | Sequence[int]) -> pa.Int64Array:
    """Return row numbers as an array, for ``take``."""
    return numbers(np.asarray(values, np.int64), pa.int64())


def optional_numbers(values: Sequence[int | None], kind: pa.DataType) -> pa.Array:
    """Return integers, some perhaps missing, as an array of int32, int64 or instants."""
    dtype = np.int32 if kind == pa.int32() else np.int64
    missing = np.array([value is None for value in values], bool)
    filled = np.array([value or 0 for value in values], dtype)
    return numbers(filled, kind, missing if missing.any() else None)


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
