"""Any bytes become rows, rejected lines and damage that add up; ``make fuzz`` goes on from here."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from tests.logs.bytes.packing import WAYS
from tests.whole.fuzz_reader import prove, prove_lines, seeds
from worlds import strategies

FOUND = Path(__file__).parents[1] / "data" / "fuzz"  # what fuzzing has found, once each


@pytest.mark.parametrize("way", WAYS)
def test_what_fuzzing_begins_with(way: str) -> None:
    for name, stored in seeds():
        if name.rpartition("-")[0] == way:
            prove(stored)


@pytest.mark.parametrize("path", sorted(FOUND.iterdir()), ids=lambda path: path.name)
def test_what_fuzzing_has_found(path: Path) -> None:
    prove(path.read_bytes())


@settings(max_examples=60, deadline=None)
@given(strategies.texts(), st.sampled_from(sorted(WAYS)), st.data())
def test_lines_packed_and_damaged(content: bytes, way: str, sampled: st.DataObject) -> None:
    text = content.decode("utf-8", "replace").encode()
    stored = bytearray(WAYS[way](text))
    for _ in range(sampled.draw(st.integers(0, 2))):
        if stored:
            at = sampled.draw(st.integers(0, len(stored) - 1))
            stored[at] ^= 1 << sampled.draw(st.integers(0, 7))
    prove(bytes(stored[: sampled.draw(st.integers(0, 2 * len(stored)))]))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(stored: bytes) -> None:
    prove(stored)


@settings(max_examples=60, deadline=None)
@given(st.lists(strategies.lines, max_size=60))
def test_any_lines(lines: list[bytes]) -> None:
    prove_lines(b"\n".join(lines))
