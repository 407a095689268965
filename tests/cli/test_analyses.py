"""Each analysis has its command and its chart, with the same words and the same defaults."""

from __future__ import annotations

import csv
import inspect
import io
from pathlib import Path
from typing import Any

import click
import pytest
import typer
from typer.testing import CliRunner

import albconn as ac
from albconn import analysis, charts
from albconn.cli import app
from albconn.cli.analyses import COMMANDS, EXAMPLES, name_of
from albconn.cli.options import Which
from tests.cli.running import printed

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data/sample"
WINDOWS = {"worst_window", "quiet_window", "slow_window"}
# What is counted is the command's first argument; an executor cannot be typed; a store's options
# are --profile and --endpoint-url.
NOT_TYPED = {"connections", "source", "executor", "storage_options"}
# The command finds the windows that are not given.
FOUND = {"compare_windows": {"baseline", "incident"}, "quiet_window": {"incident"}}
# A function of its own in Python: the command prints that one's table.
TYPED_ONLY = {"policy_impact": {"clients"}, "coverage": {"all_intervals"}}
SHARED = {"profile", "endpoint_url", "format", "output", "wide", "help"}
CLI = typer.main.get_command(app)
assert isinstance(CLI, click.Group) or hasattr(CLI, "commands")


def options_of(name: str) -> dict[str, Any]:
    """Return a command's own parameters by name, without those of every command."""
    command = CLI.commands[name_of(COMMANDS[name])]  # type: ignore[attr-defined]
    return {p.name: p for p in command.params if p.name not in SHARED | {"source"}}


def parameters_of(name: str) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(getattr(ac, name)).parameters
    return {key: value for key, value in parameters.items() if key not in NOT_TYPED}


def as_typed(default: Any) -> Any:
    """Return a function's default as the command line has it: nothing, or the bin 'all'."""
    return None if default in ((), inspect.Parameter.empty) else default


def test_each_analysis_has_a_command() -> None:
    assert set(COMMANDS) == set(analysis.__all__)
    assert set(EXAMPLES) == set(COMMANDS.values())
    words = [name_of(command) for command in dict.fromkeys(COMMANDS.values())]
    assert set(words) <= set(CLI.commands)  # type: ignore[attr-defined]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("name", sorted(set(COMMANDS)))
def test_options_are_the_parameters(name: str) -> None:
    which = set(Which.__dataclass_fields__)
    own, parameters = options_of(name), parameters_of(name)
    siblings = [other for other, command in COMMANDS.items() if command is COMMANDS[name]]
    of_siblings = set().union(*(parameters_of(other) for other in siblings))
    assert set(parameters) <= set(own)
    assert set(own) - which == of_siblings - which | TYPED_ONLY.get(name, set())
    assert {"start", "since"} <= set(own)
    for key in parameters:
        if own[key].param_type_name == "option":
            assert own[key].opts[0] == f"--{key.replace('_', '-')}"


@pytest.mark.parametrize("name", sorted(set(COMMANDS)))
def test_defaults_are_the_functions(name: str) -> None:
    options = options_of(name)
    for key, parameter in parameters_of(name).items():
        if key in FOUND.get(name, ()) or parameter.default is inspect.Parameter.empty:
            assert options[key].required == (key not in FOUND.get(name, ()))
            continue
        expected = as_typed(parameter.default)
        if key == "every" and expected is None:
            expected = "all"
        assert options[key].default == expected, key


def test_compaction_has_one_default_too() -> None:
    (size,) = [p for p in CLI.commands["compact"].params if p.name == "target_size"]  # type: ignore[attr-defined]
    assert size.default == inspect.signature(ac.compact).parameters["target_size"].default


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WINDOWS))
def test_each_table_has_its_chart(name: str) -> None:
    assert callable(getattr(charts, f"plot_{name}"))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> str:
    dest = tmp_path_factory.mktemp("commands") / "dataset"
    with pytest.warns(ac.AlbconnWarning, match="more fields"):
        ac.convert(SAMPLE, dest)
    return str(dest)


@pytest.mark.parametrize(
    ("name", "options", "given"),
    [
        ("outcome_totals", (), {}),
        ("change_points", (), {}),
        ("failure_concentration", ("--ipv4-prefix", "24"), {"ipv4_prefix": 24}),
        ("slow_handshakes", ("--every", "D", "--slower-than", "0.2"),
         {"every": "D", "slower_than": 0.2}),
        ("failure_rate", ("--every", "W", "--by", "date", "--by", "client_network"),
         {"every": "W", "by": ["date", "client_network"]}),
    ],
)  # fmt: skip
def test_it_prints_what_the_function_returns(
    dataset: str, name: str, options: tuple[str, ...], given: dict[str, Any]
) -> None:
    rows = printed(name_of(COMMANDS[name]), dataset, *options)
    table = getattr(ac, name)(dataset, **given)
    assert rows == list(csv.DictReader(io.StringIO(table.to_csv(index=False))))
    assert len(rows) > 0


def test_a_share_reads_as_everywhere(dataset: str) -> None:
    done = CliRunner().invoke(app, ["totals", dataset])
    assert "2.0 %" in done.stdout
    shown = CliRunner().invoke(app, ["compare", dataset])
    assert "  37 %" in shown.stdout
    assert "  -0." in shown.stdout  # a difference can be negative
    assert "-< " not in shown.stdout
