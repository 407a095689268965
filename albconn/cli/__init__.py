"""The command line: arguments and printing, nothing else; the only place that prints.

Data goes to stdout, everything else to stderr. Exit 0: done; 1: albconn's own error, one line,
or a check that found faults; 2: usage. Commands and options carry the words of the functions
that they call.
"""

from __future__ import annotations

import signal
import sys
import warnings
from types import FrameType
from typing import Annotated, NoReturn

import typer

from albconn.cli import analyses, charts, datasets, reports
from albconn.cli.printing import say
from albconn.errors import AlbconnError, AlbconnWarning
from albconn.version import __version__

app = typer.Typer(
    name="albconn",
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
    """Run the command line; albconn's own errors and warnings become one line each.

    SIGTERM, of a scheduler or a shutdown, unwinds like Ctrl-C: a lock is given back.
    """
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _exit)
    warnings.simplefilter("always", AlbconnWarning)
    warnings.showwarning = lambda message, *_, **__: say(str(message))
    try:
        app()
    except AlbconnError as error:
        say(str(error))
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()


def _exit(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
