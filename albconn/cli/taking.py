"""Options that come in groups: a command takes one value, and its users type the group's options.

``Which`` and ``Store`` say what is read, ``Printed`` how a table is printed.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from albconn.cli.formats import Printed, printed_as
from albconn.cli.options import Store, Which


@dataclass(frozen=True)
class _Printing:
    """What is typed for ``Printed``; each field is an option."""

    format: Annotated[
        Literal["table", "csv", "json", "markdown", "parquet", "xlsx"] | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="table, csv, json (a row a line), markdown, parquet or xlsx; no value is a "
            "formula. Default: what the ending of --output says, or table.",
        ),
    ] = None
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write to a file; its ending tells the format."
        ),
    ] = None
    wide: Annotated[
        bool, typer.Option("--wide", help="All columns, whole values, however wide.")
    ] = False


PRINTING = tuple(option.name for option in fields(_Printing))
_TYPED: dict[Any, type] = {Which: Which, Store: Store, Printed: _Printing}


def takes_options(command: Callable[..., None]) -> Callable[..., None]:
    """Replace each parameter that is a group by the group's options, behind the command's own.

    An option that a command has itself is its own, also where a group has one of that name.
    """
    signature = inspect.signature(command, eval_str=True)
    own = {n: p for n, p in signature.parameters.items() if p.annotation not in _TYPED}
    groups = [p for p in signature.parameters.values() if p.annotation in _TYPED]
    options = {
        group.name: [p for p in _options_of(_TYPED[group.annotation]) if p.name not in own]
        for group in sorted(groups, key=lambda group: group.annotation is not Printed)
    }

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        for group in groups:
            typed = {p.name: given.pop(p.name, p.default) for p in options[group.name]}
            given[group.name] = _made(group.annotation, typed)
        command(**given)

    shared = [p for group in options.values() for p in group]
    keyword = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own.values()]
    parameters = [*keyword, *shared]
    with_options.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in parameters}
    return with_options


def _made(group: Any, typed: dict[str, Any]) -> Any:
    """Return the value of a group; what a chart gives to take the table stays as it is."""
    if group is not Printed:
        return group(**typed)
    return typed["format"] if callable(typed["format"]) else printed_as(**typed)


def _options_of(group: type) -> list[inspect.Parameter]:
    """Return a group's fields as parameters; what it has of another group comes last."""
    hints = inspect.get_annotations(Store, eval_str=True) | inspect.get_annotations(
        group, eval_str=True
    )
    inherited = {option.name for option in fields(Store)}
    return [
        inspect.Parameter(
            option.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=option.default,
            annotation=hints[option.name],
        )
        for option in sorted(fields(group), key=lambda option: option.name in inherited)
    ]
