"""The command line: what it prints where, and its exit codes."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from albconn.cli import app
from albconn.cli.options import parse_time

ROOT = Path(__file__).parent.parent
SAMPLE = str(ROOT / "data/sample")
FIRST_CASE = str(ROOT / "data/sample/first_case.log")
TRUTH = json.loads((ROOT / "data/sample/truth.json").read_text())

COMMANDS = [
    command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands
]


def albconn(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from albconn.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> str:
    dest = str(tmp_path_factory.mktemp("cli") / "dataset")
    done = albconn("convert", SAMPLE, dest, "--format", "json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert (facts["lines"], facts["rows"], facts["rejected"]) == (
        TRUTH["lines"], TRUTH["rows"], TRUTH["rejected"],
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == 1
    return dest


def test_rates_as_csv_sum_to_the_truth(dataset: str) -> None:
    done = albconn("rates", dataset, "--every", "1D", "--format", "csv")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert sum(int(row["connections"]) for row in rows) == TRUTH["tls_connections"]
    assert sum(int(row["failures"]) for row in rows) == TRUTH["failures"]


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


def test_clients_names_the_fleet(dataset: str) -> None:
    done = albconn("clients", dataset, "--top", "1", "--ipv4-prefix", "24", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["client_ip"] for row in rows] == ["203.0.113.0/24", "other"]


def test_table_is_readable(dataset: str) -> None:
    done = albconn("clients", dataset, "--top", "2")
    assert done.stdout.splitlines()[-1].startswith("other")
    assert "%" in done.stdout


def test_own_errors_are_one_line_and_exit_1(tmp_path: Path) -> None:
    done = albconn("rates", str(tmp_path / "nothing"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"albconn: {tmp_path}/nothing: no such file or folder; check the path"
    ]


def test_a_column_that_is_none_is_refused(dataset: str) -> None:
    done = albconn("rates", dataset, "--by", "colour")
    assert done.returncode == 1
    assert "no column 'colour'" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("rates",),
        ("rates", "x", "--start", "2026-09-23T10:00:00"),
        ("rates", "x", "--start", "soon"),
        ("convert", "only-one"),
        ("clients", "x", "--top", "0"),
        ("report", "x", "y", "--incident", "2026-09-23"),
        ("no-such-command",),
    ],
)
def test_usage_errors_exit_2(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_stands_in_the_readme(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert f"Example: albconn {command} " in shown.output
    assert f"albconn {command} " in (ROOT / "README.md").read_text()


def test_a_date_is_midnight_utc() -> None:
    assert parse_time("2026-09-23").isoformat() == "2026-09-23T00:00:00+00:00"
    assert parse_time("2026-09-23T12:00:00+02:00").isoformat() == "2026-09-23T10:00:00+00:00"


def test_version() -> None:
    assert CliRunner().invoke(app, ["--version"]).output.startswith("albconn 0.")


def test_first_case_through_the_command_line() -> None:
    done = albconn("rates", FIRST_CASE, "--every", "all", "--by", "tls_protocol", "--format", "csv")
    rows = {row["tls_protocol"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    assert (rows["TLSv1.2"]["failures"], rows["TLSv1.2"]["unmapped_failures"]) == ("0", "7")
    assert rows["TLSv1.3"]["connections"] == "1"
