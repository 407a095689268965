"""The same rows, types, instants and nulls through every engine that other teams use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

import albconn.dataset.converting.convert as converting
from albconn import AlbconnWarning, convert, open_dataset, read_dataset
from albconn.dataset.compacting import compact
from albconn.dataset.contract import ddl
from albconn.schema.connections import CONNECTIONS, SCHEMA_VERSION
from tests.dataset.on_disk import part_files
from tests.java import why_no_spark
from worlds.contract import INSTANTS, WORLD, expected_rows, write_world

if TYPE_CHECKING:
    from pyspark.sql import DataFrame as SparkFrame, SparkSession

ALL = [*CONNECTIONS.columns, "date"]
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module", params=["converted", "compacted"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with logs/ and out/, as convert leaves it and as compact does."""
    root = tmp_path_factory.mktemp("interop")
    sources = write_world(root / "logs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(converting, "BATCH_LIMITS", (1, 1 << 30))
        with pytest.warns(AlbconnWarning, match="more fields"):
            convert(sources, root / "out")
    if request.param == "compacted":
        assert compact(root / "out").parts_before == 2
    return root


@pytest.fixture
def expected(world: Path) -> Rows:
    return expected_rows(f"{world}/logs")


def plain(table: pa.Table) -> Rows:
    """Return an Arrow table's rows in the form of ``expected_rows``."""
    arrays = {}
    for name in ALL:
        column = table[name]
        if name in INSTANTS:
            assert pa.types.is_timestamp(column.type), (name, column.type)
            column = column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64())
        elif name == "date":
            column = column.cast(pa.string())
        arrays[name] = column.to_pylist()
    rows = [dict(zip(ALL, values, strict=True)) for values in zip(*arrays.values(), strict=True)]
    return sorted(rows, key=lambda row: row["timestamp"])


def test_the_world_has_what_engines_disagree_on(expected: Rows) -> None:
    """Guard the fixture: a file over two dates, and a date with columns entirely null."""
    dates: dict[str, set[str]] = {}
    for row in expected:
        dates.setdefault(row["source_file"], set()).add(row["date"])
    assert sorted(map(len, dates.values())) == [1, 1, 2]
    old = [row for row in expected if row["date"] == "2023-12-05"]
    assert {row["elb"] for row in old} == {row["conn_trace_id"] for row in old} == {None}
    assert len(expected) == sum(map(len, WORLD.values())) - 1


def test_open_dataset(world: Path, expected: Rows) -> None:
    table = open_dataset(world / "out").to_table()
    assert table.schema.equals(CONNECTIONS.file_schema.append(pa.field("date", pa.date32())))
    assert plain(table) == expected


def test_read_dataset(world: Path, expected: Rows) -> None:
    frame = read_dataset(world / "out")
    assert str(frame["timestamp"].dtype) == "datetime64[us, UTC]"
    assert frame["elb"].isna().sum() == 2
    for field in CONNECTIONS.fields:
        frame[field.name] = (
            frame[field.name].astype(object) if field.repeated else frame[field.name]
        )
    assert plain(pa.Table.from_pandas(frame.assign(date=frame["date"].astype(str)))) == expected


def test_pyarrow_of_the_folder(world: Path, expected: Rows) -> None:
    hive = ds.partitioning(pa.schema([("date", pa.date32())]), flavor="hive")
    assert plain(ds.dataset(world / "out/connections", partitioning=hive).to_table()) == expected


def test_pandas_of_the_folder(world: Path, expected: Rows) -> None:
    frame = pd.read_parquet(world / "out/connections", dtype_backend="pyarrow")
    types = {name: pa.Array.from_pandas(frame[name]).type for name in CONNECTIONS.columns}
    for field in CONNECTIONS.fields:
        assert types[field.name] == field.type or pa.types.is_large_string(types[field.name])
    frame["date"] = frame["date"].astype(str)
    assert plain(pa.Table.from_pandas(frame)) == expected


def test_pandas_types_of_one_file(world: Path) -> None:
    frame = pd.read_parquet(part_files(world / "out")[0])  # the date of which columns are null
    assert list(frame.columns)[: len(CONNECTIONS.columns)] == list(CONNECTIONS.columns)
    assert str(frame["timestamp"].dtype) == str(frame["cert_not_after"].dtype)
    assert frame["timestamp"].dtype == "datetime64[us, UTC]"
    assert frame["elb"].isna().all()


def test_duckdb(world: Path, expected: Rows) -> None:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Tokyo'")  # instants do not depend on it
        found = connection.sql(
            f"SELECT * FROM read_parquet('{world}/out/connections/**/*.parquet', "
            "hive_partitioning=true)"
        )
        types = dict(zip(found.columns, map(str, found.types), strict=True))
        assert plain(found.to_arrow_table()) == expected
    assert {types[name] for name in INSTANTS} == {"TIMESTAMP WITH TIME ZONE"}
    assert (types["date"], types["client_port"], types["line_number"]) == (
        "DATE", "INTEGER", "BIGINT",
    )  # fmt: skip
    assert types["elb"] == types["extra_fields"] == "VARCHAR"


