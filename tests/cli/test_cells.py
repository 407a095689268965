"""How a value of a table reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from albconn.cli.cells import LONGEST, header_of, is_number, rows_of, text_of


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("failures", 1_234_567, "1,234,567"),
        ("failure_rate", 0.0061, "0.61 %"),
        ("p95", 0.0061, "0.006"),
        ("elb", None, "–"),
        ("seen", True, "True"),
        ("start", datetime(2026, 9, 23, 10, 0, 59, 999_999, UTC), "2026-09-23 10:00:59"),
        ("subject", "CN=\x1b[31m\n", r"CN=\x1b[31m\n"),
        ("subject", "x" * 1_000_000, "x" * (LONGEST - 1) + "…"),
    ],
)
def test_a_value_as_text(column: str, value: Any, text: str) -> None:
    assert text_of(column, value) == text


def test_a_value_may_be_whole_and_still_does_nothing() -> None:
    assert text_of("subject", "x" * 10_000 + "\x1b", None) == "x" * 10_000 + r"\x1b"


def test_headers_numbers_and_what_is_missing() -> None:
    table = pd.DataFrame(
        {
            "last_elb": pd.Series(["a", None], dtype="category"),
            "n": pd.array([1, None], dtype="Int64"),
            "rate": [0.5, float("nan")],
            "at": [pd.Timestamp("2026-09-23T10:00Z"), pd.NaT],
            "seen": [True, False],
        }
    )
    assert [header_of(name) for name in ("last_elb", "a\x1b_b", 7)] == ["last elb", r"a\x1b b", "7"]
    assert [is_number(table[name]) for name in table] == [False, True, True, False, False]
    assert list(rows_of(table))[1] == (None, None, None, None, False)
