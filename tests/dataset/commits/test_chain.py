"""No record is lost, changed or forged without being missed; and then nothing is done."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import albconn.dataset.converting.convert as converting
from albconn import DatasetError, convert, failure_rate, open_dataset, read_dataset
from albconn.dataset import check
from albconn.dataset.commits.chain import read_chain, refuse_faults
from albconn.dataset.commits.fold import FOLD_AT
from albconn.dataset.commits.layout import HEAD, batch_name, record_path
from albconn.dataset.commits.record import Record
from albconn.dataset.compacting import compact
from albconn.storage.store import open_dest
from tests.dataset.commits.records import PRIVACY, record
from tests.dataset.on_disk import fingerprint
from worlds.lines import line
from worlds.trees import log_path, moments, write_log

FILES = 5


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five log files converted in as many batches: records 0 to 5, none of them folded."""
    root = tmp_path_factory.mktemp("chain")
    for n in range(FILES):
        write_one(root / "logs", n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(converting, "BATCH_LIMITS", (1, 1 << 30))
        convert(root / "logs", root / "out")
    assert len(list((root / "out/manifest").glob("*.json"))) == FILES + 1
    return root


@pytest.fixture
def dest(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made / "out", tmp_path / "out")


def write_one(root: Path, n: int) -> Path:
    stamps = moments(f"2026-09-23T1{n}:00:00Z", 10)
    return write_log(log_path(root, f"20260923T1{n}05Z", n=n), [line(m) for m in stamps])


def assert_refused(dest: Path, made: Path, expected: str) -> None:
    """Whatever would write, or tell numbers, stops with one line, and nothing is touched."""
    assert any(expected in fault for fault in check(dest).faults), check(dest).faults
    assert any(expected in fault for fault in check(dest, made / "logs").faults)
    before = fingerprint(dest)
    write_one(dest.parent / "more", 7)
    logs = [made / "logs", dest.parent / "more"]
    for work in (
        lambda: convert(logs, dest),
        lambda: convert(logs, dest, refresh="replace"),
        lambda: compact(dest),
        lambda: open_dataset(dest),
        lambda: read_dataset(dest),
        lambda: failure_rate(dest),
    ):
        with pytest.raises(DatasetError, match=r"Nothing was changed: restore") as caught:
            work()
        assert expected in str(caught.value)
        assert "\n" not in str(caught.value)
    after = {path: seen for path, seen in fingerprint(dest).items() if path != str(dest)}
    assert after == {path: seen for path, seen in before.items() if path != str(dest)}


@pytest.mark.parametrize("lost", range(FILES + 1))
def test_a_lost_record(lost: int, made: Path, dest: Path) -> None:
    path = dest / record_path(batch_name(lost))
    content = path.read_bytes()
    path.unlink()
    assert_refused(dest, made, f"{record_path(batch_name(lost))}: is missing, a commit record")
    path.write_bytes(content)
    assert convert(made / "logs", dest).skipped == FILES
    assert check(dest, made / "logs").faults == ()


def test_several_lost_records(made: Path, dest: Path) -> None:
    for lost in (2, 3, 5):
        (dest / record_path(batch_name(lost))).unlink()
    faults = check(dest).faults
    assert "manifest/00000002.json to 00000003.json: are missing, commit records" in faults
    assert "manifest/00000005.json: is missing, a commit record" in faults
    with pytest.raises(DatasetError, match="and 1 more fault"):
        convert(made / "logs", dest)


def test_all_records_lost(dest: Path) -> None:
    for path in (dest / "manifest").glob("*.json"):
        path.unlink()
    assert "manifest/00000005.json: is missing, a commit record" in check(dest).faults
    with pytest.raises(DatasetError, match="is missing, a commit record"):
        open_dataset(dest)


@pytest.mark.parametrize("changed", range(FILES + 1))
def test_a_changed_record(changed: int, made: Path, dest: Path) -> None:
    path = dest / record_path(batch_name(changed))
    told = json.loads(path.read_text())
    told["created"] = "2026-09-23T00:00:00+00:00"
    path.write_text(json.dumps(told))
    name = record_path(batch_name(changed))
    assert_refused(dest, made, f"{name}: is not the record that was committed")


def test_a_record_in_anothers_place(dest: Path) -> None:
    shutil.copy(dest / "manifest/00000002.json", dest / "manifest/00000006.json")
    faults = check(dest).faults
    assert "manifest/00000006.json: says that it is batch '00000002'" in faults


@pytest.mark.parametrize("place", ["../outside.parquet", "/etc/passwd", "rejected/../lock.json"])
def test_a_record_that_names_what_lies_elsewhere(
    place: str, made: Path, dest: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside.parquet").write_text("somebody's own")
    path = dest / record_path(batch_name(FILES))
    told = json.loads(path.read_text())
    told["parts"][0]["path"] = place
    told["removes"] = [place]
    path.write_text(json.dumps(told))
    assert_refused(dest, made, f"names '{place}', which is no place of a file of its table")
    assert (tmp_path / "outside.parquet").read_text() == "somebody's own"


def test_a_forged_record_at_the_end(dest: Path) -> None:
    """It is chained to nothing, though all that it names is there."""
    forged = Record(batch=batch_name(FILES + 1), privacy=PRIVACY)
    (dest / record_path(forged.batch)).write_bytes(forged.to_json())
    assert any("is not the record that was committed" in fault for fault in check(dest).faults)
    old = Record(batch=batch_name(FILES + 1), privacy=PRIVACY, format=1)
    (dest / record_path(forged.batch)).write_bytes(old.to_json())
    assert any("does not name the record before it" in fault for fault in check(dest).faults)


def test_a_lost_head(made: Path, dest: Path) -> None:
    content = (dest / HEAD).read_bytes()
    (dest / HEAD).unlink()
    expected = f"{HEAD}: is missing, which names the newest commit record"
    assert check(dest).faults == (expected,)
    write_one(dest.parent / "more", 7)
    with pytest.raises(DatasetError, match=expected):
        convert([made / "logs", dest.parent / "more"], dest)
    assert open_dataset(dest).count_rows() == FILES * 10  # readers cannot tell
    (dest / HEAD).write_bytes(content)
    assert convert([made / "logs", dest.parent / "more"], dest).written == 10


def test_an_unreadable_head(dest: Path) -> None:
    (dest / HEAD).write_text("[]")
    with pytest.raises(DatasetError, match=r"manifest/head: b'\[\]' does not name the newest"):
        open_dataset(dest)


def test_a_lost_checkpoint(made: Path, dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converting, "FOLD_AT", 1)
    logs = [made / "logs", dest.parent / "more"]
    write_one(dest.parent / "more", 7)
    convert(logs, dest)
    monkeypatch.setattr(converting, "FOLD_AT", FOLD_AT)
    write_one(dest.parent / "more", 8)
    convert(logs, dest)
    assert sorted(p.name for p in (dest / "manifest").glob("*.json")) == [
        "00000007.json",
        "00000008.json",
    ]
    assert check(dest, logs).faults == ()
    (dest / "manifest/00000007.json").unlink()
    assert_refused(dest, made, "manifest/00000007.json: is missing, a commit record")


def plain(tmp_path: Path, *records: Record) -> tuple[str, ...]:
    """Return what is wrong with records of the old formats."""
    store = open_dest(tmp_path)
    for each in records:
        store.create(record_path(each.batch), each.to_json())
    return read_chain(store).faults


def test_numbers_of_old_records_have_no_gaps(tmp_path: Path) -> None:
    old = [record(n, format=2) for n in (1, 2, 5)]
    assert plain(tmp_path, *old) == (
        "manifest/00000000.json: is missing, a commit record",
        "manifest/00000003.json to 00000004.json: are missing, commit records",
    )


def test_what_old_folds_had_folded_is_not_asked_for(tmp_path: Path) -> None:
    """Records 0 to 9 were folded to 10, 11 to 30 to 31, that and 32 to 40 to 41."""
    large = record(10, format=1, folds=tuple(map(batch_name, range(10))))
    fold = record(41, format=1, folds=tuple(map(batch_name, range(31, 41))))
    assert plain(tmp_path, large, fold, record(42, format=1)) == ()
    assert plain(tmp_path, record(44, format=1)) == (
        "manifest/00000043.json: is missing, a commit record",
    )


def test_one_fault_is_told_and_how_many_more() -> None:
    refuse_faults("here", [])
    with pytest.raises(DatasetError, match=r"^here: a; and 2 more faults\. Nothing was changed"):
        refuse_faults("here", ["a", "b", "c"])
