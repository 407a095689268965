"""A log table as a value: everything below it takes one as an argument.

What a table is called, its columns, how few fields a line may have, which column is its time,
how its rows are sorted, and which columns tell who a client is. A new field of AWS is one entry
in the table's ``fields`` and nothing else; the readers, the Parquet files, the contract and the
documentation follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pyarrow as pa

from albconn.arguments import names_given
from albconn.errors import TableError, shown
from albconn.schema.field import Field, FromColumn, FromKey, FromPart, FromPlace
from albconn.schema.kind import INTEGER, TIMESTAMP, WORD

MOST_FIELDS = 64  # of a line; the compiled reader has room for as many
MOST_PARTS = 16  # of all of them; likewise
MOST_BEGINNINGS = 8  # of all its fields' values; likewise

# What every log table has, whatever its lines hold.
FROM_THE_KEY = (
    Field("account_id", WORD, "AWS account, from the object's key", origin=FromKey("account_id"),
          sought=True),
    Field("region", WORD, "AWS region, from the object's key", origin=FromKey("region"),
          sought=True),
)  # fmt: skip
SOURCE_FILE = Field(
    "source_file", WORD, "the log file that held the line", origin=FromPlace.file, sought=True
)
LINE_NUMBER = Field(
    "line_number",
    INTEGER,
    "the line's number in that file, from 1; identity together with source_file",
    origin=FromPlace.line,
)
IDENTITY = (SOURCE_FILE, LINE_NUMBER)


@dataclass(frozen=True)
class LogTable:
    """What a log table is.

    Attributes
    ----------
    name : str
        Of the folder in a dataset that holds it; lower-case letters and ``_``.
    version : int
        Of its columns, which are never renamed, retyped or removed: it only grows.
    fields : tuple of Field
        Its columns in their order. Those of the line count their positions from 1 without a
        gap; one holds what follows them (``FromPlace.tail``); two are the row's identity.
    fewest_fields : int
        How few fields a line of AWS's own layout may have.
    time_column : str
        The column that is never missing, by which rows are dated and sorted.
    private : tuple of str
        Columns that hold a client's address.
    raw_fields : tuple of Field
        Fields of the line that are no columns, because all that they say is in their parts.
    log : str
        What its log files are: ``connection_log`` or ``access_log``.
    row : str
        What a row of it is, in a word.
    since : date
        No line of AWS is older.

    Raises
    ------
    TableError
        The fields do not make a table; all problems are named.
    """

    name: str
    version: int
    fields: tuple[Field, ...]
    fewest_fields: int
    time_column: str
    private: tuple[str, ...] = ()
    raw_fields: tuple[Field, ...] = ()
    log: str = "connection_log"
    row: str = "connection"
    since: date = date(2023, 11, 26)  # AWS launched connection logs

    def __hash__(self) -> int:
        return hash((self.name, self.version))  # of all fields it would take as long as ten files

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise TableError([f"table {self.name!r}: {problem}" for problem in problems])

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Return the names of all columns."""
        return tuple(field.name for field in self.fields)

    @cached_property
    def line_fields(self) -> tuple[Field, ...]:
        """Return the fields of AWS's own line, in its order."""
        every = (*self.fields, *self.raw_fields)
        there = [field for field in every if field.position is not None]
        return tuple(sorted(there, key=lambda field: field.position or 0))

    @cached_property
    def tail(self) -> str:
        """Return the column that holds what follows the last known field."""
        return next(f.name for f in self.fields if f.origin is FromPlace.tail)

    @cached_property
    def parts(self) -> tuple[Field, ...]:
        """Return the columns that are parts of fields of the line."""
        return tuple(field for field in self.fields if isinstance(field.origin, FromPart))

    @cached_property
    def read_columns(self) -> tuple[str, ...]:
        """Return the columns that are read from a line: its fields, its tail, and their parts."""
        fields = (field.name for field in self.line_fields if field not in self.raw_fields)
        return (*fields, self.tail, *(field.name for field in self.parts))

    @cached_property
    def file_schema(self) -> pa.Schema:
        """Return the schema on disk, where every repeated string is a plain string."""
        return pa.schema([pa.field(f.name, f.type) for f in self.fields])

    @cached_property
    def memory_schema(self) -> pa.Schema:
        """Return the schema in memory, where it is dictionary-encoded."""
        return pa.schema([pa.field(f.name, f.kind.memory_type) for f in self.fields])

    @cached_property
    def repeated(self) -> tuple[str, ...]:
        """Return the columns that memory holds as categories."""
        return tuple(field.name for field in self.fields if field.repeated)

    @property
    def order(self) -> tuple[str, str, str]:
        """Return the columns by which the rows of a file are sorted."""
        return (self.time_column, SOURCE_FILE.name, LINE_NUMBER.name)

    @property
    def never_null(self) -> tuple[str, str, str]:
        """Return the columns without which nothing can be proven of a row."""
        return self.order

    def field(self, name: str) -> Field:
        """Return a column's field, or that of a field of the line that is no column."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {field.name: field for field in (*self.fields, *self.raw_fields)}

    @property
    def log_name(self) -> str:
        """Return what its log files are, in words."""
        return self.log.replace("_", " ")

    def needs(self, column: str) -> str:
        """Return the column from which another is made; itself where it is read."""
        origin = self.field(column).origin
        return origin.column if isinstance(origin, FromColumn) else column

    def select(self, columns: Sequence[str] | None, argument: str = "columns") -> tuple[str, ...]:
        """Return the asked-for columns in the table's order; None asks for all.

        Raises
        ------
        TableError
            A name is not a column; the message lists every such name.
        """
        if columns is None:
            return self.columns
        named = names_given(
            argument, columns, one="the name of a column", example=f"{argument}=['elb']"
        )
        if wrong := [name for name in named if not isinstance(name, str)]:
            raise TableError(f"{argument}: {shown(wrong[0])} is not a column's name")
        if unknown := [name for name in named if name not in self.columns]:
            expected = ", ".join(self.columns)
            raise TableError(
                [f"{argument}: {shown(n)} is not a column; expected of {expected}" for n in unknown]
            )
        return tuple(name for name in self.columns if name in named)


def _problems(table: LogTable) -> list[str]:
    every = (*table.fields, *table.raw_fields)
    names = [field.name for field in every]
    positions = sorted(f.position for f in every if f.position is not None)
    by_name = {field.name: field for field in every}
    columns = {field.name for field in table.fields}
    tails = [field for field in table.fields if field.origin is FromPlace.tail]
    time = by_name.get(table.time_column)
    beginnings = [text for field in table.fields if field.shape for text in field.shape.begins]
    checks = {
        "its name is not lower-case letters and _": table.name.replace("_", "").isascii()
        and table.name.replace("_", "").isalpha()
        and table.name.islower(),
        "two columns share a name": len(set(names)) == len(names),
        "positions do not count from 1 without a gap": positions
        == list(range(1, len(positions) + 1)),
        f"it has no field or more than {MOST_FIELDS}": 1 <= len(positions) <= MOST_FIELDS,
        "fewest_fields is not from 1 to its number of fields": 1
        <= table.fewest_fields
        <= len(positions),
        "no column, or several, hold the tail of a line": len(tails) == 1,
        "source_file and line_number are not its identity": all(
            by_name.get(field.name) == field for field in IDENTITY
        ),
        "its time column is not a timestamp among the fields that every line has": time is not None
        and time.kind == TIMESTAMP
        and time.position is not None
        and time.position <= table.fewest_fields,
        "a private column is not one of its text columns": all(
            name in columns and by_name[name].kind == WORD for name in table.private
        ),
        "a column is made of one that is not there, or of numbers": all(
            field.origin.column in columns and _recurs(by_name[field.origin.column])
            for field in table.fields
            if isinstance(field.origin, FromColumn)
        ),
        "its parts are not all parts of its text fields, each once, or are too many": sorted(
            (field.origin.field, field.origin.place)
            for field in table.fields
            if isinstance(field.origin, FromPart)
        )
        == sorted(
            (field.name, place)
            for field in every
            if field.way and field.position and field.kind.is_text
            for place in range(field.way.parts)
        )
        and sum(field.way.parts for field in every if field.way) <= MOST_PARTS,
        "a column tells of one that is not there": all(
            columns.issuperset(field.tells) for field in table.fields
        ),
        f"its shapes have more than {MOST_BEGINNINGS} beginnings, or one that is not 4 to 12 ASCII "
        "characters": len(beginnings) <= MOST_BEGINNINGS
        and all(text.isascii() and 4 <= len(text) <= 12 for text in beginnings),
    }
    return [problem for problem, is_right in checks.items() if not is_right]


def _recurs(field: Field) -> bool:
    """Say whether a field has few different values, so that each can be asked what it means."""
    return field.repeated or field.recurs
