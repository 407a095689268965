"""Where and how the fields of a line lie, as a value that blocks carry and parsers ask.

A format (``logs.formats``) looks at a file's first bytes and answers with its layout. The exact
parser, the compiled reader and Arrow's follow it; none of them knows a format.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pyarrow as pa

from albconn.schema.field import Field, Shape
from albconn.schema.kind import WORD
from albconn.schema.table import LogTable

KEPT, LEFT = "+", "-"  # before the name of what is no column: kept in the tail, or left out
_EMPTIES, _DOUBLED, _CLOSED = 1, 2, 4  # in the compiled reader's words
_MOST_LEAD = 8  # likewise
_BESIDE = 0x80  # in the compiled reader's words, plus the place of a field


@dataclass(frozen=True)
class Layout:
    """How the lines of a file are to be read.

    Attributes
    ----------
    table : LogTable
        What the lines become.
    names : tuple of str
        The table's columns that the line has, in the line's order. A field that is no column
        stands there as ``KEPT`` or ``LEFT`` and its own name.
    fewest_fields : int
        A line with fewer is rejected; the columns that it lacks are missing.
    delimiter : bytes
        What stands between two fields.
    null : bytes
        What a missing value looks like; ``""`` in quotes is one too.
    format : str
        What the format is called.
    keys : tuple of str
        What the file calls the fields, one for each name; none where it does not name them.
    form : {"text", "object"}
        A line is text with delimiters, or a JSON object.
    quotes : {"escaped", "doubled", "either"}
        How a quote stands inside of quotes: behind a backslash, or twice.
    empties : bool
        An empty field is a missing value, not an error.
    closed : bool
        Nothing may follow the last field.
    lead : int
        How many words stand before the record, each with a space behind it.
    header : bytes
        The line that names the fields; wherever it comes again it is none of them.
    comment : bytes
        How lines begin that hold no record.
    zone : {"told", "utc"}
        A time without its zone is no time, or UTC.
    """

    table: LogTable
    names: tuple[str, ...]
    fewest_fields: int
    delimiter: bytes = b" "
    null: bytes = b"-"
    format: str = "legacy"
    keys: tuple[str, ...] = ()
    form: Literal["text", "object"] = "text"
    quotes: Literal["escaped", "doubled", "either"] = "escaped"
    empties: bool = False
    closed: bool = False
    lead: int = 0
    header: bytes = b""
    comment: bytes = b""
    zone: Literal["told", "utc"] = "told"

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Return the fields of a line, in its order."""
        return tuple(map(self.field, self.names))

    def field(self, name: str) -> Field:
        """Return the field of a name; what is no column may be any text."""
        return Field(name, WORD, "") if name[0] in (KEPT, LEFT) else self.table.field(name)

    def memory_field(self, name: str) -> pa.Field:
        """Return the column that a field becomes in memory."""
        return pa.field(name, self.field(name).kind.memory_type)

    @cached_property
    def kept(self) -> dict[str, str]:
        """Return the fields that are no columns and are kept, each with what the file calls it."""
        return {
            name: key
            for name, key in zip(self.names, self.keys, strict=False)
            if name.startswith(KEPT)
        }

    @cached_property
    def left(self) -> frozenset[str]:
        """Return the fields that are no columns and are left out."""
        return frozenset(name for name in self.names if name.startswith(LEFT))

    @cached_property
    def name_of(self) -> dict[str, str]:
        """Return the name of each field by what the file calls it."""
        return dict(zip(self.keys, self.names, strict=False))

    @cached_property
    def given(self) -> frozenset[str]:
        """Return the names of the fields."""
        return frozenset(self.names)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that a line gives: its fields and what follows the last one."""
        return (*self.names, self.table.tail)

    @cached_property
    def letters(self) -> bytes:
        """Return the kinds as the compiled reader calls them; a capital must not be missing."""
        return "".join(
            f.kind.letter.upper() if f.name == self.table.time_column else f.kind.letter
            for f in self.fields
        ).encode()

    @cached_property
    def typed(self) -> tuple[tuple[int, Field], ...]:
        """Return the places of the fields that hold no text, each with its field."""
        return tuple((n, f) for n, f in enumerate(self.fields) if not f.kind.is_text)

    @cached_property
    def shaped(self) -> tuple[tuple[int, Shape], ...]:
        """Return the places of the fields whose values have a shape, each with its shape."""
        if self.form == "object":  # what has its name beside it is not shifted
            return ()
        return tuple((n, f.shape) for n, f in enumerate(self.fields) if f.shape)

    @cached_property
    def companions(self) -> tuple[tuple[int, int], ...]:
        """Return the places of fields that have a value exactly where another one has, and that."""
        return tuple(
            (n, self.names.index(shape.beside))
            for n, shape in self.shaped
            if shape.beside in self.names
        )

    @cached_property
    def beginnings(self) -> tuple[bytes, ...]:
        """Return the shapes as the compiled reader wants them: one text a field.

        It has a line for each beginning. A field without a shape has none, one that may begin
        with anything has a newline; before them stands a byte that names its companion.
        """
        beside = {place: bytes([_BESIDE + other]) for place, other in self.companions}
        texts = {n: "\n".join(shape.begins).encode() or b"\n" for n, shape in self.shaped}
        return tuple(
            beside.get(n, b"") + texts[n] if n in texts else b"" for n in range(len(self.names))
        )

    @cached_property
    def options(self) -> int:
        """Return what the compiled reader is told of empty fields, quotes and ends of lines."""
        doubled = _DOUBLED if self.quotes == "doubled" else 0
        return self.empties * _EMPTIES + doubled + self.closed * _CLOSED

    @cached_property
    def quoted_keys(self) -> tuple[bytes, ...]:
        """Return the members' names as they stand in JSON objects; of lines of text, none."""
        if self.form == "text":
            return ()
        return tuple(f'"{key}"'.encode() for key in self.keys)

    @cached_property
    def is_plain(self) -> bool:
        """Say whether the compiled reader can split the lines.

        Of text that is where one byte that no number holds stands between fields.
        """
        in_numbers = self.delimiter.isalnum() or self.delimiter in b'-.:"\\'
        is_ascii = self.delimiter.isascii()
        return self.lead <= _MOST_LEAD and len(self.delimiter) == 1 and is_ascii and not in_numbers

    @cached_property
    def suits_arrow(self) -> bool:
        """Say whether Arrow's reader of CSV could split the lines, too."""
        is_usual = self.form == "text" and self.quotes != "doubled" and self.zone == "told"
        return is_usual and self.is_plain and not (self.lead or self.closed or self.kept)
