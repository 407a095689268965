"""Parsed lines become the table: derived columns, the key's facts, and each row's identity.

Derived values come from the few distinct texts of a column, not from its rows: a block of
twenty thousand lines has two or three verify statuses and a handful of certificates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from albconn.arrow import by_code, category, missing_of, numbers, values_of
from albconn.logs.find.keys import LogKey
from albconn.schema.field import Field, FromColumn, FromKey, FromPlace
from albconn.schema.table import LogTable

if TYPE_CHECKING:
    import numpy.typing as npt

    Indices = npt.NDArray[np.int32]
    Integers = npt.NDArray[np.int64]


def build_table(
    parsed: pa.Table,
    table: LogTable,
    *,
    columns: Sequence[str],
    files: Indices,
    line_numbers: Integers,
    urls: Sequence[str],
    keys: Sequence[LogKey],
) -> pa.Table:
    """Return the rows of some lines, with ``columns`` in the types of the table.

    Parameters
    ----------
    parsed : pyarrow.Table, one chunk a column
        What ``parse_block`` returned.
    table : LogTable
        What the lines are.
    columns : sequence of str
        The columns to make.
    files, line_numbers : arrays of int32 and int64, shape (rows,)
        For each row its file (a place in ``urls`` and ``keys``) and its line in that file.
    """

    def made(field: Field) -> pa.Array:
        origin = field.origin
        if isinstance(origin, FromColumn):
            return _mapped(_one(parsed, origin.column), field, origin.meaning)
        if isinstance(origin, FromKey):
            said = [getattr(key, origin.part) for key in keys]
            if field.position is None:
                return _by_file(files, said)
            return _line_or_key(_one(parsed, field.name), files, said)
        if origin is FromPlace.file:
            return _by_file(files, urls)
        if origin is FromPlace.line:
            return numbers(line_numbers, pa.int64())
        return _one(parsed, field.name)

    arrays = [made(table.field(name)) for name in columns]
    return pa.Table.from_arrays(
        arrays, schema=pa.schema([table.memory_schema.field(name) for name in columns])
    )


def _one(parsed: pa.Table, name: str) -> pa.Array:
    column = parsed[name]
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _mapped(logged: pa.Array, field: Field, meaning: Callable[[Any], str | int | None]) -> pa.Array:
    """Map a column's distinct values; where the meaning is None the row is null."""
    if not isinstance(logged, pa.DictionaryArray):
        logged = logged.dictionary_encode()
    meanings: list = [meaning(text) for text in logged.dictionary.to_pylist()]
    if field.repeated:
        return category(logged.indices, meanings)
    return by_code(logged.indices, meanings, field.type)


def _by_file(files: Indices, values: Sequence[str | None]) -> pa.DictionaryArray:
    """Return each row's value by its file."""
    return category(numbers(files, pa.int32()), values)


def _line_or_key(
    logged: pa.DictionaryArray, files: Indices, from_keys: Sequence[str | None]
) -> pa.DictionaryArray:
    """Return the line's own value, and the key's where the line has none."""
    if not logged.null_count:
        return logged
    keyed = _by_file(files, from_keys)
    if logged.null_count == len(logged):
        return keyed
    values = list(dict.fromkeys([*logged.dictionary.to_pylist(), *keyed.dictionary.to_pylist()]))
    known = by_code(logged.indices, range(len(logged.dictionary)), pa.int32())
    given = [values.index(value) for value in keyed.dictionary.to_pylist()]
    from_key = by_code(keyed.indices, given, pa.int32())
    missing = missing_of(known)
    assert missing is not None, "handled above"
    codes = np.where(missing, values_of(from_key), values_of(known))
    no_key = missing_of(from_key)
    neither = None if no_key is None else missing & no_key
    return category(numbers(codes, pa.int32(), neither), values)
