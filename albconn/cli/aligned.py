"""A table in aligned columns, and which of them a terminal has room for.

Where all columns fit, all are there. Else the least telling ones go: what is nowhere known, then
those of ``LEAST_TELLING`` in its order. If that is not enough texts are cut, and then the last
columns go. What is left over goes to texts that were cut, and to headers. No line is longer than
the terminal is wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from albconn.cli.cells import LONGEST, header_of, is_number, rows_of, text_of

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

GAP = 2  # [characters] between columns
LONG, SHORT = 42, 16  # [characters] that a text is cut to: before columns go, and after
# The first goes first: bounds and statistics, what else is known of a certificate or client, times
# beside other times, counts that others tell. A rate and its counts stay.
LEAST_TELLING = (
    "difference_low", "difference_high", "rate_low", "rate_high", "evidence", "log_p", "q_value",
    "p_value", "expected_failures", "gini", "cause", "organizational_unit", "subject", "serial",
    "not_before", "first_seen", "last_leaf_client_cert_subject", "last_tls_keyexchange", "last_elb",
    "last_listener_port", "accepted_after_expiry", "unmapped_failures", "unclassified", "not_tls",
    "first_timestamp", "last_timestamp", "attempts", "first_success", "recovered_at",
    "baseline_connections", "baseline_failures", "rate_difference", "incident_connections",
    "significant", "connections_before", "connections_after", "fips", "post_quantum",
    "forward_secrecy_only", "ciphers", "share_of_connections_fitting", "connections_fitting",
    "connections_at_risk", "clients_fitting", "share_of_clients_fitting", "share_of_clients",
    "organization", "last_seen", "last_tls_cipher", "share_affected", "first_failure",
    "failures_since_success", "share_of_excess", "clients_at_risk",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column as it is printed.

    ``word`` is the width [characters] of its header's longest word, ``whole`` that of its values.
    """

    name: str
    header: str
    cells: list[str]
    is_number: bool
    is_text: bool
    is_known: bool
    word: int
    whole: int

    @property
    def full(self) -> int:
        """Return the width with the header in one line."""
        return max(self.whole, len(self.header))

    def least(self, longest: int) -> int:
        """Return the width where texts are cut to so many characters."""
        return max(self.word, min(self.whole, longest) if self.is_text else self.whole)


def columns_of(
    table: pd.DataFrame, *, longest: int | None = LONGEST, short_times: bool = False
) -> list[Column]:
    """Return the columns of a table as text.

    ``short_times`` leaves out seconds, and hours, where all times of a column are without.
    """
    from rich.cells import cell_len

    values: list[Sequence[Any]] = list(zip(*rows_of(table), strict=True))
    made = []
    for place, name in enumerate(map(str, table.columns)):
        column = values[place] if values else ()
        cells = [text_of(name, value, longest) for value in column]
        if short_times and table.dtypes.iloc[place].kind == "M":
            cells = [cell[: _shape(column)] for cell in cells]
        header = header_of(name)
        word = max(map(cell_len, header.split()), default=1)
        made.append(
            Column(
                name, header, cells, is_number(table.iloc[:, place]),
                table.dtypes.iloc[place].kind == "O",
                not column or any(value is not None for value in column),
                word, max([word, *map(cell_len, cells)]),
            )
        )  # fmt: skip
    return made


def _shape(times: Sequence[datetime | None]) -> int:
    """Return how many characters tell these times: to the day, the minute or the second."""
    known = [time for time in times if time is not None]
    if all(time.hour == time.minute == time.second == time.microsecond == 0 for time in known):
        return len("2026-09-23")
    if all(time.second == time.microsecond == 0 for time in known):
        return len("2026-09-23 10:00")
    return len("2026-09-23 10:00:00")


def fitting(columns: Sequence[Column], width: int) -> tuple[dict[str, int], list[str]]:
    """Return the columns that fit into a line, each with its width, and the names of the others."""
    kept, longest = _kept(columns, width)
    widths = {column.name: column.least(longest) for column in kept}
    _widen(widths, {column.name: column.whole for column in kept}, width)
    _widen(widths, {column.name: column.full for column in kept}, width)
    return widths, [column.name for column in columns if column.name not in widths]


def _kept(columns: Sequence[Column], width: int) -> tuple[list[Column], int]:
    """Return the columns that stay, and what their texts are cut to."""
    kept = list(columns)
    expendable = sorted(
        (c for c in columns if not c.is_known or c.name in LEAST_TELLING), key=_telling
    )
    for column in expendable[: len(columns) - 1]:
        if _length([c.least(LONG) for c in kept]) <= width:
            return kept, LONG
        kept.remove(column)
    while len(kept) > 1 and _length([c.least(SHORT) for c in kept]) > width:
        kept.pop()
    return kept, LONG if _length([c.least(LONG) for c in kept]) <= width else SHORT


def _telling(column: Column) -> tuple[bool, int]:
    """Return what is the smaller, the less a column tells."""
    is_listed = column.name in LEAST_TELLING
    return column.is_known, LEAST_TELLING.index(column.name) if is_listed else 0


def _widen(widths: dict[str, int], wanted: dict[str, int], width: int) -> None:
    """Give what is left over to columns that want more, evenly: the narrowest one first."""
    room = width - _length(list(widths.values()))
    while room > 0 and (cut := [name for name in widths if widths[name] < wanted[name]]):
        widths[min(cut, key=lambda name: widths[name])] += 1
        room -= 1


def _length(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def laid_out(columns: Sequence[Column], widths: dict[str, int]) -> Table:
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
    """Return a header as lines, folded between its words.

    Examples
    --------
    >>> folded("share of failures", 8)
    ['share of', 'failures']
    """
    lines: list[str] = []
    for word in header.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and len(longer) > width:
            lines.append(word)
        else:
            lines[-1:] = [longer]
    return lines or [""]
