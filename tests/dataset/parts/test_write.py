"""Parts: their order, their size, their schema, whatever the lines."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import albconn.dataset.parts.write as write_module
from albconn import convert
from albconn.dataset import check
from albconn.dataset.parts.write import PartWriter
from albconn.dataset.privacy import Privacy
from albconn.executors import open_pool
from albconn.logs.find.selection import EVERYTHING
from albconn.logs.find.sources import list_log_files
from albconn.logs.reading import Reading
from albconn.logs.scan import scan
from albconn.schema.connections import CONNECTIONS
from albconn.storage.store import open_dest
from tests.dataset.on_disk import part_files, read_file, rows_on_disk
from worlds.lines import line
from worlds.trees import log_path, moments, write_log


def test_the_parquet_file(logs: Path, tmp_path: Path) -> None:
    convert(logs, tmp_path / "out")
    path = part_files(tmp_path / "out")[0]
    with pq.ParquetFile(path) as file:
        schema, metadata, table = file.schema_arrow, file.metadata, file.read()
    assert schema.names == list(CONNECTIONS.columns)
    assert [f.type for f in schema] == [f.type for f in CONNECTIONS.file_schema]
    stamp = metadata.schema.column(0)
    assert (stamp.physical_type, str(stamp.logical_type)) == (
        "INT64",
        "Timestamp(isAdjustedToUTC=true, timeUnit=microseconds, is_from_converted_type=false, "
        "force_set_converted_type=false)",
    )
    group = metadata.row_group(0)
    assert {group.column(n).compression for n in range(len(CONNECTIONS.columns))} == {"ZSTD"}
    assert [s.column_index for s in group.sorting_columns] == [
        CONNECTIONS.columns.index(n) for n in ("timestamp", "source_file", "line_number")
    ]
    assert group.column(0).has_column_index
    assert table["timestamp"].to_pylist() == sorted(table["timestamp"].to_pylist())
    assert table["tls_handshake_latency"].to_pylist() == [0.114] * 12
    assert table["extra_fields"].null_count == 12
    footer = metadata.metadata
    assert footer[b"albconn.schema_version"] == b"1"
    fields = {f["name"]: f for f in json.loads(footer[b"albconn.fields"])}
    assert fields["tls_handshake_latency"]["unit"] == "s"
    assert b"ARROW:schema" not in footer


def test_ties_are_sorted_by_source_and_line(tmp_path: Path) -> None:
    same = ["2026-09-23T10:00:00.000000Z"] * 3
    for n in (2, 0, 1):
        write_log(log_path(tmp_path / "logs", "20260923T1005Z", n=n), [line(m) for m in same])
    convert(tmp_path / "logs", tmp_path / "out")
    (path,) = part_files(tmp_path / "out")
    table = read_file(path)
    rows = list(
        zip(table["source_file"].to_pylist(), table["line_number"].to_pylist(), strict=True)
    )
    assert rows == sorted(rows)
    assert len(set(rows)) == 9


def test_many_rows_make_several_sorted_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_module, "ROWS_PER_PART", 1000)
    for n in range(8):
        stamps = moments("2026-09-23T10:00:00Z", 700, step_seconds=0.25)
        write_log(log_path(tmp_path / "logs", "20260923T1005Z", n=n), [line(m) for m in stamps])
    conversion = convert(tmp_path / "logs", tmp_path / "out")
    assert conversion.written == 5600
    counts = [pq.read_metadata(path).num_rows for path in part_files(tmp_path / "out")]
    assert sum(counts) == 5600
    assert len(counts) >= 4
    assert len(set(rows_on_disk(tmp_path / "out"))) == 5600
    assert check(tmp_path / "out", tmp_path / "logs").faults == ()


def write_sixty_dates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a log of a date on every line, of which few tables may wait."""
    monkeypatch.setattr(write_module, "WAITING_TABLES", 16)
    stamps = [f"20{n:02d}-0{m}-01T00:00:00.000000Z" for n in range(20) for m in range(1, 4)]
    write_log(tmp_path / "logs/a.log.gz", [line(m) for m in stamps])


def test_a_date_on_every_line_stays_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sixty_dates(tmp_path, monkeypatch)
    conversion = convert(tmp_path / "logs", tmp_path / "out")
    assert (conversion.written, len(conversion.dates)) == (60, 60)
    assert check(tmp_path / "out", tmp_path / "logs").faults == ()


def test_tables_of_many_dates_wait_joined_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each block of a log with thousands of dates would become thousands of files."""
    write_sixty_dates(tmp_path, monkeypatch)
    tables: list[pa.Table] = []
    files = list_log_files(tmp_path / "logs", selection=EVERYTHING).log_files
    scan(files, Reading(CONNECTIONS), tables.append)
    writer = PartWriter(open_dest(tmp_path / "out"), CONNECTIONS, "00000001", Privacy())
    for _ in range(30):
        for table in tables:
            writer.add(table)
        assert writer._tables <= 16 + 60
    with open_pool() as pool:
        parts = writer.finish(pool)
    assert [part.rows for part in parts] == [30] * 60


def test_one_schema_also_for_a_column_that_is_all_null(tmp_path: Path) -> None:
    old = line("2023-12-05T14:39:18.169062Z", client_ip="54.92.36.xxx", width=11)
    write_log(tmp_path / "logs/a.log.gz", [old])
    convert(tmp_path / "logs", tmp_path / "out")
    (path,) = part_files(tmp_path / "out")
    table = read_file(path)
    assert table.schema.field("elb").type == pa.string()
    assert table["elb"].null_count == 1
    assert table["client_ip"].to_pylist() == ["54.92.36.xxx"]
