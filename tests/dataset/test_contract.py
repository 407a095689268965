"""The contract as Markdown, JSON and SQL. (Spark and DuckDB run their SQL in test_interop.)"""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
import sqlglot
from sqlglot import exp

from albconn import SCHEMA_VERSION, DatasetError, TableError, convert, read_dataset
from albconn.dataset.commits.layout import day_of_part
from albconn.dataset.contract import ddl, schema_json, schema_markdown
from albconn.schema.connections import CONNECTIONS
from tests.dataset.on_disk import part_files, read_file
from worlds.lines import line
from worlds.trees import log_path, moments, write_log

HIVE_TYPES = {
    "timestamp[us, tz=UTC]": "TIMESTAMP", "int32": "INT", "int64": "BIGINT",
    "double": "DOUBLE", "string": "STRING",
}  # fmt: skip


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    for n, day in enumerate(("24", "23")):
        stamps = moments(f"2026-09-{day}T10:00:00Z", 3)
        path = log_path(tmp_path / "logs", f"202609{day}T1005Z", n=n)
        write_log(path, [line(m) for m in stamps])
    convert(tmp_path / "logs", tmp_path / "it's out")
    return tmp_path / "it's out"


def parsed(text: str, dialect: str) -> exp.Create:
    (statement,) = sqlglot.parse(text, dialect=dialect)
    assert isinstance(statement, exp.Create)
    return statement


def columns_of(statement: exp.Create) -> dict[str, str]:
    """Return the columns between the statement's first brackets, with their types."""
    return {c.name: c.kind.sql("hive") for c in statement.this.expressions if c.kind}


def properties_of(statement: exp.Create) -> dict[str, str]:
    return {
        p.this.name: p.args["value"].name
        for p in statement.find_all(exp.Property)
        if type(p) is exp.Property
    }


def test_athena_of_a_local_folder(dest: Path) -> None:
    text = ddl(dest, dialect="athena")
    statement = parsed(text, "athena")
    assert statement.kind == "TABLE"
    assert text.count("CREATE EXTERNAL TABLE `connections` (") == 1
    assert columns_of(statement) == {f.name: HIVE_TYPES[str(f.type)] for f in CONNECTIONS.fields}
    partition = statement.find(exp.PartitionedByProperty)
    assert partition is not None
    assert [(c.name, c.kind.sql("hive")) for c in partition.this.expressions] == [("date", "DATE")]
    assert "PARTITIONED BY (`date` date COMMENT" in text
    told = properties_of(statement)
    assert told["projection.enabled"] == "true"
    assert told["projection.date.type"] == "date"
    assert told["projection.date.format"] == "yyyy-MM-dd"
    assert told["projection.date.range"] == "2023-11-26,NOW"
    assert told["albconn.schema_version"] == str(SCHEMA_VERSION)
    place = statement.find(exp.LocationProperty)
    assert place is not None
    assert told["storage.location.template"] == place.this.name + "date=${date}/"
    assert "STORED AS PARQUET" in statement.sql("athena")
    # Athena cannot read this folder; the first line says what to do.
    assert text.startswith("-- Athena reads S3 only: copy ")
    assert "time zone" not in text.lower()


def test_athena_before_anything_is_converted(tmp_path: Path) -> None:
    told = properties_of(parsed(ddl(tmp_path / "new", dialect="athena"), "athena"))
    assert told["projection.date.range"] == "2023-11-26,NOW"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("dialect", ["athena", "spark"])
def test_comments_tell_unit_and_meaning(dialect: Any, dest: Path) -> None:
    statement = sqlglot.parse(ddl(dest, dialect=dialect), dialect=dialect)[0]
    assert statement is not None
    comments = {
        column.name: comment.this.name
        for column in statement.find_all(exp.ColumnDef)
        if (comment := column.find(exp.CommentColumnConstraint))
    }
    for field in CONNECTIONS.fields:
        meaning = f"{field.meaning} [{field.unit}]" if field.unit else field.meaning
        assert comments[field.name] == meaning
    assert max(map(len, comments.values())) <= 255  # what the Glue catalog holds


