"""The contract with those who read a dataset: columns, types, units, meanings; and SQL for it.

Everything here is made from the table's fields, as every Parquet file is; so the documentation,
the footers and the table definitions cannot differ. The schema grows at its end and nowhere
else: a column is never renamed, retyped or removed while the table's version has its number.

References
----------
AWS, "Supported types for partition projection", Amazon Athena User Guide.
"""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

import pyarrow as pa

from albconn.dataset.commits.layout import DATE_COLUMN, date_of_part
from albconn.dataset.commits.ledger import load_state
from albconn.errors import DatasetError, TableError, shown
from albconn.printable import visible
from albconn.schema.connections import CONNECTIONS
from albconn.schema.field import Field
from albconn.schema.kind import INSTANT, Kind
from albconn.schema.table import LogTable
from albconn.schema.tables import TABLES, find_table
from albconn.storage.places import StorageOptions, is_remote
from albconn.storage.store import Dest, open_dest

Dialect = Literal["athena", "spark", "duckdb"]

DATE = Kind("date", "", pa.date32(), repeated=True)  # of folders, never of a line
ELSEWHERE = "s3://your-bucket/your-prefix"

_TABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?")


_GLOB = re.compile(r"[*?\[]")
_FOLDER = re.compile(r"(?:^|/)(([^/=]+)=[^/]*)")


class Names(NamedTuple):
    """How one type is called: in Parquet, pandas, Athena (Hive), Spark and DuckDB."""

    parquet: str
    pandas: str
    athena: str
    spark: str
    duckdb: str


_NAMES = {
    INSTANT: Names(
        "INT64 TIMESTAMP(MICROS, UTC)",
        "datetime64[us, UTC]",
        "timestamp",
        "TIMESTAMP",
        "TIMESTAMP WITH TIME ZONE",
    ),
    pa.int32(): Names("INT32", "int32", "int", "INT", "INTEGER"),
    pa.int64(): Names("INT64", "int64", "bigint", "BIGINT", "BIGINT"),
    pa.float64(): Names("DOUBLE", "float64", "double", "DOUBLE", "DOUBLE"),
    pa.string(): Names("BYTE_ARRAY STRING", "str", "string", "STRING", "VARCHAR"),
    pa.date32(): Names("–", "category", "date", "DATE", "DATE"),
}


def schema_markdown(table: str | LogTable = CONNECTIONS) -> str:
    """Return the columns as a Markdown table: column, Parquet type, pandas dtype, unit, meaning.

    Examples
    --------
    >>> print(schema_markdown().splitlines()[2])
    | `timestamp` | INT64 TIMESTAMP(MICROS, UTC) | datetime64[us, UTC] | UTC | when the connection was established, or failed |
    """  # noqa: E501
    lines = ["| column | Parquet | pandas | unit | meaning |", "|---|---|---|---|---|"]
    lines += [
        f"| `{c['name']}` | {c['parquet']} | {c['pandas']} | {c['unit'] or ''} | "
        # Else app/<name>/<hex> would be taken for HTML and vanish.
        + str(c["meaning"]).replace("<", "\\<").replace("|", "\\|")
        + " |"
        for c in _columns(find_table(table))
    ]
    return "\n".join(lines) + "\n"


