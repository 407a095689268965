"""Groups of options: a command takes one value, its users type options."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from albconn.cli import app
from albconn.cli.formats import PLAIN, Printed
from albconn.cli.options import Format, Store, Which
from albconn.cli.taking import PRINTING, takes_options

STORE = ["profile", "endpoint_url", "storage_option"]
CLI = typer.main.get_command(app)


def names(command: Any) -> list[str]:
    return list(inspect.signature(command).parameters)


def test_options_come_behind_the_commands_own() -> None:
    taken: list[Any] = []

    @takes_options
    def command(which: Which, source: str, top: int = 3, format: Printed = PLAIN) -> None:
        """Do it."""
        taken[:] = [which, source, top, format]

    of_which = [name for name in Which.__dataclass_fields__ if name not in STORE]
    assert names(command) == ["source", "top", *PRINTING, *of_which, *STORE]
    assert command.__doc__ == "Do it."
    command(source="x", region=["eu"], wide=True, profile="p", top=3)  # type: ignore[call-arg]
    assert taken == [
        Which(profile="p", region=["eu"]), "x", 3, Printed(Format.table, None, True),
    ]  # fmt: skip


def test_who_takes_the_store_alone_has_no_filters() -> None:
    @takes_options
    def command(store: Store, dest: str) -> None:
        assert store.storage_options == {"profile": "p"}

    assert names(command) == ["dest", *STORE]
    command(dest="x", profile="p")  # type: ignore[call-arg]


def test_what_a_command_has_itself_is_its_own() -> None:
    taken: list[Any] = []

    @takes_options
    def command(which: Which, since: Annotated[str, typer.Option()] = "own") -> None:
        taken[:] = [which, since]

    assert names(command).count("since") == 1
    command(since="mine")
    assert taken == [Which(), "mine"]


def test_a_sink_stays_as_it_is() -> None:
    taken: list[Any] = []

    @takes_options
    def command(which: Which, format: Printed = PLAIN) -> None:
        taken.append(format)

    command(format=print)  # type: ignore[arg-type]
    command()  # type: ignore[call-arg]
    assert taken == [print, PLAIN]


def commands(group: Any = CLI) -> dict[str, Any]:
    return {name: command for name, command in group.commands.items() if name != "chart"}


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_table_goes_anywhere_and_every_start_may_be_told_from_now(name: str) -> None:
    own = {p.name for p in commands()[name].params}
    assert ("start" in own) is ("since" in own)
    formats = {p.name: p.metavar for p in commands()[name].params if p.name == "format"}
    prints_a_table = formats.get("format") == "FORMAT"
    assert (own >= set(PRINTING)) is prints_a_table
    assert prints_a_table or name in {
        "convert", "compact", "schema", "ddl", "report", "summary",
    }  # fmt: skip


def test_a_table_of_any_command_goes_to_a_file(dataset: str, tmp_path: Path) -> None:
    for command in ("check", "windows", "compare", "incidents", "coverage", "policies"):
        file = tmp_path / f"{command}.csv"
        done = CliRunner().invoke(app, [command, dataset, "-o", str(file)])
        assert (done.exit_code, done.stdout) == (0, f"{file}\n"), done.stderr
        assert len(file.read_text().splitlines()) > 1
