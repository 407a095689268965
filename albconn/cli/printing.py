"""How facts and tables look on a terminal and in a pipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from albconn.cli.options import Format, Summary
from albconn.words import is_share, percent

if TYPE_CHECKING:
    import pandas as pd

PIPE_WIDTH = 400  # [characters]; a pipe does not fold


def print_facts(facts: dict[str, Any], format: Summary = Summary.table) -> None:
    """Print names and values: aligned, or as one line of JSON."""
    if format is Summary.json:
        print(json.dumps(facts, default=str))
        return
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        print(f"{name.replace('_', ' '):<{width}}  {_fact(value)}")


def print_table(table: pd.DataFrame, format: Format) -> None:
    """Print a small table."""
    if format is Format.csv:
        sys.stdout.write(table.to_csv(index=False))
    elif format is Format.json:
        sys.stdout.write(table.to_json(orient="records", lines=True, date_format="iso"))
    else:
        _print_aligned(table)


def say(text: str) -> None:
    """Say something that is not data."""
    print(f"albconn: {text}", file=sys.stderr)


def _print_aligned(table: pd.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table

    printed = Table(box=None, header_style="bold", pad_edge=False)
    for name in table.columns:
        numeric = table[name].dtype.kind in "iuf"
        header = name.replace("_", " ")  # folds between its words
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
    text = f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
