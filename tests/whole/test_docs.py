"""The README is true: its table is the contract, and what it says to run runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
import sqlglot
from sqlglot import exp
from typer.testing import CliRunner

from albconn import AlbconnWarning, convert
from albconn.cli import app
from albconn.dataset import schema_markdown
from albconn.schema.connections import CONNECTIONS
from tests.java import why_no_spark

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
TRUTH = json.loads((ROOT / "data/sample/truth.json").read_text())


def snippet(kind: str) -> str:
    """Return the one block of code that begins with a comment naming its engine."""
    found = re.findall(rf"```(?:sql|python)\n(?:--|#) {kind}\n(.*?)```", README, re.DOTALL)
    assert len(found) == 1, f"{len(found)} snippets of {kind} in README.md"
    return found[0]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which out/dataset is the converted sample."""
    root = tmp_path_factory.mktemp("readme")
    with pytest.warns(AlbconnWarning, match="more fields than the 15 known"):
        convert(ROOT / "data/sample", root / "out/dataset")
    return root


def test_the_table_is_the_contract() -> None:
    block = re.search(r"<!-- table[^\n]*-->\n(.*?)<!-- end of table -->", README, re.DOTALL)
    assert block is not None
    assert block[1] == schema_markdown(), "put the output of `albconn schema` between the comments"


def test_athena_snippet_parses() -> None:
    query = sqlglot.parse_one(snippet("athena"), dialect="athena")
    assert {column.name for column in query.find_all(exp.Column)} <= {
        *CONNECTIONS.columns,
        "date",
        "failures",
    }
    assert [table.name for table in query.find_all(exp.Table)] == ["connections"]


def test_duckdb_snippet(place: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("SET file_search_path = $1", [str(place)])
        rows = connection.sql(snippet("duckdb")).fetchall()
    assert all(type(day) is date for day, _, _ in rows)
    assert sum(failures for _, failures, _ in rows) == TRUTH["failures"]
    assert sum(connections for _, _, connections in rows) == TRUTH["tls_connections"]


@pytest.mark.parametrize("kind", ["polars", "pandas"])
def test_frame_snippets(kind: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    scope: dict[str, Any] = {}
    exec(snippet(kind), scope)
    failed = scope["failed"]
    if isinstance(failed, pl.DataFrame):
        assert failed["len"].sum() == TRUTH["failures"]
        assert failed.schema["date"] == pl.Date
    else:
        assert isinstance(failed, pd.DataFrame)
        assert len(failed) == TRUTH["failures"]


_SPARK = """
from pyspark.sql import SparkSession

spark = (
    SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.local.dir", "spark").config("spark.sql.session.timeZone", "UTC").getOrCreate()
)
"""


def test_spark_snippet(place: Path) -> None:
    if reason := why_no_spark():
        pytest.skip(reason)
    done = subprocess.run(
        [sys.executable, "-c", _SPARK + snippet("spark") + "spark.stop()"],
        cwd=place, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    counts = [int(n) for n in re.findall(r"\|\s*(\d+)\|\n", done.stdout)]
    frame = pd.read_parquet(place / "out/dataset/connections/date=2026-09-23")
    assert sum(counts) == (frame["outcome"] == "failed").sum() > 0
    assert counts == sorted(counts, reverse=True)


def test_layout_is_what_is_written(place: Path) -> None:
    written = {
        re.sub(r"\d{4}-\d\d-\d\d", "YYYY-MM-DD", re.sub(r"\d{8}(-\w{8}-\d{4})?", "#", str(path)))
        for path in (p.relative_to(place / "out/dataset") for p in place.rglob("*.*"))
        if path.parts[0] in ("connections", "manifest", "rejected") and path.suffix
    }
    told = {
        text.replace("<batch>-<n>", "#").replace("<batch>", "#")
        for text in re.findall(r"^    DEST/(\S+)", README, re.MULTILINE)
    }
    assert written == told


def test_cron_lines_are_commands_that_there_are() -> None:
    block = re.search(r"```cron\n(.*?)```", README, re.DOTALL)
    assert block is not None
    for text in block[1].splitlines():
        command = re.search(r"albconn (\w+)", text)
        assert command is not None
        options = set(re.findall(r"--[a-z-]+", text))
        shown = CliRunner().invoke(app, [command[1], "--help"], terminal_width=200).output
        assert {option for option in options if option not in shown} == set()
