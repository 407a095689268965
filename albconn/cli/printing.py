"""How facts and tables look on a terminal and in a pipe.

A terminal shows what it has room for (see ``aligned``), a pipe and a file get all. In no format,
nor on a terminal, does a stranger's text act (see ``contents``).
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias

from albconn.cli.aligned import GAP, columns_of, fitting, laid_out
from albconn.cli.cells import LONGEST
from albconn.cli.contents import bytes_in, text_in
from albconn.cli.formats import Printed
from albconn.cli.options import FileFormat, Format, Summary
from albconn.errors import SourceError
from albconn.printable import json_text, visible
from albconn.words import counted

if TYPE_CHECKING:
    import pandas as pd

    Sink: TypeAlias = Callable[[pd.DataFrame], None]

MOST_ROWS = 5_000  # of an aligned table: nobody reads on


def print_facts(facts: dict[str, Any], format: Summary = Summary.table) -> None:
    """Print names and values: aligned, or as one line of JSON."""
    if format is Summary.json:
        print(json_text(facts))
        return
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        print(f"{name.replace('_', ' '):<{width}}  {visible(_fact(value))}")


def print_table(table: pd.DataFrame, format: Printed | Format | FileFormat | Sink) -> None:
    """Print a small table or write it to a file; or hand it to what else takes it: a chart."""
    printed = Printed(format) if isinstance(format, Format | FileFormat) else format
    if not isinstance(printed, Printed):
        printed(table)
    elif printed.output is not None:
        _write(table, printed.format, printed.output)
    elif isinstance(printed.format, FileFormat):
        sys.stdout.flush()
        sys.stdout.buffer.write(bytes_in(table, printed.format))
    elif printed.format is not Format.table:
        sys.stdout.write(text_in(table, printed.format))
    else:
        _print_aligned(table.head(MOST_ROWS), sys.stdout, printed.wide)
        if len(table) > MOST_ROWS:
            more = counted(len(table) - MOST_ROWS, "more row")
            say(f"{more}; --format csv or json prints all")


def say(text: str) -> None:
    """Say something that is not data; a bar that may be there is drawn anew below it."""
    if "tqdm" in sys.modules and sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    print(f"albconn: {visible(text)}", file=sys.stderr)


def _write(table: pd.DataFrame, format: Format | FileFormat, output: Path) -> None:
    """Write a table to a file, all of it, and print where it is."""
    try:
        if isinstance(format, FileFormat):
            output.write_bytes(bytes_in(table, format))
        elif format is not Format.table:
            output.write_text(text_in(table, format), encoding="utf-8", newline="")
        else:
            with output.open("w", encoding="utf-8") as file:
                _print_aligned(table, file, wide=True)
    except OSError as error:
        raise SourceError(f"{output}: cannot be written: {error.strerror or error}") from error
    print(visible(str(output)))


def _print_aligned(table: pd.DataFrame, stream: TextIO, wide: bool) -> None:
    """Print what the terminal has room for, and say what that leaves out; else all columns."""
    from rich.console import Console

    fits = stream.isatty() and not wide
    columns = columns_of(table, longest=None if wide else LONGEST, short_times=fits)
    widths, dropped = {column.name: column.full for column in columns}, []
    if fits:
        widths, dropped = fitting(columns, shutil.get_terminal_size().columns)
    length = sum(widths.values()) + GAP * len(widths)
    console = Console(file=stream, markup=False, highlight=False, width=max(length, 1))
    console.print(laid_out(columns, widths))
    if dropped:
        more = counted(len(dropped), "more column")
        say(f"{more}: {', '.join(dropped)}; --wide shows {'them' if len(dropped) > 1 else 'it'}")


def _fact(value: Any) -> str:
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Iterable):
        return ", ".join(map(str, value)) or "none"
    return str(value)
