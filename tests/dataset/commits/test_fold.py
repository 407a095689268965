"""A fold says exactly what the records that it stands for say."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from albconn import DatasetError
from albconn.dataset.commits.fold import FOLD_AT, SMALL_RECORDS, commit_fold, fold, foldable
from albconn.dataset.commits.layout import batch_name, record_path
from albconn.dataset.commits.ledger import State, load_state, sum_up
from albconn.dataset.commits.lock import Lock
from albconn.dataset.commits.record import Part, Record, RejectedFile, SourceEntry
from albconn.dataset.compacting import compact
from albconn.logs.find.selection import Selection
from albconn.storage.store import open_dest

DAY = datetime(2026, 9, 23, tzinfo=UTC)
PRIVACY = {"client_ip": "keep", "client_ip_key": None, "drop_columns": []}


def history(seed: int, length: int = 14) -> list[Record]:
    """Return records as runs of convert, --refresh and compact would leave them."""
    chance = random.Random(seed)
    parts: list[Part] = []
    records = []
    for n in range(length):
        urls = chance.sample([f"s3://logs/{letter}" for letter in "abcdef"], 3)
        hour = chance.randrange(24)
        slice_of_day = Selection(
            start=DAY + timedelta(hours=hour), end=DAY + timedelta(hours=hour + 1)
        )
        removes = chance.sample(parts, chance.randrange(min(len(parts), 3) + 1))
        added = [
            Part(f"connections/date=2026-09-23/part-{n:08d}-0-{k:04d}.parquet", k + 1, 10, "", 0, n)
            for k in range(chance.randrange(3))
        ]
        kept = RejectedFile(f"rejected/{n:08d}.jsonl", 1, 10, "")
        parts = [p for p in parts if p not in removes] + added
        records.append(
            Record(
                batch=batch_name(n),
                privacy=PRIVACY,
                coverages=((slice_of_day,), (Selection(),)),
                sources=tuple(
                    SourceEntry(
                        u, n, f"e{n}", 10, 9, 1, chance.randrange(9), None, chance.randrange(2)
                    )
                    for u in urls
                ),
                parts=tuple(added),
                rejected=(kept,) if chance.random() < 0.5 else (),
                replaces=tuple(chance.sample(urls, chance.randrange(3))),
                removes=tuple(p.path for p in removes),
                created="2026-09-23T00:00:00+00:00",
            )
        )
    return records


def told(state: State | None) -> tuple[object, ...]:
    """Return a state as a reader sees it; in which order selections were made is no matter."""
    assert state is not None
    held = state.of("connections")
    sources = {
        url: (known.source._replace(written=0, coverage=0), known.written, known.extent)
        for url, known in held.sources.items()
    }
    return held.privacy, sources, held.parts, held.rejected


@pytest.mark.parametrize("seed", range(25))
def test_a_fold_of_the_newest_is_what_they_add_up_to(seed: int) -> None:
    records = history(seed)
    cut = seed % len(records)
    folded = fold(records[cut:], batch_name(len(records)))
    assert folded.folds == tuple(record.batch for record in records[cut:])
    again = Record.from_json(folded.to_json(), "here")
    expected = told(sum_up(records))
    assert told(sum_up([*records[:cut], again])) == expected
    assert told(sum_up([*records, again])) == expected  # died before those were deleted


@pytest.mark.parametrize("seed", range(5))
def test_folds_of_folds(seed: int) -> None:
    records = history(seed)
    inner = fold(records[4:10], "00000010")
    later = [Record(**{**vars(r), "batch": batch_name(int(r.batch) + 5)}) for r in records[10:]]
    outer = fold([inner, *later], "00000030")
    assert told(sum_up([*records[:4], outer])) == told(sum_up(records))


def test_few_are_left_alone_and_large_ones_are_not_rewritten() -> None:
    small = {record_path(batch_name(n)): 400 for n in range(FOLD_AT - 1)}
    assert foldable(small) == []
    large = {record_path(batch_name(n)): 100 * SMALL_RECORDS for n in (100, 101)}
    newer = {record_path(batch_name(n)): 300 for n in range(102, 120)}
    assert foldable({**small, **large, **newer}) == sorted(newer)
    # When the newer ones together are as large, one more is worth rewriting.
    heavy = {record_path(batch_name(n)): SMALL_RECORDS for n in range(102, 210)}
    assert foldable({**small, **large, **heavy}) == sorted({**small, **large, **heavy})
    assert foldable({**newer, "manifest/.half": 1}) == sorted(newer)


def test_every_entry_is_rewritten_a_few_times_in_its_life() -> None:
    """A year of runs every five minutes, compacted daily, at 300 bytes for each of 2 sources."""
    sizes: dict[str, int] = {}
    rewritten = number = 0
    for _ in range(365):
        for _ in range(288):
            number += 1
            sizes[record_path(batch_name(number))] = 900
        chosen = foldable(sizes)
        number += 1
        total = sum(sizes.pop(path) for path in chosen)
        sizes[record_path(batch_name(number))] = total
        rewritten += total
    assert rewritten < 12 * 365 * 288 * 900
    assert len(sizes) < 12


def test_on_disk(tmp_path: Path) -> None:
    store = open_dest(tmp_path)
    records = [Record(batch=batch_name(n), privacy=PRIVACY) for n in range(9)]
    for record in records:
        store.create(record_path(record.batch), record.to_json())
    assert compact(tmp_path).records_folded == 9
    assert sorted(store.sizes("manifest")) == [record_path(batch_name(9))]
    state = load_state(store)
    assert state is not None
    assert state.last_batch == 9


def test_a_number_that_is_taken(tmp_path: Path) -> None:
    store = open_dest(tmp_path)
    record = Record(batch=batch_name(0), privacy=PRIVACY)
    store.create(record_path(record.batch), record.to_json())
    other = fold([record], batch_name(1))
    store.create(record_path(other.batch), b"of another writer")
    with Lock(store) as lock, pytest.raises(DatasetError, match="another writer came in between"):
        commit_fold(store, lock, other)
    assert len(store.sizes("manifest")) == 2


def test_nothing_to_fold() -> None:
    with pytest.raises(DatasetError, match="give at least one, and all of one table"):
        fold([], batch_name(0))
