"""Parquet in batches: whole, broken, and made to fill the memory."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import albconn as ac
from albconn.logs.bytes.gunzip import Damage
from albconn.logs.bytes.records import Rows, keys_of_footer, read_records
from albconn.schema.connections import CONNECTIONS

TIME = "2026-09-23T07:11:27Z"


def stored(columns: Any, **options: Any) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink, **options)
    return sink.getvalue().to_pybytes()


def read(content: bytes) -> tuple[list[Rows], str | None]:
    found: list[Rows] = []
    try:
        found.extend(read_records(iter([content]), CONNECTIONS))
    except Damage as damage:
        return found, str(damage)
    return found, None


GOOD = stored({"time": [TIME] * 9, "elb": ["a"] * 9})


def test_records_come_in_order_and_a_footer_names_its_columns() -> None:
    content = stored({"time": [TIME] * 150_000, "client_port": range(150_000)}, row_group_size=9000)
    rows, damage = read(content)
    ports = [port for each in rows for port in each.records.column("client_port").to_pylist()]
    assert (ports, damage) == ([*range(150_000)], None)
    assert keys_of_footer(pa.BufferReader(content)) == ("time", "client_port")
    assert keys_of_footer(pa.BufferReader(b"PAR1")) == ()


@pytest.mark.parametrize(
    ("content", "damage"),
    [
        (GOOD[:-1], "the Parquet file is cut off: its end is missing"),
        (b"PAR1" + bytes(20) + (1 << 30).to_bytes(4, "little") + b"PAR1",
         "the Parquet file is broken: its footer would have 1,073,741,824 bytes"),
        (b"PAR1" + bytes(20) + (9).to_bytes(4, "little") + b"PAR1", "the Parquet file is broken ("),
        (stored({"a": [1], "b": [2]}), "Parquet of other columns (a, b); expected connections"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(content: bytes, damage: str) -> None:
    rows, said = read(content)
    assert rows == []
    assert (said or "").startswith(damage)


def test_any_broken_byte_is_damage_or_a_row() -> None:
    for at in range(len(GOOD)):
        read(GOOD[:at] + bytes([GOOD[at] ^ 0xFF]) + GOOD[at + 1 :])


def test_a_bomb_is_refused() -> None:
    content = stored({"time": [TIME], "elb": ["x" * (200 << 20)]}, compression="zstd")
    assert len(content) < 1 << 20
    assert (read(content)[1] or "").startswith("the Parquet file is a bomb: ")


def test_one_value_for_very_many_rows_stays_one(tmp_path: Path) -> None:
    """A file of kilobytes with sixty gigabytes of texts: the rows come, or are too long."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    path = tmp_path / "x.parquet"
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 60_000, pa.int32()), ["y" * 900_000])
    path.write_bytes(stored({"time": [TIME] * 60_000, "elb": long}, compression="zstd"))
    assert path.stat().st_size < 1 << 20
    assert len(ac.read_connections(path, columns=["elb"])) == 60_000
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 500_000  # [KiB]


def test_a_record_of_more_than_a_mebibyte_is_rejected(tmp_path: Path) -> None:
    elbs = ["a", "b" * (2 << 20), "c"]
    (tmp_path / "x").write_bytes(stored({"time": [TIME] * 3, "elb": elbs}))
    loaded = ac.load_connections(tmp_path / "x")
    assert loaded.connections["elb"].tolist() == ["a", "c"]
    assert loaded.connections["line_number"].tolist() == [1, 3]
    assert loaded.rejected[["line_number", "reason"]].values.tolist() == [
        [2, "the line is longer than 1 MiB"]
    ]
