"""A batch is real when its record is; what never became real is swept away."""

from __future__ import annotations

from pathlib import Path

import pytest

from albconn import DatasetError, convert
from albconn.dataset import check
from tests.dataset.on_disk import part_files


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


def test_leftovers_of_a_crash_are_removed(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "out"
    convert(logs, dest)
    part = part_files(dest)[0]
    leftovers = [
        part.with_name("part-00000002-deadbeef-0001.parquet"),
        dest / "connections/date=2026-01-01/part-00000002-deadbeef-0002.parquet",
        dest / "rejected/00000002.jsonl",
        dest / "manifest/.00000002.json.deadbeef.half",
        dest / ".lock.json.deadbeef.half",
        dest / "staging/connections/date=2026-09-23/part-00000002-deadbeef-0003.parquet",
    ]
    own = dest / "rejected/notes.txt"
    for path in (*leftovers, own):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
    assert any("no record claims it" in fault for fault in check(dest).faults)
    assert convert(logs, dest).files == 0
    assert not [path for path in leftovers if path.exists()]
    assert own.exists()
    assert not (dest / "staging").exists()
    assert check(dest, logs).faults == ()
