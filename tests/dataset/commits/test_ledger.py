"""Records add up to the state of a dataset, also when folded, and also when there are many."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from albconn import DatasetError
from albconn.dataset.commits.extent import EVERYTHING
from albconn.dataset.commits.layout import batch_name, batch_of_record, day_of_part, record_path
from albconn.dataset.commits.ledger import load_state, sum_up
from albconn.dataset.commits.record import Part, Record, RejectedFile, SourceEntry
from albconn.dataset.privacy import make_privacy
from albconn.logs.find.selection import make_selection
from albconn.storage.store import open_dest

PRIVACY = make_privacy().to_json()
API, SHOP = make_selection(load_balancer="api"), make_selection(load_balancer="shop")


def source(url: str, rows: int = 10, written: int = 10, coverage: int = 0) -> SourceEntry:
    return SourceEntry(url, 100, "etag", rows + 1, rows, 1, written, None, coverage)


def part(batch: int, n: int = 1) -> Part:
    name = f"part-{batch_name(batch)}-aa-{n:04d}.parquet"
    return Part(f"connections/date=2026-09-23/{name}", 10, 1000, "0" * 64, 0, 9)


def record(batch: int, **told: Any) -> Record:
    return Record(batch=batch_name(batch), privacy=PRIVACY, **told)


def test_json_there_and_back() -> None:
    whole = record(
        3,
        coverages=((API,), (API, SHOP)),
        sources=(source("ä.gz"), source("b", coverage=1)),
        parts=(part(3),),
        rejected=(RejectedFile("rejected/00000003.jsonl", 2, 100, "1" * 64),),
        replaces=("b",),
        removes=("rejected/00000001.jsonl",),
        folds=("00000001",),
    )
    assert Record.from_json(whole.to_json(), "here") == whole
    assert whole.files() == [part(3).path, "rejected/00000003.jsonl"]


def test_slices_of_a_source_add_up() -> None:
    state = sum_up(
        [
            record(1, coverages=((API,),), sources=(source("a", written=4),)),
            record(2, coverages=((SHOP,),), sources=(source("a", written=5),)),
        ]
    )
    assert state is not None
    assert state.sources["a"].written == 9
    assert state.sources["a"].extent == (API, SHOP)
    assert state.last_batch == 2


def test_replacing_starts_anew() -> None:
    state = sum_up(
        [
            record(1, coverages=((API,),), sources=(source("a"),), parts=(part(1), part(1, 2))),
            record(
                2,
                coverages=((EVERYTHING,),),
                sources=(source("a", rows=3, written=3),),
                replaces=("a",),
                removes=(part(1).path,),
                parts=(part(2),),
            ),
        ]
    )
    assert state is not None
    assert (state.sources["a"].written, state.sources["a"].extent) == (3, (EVERYTHING,))
    assert state.claims() == {part(1, 2).path, part(2).path}


def test_a_fold_stands_for_what_it_folds_whether_deleted_or_not() -> None:
    first = record(1, coverages=((API,),), sources=(source("a", written=4),), parts=(part(1),))
    second = record(2, coverages=((EVERYTHING,),), sources=(source("b"),), parts=(part(2),))
    fold = record(
        3,
        coverages=((API,), (EVERYTHING,)),
        sources=(source("a", written=4), source("b", coverage=1)),
        parts=(part(3),),
        folds=("00000001", "00000002"),
        removes=(part(1).path, part(2).path),
    )
    for records in ([first, second, fold], [second, fold], [fold]):
        state = sum_up(records)
        assert state is not None
        assert state.claims() == {part(3).path}
        assert state.sources["a"].written == 4
        assert state.sources["b"].extent == (EVERYTHING,)
        assert state.folded == {"00000001", "00000002"}


def test_nothing_is_no_state(tmp_path: Path) -> None:
    assert sum_up([]) is None
    assert load_state(open_dest(tmp_path)) is None
    (tmp_path / "manifest").mkdir()
    (tmp_path / "manifest/.00000001.json.aa.half").write_text("{")
    (tmp_path / "manifest/notes.json").write_text("{")
    assert load_state(open_dest(tmp_path)) is None


def test_records_folded_while_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_dest(tmp_path)
    store.create(record_path(batch_name(1)), record(1, parts=(part(1),)).to_json())
    original, done = store.read, []

    def fold_first(path: str) -> bytes:
        if not done:
            done.append(path)
            fold = record(2, parts=(part(2),), folds=(batch_name(1),))
            store.create(record_path(batch_name(2)), fold.to_json())
            store.delete([record_path(batch_name(1))])
        return original(path)

    monkeypatch.setattr(store, "read", fold_first)
    state = load_state(store)
    assert state is not None
    assert state.claims() == {part(2).path}


def test_a_hundred_thousand_sources_load_fast(tmp_path: Path) -> None:
    store = open_dest(tmp_path)
    url = "s3://bucket/AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2026/09/23/conn_log_"
    for batch in range(50):
        sources = tuple(source(f"{url}{batch}_{n}") for n in range(2000))
        whole = record(batch, coverages=((EVERYTHING,),), sources=sources, parts=(part(batch),))
        store.create(record_path(batch_name(batch)), whole.to_json())
    began = time.perf_counter()
    state = load_state(store)
    assert state is not None
    assert len(state.sources) == 100_000
    assert time.perf_counter() - began < 5


def test_names() -> None:
    assert record_path(batch_name(12)) == "manifest/00000012.json"
    assert batch_of_record("manifest/00000012.json") == "00000012"
    assert batch_of_record("manifest/.00000012.json.aa.half") is None
    assert day_of_part("connections/date=2026-09-23/notes.txt") is None


def test_damaged_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="here: not a commit record"):
        Record.from_json(b"[]", "here")
    with pytest.raises(DatasetError, match="here: not a commit record"):
        Record.from_json(record(1).to_json().replace(b'"parts"', b'"pieces"'), "here")