def test_duckdb_view(world: Path, expected: Rows) -> None:
    with duckdb.connect() as connection:
        connection.execute(ddl(world / "out", dialect="duckdb", table="security_connections"))
        found = connection.sql("SELECT * FROM security_connections")
        assert found.columns == ALL
        assert plain(found.to_arrow_table()) == expected
        one_day = "SELECT count(*) FROM security_connections WHERE date = DATE '2026-09-24'"
        assert connection.sql(one_day).fetchall() == [(4,)]


def test_polars(world: Path, expected: Rows) -> None:
    lazy = pl.scan_parquet(world / "out/connections", hive_partitioning=True)
    schema = lazy.collect_schema()
    assert schema["timestamp"] == pl.Datetime("us", "UTC")
    assert schema["date"] == pl.Date
    assert (schema["client_port"], schema["line_number"]) == (pl.Int32, pl.Int64)
    assert schema["elb"] == schema["extra_fields"] == pl.String
    assert plain(lazy.select(ALL).collect().to_arrow()) == expected
    assert lazy.filter(pl.col("date") == date(2026, 9, 24)).collect().height == 4


# Spark


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    if reason := why_no_spark():
        pytest.skip(reason)
    from pyspark.sql import SparkSession

    home = tmp_path_factory.mktemp("spark")
    session = (
        SparkSession.Builder()
        .master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", "512m")
        .config("spark.driver.extraJavaOptions", f"-Djava.io.tmpdir={home}")
        .config("spark.local.dir", str(home / "local"))
        .config("spark.sql.warehouse.dir", str(home / "warehouse"))
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    gateway = session.sparkContext._gateway
    session.stop()
    _end(gateway)


def _end(gateway: Any) -> None:
    """Close Spark's pipes and its Java, which else live until Python ends and warn then."""
    from pyspark import SparkContext

    gateway.shutdown()
    process = gateway.proc
    process.stdin.close()
    process.wait(60)
    SparkContext._gateway = SparkContext._jvm = None  # type: ignore[assignment]


def spark_rows(frame: SparkFrame) -> Rows:
    """Return Spark's rows with its own reckoning of instants, not Python's."""
    told = [
        f"unix_micros(`{name}`) AS `{name}`" if name in INSTANTS else f"`{name}`" for name in ALL
    ]
    rows = [row.asDict() for row in frame.selectExpr(*told).collect()]
    for row in rows:
        assert type(row["date"]) is date, row["date"]
        row["date"] = str(row["date"])
    return sorted(rows, key=lambda row: row["timestamp"])


def spark_types(frame: SparkFrame) -> dict[str, str]:
    return dict(frame.dtypes)


EXPECTED_SPARK = {
    field.name: {"int32": "int", "int64": "bigint"}.get(str(field.type), str(field.type))
    for field in CONNECTIONS.fields
} | dict.fromkeys(INSTANTS, "timestamp") | {"date": "date"}  # fmt: skip


def test_spark(world: Path, expected: Rows, spark: SparkSession) -> None:
    frame = spark.read.parquet(f"{world}/out/connections")
    assert spark_types(frame) == EXPECTED_SPARK
    assert spark_rows(frame) == expected
    assert frame.where("date = '2026-09-24'").count() == 4


def test_spark_table(world: Path, expected: Rows, spark: SparkSession) -> None:
    spark.sql("DROP TABLE IF EXISTS connections")
    for statement in ddl(world / "out", dialect="spark").split(";\n")[:-1]:
        spark.sql(statement)
    frame = spark.table("connections")
    assert spark_types(frame) == EXPECTED_SPARK
    assert spark_rows(frame) == expected
    column = next(f for f in frame.schema if f.name == "tls_handshake_latency")
    assert "[s]" in column.metadata["comment"]


# The files themselves


def test_footers(world: Path) -> None:
    for path in part_files(world / "out"):
        with pq.ParquetFile(path) as file:
            footer, schema, group = file.metadata.metadata, file.schema, file.metadata.row_group(0)
            assert file.schema_arrow.remove_metadata().equals(CONNECTIONS.file_schema)
        assert footer[b"albconn.schema_version"] == str(SCHEMA_VERSION).encode()
        for field in CONNECTIONS.fields:
            assert f'"{field.name}"'.encode() in footer[b"albconn.fields"]
        assert b"ARROW:schema" not in footer  # it would say "dictionary"
        for number, name in enumerate(CONNECTIONS.columns):
            column = schema.column(number)
            assert column.physical_type != "INT96"
            assert "isSigned=false" not in str(column.logical_type)
            if name in INSTANTS:
                assert column.physical_type == "INT64"
                told = str(column.logical_type)
                assert "isAdjustedToUTC=true" in told
                assert "timeUnit=microseconds" in told
            chunk = group.column(number)
            assert chunk.compression == "ZSTD"
            assert chunk.has_offset_index
        assert [(key.column_index, key.descending) for key in group.sorting_columns] == [
            (CONNECTIONS.columns.index(name), False)
            for name in ("timestamp", "source_file", "line_number")
        ]
        assert group.column(0).has_column_index
        assert group.column(0).statistics.min.tzinfo is not None
        assert isinstance(group.column(0).statistics.max, datetime)
