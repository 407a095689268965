"""A table in aligned columns, and which of them a terminal has room for.

Where all columns fit, all are there. Else texts are cut first, then the least telling columns go:
what is nowhere known, then those of ``LEAST_TELLING`` in its order, then the last ones. What is
left over goes to texts that were cut, and to headers. No line is longer than the terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from albconn.cli.cells import LONGEST, header_of, is_number, rows_of, text_of

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

GAP = 2  # [characters] between columns
SHORTEST = 16  # [characters] of a text that is cut
SHORTEST_FIRST = 42  # of the first one, which says what a row is of: a policy, a client
# The first goes first. Bounds and other statistics, what else is known of a certificate or a
# client, then counts that others tell.
LEAST_TELLING = (
    "difference_low", "difference_high", "rate_low", "rate_high", "evidence", "log_p", "q_value",
    "p_value", "expected_failures", "gini",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column as it is printed.

    ``least`` is the width [characters] that it needs when its texts are cut, ``whole`` that of its
    texts, ``full`` that of its header in one line, too.
    """

    name: str
    header: str
    cells: list[str]
    is_number: bool
    least: int
    whole: int
    full: int
    is_known: bool


def columns_of(table: pd.DataFrame, longest: int | None = LONGEST) -> list[Column]:
    """Return the columns of a table as text; none longer than so many characters."""
    from rich.cells import cell_len

    names = [str(name) for name in table.columns]
    made: list[Column] = []
    first = True
    values = list(zip(*rows_of(table), strict=True)) or [()] * len(names)
    for place, (name, column) in enumerate(zip(names, values, strict=True)):
        number = is_number(table.iloc[:, place])
        cells = [text_of(name, value, longest) for value in column]
        header = header_of(name)
        is_text = table.dtypes.iloc[place].kind == "O"
        words = max(map(cell_len, header.split()), default=0)
        whole = max([words, *map(cell_len, cells)])
        shortest, first = (SHORTEST_FIRST, False) if is_text and first else (SHORTEST, first)
        least = max(words, min(whole, shortest)) if is_text else whole
        is_known = any(value is not None for value in column)
        full = max(whole, cell_len(header))
        made.append(Column(name, header, cells, number, least, whole, full, is_known))
    return made


def fitting(columns: list[Column], width: int) -> tuple[dict[str, int], list[str]]:
    """Return the columns that fit into a line, each with its width, and the names of the others."""
    kept = list(columns)
    dropped = []
    while len(kept) > 1 and _length([c.least for c in kept]) > width:
        least = min(kept[1:], key=lambda column: _telling(column, columns))
        kept.remove(least)
        dropped.append(least)
    widths = [column.least for column in kept]
    for wanted in ([c.whole for c in kept], [c.full for c in kept]):
        for place, most in enumerate(wanted):
            room = width - _length(widths)
            widths[place] += max(0, min(most - widths[place], room))
    shown = {column.name: size for column, size in zip(kept, widths, strict=True)}
    return shown, [column.name for column in columns if column in dropped]


def _telling(column: Column, columns: list[Column]) -> tuple[bool, int]:
    """Return what is the smaller, the less a column tells."""
    if column.name in LEAST_TELLING:
        return column.is_known, LEAST_TELLING.index(column.name)
    return column.is_known, len(LEAST_TELLING) + len(columns) - columns.index(column)


def _length(widths: list[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def laid_out(columns: list[Column], widths: dict[str, int]) -> Table:
    """Return the table that rich prints, of those columns that have a width."""
    from rich.table import Table
    from rich.text import Text

    shown = [column for column in columns if column.name in widths]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in shown:
        table.add_column(
            Text("\n".join(folded(column.header, widths[column.name]))),
            justify="right" if column.is_number else "left",
            width=widths[column.name],
            no_wrap=True,
        )
    for cells in zip(*(column.cells for column in shown), strict=True):
        texts = [Text(cell) for cell in cells]
        for text, column in zip(texts, shown, strict=True):
            text.truncate(widths[column.name], overflow="ellipsis")
        table.add_row(*texts)
    return table


def folded(header: str, width: int) -> list[str]:
    """Return a header as lines, folded between its words."""
    lines: list[str] = []
    for word in header.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and len(longer) > width:
            lines.append(word)
        else:
            lines[-1:] = [longer]
    return lines or [""]