def schema_json(table: str | LogTable = CONNECTIONS) -> str:
    """Return the contract as JSON: ``schema_version``, ``partition`` and ``columns``.

    Each column has ``name``, ``parquet``, ``pandas``, ``unit``, ``nullable``, ``meaning``.
    """
    log_table = find_table(table)
    told = {
        "schema_version": log_table.version,
        "partition": DATE_COLUMN,
        "columns": _columns(log_table),
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def ddl(
    dest: Dest,
    *,
    dialect: Dialect,
    table: str = "connections",
    of: str | LogTable | None = None,
    storage_options: StorageOptions = None,
) -> str:
    """Return the SQL that makes a dataset a table of another engine.

    Parameters
    ----------
    dest : str or path
        Where ``convert`` writes to; it need not be there yet. A path with characters that the
        engine would not take as they are is refused.
    dialect : {"athena", "spark", "duckdb"}
        An external table with partition projection; a table; a view.
    table : str
        The name that it gets, perhaps with its database: ``security.connections``.
    of : {"connections", "requests"} or LogTable, optional
        Which table of the dataset; the default is the one of that name, else the connections.
    storage_options : dict, optional
        Passed to the store (s3fs).

    Returns
    -------
    str
        Statements, each ended by ``;``. Spark's last one is to be repeated for new dates. Times
        are UTC; Athena's ``timestamp`` has no zone and shows UTC, Spark shows its session's zone.

    Raises
    ------
    TableError
        The dialect or the name does not fit.
    DatasetError
        The destination cannot be read, or its path cannot be told to the engine.

    References
    ----------
    AWS, "Use partition projection with Amazon Athena", Amazon Athena User Guide.
    """
    problems = []
    if not isinstance(dialect, str) or dialect not in ("athena", "spark", "duckdb"):
        problems.append(f"dialect: {shown(dialect)}; expected 'athena', 'spark' or 'duckdb'")
    if not isinstance(table, str) or not _TABLE_NAME.fullmatch(table):
        problems.append(f"table: {shown(table)} is no name; expected connections or db.connections")
    if problems:
        raise TableError(problems)
    log_table = _table_called(table) if of is None else find_table(of, "of")
    store = open_dest(dest, storage_options)
    location = _quotable(store.location, dialect, log_table)
    if dialect == "athena":
        state = load_state(store)
        parts = state.of(log_table.name).parts if state else ()
        # Not from the oldest date there: days that a backfill adds later would never be seen.
        first = min(map(date_of_part, parts), default=log_table.since)
        return _athena(location, table, log_table, min(first, log_table.since))
    write = _spark if dialect == "spark" else _duckdb
    return write(location, table, log_table)


def _table_called(name: str) -> LogTable:
    return TABLES.get(name.rpartition(".")[2].lower(), CONNECTIONS)


def _quotable(location: str, dialect: Dialect, table: LogTable) -> str:
    """Return a dataset's location, if the engine can be told it as text and nothing else."""
    why, is_pattern = "", _GLOB.search(location) is not None
    if visible(location) != location:
        why = "holds a character that does not show, or no UTF-8"
    elif dialect != "duckdb" and is_remote(location) and "${" in location:
        why = f"holds '${{', which {dialect.capitalize()} takes for a variable"
    elif dialect == "duckdb" and ("\\" in location or (is_remote(location) and is_pattern)):
        why = "holds one of \\ * ? [, which DuckDB does not take as they are"
    elif dialect == "duckdb" and (folder := _folder_of_column(location, table)):
        why = f"has a folder {folder!r}, which DuckDB takes for the values of a column"
    if why:
        raise DatasetError(f"{location}: its path {why}; give the dataset another path")
    return location


def _folder_of_column(location: str, table: LogTable) -> str | None:
    columns = (*table.columns, DATE_COLUMN)
    return next((f[1] for f in _FOLDER.finditer(location) if f[2] in columns), None)


def _partition(table: LogTable) -> Field:
    meaning = (
        f"UTC date of {table.time_column}; the partition, in the folder's name, not in the file"
    )
    return Field(DATE_COLUMN, DATE, meaning, unit="UTC")


def _columns(table: LogTable) -> list[dict[str, str | bool | None]]:
    never_null = (*table.never_null, DATE_COLUMN)
    return [
        {
            "name": field.name,
            "parquet": _NAMES[field.type].parquet,
            "pandas": "category" if field.repeated else _NAMES[field.type].pandas,
            "unit": field.unit,
            "nullable": field.name not in never_null,
            "meaning": field.meaning,
        }
        for field in (*table.fields, _partition(table))
    ]


def _athena(location: str, name: str, table: LogTable, first: date) -> str:
    """Return a Hive statement: names in back-ticks, ``date`` above all, which is a keyword."""
    remark = ""
    if not is_remote(location):
        remark = f"-- Athena reads S3 only: copy {location} there and set both places below.\n"
        location = ELSEWHERE
    place = _hive_text(f"{location}/{table.name}/")
    by_date = _hive_text(f"{location}/{table.name}/{DATE_COLUMN}=${{{DATE_COLUMN}}}/")
    columns = ",\n".join(_hive_column(field, "athena") for field in table.fields)
    date_comment = _hive_text(_partition(table).meaning)
    return (
        f"{remark}CREATE EXTERNAL TABLE {_ticked(name)} (\n{columns}\n)\n"
        f"PARTITIONED BY (`{DATE_COLUMN}` date COMMENT {date_comment})\n"
        f"STORED AS PARQUET\n"
        f"LOCATION {place}\n"
        "TBLPROPERTIES (\n"
        "  'projection.enabled' = 'true',\n"
        f"  'projection.{DATE_COLUMN}.type' = 'date',\n"
        f"  'projection.{DATE_COLUMN}.format' = 'yyyy-MM-dd',\n"
        f"  'projection.{DATE_COLUMN}.range' = '{first.isoformat()},NOW',\n"
        f"  'projection.{DATE_COLUMN}.interval' = '1',\n"
        f"  'projection.{DATE_COLUMN}.interval.unit' = 'DAYS',\n"
        f"  'storage.location.template' = {by_date},\n"
        f"  'albconn.schema_version' = '{table.version}'\n"
        ");\n"
    )


def _spark(location: str, name: str, table: LogTable) -> str:
    place = location if is_remote(location) else Path(location).as_uri()
    columns = ",\n".join(_hive_column(field, "spark") for field in table.fields)
    return (
        f"CREATE TABLE {_ticked(name)} (\n{columns},\n"
        f"  `{DATE_COLUMN}` DATE COMMENT {_hive_text(_partition(table).meaning)}\n)\n"
        "USING PARQUET\n"
        f"PARTITIONED BY (`{DATE_COLUMN}`)\n"
        f"LOCATION {_hive_text(f'{place}/{table.name}/')}\n"
        f"TBLPROPERTIES ('albconn.schema_version' = '{table.version}');\n"
        # Spark sees the dates that it was told of: now those that are there, later new ones.
        f"MSCK REPAIR TABLE {_ticked(name)};\n"
    )


def _duckdb(location: str, name: str, table: LogTable) -> str:
    name = ".".join(f'"{part}"' for part in name.split("."))
    columns = ",\n".join(f'  "{column}"' for column in (*table.columns, DATE_COLUMN))
    literally = _GLOB.sub(r"[\g<0>]", location)
    files = _sql_text(f"{literally}/{table.name}/**/*.parquet")
    comments = (
        "".join(
            f'COMMENT ON COLUMN {name}."{f.name}" IS {_sql_text(_comment(f))};\n'
            for f in table.fields
        )
        + f'COMMENT ON COLUMN {name}."{DATE_COLUMN}" IS {_sql_text(_partition(table).meaning)};\n'
    )
    return (
        # By name: a file from before a column was appended has nulls in it.
        f"CREATE OR REPLACE VIEW {name} AS\nSELECT\n{columns}\n"
        f"FROM read_parquet({files}, hive_partitioning = true, "
        f"hive_types = {{'{DATE_COLUMN}': DATE}}, union_by_name = true);\n{comments}"
    )


def _hive_column(field: Field, dialect: str) -> str:
    kind = getattr(_NAMES[field.type], dialect)
    return f"  `{field.name}` {kind} COMMENT {_hive_text(_comment(field))}"


def _comment(field: Field) -> str:
    return f"{field.meaning} [{field.unit}]" if field.unit else field.meaning


def _ticked(name: str) -> str:
    return ".".join(f"`{part}`" for part in name.split("."))


def _hive_text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _sql_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
