"""Requests go the whole way: into the dataset of the connections, beside them, and out again."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

import albconn as ac
from albconn.schema.requests import REQUESTS
from tests.cli.running import albconn
from worlds.lines import line
from worlds.request_lines import TAIL, request_line
from worlds.trees import ACCESS_LOG, key, packed, plant

KEY = b"0123456789abcdef0123456789abcdef"
FIRST = datetime(2026, 9, 23, 0, 5, tzinfo=UTC)
SECRET = "token=s3cr3t"
LINES = [
    request_line("2026-09-22T23:59:59.999999Z", url=f"https://www.example.com:443/a?{SECRET}"),
    request_line("2026-09-23T00:00:00.000000Z", client_ip="2001:db8::7", user_agent="a bot"),
    request_line("2026-09-23T00:00:01.000000Z", redirect_url=f"https://www.example.com/?{SECRET}"),
    f"no request ?{SECRET}",
]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return plant(
        tmp_path / "logs",
        {
            key(FIRST, begins=ACCESS_LOG): packed(LINES),
            key(FIRST): packed([line("2026-09-23T00:00:00.000000Z")]),
        },
    )


def test_both_tables_in_one_dataset(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "dataset"
    done = ac.convert(logs, dest, table="requests")
    assert (done.rows, done.rejected, done.foreign) == (3, 1, 1)
    assert done.dates == (date(2026, 9, 22), date(2026, 9, 23))
    assert ac.convert(logs, dest).rows == 1
    assert {path.name for path in dest.iterdir()} >= {"requests", "connections"}
    assert ac.convert(logs, dest, table="requests").files == 0
    assert ac.check(dest, logs).faults == ()
    assert ac.check(dest, logs, table="requests").faults == ()
    assert len(ac.read_dataset(dest)) == 1
    rows = ac.read_dataset(dest, table="requests", start="2026-09-23T00:00Z")
    assert rows["client_ip"].tolist() == ["2001:db8::7", "203.0.113.7"]
    direct = ac.read_requests(logs)
    stored = ac.read_dataset(dest, table="requests")
    assert list(stored.columns) == [*direct.columns, "date"]
    for name in direct.columns:
        expected, found = (frame[name].astype(object) for frame in (direct, stored))
        assert found.where(found.notna(), None).tolist() == (
            expected.where(expected.notna(), None).tolist()
        ), name  # fmt: skip


def test_late_files_join_their_date_and_are_compacted(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "dataset"
    ac.convert(logs, dest, table="requests")
    late = [request_line("2026-09-23T00:00:00.500000Z")]
    plant(logs, {key(FIRST, begins=ACCESS_LOG, letters="later"): packed(late)})
    assert ac.convert(logs, dest, table="requests").written == 1
    moved = ac.compact(dest, table="requests")
    assert (moved.parts_before, moved.parts_after) == (2, 1)
    assert ac.check(dest, logs).faults == ()
    (part,) = dest.glob("requests/date=2026-09-23/*.parquet")
    times = pq.read_table(part, columns=["time"])["time"].to_pylist()
    assert times == sorted(times)


def test_sources_of_one_log_alone_are_no_fault(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "dataset"
    ac.convert(logs, dest, table="requests")
    ac.convert(logs, dest)
    only = tmp_path / "only"
    plant(only, {key(FIRST): packed([line("2026-09-23T00:00:00.000000Z")])})
    other = next(path for path in only.rglob("*.gz"))
    here = next(path for path in logs.rglob("conn_log*.gz"))
    assert other.name == here.name
    assert ac.check(dest, here).faults == ()


def nowhere(dest: Path, secret: str) -> list[str]:
    """Return where a text stands in a dataset; Parquet pages are decoded for it."""
    found = [p.name for p in dest.rglob("*.json*") if secret in p.read_text()]
    for path in dest.glob("requests/**/*.parquet"):
        table = pq.ParquetFile(path).read()
        found += [n for n in table.column_names if secret in str(table[n].to_pylist())]
    return found


def test_a_query_that_is_dropped_stands_nowhere(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "dataset"
    ac.convert(logs, dest, table="requests")
    assert set(nowhere(dest, SECRET)) >= {"request_line", "request_query", "redirect_url"}
    dest = tmp_path / "without"
    ac.convert(logs, dest, table="requests", drop_columns=["request_query"])
    assert nowhere(dest, SECRET) == []
    rows = ac.read_dataset(dest, table="requests")
    assert rows["request_line"].isna().all()
    assert rows["request_path"].tolist() == ["/a", "/", "/"]
    assert rows["domain_name"].notna().all()
    assert ac.check(dest, logs).faults == ()


@pytest.mark.parametrize(
    ("column", "secret"),
    [("user_agent", "a bot"), ("request_host", "www.example.com"), ("request_query", SECRET)],
)
def test_what_is_pseudonymised_is_a_token_and_stands_nowhere(
    column: str, secret: str, logs: Path, tmp_path: Path
) -> None:
    kept = ac.read_requests(logs)[column].astype(object)
    tokens = []
    for name in ("one", "two"):
        options: dict[str, Any] = {"client_ip_key": KEY, "pseudonymize_columns": [column]}
        ac.convert(logs, tmp_path / name, table="requests", **options)
        assert nowhere(tmp_path / name, secret) == []
        assert ac.check(tmp_path / name, logs).faults == ()
        tokens.append(ac.read_dataset(tmp_path / name, table="requests")[column].astype(object))
    assert tokens[0].equals(tokens[1])
    assert tokens[0].isna().tolist() == kept.isna().tolist()
    assert tokens[0].nunique() == kept.nunique()
    assert all(len(token) == 32 for token in tokens[0].dropna())
    with pytest.raises(ac.DatasetError, match=r"pseudonymize_columns is \['\w+'\] there and None"):
        ac.convert(logs, tmp_path / "one", table="requests")


def test_addresses_are_truncated_beside_tokens(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "dataset"
    ac.convert(
        logs, dest, table="requests", client_ip="truncate", client_ip_key=KEY,
        pseudonymize_columns=["user_agent"],
    )  # fmt: skip
    rows = ac.read_dataset(dest, table="requests")
    assert rows["client_ip"].tolist() == ["203.0.113.0", "2001:db8::", "203.0.113.0"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["client_ip"], "is the client's address"),
        (["source_file"], "tells rows apart"),
        (["sent_bytes"], "holds no text"),
    ],
)
def test_what_can_be_no_token_is_said(
    columns: list[str], said: str, logs: Path, tmp_path: Path
) -> None:
    with pytest.raises(ac.TableError, match=said):
        ac.convert(
            logs, tmp_path / "x", table="requests", client_ip_key=KEY,
            pseudonymize_columns=columns,
        )  # fmt: skip
    with pytest.raises(ac.TableError, match="needs a secret of at least 16 bytes"):
        ac.convert(logs, tmp_path / "x", table="requests", pseudonymize_columns=["user_agent"])


def test_the_contract_and_sql_of_requests(logs: Path, tmp_path: Path) -> None:
    from albconn.dataset import schema_json

    dest = tmp_path / "dataset"
    ac.convert(logs, dest, table="requests")
    contract = json.loads(schema_json("requests"))
    assert [c["name"] for c in contract["columns"]] == [*REQUESTS.columns, "date"]
    connection = duckdb.connect()
    connection.execute(ac.ddl(dest, dialect="duckdb", table="requests"))
    found = connection.execute(
        "SELECT count(*), count(DISTINCT date), min(request_host) FROM requests"
    ).fetchall()
    assert found == [(3, 2, "www.example.com")]
    athena = ac.ddl(dest, dialect="athena", table="web.requests")
    assert "/requests/'" in athena
    assert "'2016-08-11,NOW'" in athena
    assert "`web`.`log`" in ac.ddl(dest, dialect="spark", table="web.log", of="requests")
    assert "/connections/'" in ac.ddl(dest, dialect="spark", table="web.log")


def test_commands_take_the_table(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "dataset"

    def said(*arguments: str) -> str:
        done = albconn(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    one_line = ("--table", "requests", "--format", "json")
    assert json.loads(said("convert", str(logs), str(dest), *one_line))["rows"] == 3
    assert "line by line" in said("check", str(dest), str(logs), "--table", "requests")
    assert json.loads(said("compact", str(dest), *one_line))["parts_after"] == 0
    assert "request_query" in said("schema", "--table", "requests")
    assert "CREATE OR REPLACE VIEW \"requests\"" in said(
        "ddl", str(dest), "--table", "requests", "--dialect", "duckdb"
    )  # fmt: skip


def test_lines_of_36_fields_are_told_once(tmp_path: Path) -> None:
    wide = [request_line("2026-09-23T00:00:00.000000Z", extra_fields=TAIL)] * 3
    plant(tmp_path / "logs", {key(FIRST, begins=ACCESS_LOG): packed(wide)})
    with pytest.warns(ac.AlbconnWarning, match="3 lines have more fields than the 34 known"):
        rows = ac.read_requests(tmp_path / "logs")
    assert rows["extra_fields"].tolist() == [TAIL] * 3
