"""How facts and tables look on a terminal and in a pipe.

CSV is for people: no value runs in a spreadsheet, long ones are cut. JSON is for machines: values
are whole. In neither, nor on a terminal, does a stranger's text act (see ``printable``).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from albconn.cli.options import Format, Summary
from albconn.printable import csv_of, cut, json_of, json_text, visible
from albconn.words import counted, is_share, percent

if TYPE_CHECKING:
    import pandas as pd

    Sink: TypeAlias = Callable[[pd.DataFrame], None]

PIPE_WIDTH = 400  # [characters]; a pipe does not fold
LONGEST = 300  # characters of a value in an aligned table
MOST_ROWS = 5_000  # of an aligned table: nobody reads on


def print_facts(facts: dict[str, Any], format: Summary = Summary.table) -> None:
    """Print names and values: aligned, or as one line of JSON."""
    if format is Summary.json:
        print(json_text(facts))
        return
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        print(f"{name.replace('_', ' '):<{width}}  {visible(_fact(value))}")


def print_table(table: pd.DataFrame, format: Format | Sink) -> None:
    """Print a small table, or hand it to what else takes it, such as a chart."""
    if not isinstance(format, Format):
        format(table)
    elif format is Format.csv:
        sys.stdout.write(csv_of(table))
    elif format is Format.json:
        sys.stdout.write(json_of(table))
    else:
        _print_aligned(table.head(MOST_ROWS))
        if len(table) > MOST_ROWS:
            more = counted(len(table) - MOST_ROWS, "more row")
            say(f"{more}; --format csv or json prints all")


def say(text: str) -> None:
    """Say something that is not data."""
    print(f"albconn: {visible(text)}", file=sys.stderr)


def _print_aligned(table: pd.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table

    printed = Table(box=None, header_style="bold", pad_edge=False)
    for name in table.columns:
        numeric = table[name].dtype.kind in "iuf"
        header = visible(name.replace("_", " "))  # folds between its words
        printed.add_column(header, justify="right" if numeric else "left", overflow="fold")
    for row in table.astype(object).where(table.notna(), None).itertuples(index=False):
        cells = zip(table.columns, row, strict=True)
        printed.add_row(*(_cell(name, value) for name, value in cells))
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    Console(markup=False, highlight=False, width=width).print(printed)


def _fact(value: Any) -> str:
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Iterable):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _cell(column: str, value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return percent(value) if is_share(column) else f"{value:.3f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else cut(str(value), LONGEST)
