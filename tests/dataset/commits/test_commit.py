"""A batch is real when its record is, and each record holds the one before it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import albconn.dataset.converting.convert as converting
from albconn import DatasetError, convert
from albconn.dataset.commits.commit import commit
from albconn.dataset.commits.ledger import State
from albconn.dataset.commits.lock import Lock
from albconn.storage.store import open_dest
from tests.dataset.commits.records import record
from worlds.lines import line
from worlds.trees import log_path, write_log


def test_dest_that_holds_something_else(logs: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.tex").write_text("x")
    with pytest.raises(DatasetError, match=r"mine: holds 'thesis\.tex' and no albconn manifest"):
        convert(logs, tmp_path / "mine")
    foreign = tmp_path / "hive/connections/date=2026-09-23/part-00000001-x.parquet"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("somebody's own")
    with pytest.raises(DatasetError, match="no albconn manifest"):
        convert(logs, tmp_path / "hive")
    assert foreign.exists()
    (tmp_path / "file").write_text("x")
    with pytest.raises(DatasetError, match="Not a directory"):
        convert(logs, tmp_path / "file")


def test_each_record_names_the_one_before_and_the_head_the_last(logs: Path, tmp_path: Path) -> None:
    """Recomputed from the files as they lie there, by nothing of albconn's."""
    dest = tmp_path / "out"
    convert(logs, dest)
    write_log(log_path(logs, "20260925T1005Z"), [line("2026-09-25T10:00:00.000000Z")])
    convert(logs, dest)
    contents = [path.read_bytes() for path in sorted((dest / "manifest").glob("*.json"))]
    sums = [hashlib.sha256(content).hexdigest() for content in contents]
    told = [json.loads(content) for content in contents]
    assert [record["previous"] for record in told] == [None, *sums[:-1]]
    assert json.loads((dest / "manifest/head").read_text()) == {
        "batch": "00000002", "sha256": sums[-1],
    }  # fmt: skip
    totals = {"files": 4, "lines": 18, "rows": 17, "rejected": 1, "damaged": 0}
    assert told[-1]["totals"][:5] == list(totals.values())


def test_a_head_that_another_writer_wrote(logs: Path, tmp_path: Path) -> None:
    """The second fence: who slept through its lock cannot say what is the newest record."""
    store = open_dest(tmp_path)
    with Lock(store) as lock:
        state = State()
        commit(store, lock, state, record(0))
        commit(store, lock, state, record(1))
        (tmp_path / "manifest/head").write_text('{"batch":"00000001","sha256":"of another"}')
        with pytest.raises(DatasetError, match="another writer came in between"):
            commit(store, lock, state, record(2))


def test_a_run_that_commits_nothing_but_the_first_record(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ended well, so the next one expects a head."""
    with monkeypatch.context() as patch:
        patch.setattr(converting, "commit", lambda *_: None)
        convert(logs, tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out/manifest").iterdir()) == [
        "00000000.json",
        "head",
    ]
    assert convert(logs, tmp_path / "out").written == 16
