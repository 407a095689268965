"""Datasets that earlier versions wrote are read for ever, row by row, and can be added to."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from albconn import (
    SCHEMA_VERSION,
    convert,
    open_dataset,
    read_dataset,
    requests_per_connection,
)
from albconn.dataset import check
from albconn.dataset.commits.layout import schema_of
from albconn.dataset.commits.ledger import require_state
from albconn.dataset.compacting import compact
from albconn.dataset.parts.rejected import parse_rejected
from albconn.schema.connections import CONNECTIONS
from albconn.schema.requests import REQUESTS
from albconn.storage.store import open_dest
from worlds.contract import INSTANTS
from worlds.lines import line
from worlds.trees import log_path, moments, write_log

STORED = Path(__file__).parent.parent / "data"
# 1: the first; 2: the last whose records were no chain, with folds and a replaced source;
# 4: with requests beside the connections
VERSIONS = [1, 2, 3, 4]


def rows_of(version: int) -> list[dict[str, Any]]:
    return json.loads((STORED / f"dataset_v{version}_rows.json").read_text())


def told(table: pa.Table, columns: list[str]) -> list[dict[str, Any]]:
    """Return rows as they are stored in the JSON file, sorted by their instants."""
    plain = table.select(columns)
    for name in (*INSTANTS, "date"):
        kind = pa.string() if name == "date" else pa.int64()
        plain = plain.set_column(plain.schema.get_field_index(name), name, plain[name].cast(kind))
    return sorted(plain.to_pylist(), key=lambda row: row["timestamp"])


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> int:
    return request.param


def test_every_version_is_stored() -> None:
    schemas = {schema_version_of(n) for n in VERSIONS}
    assert schemas == set(range(1, SCHEMA_VERSION + 1)), (
        "store one of the new version, keep the old"
    )
    stored = [f"dataset_v{n}" for n in VERSIONS]
    assert sorted(p.name for p in STORED.glob("dataset_v*") if p.is_dir()) == stored


def schema_version_of(version: int) -> int:
    newest = max((STORED / f"dataset_v{version}/manifest").glob("*.json"))
    return json.loads(newest.read_text())["schema_version"]


def test_rows(version: int) -> None:
    rows = rows_of(version)
    table = open_dataset(STORED / f"dataset_v{version}").to_table()
    assert table.schema.equals(schema_of(CONNECTIONS))
    assert told(table, list(rows[0])) == rows
    later = set(table.column_names) - set(rows[0])  # columns appended since are null
    assert all(table[name].null_count == len(table) for name in later)


def test_as_a_frame(version: int) -> None:
    rows = rows_of(version)
    frame = read_dataset(STORED / f"dataset_v{version}").sort_values("timestamp")
    assert frame["timestamp"].astype("int64").tolist() == [row["timestamp"] for row in rows]
    assert frame["date"].tolist() == [date.fromisoformat(row["date"]) for row in rows]
    latency = [row["tls_handshake_latency"] for row in rows]
    pd.testing.assert_series_equal(
        frame["tls_handshake_latency"].reset_index(drop=True),
        pd.Series(latency, name="tls_handshake_latency", dtype="float64"),
    )


def test_records(version: int) -> None:
    store = open_dest(STORED / f"dataset_v{version}")
    state = require_state(store).of("connections")
    assert check(STORED / f"dataset_v{version}").faults == ()
    lines = [text for kept in state.rejected for text in parse_rejected(store.read(kept))]
    assert [(text.line_number, text.raw_text) for text in lines] == [(3, "not a connection")]
    assert all(url.startswith("s3://example-logs/") for url in state.sources)
    assert {known.written for known in state.sources.values()} == {2, 3}


def test_it_can_be_added_to_and_compacted(version: int, tmp_path: Path) -> None:
    dest = Path(shutil.copytree(STORED / f"dataset_v{version}", tmp_path / "out"))
    rows = rows_of(version)
    stamps = moments("2026-09-24T10:00:00Z", 3)
    write_log(log_path(tmp_path / "logs", "20260924T1005Z"), [line(m) for m in stamps])
    assert convert(tmp_path / "logs", dest).written == 3
    assert compact(dest).parts_after == (2 if version == 4 else 1)  # of each table
    assert open_dataset(dest).count_rows() == len(rows) + 3
    table = open_dataset(dest).to_table()
    kept = table.filter(pa.array([f.startswith("s3://") for f in table["source_file"].to_pylist()]))
    assert told(kept, list(rows[0])) == rows
    assert check(dest).faults == ()


def test_requests_beside_the_connections() -> None:
    rows = json.loads((STORED / "dataset_v4_requests.json").read_text())
    table = open_dataset(STORED / "dataset_v4", table="requests").to_table()
    assert table.schema.equals(schema_of(REQUESTS))
    found = table.sort_by("time").select(list(rows[0])).to_pylist()
    assert found == rows
    assert [str(day) for day in table.sort_by("time")["date"].to_pylist()] == [
        "2026-09-23", "2026-09-24", "2026-09-24",
    ]  # fmt: skip
    assert check(STORED / "dataset_v4", table="requests").faults == ()
    joined = requests_per_connection(STORED / "dataset_v4", STORED / "dataset_v4")
    assert joined["requests"].sum() == 3


def test_it_names_no_machine(version: int) -> None:
    for path in (STORED / f"dataset_v{version}").rglob("*"):
        if path.is_file():
            assert b"127.0.0.1" not in path.read_bytes()
            assert b"/tmp/" not in path.read_bytes()
