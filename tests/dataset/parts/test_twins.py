"""Which connections a dataset has from other files, day by day."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

import albconn as ac
from albconn.dataset.commits.ledger import require_state
from albconn.dataset.parts import twins
from albconn.dataset.parts.twins import HeldConnections
from albconn.schema.connections import CONNECTIONS
from albconn.storage.store import open_dest
from tests.whole.test_vended import connections
from worlds import vended
from worlds.lines import Record


def table_of(records: list[Record]) -> pa.Table:
    return pa.table(
        {
            "timestamp": pa.array([r["timestamp"] for r in records], pa.timestamp("us", "UTC")),
            "conn_trace_id": [r["conn_trace_id"] for r in records],
        }
    )


@pytest.mark.parametrize("days_kept", [1, 8])
def test_what_is_there_but_of_some_files(
    tmp_path: Path, days_kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twins, "_DAYS_KEPT", days_kept)
    records = [
        record | {"timestamp": record["timestamp"] + timedelta(days=n % 5)}
        for n, record in enumerate(connections(100))
    ]
    (tmp_path / "a.log").write_bytes(vended.as_legacy(records[:60]))
    (tmp_path / "b.log").write_bytes(vended.as_legacy(records[40:80]))
    ac.convert([tmp_path / "a.log", tmp_path / "b.log"], tmp_path / "out")
    store = open_dest(tmp_path / "out")
    parts = require_state(store).of("connections").parts.values()
    held = HeldConnections(store, CONNECTIONS, parts)
    assert held.has(table_of(records)).tolist() == [n < 80 for n in range(100)]
    but = HeldConnections(store, CONNECTIONS, parts, [str(tmp_path / "a.log")])
    assert but.has(table_of(records)).tolist() == [40 <= n < 80 for n in range(100)]
    days = sorted({f"{record['timestamp']:%Y-%m-%d}" for record in records})
    assert held.count_twins(days) == 20
    assert held.count_twins(["1999-01-01"]) == 0
