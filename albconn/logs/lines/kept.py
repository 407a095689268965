"""Fields that a file names and the table does not know: kept, as one text in its tail column.

    {"new_field":"a","another":"b"}

Names and values are the file's own; what is missing is left out. What an exported table has in a
column of the tail's name is kept as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from albconn.arrow import category, missing_of, numbers, values_of
from albconn.logs.lines.layout import Layout


def kept_text(members: Mapping[str, Any], layout: Layout) -> str | None:
    """Return what is kept of a record; None where all is known.

    Parameters
    ----------
    members : mapping of str to value
        Values by the names that the file has for them: texts, or whatever JSON has.
    """
    if not members:
        return None
    key, value = next(iter(members.items()))
    if len(members) == 1 and key == layout.table.tail and isinstance(value, str):
        return value
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def with_kept(table: pa.Table, layout: Layout) -> pa.Table:
    """Put the columns of what is kept of many records together into the tail column.

    A row with nothing in them keeps what it has there.
    """
    columns = {
        key: table[name].unify_dictionaries().combine_chunks()
        for name, key in layout.kept.items()
        if name in table.column_names and table[name].null_count < len(table)
    }
    if not columns:
        return table
    codes = np.stack([_codes(column) for column in columns.values()])
    distinct, place = np.unique(codes, axis=1, return_inverse=True)
    values = [column.dictionary.to_pylist() for column in columns.values()]
    texts = [
        kept_text(
            {key: known[code] for key, known, code in zip(columns, values, each, strict=True)
             if code >= 0},
            layout,
        )
        for each in distinct.T.tolist()
    ]  # fmt: skip
    made = category(numbers(place.reshape(-1).astype(np.int32), pa.int32()), texts)
    tail = layout.table.tail
    if tail in table.column_names:
        return table.set_column(table.column_names.index(tail), tail, made)
    return table.append_column(tail, made)


def _codes(column: pa.DictionaryArray) -> np.ndarray:
    codes = values_of(column.indices).astype(np.int64)
    missing = missing_of(column.indices)
    return codes if missing is None else np.where(missing, -1, codes)
