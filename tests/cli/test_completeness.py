"""Commands that ask whether anything is missing."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, strategies as st
from typer.testing import CliRunner

import albconn as ac
from albconn.cli import app
from albconn.cli.completeness import holes_of
from tests.analysis.cloudwatch import statistics
from tests.cli.running import FIRST_CASE, SAMPLE, albconn, printed
from worlds import trees

FIVE = pd.Timedelta(minutes=5)


def test_coverage_names_the_missing_interval(dataset: str) -> None:
    done = albconn("coverage", dataset, "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "elb,ip_address,start,end,intervals",
        "app/api/8f1b2c3d4e5f6a7b,10.0.2.22,2026-09-22 03:00:00+00:00,2026-09-22 03:15:00+00:00,3",
    ]
    assert done.stderr == (
        "albconn: 3 of 2,304 intervals of 4 nodes are missing (0.13 %), "
        "2026-09-22 00:00 to 2026-09-24 00:00 UTC\n"
    )
    each = albconn("coverage", dataset, "--format", "csv", "--all")
    assert "10.0.2.22,2026-09-22 03:05:00+00:00,False" in each.stdout
    assert (len(each.stdout.splitlines()), each.stderr) == (2305, "")


def slowly(table: pd.DataFrame) -> list[tuple[object, ...]]:
    """Return the runs of missing intervals, one row looked at after the other."""
    runs: list[list[Any]] = []
    for elb, node, end, seen in table[["elb", "ip_address", "interval_end", "seen"]].itertuples(
        index=False
    ):
        follows = runs and runs[-1][:2] == [elb, node] and runs[-1][3] == end - FIVE
        if not seen and follows:
            runs[-1][3:] = [end, runs[-1][4] + 1]
        elif not seen:
            runs.append([elb, node, end - FIVE, end, 1])
    return [tuple(run) for run in runs]


@given(st.lists(st.lists(st.booleans(), max_size=12), max_size=4))
def test_holes_are_the_runs_of_what_is_missing(nodes: list[list[bool]]) -> None:
    """Each node begins with another interval and is seen at its ends, as in every coverage."""
    begin = pd.Timestamp("2026-09-23T00:00Z")
    rows = [
        (f"app/{n % 2}", f"10.0.0.{n}", begin + (n + place) * FIVE, seen)
        for n, node in enumerate(nodes)
        for place, seen in enumerate([True, *node, True])
    ]
    columns = ["elb", "ip_address", "interval_end", "seen"]
    table = pd.DataFrame(rows, columns=columns).astype(
        {"elb": "category", "ip_address": "category", "seen": "bool",
         "interval_end": "datetime64[us, UTC]"}
    )  # fmt: skip
    found = holes_of(table)
    assert list(found.columns) == ["elb", "ip_address", "start", "end", "intervals"]
    assert list(found.itertuples(index=False, name=None)) == slowly(table)
    assert found["intervals"].sum() == (~table["seen"]).sum()
    assert [str(kind) for kind in found.dtypes[2:]] == [
        "datetime64[us, UTC]", "datetime64[us, UTC]", "int64",
    ]  # fmt: skip


def test_where_nothing_is_missing_it_is_said(tmp_path: Path) -> None:
    end = datetime(2026, 9, 23, 12, tzinfo=UTC)
    trees.plant(tmp_path, {trees.key(end): trees.content(end)})
    done = albconn("coverage", str(tmp_path), "--format", "csv")
    assert done.stdout == "elb,ip_address,start,end,intervals\n"
    assert done.stderr == (
        "albconn: 0 of 1 intervals of 1 node are missing (0 %), "
        "2026-09-23 11:55 to 2026-09-23 12:00 UTC\n"
    )


def test_the_chart_still_draws_every_interval(dataset: str, tmp_path: Path) -> None:
    picture = tmp_path / "coverage.svg"
    done = CliRunner().invoke(app, ["chart", "coverage", dataset, "-o", str(picture)])
    assert done.exit_code == 0, done.stderr
    assert "3 of 2,304 node-intervals missing" in picture.read_text()
    assert "--all" not in CliRunner().invoke(app, ["chart", "coverage", "--help"]).stdout


def test_coverage_of_logs_is_that_of_their_dataset(dataset: str) -> None:
    logs = printed("coverage", SAMPLE, "--load-balancer", "api", "--all")
    assert logs == printed("coverage", dataset, "--load-balancer", "api", "--all")
    assert {row["elb"].split("/")[1] for row in logs} == {"api"}


@pytest.mark.parametrize("period", [60, 300])
def test_reconcile_prints_what_the_function_returns(tmp_path: Path, period: int) -> None:
    metric = tmp_path / "metric.json"
    metric.write_text(json.dumps(statistics({"2023-12-05T14:05:00Z": 4.0})))
    rows = printed("reconcile", FIRST_CASE, str(metric), "--period", str(period))
    table = ac.reconcile_metric(FIRST_CASE, metric, period=period)
    assert rows == list(csv.DictReader(io.StringIO(table.to_csv(index=False))))
    assert sum(int(row["log_failures"]) for row in rows) == 7
    assert sum(float(row["metric_errors"]) for row in rows) == 4.0


def test_a_metric_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["reconcile", FIRST_CASE, str(tmp_path / "none.json")])
    assert done.exit_code == 2
    assert "METRIC_JSON" in done.stderr


def test_coverage_says_which_files_it_cannot_place(tmp_path: Path) -> None:
    shutil.copy(FIRST_CASE, tmp_path / "renamed.log")
    alone = albconn("coverage", str(tmp_path))
    told = "1 log file has names that do not tell node and interval"
    assert (alone.returncode, alone.stderr) == (
        0, f"albconn: coverage: no interval is known; {told}\n"
    )  # fmt: skip
    end = datetime(2026, 9, 23, 12, tzinfo=UTC)
    trees.plant(tmp_path, {trees.name_of(end): b""})
    beside = albconn("coverage", str(tmp_path))
    assert (beside.returncode, beside.stderr.splitlines()[0]) == (0, f"albconn: {told}")


def test_reconcile_takes_what_powershell_writes(tmp_path: Path) -> None:
    metric = tmp_path / "metric.json"
    metric.write_text(json.dumps(statistics({"2023-12-05T14:05:00Z": 4.0})), encoding="utf-16")
    rows = printed("reconcile", FIRST_CASE, str(metric))
    assert sum(float(row["metric_errors"]) for row in rows) == 4.0
