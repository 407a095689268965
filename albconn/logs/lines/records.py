"""Records that come as columns, as in Parquet: typed at once where there is no doubt.

Columns may be typed as the table's are, or hold texts, or be anything else that says the same: a
time in nanoseconds, a port in 64 bits. A record of which one value is not surely right becomes a
line of JSON, and ``objects`` decides. So both ways are one definition.
"""

# pyright: reportAttributeAccessIssue=false
# (pyarrow.compute makes its functions at import, where no checker sees them)

from __future__ import annotations

import json
import math
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from albconn.arrow import places
from albconn.errors import LineError
from albconn.logs.lines.layout import LEFT, Layout
from albconn.logs.lines.values import value_of
from albconn.schema.field import Field
from albconn.schema.kind import INSTANT, TEXT, TIMESTAMP

if TYPE_CHECKING:
    import numpy.typing as npt

    Flags = npt.NDArray[np.bool_]

# Numbers that Arrow reads as ``value_of`` does; of others each is looked at.
_USUAL = {"p": r"^[0-9]{1,5}$", "i": r"^[0-9]{1,18}$", "s": r"^[0-9]{1,9}(\.[0-9]{1,6})?$"}
_ZONELESS = pa.timestamp("us")


class _Typed(NamedTuple):
    """A column, and of which records it is in doubt; None where of none."""

    column: pa.Array
    doubt: Flags | None = None


def typed_records(
    records: pa.RecordBatch, layout: Layout, columns: frozenset[str]
) -> tuple[pa.Table, Flags]:
    """Return the rows of the records about which there is no doubt, and which the others are.

    Parameters
    ----------
    records : RecordBatch
        Its columns are called as the layout's keys.
    columns : frozenset of str
        Which to return; which records are in doubt does not depend on it.
    """
    made, doubtful = {}, np.zeros(len(records), bool)
    for place, field in enumerate(layout.fields):
        if field.name.startswith(LEFT) or layout.keys[place] not in records.schema.names:
            continue
        typed = _typed(records.column(layout.keys[place]), field, layout)
        if typed.doubt is not None:
            doubtful |= typed.doubt
        if field.name == layout.table.time_column:
            doubtful |= _flags(typed.column.is_null())
        if field.name in columns or field.name in layout.kept:
            made[field.name] = typed.column
    table = pa.table(made) if made else pa.table({"": pa.nulls(len(records))})
    return table.take(places(np.flatnonzero(~doubtful))) if doubtful.any() else table, doubtful


def as_lines(records: pa.RecordBatch, at: npt.NDArray[np.int64]) -> bytes:
    """Return some records as lines of JSON, each ended by a newline."""
    rows = records.take(places(at)).to_pylist()
    return "".join(json.dumps(_told(row), ensure_ascii=False) + "\n" for row in rows).encode(
        "utf-8", "backslashreplace"
    )


def _told(value: Any) -> Any:
    """Return a value as JSON has it; what JSON does not have, as text."""
    if isinstance(value, dict):
        return {str(key): _told(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_told(member) for member in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value if isinstance(value, bool | int | float | str | None) else str(value)


def _typed(column: pa.Array, field: Field, layout: Layout) -> _Typed:
    if column.type.equals(pa.null()):
        return _Typed(pa.nulls(len(column), field.kind.memory_type))
    if _is_text(column.type):
        if field.kind == TIMESTAMP:
            return _times(_each(column, layout), field, layout)
        if field.kind == TEXT:
            return _Typed(_each(column, layout))
        texts = _distinct(column, layout)
        return _Typed(texts) if field.kind.is_text else _by_text(texts, field)
    if field.kind == TIMESTAMP and pa.types.is_timestamp(column.type):
        return _in_range(column.cast(INSTANT, safe=False), field)
    if pa.types.is_integer(column.type) and field.kind.is_text:
        texts = column.cast(pa.string())
        return _Typed(texts.dictionary_encode() if field.repeated else texts)
    if field.kind.letter in "pis" and (
        pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    ):
        return _numbers(column, field)
    return _Typed(pa.nulls(len(column), field.kind.memory_type), _flags(column.is_valid()))


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return (
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _each(column: pa.Array, layout: Layout) -> pa.Array:
    """Return texts of which hardly two are equal; what is missing is null."""
    import pyarrow.compute as pc

    texts = column.cast(pa.string())
    missing = pc.is_in(texts, value_set=pa.array(["", layout.null.decode()]))
    return pc.if_else(missing, None, texts) if pc.any(missing).as_py() else texts


def _distinct(column: pa.Array, layout: Layout) -> pa.DictionaryArray:
    """Return texts as a category in which what is missing is null."""
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    codes, distinct = column.indices.cast(pa.int32()), column.dictionary.cast(pa.string())
    missing = {"", layout.null.decode(), None}
    known = distinct.to_pylist()
    if missing.isdisjoint(known) and len(set(known)) == len(known):
        return pa.DictionaryArray.from_arrays(codes, distinct)
    there = {text: n for n, text in enumerate(k for k in dict.fromkeys(known) if k not in missing)}
    meaning = pa.array([there.get(text) for text in known], pa.int32())
    return pa.DictionaryArray.from_arrays(meaning.take(codes), pa.array([*there], pa.string()))


def _times(texts: pa.StringArray, field: Field, layout: Layout) -> _Typed:
    """Return texts as times, all at once where all are written alike."""
    for kind in (INSTANT, _ZONELESS) if layout.zone == "utc" else (INSTANT,):
        try:
            return _in_range(texts.cast(kind).cast(INSTANT), field)
        except pa.ArrowInvalid:
            continue
    return _Typed(pa.nulls(len(texts), INSTANT), _flags(texts.is_valid()))


def _by_text(texts: pa.DictionaryArray, field: Field) -> _Typed:
    """Return texts as numbers; each distinct one is looked at once, unusual ones exactly."""
    import pyarrow.compute as pc

    told = texts.dictionary
    is_usual = pc.match_substring_regex(told, _USUAL[field.kind.letter])
    known = pc.if_else(is_usual, told, None).cast(field.type)
    known = _in_range(known, field, none=True).column
    unusual = np.flatnonzero(_flags(pc.and_(known.is_null(), told.is_valid()))).tolist()
    if unusual:
        exact = known.to_pylist()
        for place in unusual:
            with suppress(LineError):
                exact[place] = value_of(field, told[place].as_py())
        known = pa.array(exact, field.type)
    values = known.take(texts.indices)
    return _Typed(values, _flags(texts.is_valid()) & _flags(values.is_null()))


def _numbers(column: pa.Array, field: Field) -> _Typed:
    import pyarrow.compute as pc

    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    try:
        return _in_range(column.cast(field.type), field)
    except pa.ArrowInvalid:
        return _Typed(pa.nulls(len(column), field.type), _flags(column.is_valid()))


def _in_range(column: pa.Array, field: Field, *, none: bool = False) -> _Typed:
    """Say which values are out of their kind's range; ``none`` makes them missing."""
    import pyarrow.compute as pc

    values = column.cast(pa.int64()) if field.kind == TIMESTAMP else column
    low, high = (
        pa.scalar(limit).cast(values.type, safe=False)
        for limit in (field.kind.lowest, field.kind.highest)
    )
    outside = pc.or_(pc.less(values, low), pc.greater(values, high)).fill_null(False)  # noqa: FBT003
    if none:
        column = pc.if_else(outside, None, column)
    return _Typed(column, _flags(outside) if pc.any(outside).as_py() else None)


def _flags(flags: pa.BooleanArray) -> Flags:
    return flags.to_numpy(zero_copy_only=False)
