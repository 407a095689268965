"""How log files are to be read: what they are, and what of them is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from albconn.arguments import one_of
from albconn.logs.find.selection import EVERYTHING, Selection
from albconn.schema.table import LogTable
from albconn.storage.places import StorageOptions

OnBadLine = Literal["quarantine", "raise"]


@dataclass(frozen=True)
class Reading:
    """How log files are to be read.

    Attributes
    ----------
    table : LogTable
        What their lines are.
    selection : Selection
        Which rows are wanted.
    columns : tuple of str, optional
        The columns to make; the default is all of the table.
    on_bad_line : {"quarantine", "raise"}
        Put a line that is not understood into the books, or stop there.
    storage_options : dict, optional
        Passed to the store (s3fs).

    Raises
    ------
    TableError
        ``on_bad_line`` is neither.
    """

    table: LogTable
    selection: Selection = EVERYTHING
    columns: tuple[str, ...] | None = None
    on_bad_line: OnBadLine = "quarantine"
    storage_options: StorageOptions = None

    def __post_init__(self) -> None:
        one_of("on_bad_line", self.on_bad_line, ("quarantine", "raise"))

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        """Return the columns that the sink gets."""
        return self.table.select(self.columns)

    @cached_property
    def made(self) -> tuple[str, ...]:
        """Return these, and the columns that the selection looks at."""
        return self.table.select([*self.wanted, *self.selection.needs(self.table)])

    @cached_property
    def read(self) -> frozenset[str]:
        """Return the columns that have to be read from the lines for these."""
        return frozenset(map(self.table.needs, self.made)) & frozenset(self.table.read_columns)
