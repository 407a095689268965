"""One column of a table: its name, place, type, unit and meaning."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

INSTANT = pa.timestamp("us", tz="UTC")
CATEGORY = pa.dictionary(pa.int32(), pa.string())  # how a repeated string is held in memory


class Field(NamedTuple):
    """One column of the table.

    ``position`` is the field's place in the line (1-based), None where albconn derives it.
    ``repeated`` says that values recur, so that memory holds them as a category.
    """

    name: str
    position: int | None
    type: pa.DataType
    repeated: bool
    unit: str | None
    meaning: str