def test_spark_has_two_statements(dest: Path) -> None:
    text = ddl(dest, dialect="spark", table="security.connections")
    create, repair = text.split(";\n")[:-1]
    statement = parsed(create, "spark")
    assert {**columns_of(statement)} == {
        **{f.name: HIVE_TYPES[str(f.type)] for f in CONNECTIONS.fields},
        "date": "DATE",
    }
    assert "USING PARQUET" in create
    assert "PARTITIONED BY (`date`)" in create
    assert repair == "MSCK REPAIR TABLE `security`.`connections`"


def test_duckdb_takes_any_path_and_comments_every_column(dest: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA security")
        connection.execute(ddl(dest, dialect="duckdb", table="security.connections"))
        connection.execute(ddl(dest, dialect="duckdb", table="security.connections"))  # again
        assert connection.sql("SELECT count(*) FROM security.connections").fetchall() == [(6,)]
        comments = dict(
            connection.sql(
                "SELECT column_name, comment FROM duckdb_columns() "
                "WHERE schema_name = 'security' AND table_name = 'connections'"
            ).fetchall()
        )
    assert list(comments) == [*CONNECTIONS.columns, "date"]
    assert comments["tls_handshake_latency"].endswith("[s]")
    assert all(comments.values())


def test_duckdb_reads_files_from_before_a_column_was_appended(dest: Path) -> None:
    oldest = part_files(dest)[0]
    pq.write_table(read_file(oldest).drop_columns(["extra_fields"]), oldest)
    with duckdb.connect() as connection:
        connection.execute(ddl(dest, dialect="duckdb"))
        found = connection.sql("SELECT count(*), count(extra_fields) FROM connections").fetchall()
    assert found == [(6, 0)]


@pytest.mark.parametrize("table", ["", "a b", "x; DROP TABLE y", "a.b.c", "`a`", "1a"])
def test_a_name_that_is_none(table: str, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="is no name"):
        ddl(tmp_path, dialect="athena", table=table)


def test_other_arguments(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="dialect: 'mysql'; expected 'athena', 'spark' or"):
        ddl(tmp_path, dialect="mysql")  # type: ignore[arg-type]
    with pytest.raises(DatasetError, match="is not a path or URL"):
        ddl("", dialect="athena")


def test_json_and_markdown_say_the_same() -> None:
    told = json.loads(schema_json())
    assert (told["schema_version"], told["partition"]) == (SCHEMA_VERSION, "date")
    assert [column["name"] for column in told["columns"]] == [*CONNECTIONS.columns, "date"]
    lines = schema_markdown().splitlines()[2:]
    assert len(lines) == len(told["columns"])
    for text, column in zip(lines, told["columns"], strict=True):
        cells = [cell.strip() for cell in text.strip("|").split(" | ")]
        cells[-1] = cells[-1].replace("\\<", "<")
        assert cells == [
            f"`{column['name']}`", column["parquet"], column["pandas"], column["unit"] or "",
            column["meaning"],
        ]  # fmt: skip


def test_types_are_those_of_the_files_and_frames(dest: Path) -> None:
    told = {column["name"]: column for column in json.loads(schema_json())["columns"]}
    frame = read_dataset(dest)
    assert {name: column["pandas"] for name, column in told.items()} == {
        name: str(dtype) for name, dtype in frame.dtypes.items()
    }
    with pq.ParquetFile(part_files(dest)[0]) as file:
        physical = [file.schema.column(n).physical_type for n in range(len(CONNECTIONS.columns))]
    assert [told[name]["parquet"].split()[0] for name in CONNECTIONS.columns] == physical
    assert [name for name, column in told.items() if not column["nullable"]] == [
        "timestamp", "source_file", "line_number", "date",
    ]  # fmt: skip


def rows_of(dest: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute(ddl(dest, dialect="duckdb"))
        return connection.sql(
            "SELECT date, region, count(*) FROM connections GROUP BY ALL"
        ).fetchall()


@pytest.mark.parametrize(
    "name",
    ["it's", "a*b", "a?b", "a[1]b", "a[b", "a]b", "a[!b]c", "a{x,y}b", 'a"b', "a;--", "${date}",
     "a b", "~", "a%20b", "a#b", "zz=1", "ü", "-a"],
)  # fmt: skip
def test_duckdb_reads_this_folder_and_no_other(name: str, tmp_path: Path) -> None:
    logs = write_log(tmp_path / "x.log.gz", [line("2026-09-23T10:00:00.000000Z")])
    convert(logs, tmp_path / "out" / name)
    for other in ("axb", "a1b", "ab", "ac"):  # what a pattern would find as well
        convert(logs, tmp_path / "out" / other)
    assert rows_of(tmp_path / "out" / name) == [(date(2026, 9, 23), None, 1)]


@pytest.mark.parametrize("dialect", ["athena", "spark", "duckdb"])
@pytest.mark.parametrize("path", ["a\nb", "a\x00b", "a\u202eb", "a\udcffb", "a\x1b[31mb", "a\x9bb"])
def test_a_path_that_does_not_show_is_told_to_no_engine(dialect: Any, path: str) -> None:
    for place in (f"/nowhere/{path}", f"s3://bucket/{path}"):
        refused = r"a character that does not show|a null byte|not UTF-8 text"
        with pytest.raises(DatasetError, match=refused) as error:
            ddl(place, dialect=dialect)
        assert str(error.value).isprintable()


@pytest.mark.parametrize(
    ("dialect", "place", "told"),
    [
        ("athena", "s3://b/${date}", r"holds '\$\{', which Athena takes for a variable"),
        ("spark", "s3://b/${env:HOME}", r"holds '\$\{', which Spark takes for a variable"),
        ("duckdb", "s3://b/a?versionId=1", "which DuckDB does not take as they are"),
        ("duckdb", "s3://b/a*", "which DuckDB does not take as they are"),
        ("duckdb", "/a\\b", "which DuckDB does not take as they are"),
        ("duckdb", "/date=2026-01-01/x", "a folder 'date=2026-01-01', which DuckDB takes for"),
        ("duckdb", "s3://b/region=moon", "a folder 'region=moon', which DuckDB takes for"),
    ],
)
def test_a_path_that_an_engine_would_read_otherwise_is_refused(
    dialect: Any, place: str, told: str
) -> None:
    with pytest.raises(DatasetError, match=told):
        ddl(place, dialect=dialect)


@pytest.mark.parametrize(
    ("place", "location"),
    [
        ("s3://b/it's \\ `x`; --", "s3://b/it's \\ `x`; --/connections/"),
        ("/it's \\ `x`; --", "file:///it%27s%20%5C%20%60x%60%3B%20--/connections/"),
    ],
)
def test_spark_is_told_one_text(place: str, location: str) -> None:
    create, _ = ddl(place, dialect="spark").split(";\nMSCK")
    found = parsed(create, "spark").find(exp.LocationProperty)
    assert found is not None
    assert found.this.name == location


def test_athena_sees_the_days_that_a_backfill_adds_later(dest: Path) -> None:
    """Projection starts when the log began; where there are older lines, with the oldest."""
    table = ddl(dest, dialect="athena")
    first = re.search(r"'projection.date.range' = '([^,]*),NOW'", table)
    assert first is not None
    write_log(dest.parent / "old.log.gz", [line("2023-11-26T00:00:00.000000Z")])
    convert(dest.parent / "old.log.gz", dest)
    assert all((day_of_part(path) or "") >= first[1] for path in parts_of(dest))
    write_log(dest.parent / "older.log.gz", [line("2001-01-01T00:00:00.000000Z")])
    convert(dest.parent / "older.log.gz", dest)
    assert "'projection.date.range' = '2001-01-01,NOW'" in ddl(dest, dialect="athena")


def parts_of(dest: Path) -> list[str]:
    return [path.relative_to(dest).as_posix() for path in part_files(dest)]
