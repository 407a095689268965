"""What only the log files themselves can tell."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

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
from worlds.lines import line
from worlds.trees import log_path, write_log


def test_a_line_that_became_another_row(logs: Path, dest: Path) -> None:
    """As many rows as lines, all different, in their date: only the sources tell."""
    store = open_dest(dest)
    path = part_files(dest)[0]
    table = read_part(store, str(path.relative_to(dest)))
    lines = pa.array([*range(2, 11), 99], pa.int64())
    forged = table.set_column(table.column_names.index("line_number"), "line_number", lines)
    state = load_state(store)
    assert state is not None
    old = str(path.relative_to(dest))
    new = "connections/date=2026-09-23/part-00000002-forged-0001.parquet"
    part = write_part(store, new, forged, CONNECTIONS)
    record = Record(
        batch=batch_name(2), privacy=state.of("connections").privacy, parts=(part,), removes=(old,)
    )
    with Lock(store) as lock:
        commit(store, lock, state, record)
    assert check(dest).faults == ()
    (fault,) = check(dest, logs).faults
    assert "not the same in the dataset and in the log file: 10 rows" in fault


def test_sources_not_converted_and_changed(logs: Path, dest: Path) -> None:
    new = write_log(log_path(logs, "20260925T1005Z"), [line("2026-09-25T10:00:00.000000Z")])
    changed = write_log(log_path(logs, "20260924T1005Z"), [])
    faults = check(dest, logs).faults
    assert f"{new}: not converted; run convert again" in faults
    assert f"{changed}: changed since it was converted; run convert --refresh" in faults


def test_sources_that_are_gone_are_no_fault(logs: Path, dest: Path) -> None:
    log_path(logs, "20260924T1005Z").unlink()
    result = check(dest, logs)
    assert result.ok
    assert result.table["examined"].iloc[-1] == 1
