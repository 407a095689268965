"""Folded or not, records add up to the same; and a fold costs what the folded records touched."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from albconn import DatasetError
from albconn.dataset.commits.commit import commit
from albconn.dataset.commits.fold import fold
from albconn.dataset.commits.layout import batch_name, part_path, record_path, rejected_path
from albconn.dataset.commits.ledger import State, load_state, require_state
from albconn.dataset.commits.lock import Lock
from albconn.dataset.commits.record import Part, Record, RejectedFile, SourceEntry
from albconn.dataset.commits.shelf import Shelf
from albconn.logs.find.selection import Selection
from albconn.storage.store import Store, open_dest
from worlds.trees import log_path

DAY = datetime(2026, 9, 23, tzinfo=UTC)
PRIVACY = {"client_ip": "keep", "client_ip_key": None, "drop_columns": []}
URLS = [
    *(f"/logs/{log_path(Path(), f'202609{day}T1005Z', n=n)}" for day in (23, 24) for n in range(2)),
    "/logs/renamed.log.gz",
    "s3://logs/elsewhere.gz",
    "no-folder",
]


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what makes files survive a power cut; hundreds of commits are slow with it."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


def history(seed: int, length: int = 14) -> list[Record]:
    """Return records as runs of convert, --refresh and compact would leave them."""
    chance = random.Random(seed)
    parts: list[Part] = []
    kept: list[RejectedFile] = []
    return [_record(chance, n, parts, kept) for n in range(length)]


def _record(chance: random.Random, n: int, parts: list[Part], kept: list[RejectedFile]) -> Record:
    urls = chance.sample(URLS, 3)
    hour = chance.randrange(24)
    slice_of_day = Selection(start=DAY + timedelta(hours=hour), end=DAY + timedelta(hours=hour + 1))
    removes = [gone.path for gone in chance.sample(parts, chance.randrange(min(len(parts), 3) + 1))]
    removes += [gone.path for gone in kept if chance.random() < 0.2]
    days = ["2026-09-23", "2026-10-01", "0001-01-01"]
    added = [
        Part(
            part_path("connections", chance.choice(days), batch_name(n), f"aa-{k:04d}"),
            k + 1, 10, f"{n:064x}", 0, n,
        )
        for k in range(chance.randrange(3))
    ]  # fmt: skip
    lines = [RejectedFile(rejected_path(batch_name(n)), 1, 10, f"{n:064x}")] * (n % 2)
    parts[:] = [p for p in parts if p.path not in removes] + added
    kept[:] = [k for k in kept if k.path not in removes] + lines
    sources = tuple(
        SourceEntry(
            url, n, f"e{n}", 10, 9, 1, chance.randrange(9), chance.choice([None, "cut"]),
            chance.randrange(2),
        )
        for url in urls
    )  # fmt: skip
    return Record(
        batch=batch_name(n),
        privacy=PRIVACY,
        coverages=((slice_of_day,), (Selection(),)),
        sources=sources,
        parts=tuple(added),
        rejected=tuple(lines),
        replaces=tuple(chance.sample(urls, chance.randrange(3))),
        removes=tuple(removes),
    )


def plain_sum(records: list[Record]) -> dict[str, Any]:
    """Return what records add up to, by the words of their definition."""
    sources: dict[str, tuple[Any, ...]] = {}
    files: dict[str, Any] = {}
    for record in records:
        for gone in (*record.replaces, *record.removes):
            sources.pop(gone, None)
            files.pop(gone, None)
        for s in record.sources:
            written, selections = sources.get(s.url, (0, set()))[:2]
            facts = (s.size, s.etag, s.lines, s.rows, s.rejected, s.damage)
            asked = {*selections, *record.coverages[s.coverage]}
            sources[s.url] = (written + s.written, asked, facts)
        files.update((file.path, file) for file in (*record.parts, *record.rejected))
    facts = [told[2] for told in sources.values()]
    totals = (
        len(facts),
        *(sum(fact[place] for fact in facts) for place in (2, 3, 4)),
        sum(fact[5] is not None for fact in facts),
        sum(fact[0] for fact in facts),
    )
    return {"sources": {url: (t[0], t[2]) for url, t in sources.items()}, "files": files,
            "totals": totals}  # fmt: skip


def told(state: State) -> dict[str, Any]:
    """Return a state as ``plain_sum`` tells it."""
    held = state.of("connections")
    sources = {
        url: (
            known.written,
            (s.size, s.etag, s.lines, s.rows, s.rejected, s.damage),
        )
        for url, known in held.sources.items()
        for s in [known.source]
    }
    return {"sources": sources, "files": {**held.parts, **held.rejected}, "totals": held.totals}


def commit_all(store: Store, records: list[Record], fold_after: set[int]) -> State:
    """Commit records as a writer would, and fold after some of them."""
    with Lock(store) as lock:
        state = State(shelf=Shelf(store))
        for record in records:
            number = state.last_batch + 1
            for path in record.files():
                store.stage(path, b"x")
            commit(store, lock, state, Record(**{**vars(record), "batch": batch_name(number)}))
            if int(record.batch) in fold_after:
                fold(store, lock, state)
    return state


@pytest.mark.parametrize("seed", range(12))
def test_folded_anywhere_they_add_up_to_the_same(seed: int, tmp_path: Path) -> None:
    records = history(seed)
    folds = set(random.Random(seed).sample(range(len(records)), seed % 5))
    store = open_dest(tmp_path)
    mine = commit_all(store, records, folds)
    expected = plain_sum(records)
    assert told(mine) == expected
    assert told(require_state(store)) == expected
    for day in (date(2026, 9, 23), date(2026, 9, 24)):
        between = mine.of("connections").sources_between(day, day)
        urls = {known.source.url for known in between}
        assert {url for url in expected["sources"] if f"/{day:%Y/%m/%d}/" in url} <= urls


@pytest.mark.parametrize("seed", range(3))
def test_extents_survive(seed: int, tmp_path: Path) -> None:
    """Which selections were asked for is as it would be without pages."""
    records = history(seed)
    unfolded = commit_all(open_dest(tmp_path / "a"), records, set())
    folded = commit_all(open_dest(tmp_path / "b"), records, {3, 8, 13})
    one, other = (s.of("connections").sources for s in (unfolded, folded))
    assert {u: set(k.extent) for u, k in one.items()} == {
        u: set(k.extent) for u, k in other.items()
    }


def test_a_fold_rewrites_only_the_pages_that_it_touches(tmp_path: Path) -> None:
    store = open_dest(tmp_path)
    records = history(1)
    commit_all(store, records[:9], {8})
    before = set(store.sizes("ledger"))
    assert len(store.sizes("manifest")) == 2  # the checkpoint and the head
    url = URLS[0]
    late = Record(
        batch=batch_name(10), privacy=PRIVACY, sources=(SourceEntry(url, 1, "e", 9, 9, 0, 9),)
    )
    state = require_state(store)
    with Lock(store) as lock:
        commit(store, lock, state, late)
        assert fold(store, lock, state) == 1
    fresh = set(store.sizes("ledger")) - before
    assert [Path(path).name.rpartition("-2026-09-23-")[0] for path in fresh] == ["sources"]
    assert before <= set(store.sizes("ledger"))  # who opened it before may still read them
    assert load_state(store) is not None
    with Lock(store) as lock:
        commit(store, lock, state, Record(**{**vars(late), "batch": batch_name(12)}))
        fold(store, lock, state)
    retired = state.of("connections").index.pages()
    assert len(set(store.sizes("ledger"))) == len(before) + 1
    assert {page.path for page in retired} <= set(store.sizes("ledger"))


def test_a_number_that_is_taken(tmp_path: Path) -> None:
    store = open_dest(tmp_path)
    state = commit_all(store, history(0)[:1], set())
    store.create(record_path(batch_name(1)), b"of another writer")
    with Lock(store) as lock, pytest.raises(DatasetError, match="another writer came in between"):
        fold(store, lock, state)
    assert len(store.sizes("manifest")) == 3
