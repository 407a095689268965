"""Rejected lines in the order of their places, told when they are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from albconn.logs.lines.rejections import Found, Rejected, collected, why_rejected
from tests.logs.lines.legacy import LAYOUT
from worlds.lines import line

BAD = line("2026-09-23T07:11:27.691358Z").replace(" 443 ", " abc ").encode()


def found(text: bytes, places: list[int], reasons: list[str], spans: list[int]) -> Found:
    starts, ends = np.array(spans[::2]), np.array(spans[1::2])
    return Found(text, np.array(places), reasons, starts, ends)


def test_lines_of_several_texts() -> None:
    made = collected(
        [
            found(b"x yy", [5, 7], ["too few fields"], [0, 1, 2, 4]),
            found(b"|" + BAD, [6], ["listener_port is not a port"], [1, 1 + len(BAD)]),
        ],
        LAYOUT,
    )
    assert made.places.tolist() == [5, 6, 7]
    assert [made.reasons[code] for code in made.codes] == [line.reason for line in made]
    assert list(made) == [
        Rejected(
            5, "too few fields", "1", "fields: 1 found; expected at least 11", b"x"
        ),
        Rejected(
            6, "listener_port is not a port", "abc",
            "listener_port: 'abc' is not a port; expected 0–65535", BAD,
        ),
        Rejected(
            7, "too few fields", "1", "fields: 1 found; expected at least 11", b"yy"
        ),
    ]  # fmt: skip


def test_no_line() -> None:
    assert list(collected([], LAYOUT)) == []


def test_a_line_that_is_a_row_was_not_rejected() -> None:
    with pytest.raises(AssertionError, match="a fast reader rejected a line that is a row"):
        why_rejected(BAD.replace(b"abc", b"443"), LAYOUT)
