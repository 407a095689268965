"""The command line as a whole: help, version, exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from albconn.cli import app
from tests.cli.running import ROOT, albconn
from tests.conftest import S3Server
from tests.logs.on_s3 import NOON, is_get_of
from worlds import trees

COMMANDS = [
    command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands
]


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


def told(*arguments: str) -> str:
    """Return what is said of a usage error, without its frame."""
    done = CliRunner().invoke(app, arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    return " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("rates", "x", "--format", "cvs"), "csv"),
        (("rates", "x", "--format", "JSON"), "json"),
        (("convert", "a", "b", "--client-ip", "trunkate"), "truncate"),
        (("ddl", "x", "--dialect", "athna"), "athena"),
        (("summary", "x", "--format", "md"), None),
        (("totals", "x", "--duplicates", "skipp"), "skip"),
        (("schema", "--format", "jsn"), "json"),
        (("chart", "rates", "x", "-o", "a.png", "--log", "z"), None),
    ],
)
def test_a_choice_that_is_close_was_meant(arguments: tuple[str, ...], meant: str | None) -> None:
    said = told(*arguments)
    assert "is not one of '" in said
    assert ("did you mean" in said) is (meant is not None)
    assert meant is None or f"; did you mean {meant}?" in said
    assert "Value error" not in said


def test_a_command_or_option_that_is_close_was_meant() -> None:
    assert "Did you mean 'rates'?" in told("raets", "x")
    assert "Did you mean 'coverage', " in told("chart", "coverge")
    assert "Possible options: --format" in told("rates", "x", "--fromat", "csv")


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("rates", "--by", "client_pi"), "client_ip"),
        (("rates", "--by", "client_netwrok"), "client_network"),
        (("reasons", "--by", "load_balancer"), "elb"),
        (("compare", "--by", "elb,tls_cypher"), "tls_cipher"),
        (("histories", "--by", "clientip"), "client_ip"),
        (("policies", "--from-policy", "ELBSecurityPolicy-2016-8"), "ELBSecurityPolicy-2016-08"),
        (("summary", "--timezone", "Europe/Berln"), "Europe/Berlin"),
        (("totals", "--load-balancer", "shpo"), "'shop'"),
    ],
)
def test_a_name_that_is_close_was_meant(
    dataset: str, arguments: tuple[str, ...], meant: str
) -> None:
    command, *options = arguments
    done = albconn(command, dataset, *options)
    assert done.returncode == 1
    assert f"; did you mean {meant}?\n" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_stands_in_the_readme(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert f"Example: albconn {command} " in shown.output
    assert f"albconn {command} " in (ROOT / "README.md").read_text()


def test_version() -> None:
    """It also says whether logs are read the fast way: what a slow machine's owner asks first."""
    said = CliRunner().invoke(app, ["--version"]).output
    assert said.startswith("albconn 0.")
    assert said.endswith(" its compiled reader)\n")


@pytest.mark.parametrize("command", ["totals", "convert"])
def test_who_could_not_read_a_file_ends_with_1_after_all_else(
    command: str, s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    s3_server.make_bucket("logs", {f"{n}.log.gz": trees.content(NOON) for n in range(3)})
    s3_server.fail(is_get_of("1.log"), code="InvalidObjectState", message="It is in Glacier")
    dest = [str(tmp_path / "out")] if command == "convert" else []
    done = albconn(command, "s3://logs", *dest, "--endpoint-url", s3_server.endpoint)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "albconn: 1 log file could not be read, first s3://logs/1.log.gz: It is in Glacier "
        "(InvalidObjectState); it is archived (Glacier); restore it first, then run again"
    )
    assert "6" in done.stdout
    s3_server.failures.clear()
    again = albconn(command, "s3://logs", *dest, "--endpoint-url", s3_server.endpoint)
    assert (again.returncode, again.stderr) == (0, "")
