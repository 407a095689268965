"""Log files and a dataset are opened alike; what was not understood is said, not printed."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from albconn.cli import app
from albconn.cli.analyses import COMMANDS, name_of
from albconn.cli.opening import opened
from albconn.cli.options import Which
from tests.analysis.cloudwatch import statistics
from tests.cli.running import FIRST_CASE, SAMPLE, TRUTH, albconn, printed
from worlds import trees

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)


def test_logs_and_their_dataset_print_the_same(dataset: str) -> None:
    arguments = ("--every", "all", "--by", "elb", "--format", "json")
    of_logs, of_dataset = (
        albconn("rates", SAMPLE, *arguments),
        albconn("rates", dataset, *arguments),
    )
    assert of_logs.stdout == of_dataset.stdout != ""
    assert "3 of 30,716 lines rejected" in of_logs.stderr


def test_time_range_and_filter_apply_to_a_dataset(dataset: str) -> None:
    done = albconn(
        "rates", dataset, "--every", "all", "--format", "csv", "--load-balancer", "shop",
        "--start", TRUTH["incident"]["start"], "--end", TRUTH["incident"]["end"],
    )  # fmt: skip
    row = next(csv.DictReader(io.StringIO(done.stdout)))
    assert int(row["connections"]) == TRUTH["incident"]["tls_connections"]
    assert int(row["failures"]) == TRUTH["incident"]["failures"]


def test_only_rejected_lines_are_worth_a_word(
    dataset: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = opened([FIRST_CASE], Which())
    assert (found.rows, found.rejected) == (8, 0)
    assert capsys.readouterr() == ("", "")
    assert opened([dataset], Which()).rows == TRUTH["rows"]
    assert capsys.readouterr() == ("", "albconn: 3 of 30,716 lines rejected\n")


@pytest.fixture
def two(tmp_path: Path) -> list[str]:
    """Two log files of three connections each; one has AWS's name."""
    files = {name: trees.content(NOON) for name in ("a.log.gz", trees.name_of(NOON))}
    return [str(trees.plant(tmp_path, files) / name) for name in sorted(files)]


AFTER = {
    "policy-impact": ["ELBSecurityPolicy-TLS13-1-3-2021-06"],
    "policy-clients": ["ELBSecurityPolicy-TLS13-1-3-2021-06"],
}
NEEDED = {
    "certificates": ["--as-of", "2026-09-24"],
    "stopped-working": ["--since", "2026-09-23T11:57Z"],
    "compare": ["--incident", "2026-09-23T11:57Z/2026-09-23T12:00Z", "--baseline",
                "2026-09-23T11:50Z/2026-09-23T11:57Z"],
}  # fmt: skip
ANALYSES = [name_of(c) for c in dict.fromkeys(COMMANDS.values()) if name_of(c) != "reconcile"]


@pytest.mark.parametrize("command", ANALYSES)
def test_every_analysis_takes_several_sources(two: list[str], command: str) -> None:
    """As a shell makes them of logs/*.gz; what comes after them keeps its place."""
    arguments = [command, *two, *AFTER.get(command, []), *NEEDED.get(command, [])]
    done = CliRunner().invoke(app, [*arguments, "--format", "json"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr


def test_several_sources_are_counted_together_and_their_last_argument_stays(
    two: list[str], tmp_path: Path
) -> None:
    assert printed("totals", *two)[0]["rows"] == "6"
    metric = tmp_path / "metric.json"
    metric.write_text(json.dumps(statistics({"2026-09-23T11:55:00Z": 4.0})))
    assert (
        sum(float(row["metric_errors"]) for row in printed("reconcile", *two, str(metric))) == 4.0
    )
    done = albconn("report", *two, str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out/index.html").exists()
    done = albconn("convert", *two, str(tmp_path / "dataset"), "--format", "json")
    assert json.loads(done.stdout)["rows"] == 6


def test_a_dataset_among_several_is_refused_not_skipped(two: list[str], tmp_path: Path) -> None:
    assert albconn("convert", *two, str(tmp_path / "out")).returncode == 0
    done = albconn("totals", str(tmp_path / "out"), *two)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"albconn: {tmp_path}/out: a converted dataset, not log files; give it alone to what "
        "counts, or read it with read_dataset"
    ]


def test_copies_are_counted_once_unless_asked_for(two: list[str], tmp_path: Path) -> None:
    copy = trees.plant(tmp_path / "copied", {Path(two[1]).name: Path(two[1]).read_bytes()})
    done = albconn("totals", *two, str(copy), "--format", "csv")
    assert done.stdout.splitlines()[1].split(",")[0] == "6"
    assert "skipped 1 copy of files that are read already" in done.stderr
    kept = albconn("totals", *two, str(copy), "--format", "csv", "--duplicates", "keep")
    assert (kept.stdout.splitlines()[1].split(",")[0], kept.stderr) == ("9", "")


def test_empty_log_files_are_said(tmp_path: Path) -> None:
    (tmp_path / "a.log").touch()
    done = albconn("totals", str(tmp_path))
    assert (done.returncode, done.stderr.splitlines()) == (
        0, ["albconn: the log files are empty: there is not a line in them"]
    )  # fmt: skip
