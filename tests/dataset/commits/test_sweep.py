"""What a crash left is swept away; what only looks like it is not."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import albconn.dataset.converting.convert as converting
from albconn import DatasetError, LineError, convert
from albconn.dataset import check
from albconn.dataset.commits.layout import LOCK, UNFINISHED, batch_name, rejected_path
from albconn.dataset.compacting import compact
from albconn.storage.local import LocalStore
from tests.dataset.on_disk import fingerprint, part_files, rows_on_disk
from worlds.lines import line
from worlds.trees import log_path, write_log

STEPS = 13  # changes that a run of one file makes that folds
EXPIRED = '{"expires":"2026-09-23T10:02:00+00:00"}'


@pytest.fixture
def dest(logs: Path, tmp_path: Path) -> Path:
    convert(logs, tmp_path / "out")
    return tmp_path / "out"


def leave(dest: Path, batch: int) -> list[Path]:
    """Leave what a run of that batch may leave, wherever it dies."""
    name, part = batch_name(batch), part_files(dest)[0]
    left = [
        part.with_name(f"part-{name}-deadbeef-0001.parquet"),
        dest / f"connections/date=2026-01-01/part-{name}-deadbeef-0002.parquet",
        dest / f"ledger/connections/sources-2026-09-23-{name}-deadbeef.pq",
    ]
    left += [dest / rejected_path(name)] if batch > 1 else []
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
    return left


def test_leftovers_of_a_crash_are_removed(logs: Path, dest: Path) -> None:
    leftovers = [
        *leave(dest, 2),
        *leave(dest, 1),  # of another attempt
        dest / "manifest/.00000002.json.deadbeef.half",
        dest / ".lock.json.deadbeef.half",
        dest / "staging/connections/date=2026-09-23/part-00000002-deadbeef-0003.parquet",
    ]
    own = dest / "rejected/notes.txt"
    for path in (*leftovers, own):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
    (dest / LOCK).write_text(EXPIRED)
    assert any("the next convert removes it" in fault for fault in check(dest).faults)
    assert convert(logs, dest).files == 0
    assert not [path for path in leftovers if path.exists()]
    assert own.exists()
    assert not (dest / "staging").exists()
    assert check(dest, logs).faults == ()


def test_files_beyond_the_newest_record_are_kept_where_no_run_was_interrupted(
    logs: Path, dest: Path
) -> None:
    """Their record was lost, with the head: a backup of manifest/ that is older than they are."""
    strays = leave(dest, 2)
    told = [fault for fault in check(dest).faults if "a commit record was lost" in fault]
    assert len(told) == len(strays)
    before = fingerprint(dest)
    assert convert(logs, dest).files == 0
    with pytest.raises(DatasetError, match="no run was interrupted: a commit record was lost"):
        compact(dest)
    after = fingerprint(dest)
    assert {p: s for p, s in after.items() if p != str(dest)} == {
        p: s for p, s in before.items() if p != str(dest)
    }
    write_log(log_path(logs, "20260925T1005Z"), [line("2026-09-25T10:00:00.000000Z")])
    for _ in range(2):  # a refusal is no crash: it does not make the next run sweep
        with pytest.raises(DatasetError):
            compact(dest)
    assert all(path.exists() for path in strays)


def test_a_manifest_older_than_the_parts(logs: Path, dest: Path, tmp_path: Path) -> None:
    """manifest/ restored from a backup: rows of later records are there and nowhere else."""
    shutil.copytree(dest / "manifest", tmp_path / "backup")
    late = write_log(log_path(logs, "20260925T1005Z"), [line("2026-09-25T10:00:00.000000Z")])
    convert(logs, dest)
    shutil.rmtree(dest / "manifest")
    shutil.copytree(tmp_path / "backup", dest / "manifest")
    late.unlink()  # its lifetime was over
    rows = rows_on_disk(dest)
    assert convert(logs, dest).files == 0
    with pytest.raises(DatasetError, match="a commit record was lost"):
        compact(dest)
    assert any("a commit record was lost" in fault for fault in check(dest).faults)
    assert rows_on_disk(dest) == rows
    assert str(late) in {file for file, _ in rows}


def test_an_old_attempt_is_removed_by_compact(dest: Path) -> None:
    strays = leave(dest, 1)
    assert any("the next compact removes it" in fault for fault in check(dest).faults)
    compact(dest)
    assert not [path for path in strays if path.exists()]
    assert check(dest).faults == ()


def test_a_run_that_fails_leaves_a_mark_that_makes_the_next_one_look(
    logs: Path, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(log_path(logs, "20260925T1005Z"), ["no line"])
    with pytest.raises(LineError):
        convert(logs, dest, on_bad_line="raise")
    assert (dest / UNFINISHED).exists()
    assert not (dest / LOCK).exists()
    strays = leave(dest, 2)
    convert(logs, dest)
    assert not (dest / UNFINISHED).exists()
    assert not [path for path in strays if path.exists() and "deadbeef" in path.name]
    assert check(dest, logs).faults == ()


def test_where_not_even_a_mark_can_be_left_the_lock_stays(
    logs: Path, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = LocalStore.create

    def full(self: LocalStore, path: str, content: bytes) -> None:
        if path != LOCK:
            raise DatasetError("no space left on device")
        create(self, path, content)

    write_log(log_path(logs, "20260925T1005Z"), [line("2026-09-25T10:00:00.000000Z")])
    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "create", full)
        with pytest.raises(DatasetError, match="no space left"):
            convert(logs, dest)
    assert (dest / LOCK).exists()


def test_a_lock_taken_over_is_remembered_until_it_was_swept(logs: Path, dest: Path) -> None:
    """A lost record stops the run that took over; the one after it knows of the crash, too."""
    strays = leave(dest, 2)
    (dest / LOCK).write_text(EXPIRED)
    lost = (dest / "manifest/00000000.json").read_bytes()
    (dest / "manifest/00000000.json").unlink()
    for _ in range(2):
        with pytest.raises(DatasetError, match="is missing, a commit record"):
            convert(logs, dest)
        assert all(path.exists() for path in strays)
    (dest / "manifest/00000000.json").write_bytes(lost)
    assert convert(logs, dest).files == 0
    assert not [path for path in strays if path.exists()]
    assert check(dest, logs).faults == ()


class Stop(BaseException):
    """Death at a chosen moment."""


@pytest.mark.parametrize("stage", range(STEPS))
def test_stopped_at_any_step_of_a_run_that_folds(
    stage: int, logs: Path, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Die before the n-th change that the storage makes; the lock's own writes not counted."""
    monkeypatch.setattr(converting, "FOLD_AT", 2)
    late = write_log(log_path(logs, "20260925T1005Z"), [line("2026-09-25T10:00:00.000000Z")])
    rows = {*rows_on_disk(dest), (str(late), 1)}
    steps = iter(range(1000))

    def dying(name: str) -> Any:
        whole = getattr(LocalStore, name)

        def step(self: LocalStore, changed: Any, *rest: Any) -> Any:
            changed = changed if isinstance(changed, str) else list(changed)
            if changed and changed != LOCK and next(steps) >= stage:
                raise Stop  # and whatever would be tried after it fails, too
            return whole(self, changed, *rest)

        return step

    with monkeypatch.context() as patch:
        for name in ("stage", "publish", "create", "replace", "delete"):
            patch.setattr(LocalStore, name, dying(name))
        patch.setattr(LocalStore, "remove", lambda *_: None)  # nor is the lock given back
        with pytest.raises(Stop):
            convert(logs, dest)
    assert (dest / LOCK).exists()
    (dest / LOCK).write_text(EXPIRED)
    told = [fault for fault in check(dest).faults if "no record claims it" not in fault]
    assert told == []
    convert(logs, dest)
    assert set(rows_on_disk(dest)) == rows
    assert len(rows_on_disk(dest)) == len(rows)
    assert check(dest, logs).faults == ()
    assert not {LOCK, UNFINISHED, "staging"} & {path.name for path in dest.iterdir()}


def test_that_is_all_the_steps(logs: Path, dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the test above stops too early to meet the last of them."""
    monkeypatch.setattr(converting, "FOLD_AT", 2)
    steps: list[str] = []
    for name in ("stage", "publish", "create", "replace", "delete"):
        whole = getattr(LocalStore, name)

        def step(self: Any, changed: Any, *rest: Any, name: str = name, whole: Any = whole) -> Any:
            changed = changed if isinstance(changed, str) else list(changed)
            steps.extend([name] if changed and changed != LOCK else [])
            return whole(self, changed, *rest)

        monkeypatch.setattr(LocalStore, name, step)
    write_log(log_path(logs, "20260925T1005Z"), [line("2026-09-25T10:00:00.000000Z")])
    convert(logs, dest)
    assert len(steps) == STEPS, steps
