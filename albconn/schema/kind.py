"""What the text of a field must be, and what it becomes: once, for every reader and writer.

From a kind come the compiled reader's letter, the Arrow types on disk and in memory, the range
of valid values, and the words with which a value that does not fit is refused.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pyarrow as pa

INSTANT = pa.timestamp("us", tz="UTC")
CATEGORY = pa.dictionary(pa.int32(), pa.string())  # how a repeated string is held in memory

HIGHEST_PORT = 65535
_HIGHEST_INTEGER = 2**63 - 1


@dataclass(frozen=True)
class Kind:
    """A kind of value.

    Attributes
    ----------
    name : str
        What a value is called where one is not: ``"port"``.
    letter : str
        What the compiled reader calls it.
    type : DataType
        On disk; in memory too, unless values recur.
    expected : str
        What a valid value looks like; empty where every text is one.
    lowest, highest : float
        The range of valid values; of instants [µs since 1970 UTC].
    repeated : bool
        Values recur, so that memory holds them as a category.
    absent : float, optional
        The number that AWS writes where there is none.
    """

    name: str
    letter: str
    type: pa.DataType
    expected: str = ""
    lowest: float = 0
    highest: float = 0
    repeated: bool = False
    absent: float | None = None

    @property
    def memory_type(self) -> pa.DataType:
        """Return the Arrow type in memory."""
        return CATEGORY if self.repeated else self.type

    @property
    def is_text(self) -> bool:
        """Say whether every text is a value."""
        return self.type == pa.string()


TIMESTAMP = Kind(
    "time",
    "t",
    INSTANT,
    "2026-09-23T07:11:27.691358Z",
    # The years 1 to 9999, as Python's datetime.
    lowest=-62_135_596_800_000_000,
    highest=253_402_300_799_999_999,
)
PORT = Kind("port", "p", pa.int32(), f"0–{HIGHEST_PORT}", highest=HIGHEST_PORT)
INTEGER = Kind(
    "whole number",
    "i",
    pa.int64(),
    "a whole number such as 1042",
    lowest=-_HIGHEST_INTEGER - 1,
    highest=_HIGHEST_INTEGER,
)
SECONDS = Kind("duration", "s", pa.float64(), "seconds such as 0.337", highest=sys.float_info.max)
ELAPSED = Kind(
    "time taken",
    "e",
    pa.float64(),
    "seconds such as 0.337, or -1 where there are none",
    highest=sys.float_info.max,
    absent=-1,
)
TEXT = Kind("text", "x", pa.string())  # of which hardly two are equal
WORD = Kind("text", "c", pa.string(), repeated=True)
KINDS = (TIMESTAMP, PORT, INTEGER, SECONDS, ELAPSED, TEXT, WORD)
