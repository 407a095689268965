"""What is opened: connections, wherever they are, with their account and one database."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

import pyarrow as pa
import pyarrow.dataset as ds

from albconn.database import Database
from albconn.dataset.commits.holding import Holding
from albconn.logs.find.keys import LogKey
from albconn.logs.find.listing import ForeignFile
from albconn.logs.find.selection import EVERYTHING, Selection
from albconn.logs.find.sources import Source
from albconn.opened.doubts import Doubts
from albconn.opened.rows import Rows, within
from albconn.schema.connections import CONNECTIONS
from albconn.schema.table import LogTable
from albconn.storage.places import StorageOptions
from albconn.storage.store import Store
from albconn.times import earlier, later

if TYPE_CHECKING:
    import pandas as pd


@runtime_checkable
class ArrowStream(Protocol):
    """Anything that speaks the Arrow stream protocol: polars, DuckDB, a record batch reader."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


class Converted(NamedTuple):
    """A converted dataset as it was when it was opened; workers elsewhere open the same."""

    store: Store
    holding: Holding
    storage_options: StorageOptions


@dataclass(frozen=True, eq=False)
class Opened:
    """Connections or requests to count, and the account of the files that they come from.

    A resource: ``close`` it, or use it with ``with``; nothing is lost where that is forgotten.

    Attributes
    ----------
    connections : DataFrame, pyarrow.Table or pyarrow.dataset.Dataset
        The rows, or where they are.
    kind : {"log files", "dataset", "table"}
        What was opened.
    files, lines, rows, rejected, damaged : int or None
        Of the log files; ``rows + rejected = lines``. None for a table, which does not know.
    unread : int or None
        Log files of which nothing could be read; None for what is no log files.
    foreign : int or None
        Files that are no connection log; None also for a dataset, which does not remember them.
    skipped : tuple
        These files: ``url``, ``size`` [bytes] and ``kind`` of each.
    """

    connections: Rows
    kind: Literal["log files", "dataset", "table"]
    files: int | None = None
    foreign: int | None = None
    lines: int | None = None
    rows: int | None = None
    rejected: int | None = None
    damaged: int | None = None
    unread: int | None = None
    skipped: tuple[ForeignFile, ...] = field(default=(), repr=False)
    selection: Selection = field(default=EVERYTHING, repr=False)
    keys: tuple[LogKey, ...] | None = field(default=None, repr=False)  # of log files
    converted: Converted | None = field(default=None, repr=False)
    doubts: Doubts = field(default=Doubts(), repr=False)
    whole: ds.Dataset | None = field(default=None, repr=False)  # before its time was cut
    database: Database = field(default_factory=Database, repr=False)
    table: LogTable = field(default=CONNECTIONS, repr=False)

    def __enter__(self) -> Opened:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def knows_files(self) -> bool:
        """Say whether it can be told which log files there were."""
        return self.keys is not None or self.converted is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns that are there."""
        rows = self.connections
        names = rows.schema.names if isinstance(rows, pa.Table | ds.Dataset) else rows.columns
        return tuple(str(name) for name in names)

    def within(self, start: datetime | None, end: datetime | None) -> Opened:
        """Return the rows of a half-open time range; the account stays that of the whole.

        What is in files stays there, and both are asked through the same database.
        """
        selection = replace(
            self.selection, start=later(self.selection.start, start),
            end=earlier(self.selection.end, end),
        )  # fmt: skip
        rows = within(self.connections, start, end, self.table)
        return replace(self, connections=rows, selection=selection)

    def to_count(self) -> tuple[Rows, datetime | None, datetime | None]:
        """Return rows, and the time range of them that counts.

        A dataset that is only cut in time is given whole: DuckDB reads its files two to three
        times faster than Arrow hands over what passes a filter.
        """
        if self.whole is None:
            return self.connections, None, None
        return self.whole, self.selection.start, self.selection.end

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


Connections: TypeAlias = "pd.DataFrame | pa.Table | ds.Dataset | Source | Opened | ArrowStream"
