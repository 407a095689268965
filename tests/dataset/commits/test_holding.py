"""What is held of a table is found page by page, and only the pages in question are read."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from albconn.dataset.commits.commit import commit
from albconn.dataset.commits.fold import fold
from albconn.dataset.commits.holding import Holding, Match
from albconn.dataset.commits.layout import part_path
from albconn.dataset.commits.ledger import State, require_state
from albconn.dataset.commits.lock import Lock
from albconn.dataset.commits.record import Part
from albconn.dataset.commits.shelf import Shelf
from albconn.storage.local import LocalStore
from albconn.storage.store import open_dest
from tests.dataset.commits.records import record, source
from worlds.trees import log_path

DAYS = 6
START = datetime(2026, 9, 28, tzinfo=UTC)  # so that there are two months


def url(day: int, root: str = "/logs", n: int = 0) -> str:
    return str(log_path(Path(root), f"{START + timedelta(day):%Y%m%d}T1005Z", n=n))


def part_of(day: int) -> Part:
    moment = START + timedelta(day)
    first = int(moment.timestamp()) * 1_000_000
    path = part_path("connections", f"{moment:%Y-%m-%d}", "00000001", f"aa-{day:04d}")
    return Part(path, 10, 1000, "0" * 64, first, first + 3_600_000_000)


@pytest.fixture
def held(tmp_path: Path) -> Holding:
    """Six days on pages, one of them removed and one added since."""
    store = open_dest(tmp_path)
    parts = tuple(map(part_of, range(DAYS)))
    with Lock(store) as lock:
        state = State(shelf=Shelf(store))
        for path in (each.path for each in parts):
            store.stage(path, b"x")
        sources = tuple(source(url(day)) for day in range(DAYS))
        commit(store, lock, state, record(0, sources=sources, parts=parts))
        fold(store, lock, state)
        late = (source(url(2, n=1)), source(url(0), rows=20))
        commit(store, lock, state, record(2, sources=late, replaces=(url(0), url(5))))
        commit(store, lock, state, record(3, removes=(parts[3].path,)))
    return require_state(store).of("connections")


@pytest.fixture
def pages_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    read, whole = list[str](), LocalStore.read

    def seen(store: LocalStore, path: str) -> bytes:
        read.extend([path] if path.startswith("ledger/") else [])
        return whole(store, path)

    monkeypatch.setattr(LocalStore, "read", seen)
    return read


def told(matches: list[Match]) -> dict[str, tuple[int | None, str | None]]:
    return {m.url: (m.known and m.known.source.rows, m.twin and m.twin.source.url) for m in matches}


def test_sources_are_looked_for_on_the_pages_of_their_days(
    held: Holding, pages_read: list[str]
) -> None:
    asked = [url(1), url(1, n=9), url(1, "/moved"), url(9), "renamed.gz"]
    assert told(list(held.matched(asked))) == {
        url(1): (10, None),
        url(1, n=9): (None, None),
        url(1, "/moved"): (None, url(1)),
        url(9): (None, None),
        "renamed.gz": (None, None),
    }
    assert [Path(path).name[:18] for path in pages_read] == ["sources-2026-09-29"]


def test_what_records_changed_since_counts(held: Holding) -> None:
    asked = [url(0), url(2), url(2, n=1), url(5), url(5, "/moved"), url(2, "/moved", n=1)]
    assert told(list(held.matched(asked))) == {
        url(0): (20, None),  # replaced
        url(2): (10, None),
        url(2, n=1): (10, None),  # added
        url(5): (None, None),  # replaced by nothing
        url(5, "/moved"): (None, None),
        url(2, "/moved", n=1): (None, url(2, n=1)),
    }
    assert held.sources.keys() == {*(url(day) for day in range(DAYS - 1)), url(2, n=1)}
    assert held.totals.files == 6
    assert held.totals.rows == 20 + 10 * 5


def test_sources_of_days(held: Holding, pages_read: list[str]) -> None:
    first = date(2026, 9, 29)
    between = {known.source.url for known in held.sources_between(first, first)}
    assert {url(1)} <= between <= {url(1), url(0), url(2, n=1)}
    assert len(pages_read) == 1


def test_parts_of_a_time_range_against_asking_each(held: Holding) -> None:
    there = [part_of(day) for day in range(DAYS) if day != 3]
    moments = [None, *(START + timedelta(hours=12 * n) for n in range(-1, 2 * DAYS + 1))]
    for start, end in itertools.product(moments, moments):
        low, high = (m and int(m.timestamp()) * 1_000_000 for m in (start, end))
        expected = [
            each
            for each in there
            if (low is None or each.last >= low) and (high is None or each.first < high)
        ]
        assert held.parts_between(start, end) == expected, (start, end)


def test_a_days_parts_are_on_one_page(held: Holding, pages_read: list[str]) -> None:
    held.parts_between(START, START + timedelta(hours=1))
    assert [Path(path).name[:13] for path in pages_read] == ["parts-2026-09"]
