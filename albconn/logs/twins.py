"""Connections that came twice, by both of AWS's routes: one trace id at one moment.

A connection is known by 64 bits made of both, so a set of millions costs eight bytes each. How they
are made is drawn by lot in each process: a client that chooses its values cannot choose these.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from albconn.arrow import missing_of, values_of
from albconn.schema.table import LogTable

if TYPE_CHECKING:
    import numpy.typing as npt

    Keys = npt.NDArray[np.uint64]
    Flags = npt.NDArray[np.bool_]

Route = Literal["legacy", "vended"]
ROUTES: tuple[Route, ...] = ("legacy", "vended")
TRACE = "conn_trace_id"
_LONGEST = 256  # of a trace id [bytes]; what is behind that tells nothing
_WORD = 8  # [bytes]
_BY_LOT = np.array([secrets.randbits(64) for _ in range(_LONGEST // _WORD + 2)], np.uint64)
_NONE = np.empty(0, np.uint64)


def has_twins(table: LogTable) -> bool:
    """Say whether rows of a table can be known again on another route."""
    return TRACE in table.columns


def told_by_columns(table: LogTable) -> tuple[str, ...]:
    """Return the columns by which a connection is known."""
    return (table.time_column, TRACE)


def route_of(format: str | None) -> Route | None:
    """Return by which route a file of some format came; None where it is not known.

    Examples
    --------
    >>> [route_of(told) for told in ("legacy", "json", "legacy in CloudWatch export", None)]
    ['legacy', 'vended', 'vended', None]
    """
    if format is None:
        return None
    return "legacy" if format == "legacy" else "vended"


def keys_of(rows: pa.Table, table: LogTable) -> tuple[Keys, Flags]:
    """Return what each row is known by, and which rows have a trace id at all."""
    column = rows[TRACE].cast(pa.string())
    chunks = [(_hashes(chunk), missing_of(chunk), len(chunk)) for chunk in column.chunks]
    ids = np.concatenate([_NONE, *(hashes for hashes, _, _ in chunks)])
    there = [np.ones(n, bool) if gone is None else ~gone for _, gone, n in chunks]
    times = values_of(rows[table.time_column]).astype(np.uint64)
    return _mixed(ids + _mixed(times + _BY_LOT[-1])), np.concatenate([np.empty(0, bool), *there])


def _hashes(texts: pa.StringArray) -> Keys:
    """Return a hash of each text; those of one length are made at once."""
    offsets, content = texts.buffers()[1:]
    if content is None or not len(texts):
        return np.zeros(len(texts), np.uint64)
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    letters = np.frombuffer(content, np.uint8)
    lengths = np.minimum(np.diff(ends), _LONGEST)
    made = np.empty(len(texts), np.uint64)
    for length in np.unique(lengths).tolist():
        alike = np.flatnonzero(lengths == length)
        places = ends[:-1][alike].astype(np.int64)[:, None] + np.arange(length)
        padded = np.zeros((len(alike), -(-length // _WORD) * _WORD), np.uint8)
        padded[:, :length] = letters[places]
        made[alike] = _of_words(padded.view(np.uint64), length)
    return made


def _of_words(words: npt.NDArray[np.uint64], length: int) -> Keys:
    made = np.full(len(words), length, np.uint64)
    for n in range(words.shape[1]):
        made = _mixed(made + words[:, n] + _BY_LOT[n])
    return made


def _mixed(values: Keys) -> Keys:
    """Return a 64-bit hash of each number (SplitMix64's mixer)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


class Known:
    """A set of connections, from many threads."""

    def __init__(self, keys: Sequence[Keys] = ()) -> None:
        self._fresh: list[Any] = list(keys)
        self._sorted = _NONE

    def add(self, rows: pa.Table, table: LogTable) -> None:
        """Take the connections of some rows."""
        keys, there = keys_of(rows, table)
        self._fresh.append(keys[there])

    def settle(self) -> None:
        """Make ready to be asked; nothing is added from here on."""
        self._sorted = np.unique(np.concatenate([self._sorted, *self._fresh]))
        self._fresh = []

    def has(self, rows: pa.Table, table: LogTable) -> Flags:
        """Say of each row whether its connection is in the set."""
        keys, there = keys_of(rows, table)
        if not len(self._sorted):
            return np.zeros(len(keys), bool)
        at = np.searchsorted(self._sorted, keys)
        at[at == len(self._sorted)] = 0
        return there & (self._sorted[at] == keys)


def count_twins(rows: pa.Table, table: LogTable) -> int:
    """Return how many rows are of connections that another row of these tells, too."""
    keys, there = keys_of(rows, table)
    keys = keys[there]
    return len(keys) - len(np.unique(keys))
