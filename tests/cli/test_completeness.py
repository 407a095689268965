"""Commands that ask whether anything is missing."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import albconn as ac
from albconn.cli import app
from tests.analysis.cloudwatch import statistics
from tests.cli.running import FIRST_CASE, SAMPLE, albconn, printed
from worlds import trees


def test_coverage_names_the_missing_interval(dataset: str) -> None:
    done = albconn("coverage", dataset, "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert "10.0.2.22,2026-09-22 03:05:00+00:00,False" in done.stdout


def test_coverage_of_logs_is_that_of_their_dataset(dataset: str) -> None:
    logs = printed("coverage", SAMPLE, "--load-balancer", "api")
    assert logs == printed("coverage", dataset, "--load-balancer", "api")
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
    assert (beside.returncode, beside.stderr) == (0, f"albconn: {told}\n")


def test_reconcile_takes_what_powershell_writes(tmp_path: Path) -> None:
    metric = tmp_path / "metric.json"
    metric.write_text(json.dumps(statistics({"2023-12-05T14:05:00Z": 4.0})), encoding="utf-16")
    rows = printed("reconcile", FIRST_CASE, str(metric))
    assert sum(float(row["metric_errors"]) for row in rows) == 4.0
