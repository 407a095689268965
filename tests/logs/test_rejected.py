"""However many lines are rejected, all are counted, and what is told of them is bounded."""

from __future__ import annotations

import random

import numpy as np
import pytest

from albconn.logs import rejected
from albconn.logs.rejected import RejectedLine, RejectedLines, Text, checksum_of

REASONS = ["bad", "worse"]
Lines = dict[int, str]  # reason by number


def take(kept: RejectedLines, file: int, lines: Lines) -> None:
    numbers = np.array(sorted(lines), np.int64)
    codes = np.array([REASONS.index(lines[n]) for n in numbers.tolist()], np.int64)

    def tell(place: int) -> Text:
        number = int(numbers[place])
        return Text(number, lines[number], "v", f"text of {number}")

    kept.add(file, numbers, REASONS, codes, tell)


def chance_lines(seed: int, count: int, most: int) -> Lines:
    chance = random.Random(seed)
    return {n: chance.choice(REASONS) for n in sorted(chance.sample(range(1, most), count))}


def in_blocks(lines: Lines, size: int) -> list[Lines]:
    numbers = list(lines)
    return [{n: lines[n] for n in numbers[at : at + size]} for at in range(0, len(numbers), size)]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, bound in (("TEXTS_PER_FILE", 20), ("TEXTS", 50), ("RUNS_PER_FILE", 10),
                        ("RUNS", 25)):  # fmt: skip
        monkeypatch.setattr(rejected, name, bound)


def expanded(entries: list[RejectedLine]) -> dict[str, int]:
    """Return how many lines each reason has."""
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry.reason] = counts.get(entry.reason, 0) + entry.lines
    return counts


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("count", "most"), [(5, 50), (20, 30), (300, 400), (900, 100_000)])
def test_each_line_is_told_once_whatever_the_order(seed: int, count: int, most: int) -> None:
    lines = chance_lines(seed, count, most)
    blocks = in_blocks(lines, random.Random(seed).choice([1, 7, 50, 2000]))
    random.Random(seed).shuffle(blocks)
    kept = RejectedLines()
    for block in blocks:
        take(kept, 0, block)
    entries = kept.told(["a.log"])
    assert expanded(entries) == {r: c for r in REASONS if (c := list(lines.values()).count(r))}
    texts = [entry for entry in entries if entry.raw_text is not None]
    assert [entry.line_number for entry in texts] == sorted(lines)[:20]
    assert all(entry.raw_text == f"text of {entry.line_number}" for entry in texts)
    placed = [entry for entry in entries if entry.raw_text is None and entry.checksum is None]
    assert len(placed) <= 10
    rest = set(lines) - {entry.line_number for entry in texts}
    for entry in placed:
        span = range(entry.line_number, (entry.last_line or entry.line_number) + 1)
        assert len(span) == entry.lines
        assert all(lines[n] == entry.reason for n in span)
        rest -= set(span)
    sums = [entry for entry in entries if entry.checksum is not None]
    assert sum(entry.lines for entry in sums) == len(rest)
    for entry in sums:
        own = np.array([[n, n] for n in sorted(rest) if lines[n] == entry.reason])
        assert entry.checksum == checksum_of(own)
        assert (entry.line_number, entry.last_line) == (own[0, 0], own[-1, 0])


def test_a_reading_is_bounded_over_all_its_files() -> None:
    kept = RejectedLines()
    for file in range(40):
        for block in in_blocks(chance_lines(file, 200, 5000), 50):
            take(kept, file, block)
    entries = kept.told([f"{n:02}.log" for n in range(40)])
    assert sum(entry.lines for entry in entries) == 8000
    assert sum(entry.raw_text is not None for entry in entries) == 50
    assert sum(entry.raw_text is None and entry.checksum is None for entry in entries) == 25
    assert len(entries) <= 50 + 25 + 2 * 40
    assert [e.source_file for e in entries] == sorted(e.source_file for e in entries)


def test_texts_are_bounded_by_their_size_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejected, "TEXT_BYTES_PER_FILE", 100)  # "text of 1": 9 characters
    kept = RejectedLines()
    asked = []
    numbers, codes = np.arange(1, 16), np.zeros(15, np.int64)
    for block in range(3):
        lines = numbers + 15 * block
        kept.add(0, lines, REASONS, codes, lambda n, lines=lines: (asked.append(1), Text(
            int(lines[n]), "bad", None, "123456789"))[1])  # fmt: skip
    entries = kept.told(["a.log"])
    assert [entry.lines for entry in entries] == [1] * 11 + [34]
    assert sum(asked) == 15  # of what cannot be kept nothing is asked


def test_checksums_tell_places_apart() -> None:
    one = checksum_of(np.array([[1, 1], [5, 6]]))
    assert one == checksum_of(np.array([[5, 5], [1, 1], [6, 6]]))
    assert one != checksum_of(np.array([[2, 3], [7, 7]]))  # same number, sum and sum of squares
    assert checksum_of(np.empty((0, 2), np.int64)) == 0


def test_checksum_of_a_long_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = checksum_of(np.array([[3, 5000]]))
    monkeypatch.setattr(rejected, "_SLICE", 7)
    assert checksum_of(np.array([[3, 5000]])) == whole
