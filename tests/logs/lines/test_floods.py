"""Blank and short lines are set apart as one by one, however many they are."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from albconn.logs.lines import floods
from albconn.logs.lines.floods import is_flood, set_apart
from tests.logs.lines.legacy import LAYOUT, parse_block
from worlds import plain
from worlds.lines import line

GOOD = line("2026-09-23T07:11:27.691358Z").encode()
ALL = frozenset(LAYOUT.columns)
_SOME = st.sampled_from(
    [b"", b" ", b"\r", b" \r", b"\t\x0b\x0c", b"a", b"a\r", b"a b c", b" " * 10 + b"x", GOOD,
     b" ".join([b"a"] * 10), b" ".join([b"a"] * 11), b"\xff" * 30, GOOD + b"\r", b"\0", b"\rx"]
)  # fmt: skip


@pytest.mark.parametrize("slice_bytes", [1, 7, 1 << 16])
def test_a_slice_ends_where_a_line_ends(slice_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floods, "_SLICE_BYTES", slice_bytes)
    lines = [b"", b"a", GOOD, b"", b"b c", GOOD[:-1], b"\r", b"d\r"]
    text = b"".join(each + b"\n" for each in lines)
    apart = set_apart(text, np.arange(10, 10 + len(lines)), LAYOUT)
    assert apart.rest == GOOD + b"\n" + GOOD[:-1] + b"\n"
    assert apart.lines.tolist() == [12, 15]
    assert apart.short.places.tolist() == [11, 14, 17]
    spans = zip(apart.short.starts, apart.short.ends, strict=True)
    assert [text[start:end] for start, end in spans] == [b"a", b"b c", b"d"]


@settings(max_examples=150, deadline=None)
@given(st.lists(_SOME, max_size=60), st.integers(1, 40))
def test_a_flood_is_read_as_line_by_line(lines: list[bytes], times: int) -> None:
    text = b"\n" + b"".join(each + b"\n" for each in lines) * times
    parsed = parse_block(text, columns=ALL)
    records, rejected = plain.read_text(text)
    assert [n + 1 for n in parsed.lines.tolist()] == list(records)
    assert [(bad.place + 1, bad.raw) for bad in parsed.rejected] == list(rejected.items())


def test_what_is_a_flood() -> None:
    assert is_flood(21 * 1000, 1000, LAYOUT)
    assert not is_flood(22 * 1000, 1000, LAYOUT)  # eleven fields of one byte, and a newline
    assert not is_flood(0, 0, LAYOUT)


@pytest.mark.parametrize("piece", [b"\n", b"a\n", b"\r\n", b" \n", GOOD + b"\n" + b"\n" * 9000])
def test_four_megabytes_take_no_second(piece: bytes) -> None:
    """They took half a minute, and more each time that they were twice as many."""
    text = piece * (4_000_000 // len(piece))
    began = time.process_time()
    parsed = parse_block(text, columns=ALL)
    assert time.process_time() - began < 2
    assert len(parsed.lines) == text.count(GOOD)
    assert len(parsed.rejected) == (2_000_000 if piece == b"a\n" else 0)
