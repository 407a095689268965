"""Where and how the fields of a line lie, as a value that blocks carry and parsers ask.

A format (``logs.formats``) looks at a file's first bytes and answers with its layout. The exact
parser, the compiled reader and Arrow's follow it; none of them knows a format.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from albconn.schema.field import Field, FromPart, Shape
from albconn.schema.parts import Way
from albconn.schema.table import LogTable

_BESIDE = 0x80  # in the compiled reader's words, plus the place of a field


class TakenApart(NamedTuple):
    """A field that is taken apart: where it stands, how, and the columns of its parts."""

    place: int
    way: Way
    columns: tuple[Field, ...]


@dataclass(frozen=True)
class Layout:
    """How the lines of a file are to be read.

    Attributes
    ----------
    table : LogTable
        What the lines become.
    names : tuple of str
        The table's columns that the line has, in the line's order.
    fewest_fields : int
        A line with fewer is rejected; the columns that it lacks are missing.
    delimiter : bytes
        What stands between two fields.
    null : bytes
        What a missing value looks like; ``""`` in quotes is one too.
    """

    table: LogTable
    names: tuple[str, ...]
    fewest_fields: int
    delimiter: bytes = b" "
    null: bytes = b"-"

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Return the fields of a line, in its order."""
        return tuple(self.table.field(name) for name in self.names)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that a line gives: its fields, what follows the last one, its parts.

        Among them are fields that are no columns of the table, because all their parts are.
        """
        parts = (field.name for taken in self.taken_apart for field in taken.columns)
        return (*self.names, self.table.tail, *parts)

    @cached_property
    def taken_apart(self) -> tuple[TakenApart, ...]:
        """Return the fields that are taken apart."""
        made = {
            (field.origin.field, field.origin.place): field
            for field in self.table.parts
            if isinstance(field.origin, FromPart)
        }
        return tuple(
            TakenApart(place, field.way, tuple(made[field.name, n] for n in range(field.way.parts)))
            for place, field in enumerate(self.fields)
            if field.way
        )

    @cached_property
    def letters(self) -> bytes:
        """Return the kinds as the compiled reader calls them; a capital must not be missing."""
        return "".join(
            f.kind.letter.upper() if f.name == self.table.time_column else f.kind.letter
            for f in self.fields
        ).encode()

    @cached_property
    def ways(self) -> tuple[bytes, ...]:
        """Return how fields are taken apart, as the compiled reader wants it: one text a field.

        A byte for its place, the way's letter, and a letter a part: its kind.
        """
        return tuple(
            bytes([place]) + "".join([way.letter, *(f.kind.letter for f in fields)]).encode()
            for place, way, fields in self.taken_apart
        )

    @cached_property
    def typed(self) -> tuple[tuple[int, Field], ...]:
        """Return the places of the fields that hold no text, each with its field."""
        return tuple((n, f) for n, f in enumerate(self.fields) if not f.kind.is_text)

    @cached_property
    def shaped(self) -> tuple[tuple[int, Shape], ...]:
        """Return the places of the fields whose values have a shape, each with its shape."""
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

    @property
    def is_plain(self) -> bool:
        """Say whether one byte that no number holds stands between fields, for fast readers."""
        in_numbers = self.delimiter.isalnum() or self.delimiter in b"-.:"
        return len(self.delimiter) == 1 and not in_numbers
