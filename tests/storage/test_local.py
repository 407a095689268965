"""A disk: a file is there whole or not at all, and nobody's file is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from albconn.errors import DatasetError
from albconn.storage.faults import ConflictError
from albconn.storage.local import LocalStore

PART = "connections/date=2026-09-23/part-1.parquet"


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(str(tmp_path / "out"))


def test_a_staged_file_is_seen_when_it_is_published(store: LocalStore) -> None:
    store.stage(PART, b"one")
    assert store.sizes("connections") == {}
    assert store.staged() == [f"staging/{PART}"]
    store.publish([PART])
    assert store.sizes("connections") == {PART: 3}
    assert store.read_many([PART, PART]) == [b"one", b"one"]
    store.stage(PART, b"two")
    with pytest.raises(FileExistsError):
        store.publish([PART])
    assert store.read(PART) == b"one"


def test_what_is_staged_or_half_written_is_discarded(store: LocalStore) -> None:
    store.stage(PART, b"one")
    store.create("lock.json", b"{}")
    half = store.root / ".lock.json.0123abcd.half"
    half.write_bytes(b"{")
    assert store.names() == ["lock.json", "staging"]
    store.discard()
    assert (store.names(), store.staged(), half.exists()) == (["lock.json"], [], False)


def test_where_nothing_was_written_nothing_is_discarded(tmp_path: Path) -> None:
    LocalStore(str(tmp_path / "nowhere")).discard()
    assert not (tmp_path / "nowhere").exists()


def test_conditional_writes(store: LocalStore) -> None:
    store.create("manifest/1.json", b"one")
    with pytest.raises(FileExistsError):
        store.create("manifest/1.json", b"other")
    content, version = store.version("manifest/1.json")
    assert content == b"one"
    newer = store.replace("manifest/1.json", b"two", version)
    for path, stale in (("manifest/1.json", version), ("manifest/2.json", version)):
        with pytest.raises(ConflictError):
            store.replace(path, b"three", stale)
        with pytest.raises(ConflictError):
            store.remove(path, stale)
    assert store.read("manifest/1.json") == b"two"
    store.remove("manifest/1.json", newer)
    assert store.sizes("manifest") == {}
    assert list(store.root.rglob("*.half")) == []


def test_a_dates_folder_goes_with_its_last_part(store: LocalStore) -> None:
    for path in (PART, PART.replace("-1.", "-2.")):
        store.stage(path, b"x")
        store.publish([path])
    store.delete([PART, "connections/nothing"])
    assert (store.root / PART).parent.exists()
    store.delete([PART.replace("-1.", "-2.")])
    assert not (store.root / PART).parent.exists()
    assert (store.root / "connections").exists()


def test_of_nothing_there_is_nothing(store: LocalStore) -> None:
    assert (store.names(), store.sizes("connections"), store.staged()) == ([], {}, [])
    with pytest.raises(FileNotFoundError):
        store.read("lock.json")
    assert not store.root.exists()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux's /proc")
def test_where_no_folder_can_be_is_said_and_is_no_other_writer() -> None:
    with pytest.raises(DatasetError) as caught:
        LocalStore("/proc/no-folder").create("lock.json", b"x")
    assert str(caught.value) == ("/proc/no-folder: no folder can be made there; give another place")
