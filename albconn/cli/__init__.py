"""The command line: arguments and printing, nothing else; the only place that prints.

Data goes to stdout, everything else to stderr; ``ending`` tells the exit codes. Commands and
options carry the words of the functions that they call.
"""

from __future__ import annotations

import re
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from albconn.arguments import meant
from albconn.cli import analyses, charts, datasets, reports
from albconn.cli.ending import run
from albconn.version import __version__

_NO_CHOICE = re.compile(
    r"(?P<wrong>'(?P<given>.*)' is not one of '(?P<choices>.*)')\.?$", re.DOTALL
)


class Commands(TyperGroup):
    """The commands; of a choice that is none, which one may have been meant."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Carry out a command."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            if found := _NO_CHOICE.search(error.message):
                near = meant(found["given"], found["choices"].split("', '"))
                error.message = f"{found['wrong']}{near}"
            raise


app = typer.Typer(
    name="albconn",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
datasets.register(app)
reports.register(app)
analyses.register(app)
charts.register(app)


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Who failed to connect to your Application Load Balancer, since when, and why."""
    if version:
        from albconn.logs.lines.regular import COMPILED

        print(f"albconn {__version__} ({'with' if COMPILED else 'without'} its compiled reader)")
        raise typer.Exit


def main() -> None:
    """Run the command line."""
    sys.exit(run(app))
