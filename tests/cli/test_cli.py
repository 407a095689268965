"""The command line as a whole: help, version, exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from albconn.cli import app
from tests.cli.running import ROOT, albconn

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
