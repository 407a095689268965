"""Records add up to the state of a dataset, also when folded, and also when there are many."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from albconn.dataset.commits.chain import that_count
from albconn.dataset.commits.layout import batch_name, record_path
from albconn.dataset.commits.ledger import State, load_state, sum_up
from albconn.logs.find.selection import EVERYTHING
from albconn.storage.store import open_dest
from tests.dataset.commits.records import API, SHOP, part, record, source


def test_slices_of_a_source_add_up() -> None:
    state = sum_up(
        [
            record(1, coverages=((API,),), sources=(source("a", written=4),)),
            record(2, coverages=((SHOP,),), sources=(source("a", written=5),)),
        ]
    )
    assert state.of("connections").sources["a"].written == 9
    assert state.of("connections").sources["a"].extent == (API, SHOP)
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
    assert (
        state.of("connections").sources["a"].written,
        state.of("connections").sources["a"].extent,
    ) == (3, (EVERYTHING,))
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
        state = sum_up(that_count(records))
        assert state.claims() == {part(3).path}
        assert state.of("connections").sources["a"].written == 4
        assert state.of("connections").sources["b"].extent == (EVERYTHING,)
        assert state.superseded == [record_path("00000001"), record_path("00000002")]


def test_nothing_is_no_state(tmp_path: Path) -> None:
    assert sum_up([]) == State()
    assert load_state(open_dest(tmp_path)) is None
    (tmp_path / "manifest").mkdir()
    (tmp_path / "manifest/.00000001.json.aa.half").write_text("{")
    (tmp_path / "manifest/notes.json").write_text("{")
    assert load_state(open_dest(tmp_path)) is None


def test_records_folded_while_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_dest(tmp_path)
    first = record(0, parts=(part(0),), format=1)
    store.create(record_path(batch_name(0)), first.to_json())
    original, done = store.read, []

    def fold_first(path: str) -> bytes:
        if not done:
            done.append(path)
            fold = record(1, parts=(part(2),), folds=(batch_name(0),), format=1)
            store.create(record_path(batch_name(1)), fold.to_json())
            store.delete([record_path(batch_name(0))])
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
        given = {"coverages": ((EVERYTHING,),), "sources": sources, "parts": (part(batch),)}
        whole = record(batch, format=1, **given)
        store.create(record_path(batch_name(batch)), whole.to_json())
    began = time.perf_counter()
    state = load_state(store)
    assert state is not None
    assert len(state.of("connections").sources) == 100_000
    assert time.perf_counter() - began < 5
