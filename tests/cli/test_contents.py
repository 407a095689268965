"""The text and the bytes of each format, read by other programs than ours."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

import albconn as ac
from albconn.cli.analyses import COMMANDS
from albconn.cli.contents import bytes_in, markdown_of, parquet_of, text_in
from albconn.cli.options import FileFormat, Format
from tests.cli.running import FIRST_CASE

TABLE = pd.DataFrame(
    {
        "client_ip": pd.Series(["a|b", None], dtype="category"),
        "failures": [1200, 3],
        "failure_rate": [0.5, float("nan")],
        "first_failure": pd.Series(
            [datetime(2026, 9, 23, 10, 0, 0, 123_456, UTC), None], dtype="datetime64[us, UTC]"
        ),
        "seen": [True, False],
        "cause": pd.array([1, None], dtype="Int8"),
    }
)


def test_markdown_is_a_table_of_what_a_terminal_shows() -> None:
    assert markdown_of(TABLE).splitlines() == [
        "| client ip | failures | failure rate | first failure | seen | cause |",
        "| --- | ---: | ---: | --- | --- | ---: |",
        r"| a\|b | 1,200 | 50 % | 2026-09-23 10:00:00 | True | 1 |",
        "| – | 3 | – | – | False | – |",
    ]
    assert markdown_of(TABLE.iloc[:0]).count("\n") == 2


HOSTILE = ["[x](http://e.example)", "<img src=x>", "a | b", "@all", "`x`", "a\n\n# b", "x" * 5000]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_markup_or_ends_its_cell(text: str) -> None:
    rows = markdown_of(pd.DataFrame({text[:5]: [1], "value": [text]})).splitlines()
    assert len(rows) == 3
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 3  # begin, between, end
        assert not re.search(r"(?<!\\)[<>@`\[\]]", row)
    assert len(rows[2]) < 1000


def test_csv_and_json_are_what_they_were() -> None:
    assert text_in(TABLE, Format.csv).splitlines()[1] == (
        "a|b,1200,0.5,2026-09-23 10:00:00.123456+00:00,True,1"
    )
    assert json.loads(text_in(TABLE, Format.json).splitlines()[0])["failures"] == 1200


def test_parquet_keeps_values_and_types(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    file.write_bytes(parquet_of(TABLE))
    told = duckdb.execute(f"DESCRIBE SELECT * FROM '{file}'").fetchall()
    assert [kind for _, kind, *_ in told] == [
        "VARCHAR", "BIGINT", "DOUBLE", "TIMESTAMP WITH TIME ZONE", "BOOLEAN", "TINYINT",
    ]  # fmt: skip
    micros = "epoch_us(first_failure)"
    rows = duckdb.execute(f"SELECT * REPLACE ({micros} AS first_failure) FROM '{file}'").fetchall()
    assert rows[0] == ("a|b", 1200, 0.5, 1_790_157_600_123_456, True, 1)
    assert rows[1][0] is rows[1][3] is rows[1][5] is None
    assert pq.read_schema(file).field("first_failure").type.tz == "UTC"


def test_what_is_said_beside_a_table_stays_out() -> None:
    table = TABLE.copy()
    table.attrs = {"every": object()}
    assert pq.read_table(io.BytesIO(parquet_of(table))).num_rows == 2
    assert "every" in table.attrs


MORE = {
    "compare_windows": {"baseline": ("2023-12-05T14:00Z", "2023-12-05T14:30Z"),
                        "incident": ("2023-12-05T14:30Z", "2023-12-05T15:00Z")},
    "client_certificates": {"as_of": "2023-12-06T00:00Z"},
    "stopped_working": {"since": "2023-12-05T14:00Z"},
    "policy_impact": {"policy": "ELBSecurityPolicy-TLS13-1-3-2021-06"},
    "policy_clients": {"policy": "ELBSecurityPolicy-TLS13-1-3-2021-06"},
}  # fmt: skip
TABLES = sorted(n for n in COMMANDS if "window" not in n or n == "compare_windows")


@pytest.mark.parametrize("name", [n for n in TABLES if n not in ("coverage", "reconcile_metric")])
@pytest.mark.parametrize("format", list(FileFormat))
def test_every_table_becomes_bytes(name: str, format: FileFormat) -> None:
    table = getattr(ac, name)(FIRST_CASE, **MORE.get(name, {}))
    stored = io.BytesIO(bytes_in(table, format))
    read = pd.read_parquet(stored) if format is FileFormat.parquet else pd.read_excel(stored)
    assert len(read) == len(table)
    assert [column.removesuffix(" (UTC)") for column in read.columns] == list(table.columns)
