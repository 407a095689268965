"""The fast way through a block: its regular lines, read by the compiled reader.

``_regular`` is C (``_regular.c`` and ``regular_c``) and optional: where it could not be compiled,
``block`` reads all lines with Arrow, the same rows in three times the time.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence, Set as AbstractSet
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from albconn.arrow import zeros
from albconn.logs.lines.layout import Layout
from albconn.schema.kind import CATEGORY

if TYPE_CHECKING:
    import numpy.typing as npt

try:
    from albconn.logs.lines import _regular
except ImportError:
    _regular = None

COMPILED = _regular is not None

Text = bytes | memoryview

_NEWLINE = 10
_SEED = secrets.randbits(64)  # clients choose texts; they shall not choose where these are hashed


class Regular(NamedTuple):
    """The rows of the lines that were taken, in their order, and the lines that were left.

    ``left`` holds (place, text, start, end) of each, shape (lines, 4): its 0-based place in the
    block, and which bytes of which text it is.
    """

    table: pa.Table
    lines: int
    left: npt.NDArray[np.int64]


def count_lines(text: Text) -> int:
    """Return how many newlines a text has, several times faster than ``bytes.count``."""
    if _regular is not None:
        return _regular.count_lines(text)
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == _NEWLINE))


def read_regular(texts: Sequence[Text], *, layout: Layout, columns: AbstractSet[str]) -> Regular:
    """Read the lines of a block that are regular beyond doubt.

    Parameters
    ----------
    texts : sequence of bytes, or of memoryviews of bytes
        Whole lines, each ended by a newline.
    layout : Layout
        How the fields of each line lie; one byte stands between two.
    columns : set of str
        Which of the layout's columns to return. Which lines are taken does not depend on it.
    """
    assert _regular is not None, "only called where COMPILED"
    wanted = bytes(name in columns for name in layout.columns)
    rows, lines, made, left = _regular.read(
        tuple(texts),
        layout.letters,
        wanted,
        layout.fewest_fields,
        layout.delimiter,
        layout.null,
        _SEED,
        layout.beginnings,
        layout.ways,
    )
    in_memory = layout.table.memory_schema
    schema = pa.schema([in_memory.field(name) for name in layout.columns if name in columns])
    given = (column for column in made if column is not None)
    arrays = [_array(f.type, rows, *column) for f, column in zip(schema, given, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=schema)
    return Regular(table, lines, np.frombuffer(left, np.int64).reshape(-1, 4))


def _array(
    kind: pa.DataType,
    rows: int,
    nulls: int,
    validity: bytes,
    values: bytes | np.ndarray | None,
    texts: tuple[bytes, bytes] | None,
) -> pa.Array:
    """Return a column over the reader's buffers, which are not copied."""
    valid = validity if nulls else None
    if texts is None:
        return _over(kind, rows, [valid, values], nulls)
    offsets, data = texts
    if kind != CATEGORY:
        return _over(kind, rows, [valid, offsets, data], nulls)
    distinct = _over(pa.string(), len(offsets) // 4 - 1, [None, offsets, data], 0)
    if len(distinct) <= 1:
        values = zeros(rows, np.dtype(np.int32))
    codes = _over(pa.int32(), rows, [valid, values], nulls)
    return pa.DictionaryArray.from_arrays(codes, distinct, safe=False)


def _over(
    kind: pa.DataType, rows: int, buffers: Sequence[bytes | np.ndarray | None], nulls: int
) -> pa.Array:
    held = [None if content is None else pa.py_buffer(content) for content in buffers]
    return pa.Array.from_buffers(kind, rows, held, nulls)
