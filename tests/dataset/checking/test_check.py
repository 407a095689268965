"""check finds each kind of damage, and names it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from albconn import DatasetError
from albconn.dataset import check
from albconn.dataset.commits.commit import commit
from albconn.dataset.commits.layout import batch_name
from albconn.dataset.commits.ledger import load_state
from albconn.dataset.commits.lock import Lock
from albconn.dataset.commits.record import Record
from albconn.dataset.parts.write import write_part
from albconn.schema.connections import CONNECTIONS
from albconn.storage.store import open_dest
from tests.dataset.on_disk import part_files, read_part


def commit_forged(dest: Path, table: pa.Table, day: str, batch: int = 2) -> None:
    """Add rows by a record of their own, as a writer with a defect would."""
    store = open_dest(dest)
    state = load_state(store)
    assert state is not None
    path = f"connections/date={day}/part-{batch_name(batch)}-forged-0001.parquet"
    part = write_part(store, path, table, CONNECTIONS)
    record = Record(batch=batch_name(batch), privacy=state.of("connections").privacy, parts=(part,))
    with Lock(store) as lock:
        commit(store, lock, state, record)


def test_all_is_well(logs: Path, dest: Path) -> None:
    result = check(dest, logs)
    assert result.ok
    assert result.faults == ()
    assert list(result.table.columns) == ["check", "examined", "faults"]
    assert result.table["faults"].tolist() == [0] * 7
    assert result.table["examined"].tolist() == [2, 2, 1, 3, 15, 2, 2]
    assert len(check(dest).table) == 6


def test_missing_part(dest: Path) -> None:
    path = part_files(dest)[0]
    path.unlink()
    result = check(dest)
    assert f"{path.relative_to(dest)}: committed, but missing" in result.faults
    assert any("0 rows; recorded 10" in fault for fault in result.faults)


def test_changed_part(dest: Path) -> None:
    path = part_files(dest)[0]
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    assert any("checksum differs" in fault for fault in check(dest).faults)


def test_unclaimed_and_foreign_files(dest: Path) -> None:
    part = part_files(dest)[0]
    part.with_name("part-00000009-deadbeef-0001.parquet").write_bytes(b"x")
    part.with_name("notes.txt").write_text("x")
    faults = check(dest).faults
    assert len(faults) == 2
    assert "deadbeef-0001.parquet: no record claims it" in faults[0]
    assert "notes.txt: not a file of albconn" in faults[1]


def test_a_row_twice(logs: Path, dest: Path) -> None:
    path = part_files(dest)[0]
    table = read_part(open_dest(dest), str(path.relative_to(dest)))
    commit_forged(dest, table.slice(3, 1).combine_chunks(), "2026-09-23")
    faults = check(dest, logs).faults
    assert any(f.endswith(".log.gz:4: in 2 rows; expected one") for f in faults)
    assert any("11 rows in the dataset; 10 in the log file" in fault for fault in faults)
    assert any("11 rows; recorded 10" in fault for fault in faults)


def test_a_row_in_another_date(dest: Path) -> None:
    table = read_part(open_dest(dest), str(part_files(dest)[0].relative_to(dest)))
    commit_forged(dest, table.slice(3, 1).combine_chunks(), "2026-09-25")
    assert any("1 row of another date" in fault for fault in check(dest).faults)


def test_rejected_lines_lost_or_changed(dest: Path) -> None:
    (path,) = (dest / "rejected").iterdir()
    path.write_text("")
    assert any("rejected/00000001.jsonl: its content" in fault for fault in check(dest).faults)
    path.unlink()
    faults = check(dest).faults
    assert "rejected/00000001.jsonl: committed, but missing" in faults
    assert any("0 rejected lines; recorded 1" in fault for fault in faults)


def test_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no albconn dataset is there"):
        check(tmp_path)


def test_parts_are_plain_parquet(dest: Path) -> None:
    assert pq.ParquetFile(part_files(dest)[0]).schema_arrow.field("elb").type == pa.string()
