"""The command line: what it prints where, and its exit codes."""

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from albconn.cli import app
from albconn.cli.options import parse_time

ROOT = Path(__file__).parents[2]
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
    """It also says whether logs are read the fast way: what a slow machine's owner asks first."""
    said = CliRunner().invoke(app, ["--version"]).output
    assert said.startswith("albconn 0.")
    assert said.endswith(" its compiled reader)\n")


def test_first_case_through_the_command_line() -> None:
    done = albconn("rates", FIRST_CASE, "--every", "all", "--by", "tls_protocol", "--format", "csv")
    rows = {row["tls_protocol"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    assert (rows["TLSv1.2"]["failures"], rows["TLSv1.2"]["unmapped_failures"]) == ("0", "7")
    assert rows["TLSv1.3"]["connections"] == "1"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("reasons",), "ClientCertExpired,380,28179"),
        (("latency", "--every", "all"), "27621"),
        (("compare",), "client_network,203.0.113.0/24"),
        (("certificates", "--as-of", "2026-09-24"), "03A5B1"),
        (("policies",), "ELBSecurityPolicy-TLS13-1-3-2021-06,TLSv1.3"),
        (("key-exchange",), "X25519MLKEM768"),
        (("recoveries",), "198.51.100.253"),
        (("coverage",), "10.0.2.22,2026-09-22 03:05:00+00:00,False"),
    ],
)
def test_an_analysis_prints_the_truth(
    dataset: str, arguments: tuple[str, ...], expected: str
) -> None:
    command, *options = arguments
    done = albconn(command, dataset, *options, "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout


def test_policy_impact_names_what_breaks(dataset: str) -> None:
    policy = "ELBSecurityPolicy-TLS13-1-3-2021-06"
    done = albconn("policy-impact", dataset, policy, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    breaks = sum(int(row["connections"]) for row in rows if row["verdict"] == "breaks")
    ciphers = TRUTH["successes_by_cipher"]
    assert breaks == sum(n for cipher, n in ciphers.items() if not cipher.startswith("TLS_"))


def test_an_unknown_policy_is_one_line(dataset: str) -> None:
    done = albconn("policy-impact", dataset, "ELBSecurityPolicy-TLS14")
    assert done.returncode == 1
    assert "ELBSecurityPolicy-TLS14" in done.stderr.splitlines()[-1]


def test_check_and_compact(dataset: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(dataset, copy)
    compacted = albconn("compact", str(copy), "--target-size", "64MB", "--format", "json")
    assert json.loads(compacted.stdout)["parts_after"] == 1
    done = albconn("check", str(copy), SAMPLE)
    assert done.returncode == 0, done.stderr
    next((copy / "connections").rglob("*.parquet")).unlink()
    broken = albconn("check", str(copy))
    assert broken.returncode == 1
    assert "part-" in broken.stderr


def test_schema_and_ddl_print(dataset: str) -> None:
    assert albconn("schema").stdout.startswith("| column |")
    assert json.loads(albconn("schema", "--format", "json").stdout)["schema_version"] == 1
    assert "`date`" in albconn("ddl", dataset, "--dialect", "athena").stdout
