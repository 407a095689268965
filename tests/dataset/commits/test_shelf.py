"""Pages are read once, proven, and asked for again where they were replaced meanwhile."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from albconn import DatasetError
from albconn.dataset.commits.checkpoint import Page
from albconn.dataset.commits.pages import PARTS
from albconn.dataset.commits.shelf import PAGES_KEPT, MissingPageError, Shelf, again_if_replaced
from albconn.storage.local import LocalStore
from albconn.storage.store import open_dest
from tests.dataset.commits.records import part


def page(root: Path, n: int = 1) -> Page:
    content = PARTS.encode(PARTS.rows([part(n)]))
    path = f"ledger/connections/parts-2026-09-{n:08d}-0a1b2c3d.pq"
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content)
    return Page(path, hashlib.sha256(content).hexdigest(), 1)


def test_a_page_is_read_once_and_only_the_last_ones_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, read = open_dest(tmp_path), list[str]()
    whole = LocalStore.read
    monkeypatch.setattr(LocalStore, "read", lambda s, path: read.append(path) or whole(s, path))
    shelf = Shelf(store)
    pages = [page(tmp_path, n) for n in range(PAGES_KEPT + 1)]
    for _ in range(2):
        assert list(shelf.entries(PARTS, pages[:1])) == [part(0)]
    assert read == [pages[0].path]
    assert len(list(shelf.entries(PARTS, pages[1:]))) == PAGES_KEPT
    shelf.content(pages[0])
    assert read.count(pages[0].path) == 2
    shelf.put(pages[1].path, b"written just now")
    assert shelf.content(pages[1]) == b"written just now"


def test_a_missing_or_changed_page_is_named(tmp_path: Path) -> None:
    shelf, wanted = Shelf(open_dest(tmp_path)), page(tmp_path)
    (tmp_path / wanted.path).write_bytes(b"x")
    with pytest.raises(DatasetError, match=rf"{wanted.path} is not what was written \(checksum"):
        shelf.content(wanted)
    (tmp_path / wanted.path).unlink()
    with pytest.raises(MissingPageError, match=f"{wanted.path} is missing, a page of the ledger"):
        shelf.content(wanted)


def test_a_reader_begins_anew_a_few_times() -> None:
    def ask() -> int:
        asked.append(1)
        if len(asked) < times:
            raise MissingPageError("gone")
        return len(asked)

    for times in (1, 2, 5):
        asked: list[int] = []
        assert again_if_replaced(ask) == times
    asked, times = [], 6
    with pytest.raises(MissingPageError):
        again_if_replaced(ask)
