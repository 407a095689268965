"""The measurement of broken files in small: it counts all of them, and sees a silent one."""

from __future__ import annotations

import pytest

from benchmarks import broken
from benchmarks.broken import Broken, cuts, flips


def test_every_cut_is_marked() -> None:
    found = cuts(60)
    assert found.files >= 60
    assert (found.whole, found.silent) == (0, 0)


def test_every_flipped_bit_is_marked_or_means_nothing() -> None:
    found = flips(120)
    assert found.files >= 120
    assert found.silent == 0
    assert found.marked > found.whole


def test_a_reader_that_says_nothing_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    stored, ports = broken._world(1)
    monkeypatch.setattr(broken, "_world", lambda members: (stored, ports[:-1]))
    assert broken._judge([stored]) == Broken(1, 0, 0, 1)
