"""Arrays from buffers are what ``pyarrow.array`` would have made, without importing pandas."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from albconn import arrow
from albconn.schema.kind import INSTANT

MISSING = np.array([False, True, False, True, False, False, False, False, True, False])
VALUES = np.arange(10, dtype=np.int64) - 5


@pytest.mark.parametrize("kind", [pa.int64(), INSTANT])
def test_numbers(kind: pa.DataType) -> None:
    assert arrow.numbers(VALUES, kind).equals(pa.array(VALUES.tolist(), pa.int64()).cast(kind))
    told = [None if gone else value for gone, value in zip(MISSING, VALUES.tolist(), strict=True)]
    found = arrow.numbers(VALUES, kind, MISSING)
    assert found.equals(pa.array(told, pa.int64()).cast(kind))
    assert found.null_count == 3


def test_numbers_of_a_stride_and_of_nothing() -> None:
    assert arrow.numbers(VALUES[::3], pa.int64()).to_pylist() == VALUES[::3].tolist()
    assert arrow.numbers(np.empty(0, np.int32), pa.int32()).to_pylist() == []


def test_flags_places_and_texts() -> None:
    assert arrow.flags(MISSING).to_pylist() == MISSING.tolist()
    assert arrow.places([3, 1]).equals(pa.array([3, 1], pa.int64()))
    words = ["", "é", "☃ snow", "a"]
    assert arrow.texts(words).equals(pa.array(words))
    assert arrow.texts([]).equals(pa.array([], pa.string()))


def test_zeros_are_shared_and_grow() -> None:
    few, many = arrow.zeros(3, np.dtype(np.int32)), arrow.zeros(1_000_000, np.dtype(np.int64))
    assert few.tolist() == [0, 0, 0]
    assert (len(many), many.any()) == (1_000_000, False)
    assert not few.flags.writeable


def test_by_code_is_null_where_the_code_or_the_value_is() -> None:
    codes = pa.array([1, None, 0, 2, 1], pa.int32())
    assert arrow.by_code(codes, [10, None, 30], pa.int64()).to_pylist() == [
        None,
        None,
        10,
        30,
        None,
    ]
    assert arrow.by_code(codes, [0, 0, 0], pa.int32()).to_pylist() == [0, None, 0, 0, 0]
    instants = arrow.by_code(codes, [1, 2, 3], INSTANT)
    assert instants.type == INSTANT
    assert instants.cast(pa.int64()).to_pylist() == [2, None, 1, 3, 2]


def test_a_category_names_each_text_once() -> None:
    codes = pa.array([0, 1, 2, 3, None], pa.int32())
    found = arrow.category(codes, ["a", "b", "a", None])
    assert found.to_pylist() == ["a", "b", "a", None, None]
    assert found.dictionary.to_pylist() == ["a", "b"]


def test_missing_of_a_slice() -> None:
    column = pa.array([None, 1, None, 3, 4, None, 6, 7, 8, None], pa.int64())
    for start in range(10):
        found = arrow.missing_of(column.slice(start))
        expected = [value is None for value in column.slice(start).to_pylist()]
        assert (found.tolist() if found is not None else None) == (
            expected if any(expected) else None
        )
    assert arrow.missing_of(pa.array([1, 2])) is None


def test_values_of_arrays_chunks_and_slices() -> None:
    chunked = pa.chunked_array([[1, 2], [], [3]], pa.int64())
    assert arrow.values_of(chunked).tolist() == [1, 2, 3]
    assert arrow.values_of(pa.array([1, 2, 3], pa.int32()).slice(1)).dtype == np.int32
    assert arrow.values_of(pa.array([5, 6], INSTANT)).tolist() == [5, 6]
    assert arrow.values_of(pa.array([True, False, True]).slice(1)).tolist() == [False, True]
    assert arrow.values_of(pa.chunked_array([], pa.int64())).tolist() == []


def test_a_frame_keeps_whole_numbers_whole() -> None:
    table = pa.table(
        {
            "port": pa.array([443, None], pa.int32()),
            "count": pa.array([1, 2], pa.int64()),
            "line": pa.array([None, 2**53 + 1], pa.int64()),
        }
    )
    frame = arrow.to_frame(table)
    assert {n: str(kind) for n, kind in frame.dtypes.items()} == {
        "port": "Int32", "count": "int64", "line": "Int64",
    }  # fmt: skip
    assert frame["port"].tolist() == [443, pd.NA]
    assert frame["line"].tolist() == [pd.NA, 2**53 + 1]


def test_none_of_it_imports_pandas() -> None:
    code = (
        "import sys, numpy as np, pyarrow as pa; from albconn import arrow; "
        "codes = arrow.numbers(np.zeros(3, np.int32), pa.int32()); "
        "arrow.values_of(arrow.category(codes, ['a']).indices); print('pandas' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
