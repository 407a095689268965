"""Each kind has its letter, its types and its range."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from albconn.logs.lines import regular
from albconn.schema import kind as kinds
from albconn.schema.kind import (
    CATEGORY,
    ELAPSED,
    INSTANT,
    INTEGER,
    KINDS,
    PORT,
    SECONDS,
    TEXT,
    TIMESTAMP,
    WORD,
    Kind,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def test_all_kinds_are_listed() -> None:
    assert set(KINDS) == {value for value in vars(kinds).values() if isinstance(value, Kind)}
    assert len(KINDS) == 7


def test_a_letter_is_one_kinds_and_small() -> None:
    letters = [kind.letter for kind in KINDS]
    assert len(set(letters)) == len(letters)
    assert all(len(letter) == 1 and letter.islower() for letter in letters)


@pytest.mark.skipif(not regular.COMPILED, reason="albconn's reader is not compiled")
def test_the_compiled_reader_knows_just_these_letters() -> None:
    from albconn.logs.lines import _regular

    known = set()
    for letter in map(chr, range(ord("a"), ord("z") + 1)):
        try:
            _regular.read((b"x\n",), letter.encode(), b"\1\1", 1, b" ", b"-", 1)
        except ValueError:
            continue
        known.add(letter)
    assert known == {kind.letter for kind in KINDS}


@pytest.mark.parametrize(
    ("kind", "on_disk", "in_memory"),
    [
        (TIMESTAMP, pa.timestamp("us", "UTC"), INSTANT),
        (PORT, pa.int32(), pa.int32()),
        (INTEGER, pa.int64(), pa.int64()),
        (SECONDS, pa.float64(), pa.float64()),
        (ELAPSED, pa.float64(), pa.float64()),
        (TEXT, pa.string(), pa.string()),
        (WORD, pa.string(), pa.dictionary(pa.int32(), pa.string())),
    ],
)
def test_types(kind: Kind, on_disk: pa.DataType, in_memory: pa.DataType) -> None:
    assert (kind.type, kind.memory_type) == (on_disk, in_memory)
    assert kind.repeated is (kind.memory_type == CATEGORY)
    assert kind.is_text is (kind in (TEXT, WORD))
    assert kind.is_text is not bool(kind.expected)  # every text is one; of others it is said


@pytest.mark.parametrize(
    ("kind", "lowest", "highest"),
    [
        (
            TIMESTAMP,
            (datetime.min.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1),
            (datetime.max.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1),
        ),
        (PORT, 0, np.iinfo(np.uint16).max),
        (INTEGER, np.iinfo(np.int64).min, np.iinfo(np.int64).max),
        (SECONDS, 0, np.finfo(np.float64).max),
        (ELAPSED, 0, np.finfo(np.float64).max),
    ],
)
def test_ranges_are_exact_and_fit_their_type(kind: Kind, lowest: float, highest: float) -> None:
    assert (kind.lowest, kind.highest) == (lowest, highest)
    held = pa.array([kind.lowest, kind.highest], kind.type)
    plain = held.cast(pa.int64()) if kind == TIMESTAMP else held
    assert plain.to_pylist() == [lowest, highest]


def test_what_a_valid_value_looks_like_is_said() -> None:
    assert {kind.name: kind.expected for kind in KINDS if kind.expected} == {
        "time": "2026-09-23T07:11:27.691358Z",
        "port": "0–65535",
        "whole number": "a whole number such as 1042",
        "duration": "seconds such as 0.337",
        "time taken": "seconds such as 0.337, or -1 where there are none",
    }
