"""One column of a table: its name, kind, place in the line, unit and meaning, and its origin.

A column comes from a field of the line or a part of one, from what the log file's key says, from
another column, or from the line's own place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

import pyarrow as pa

from albconn.schema.kind import Kind
from albconn.schema.parts import Way


class FromKey(NamedTuple):
    """What the log file's key says; of a field of the line, where the line says nothing."""

    part: str


class FromColumn(NamedTuple):
    """What a function makes of another column's values, asked once for each distinct one."""

    column: str
    meaning: Callable[[Any], str | int | None]


class FromPart(NamedTuple):
    """A part of a line's field that says several things; ``place`` counts its parts from 0."""

    field: str
    place: int


class FromPlace(Enum):
    """What the line's place tells, and the part of it that no field covers."""

    file = "file"
    line = "line"
    tail = "tail"


Origin = FromKey | FromColumn | FromPart | FromPlace


class Shape(NamedTuple):
    """What tells a field's values from those of the fields beside it.

    Attributes
    ----------
    begins : tuple of str
        How they begin, one of these: 4 to 12 ASCII characters each.
    letters : str
        What they are made of, where they begin with anything.
    grows : bool
        AWS adds values without notice, which may begin otherwise.
    beside : str, optional
        The field that has a value exactly where this one has.
    """

    begins: tuple[str, ...] = ()
    letters: str = ""
    grows: bool = False
    beside: str | None = None

    def fits(self, text: str) -> bool:
        """Say whether a text looks like one of the field's values."""
        if self.begins:
            return text.startswith(self.begins)
        return not text.strip(self.letters)


@dataclass(frozen=True)
class Field:
    """One column of a table.

    Attributes
    ----------
    name : str
        AWS's name, where it is a field of the line.
    kind : Kind
        What its values are.
    meaning : str
        In the words of the documentation.
    position : int, optional
        The field's place in AWS's own line, from 1; None where albconn makes it.
    origin : Origin, optional
        Where its value comes from, if not (only) from the line.
    unit : str, optional
        Of its values.
    recurs : bool
        Numbers of which few are different: a Parquet dictionary takes half the room.
    sought : bool
        Readers skip row groups by its range, though it is text.
    shape : Shape, optional
        What tells its values from its neighbours', where something does.
    way : Way, optional
        How it is taken apart, where it says several things at once.
    tells : tuple of str
        Columns whose values stand in it, too: where one of these is hidden, so is this.
    """

    name: str
    kind: Kind
    meaning: str
    position: int | None = None
    origin: Origin | None = None
    unit: str | None = None
    recurs: bool = False
    sought: bool = False
    shape: Shape | None = None
    way: Way | None = None
    tells: tuple[str, ...] = ()

    @property
    def type(self) -> pa.DataType:
        """Return the Arrow type on disk."""
        return self.kind.type

    @property
    def repeated(self) -> bool:
        """Say whether values recur, so that memory holds them as a category."""
        return self.kind.repeated
