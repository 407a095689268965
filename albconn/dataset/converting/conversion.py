"""What a run of ``convert`` did, in numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from albconn.dataset.commits import layout
from albconn.dataset.commits.record import Record
from albconn.dataset.converting.plan import Plan, Refresh
from albconn.dataset.converting.work import Delivery
from albconn.errors import IncompleteWarning, warn
from albconn.logs.books import Books
from albconn.logs.told import BOTH_ROUTES, KEEP_ONE
from albconn.schema.table import LogTable
from albconn.words import counted


@dataclass(frozen=True)
class Conversion:
    """What a run of ``convert`` did.

    Attributes
    ----------
    files : int
        Log files that were read.
    foreign, skipped : int
        Files that are no connection logs; log files with nothing new for this selection.
    changed : tuple of str
        Log files whose size or etag is not what was converted.
    damaged : tuple of str
        Log files that could not be read to their end; what could be salvaged is in.
    failed : tuple of str
        Log files of which nothing could be read; the next run tries them again.
    duplicates : tuple of str
        Log files that are there, or were converted, under another path, and were left.
    lines, rows, rejected : int
        ``rows + rejected = lines`` of the files that were read.
    filtered, written : int
        ``filtered + written = rows``: rows that this run's selection left out, or that were
        there already; rows that were added.
    twins : int
        Rows among ``filtered`` that were left out because ``prefer`` keeps the other route's.
    dates : tuple of date
        Dates that were touched.
    parts, batches : int
        Parquet files and commit records that were written.
    seconds : float
        Duration [s].
    """

    files: int = 0
    foreign: int = 0
    skipped: int = 0
    changed: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    lines: int = 0
    rows: int = 0
    rejected: int = 0
    filtered: int = 0
    written: int = 0
    twins: int = 0
    dates: tuple[date, ...] = ()
    parts: int = 0
    batches: int = 0
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as JSON values, for a one-line summary."""
        told = asdict(self)
        told["dates"] = [day.isoformat() for day in self.dates]
        return {n: list(value) if isinstance(value, tuple) else value for n, value in told.items()}


@dataclass
class Tally:
    """What was done so far, of a table."""

    table: LogTable
    foreign: int = 0
    plan: Plan = field(default_factory=lambda: Plan((), (), 0))
    refresh: Refresh = "report"
    copies: tuple[str, ...] = ()  # of log files that the listing has, too
    held_back: list[Record] = field(default_factory=list)  # of orders that came to nothing
    deliveries: list[Delivery] = field(default_factory=list)
    batches: int = 0
    twins_held: int = 0  # rows on the run's dates that tell what another row tells

    def warn(self) -> None:
        """Warn once about each kind of thing that was salvaged, new or left alone."""
        notable = [books for delivery in self.deliveries for books in delivery.notable]
        wide = sum(delivery.wide_lines for delivery in self.deliveries)
        books = Books(self.table, notable, wide_lines=wide)
        if not self.plan.skipped and not any(delivery.sources for delivery in self.deliveries):
            books.require_any()
        books.warn()
        self._warn_of_twins()
        self._warn_of_nothing()
        if self.plan.changed and self.refresh == "report":
            changed = counted(
                len(self.plan.changed),
                "log file changed since it was",
                "log files changed since they were",
            )
            warn(
                f"{changed} converted, first {self.plan.changed[0]}; the earlier rows stay; "
                'replace them with refresh="replace" (--refresh)',
            )
        if self.plan.duplicates:
            copies = counted(
                len(self.plan.duplicates),
                "log file was converted under another path",
                "log files were converted under other paths",
            )
            warn(
                f"{copies}, first {self.plan.duplicates[0]}; left out, as their lines are there; "
                'convert copies, too, with duplicates="keep" (--duplicates keep)',
            )

    def days(self) -> list[str]:
        """Return the dates (``YYYY-MM-DD``) that were touched."""
        touched = [
            path for d in self.deliveries for path in (*d.removes, *(p.path for p in d.parts))
        ]
        return sorted({day for path in touched if (day := layout.day_of_part(path))})

    def _warn_of_twins(self) -> None:
        """Warn of connections that are there twice, or that were left out as such."""
        if left_out := sum(delivery.twins for delivery in self.deliveries):
            told = counted(left_out, "connection")
            warn(f"{told} came by both routes; the other row of each is left out")
        if self.twins_held:
            which = counted(self.twins_held, "connection is", "connections are")
            warn(f"{which} in the dataset twice, {BOTH_ROUTES}; {KEEP_ONE} in a new dataset")

    def _warn_of_nothing(self) -> None:
        """Warn where files were read and no row came of them."""
        sources = [source for delivery in self.deliveries for source in delivery.sources]
        lines = sum(source.lines for source in sources)
        if not lines or any(d.written or d.twins for d in self.deliveries):
            return
        rejected = sum(source.rejected for source in sources)
        of = f"{sources[0].url}: none of the {counted(lines, 'line')} of "
        of += counted(len(sources), "log file")
        if lines == rejected:
            see = f"see {layout.REJECTED}/ in the dataset"
            warn(f"{of} is understood; {see}", IncompleteWarning)
        elif not any(task.earlier for task in self.plan.tasks):  # else they are there already
            warn(f"{of} is of that time and those filters")

    def kept(self) -> str:
        """Return what a run that is stopped has kept."""
        files = sum(len(delivery.sources) for delivery in self.deliveries)
        committed = f"{counted(self.batches, 'batch', 'batches')} of {counted(files, 'log file')}"
        kept = f"{committed} committed" if self.batches else "nothing was committed"
        return f"{kept}; the next run does the rest"

    def conversion(self, seconds: float) -> Conversion:
        """Return the sum of all that was committed."""
        sources = [source for delivery in self.deliveries for source in delivery.sources]
        parts = [part for delivery in self.deliveries for part in delivery.parts]
        rows = sum(source.rows for source in sources)
        written = sum(delivery.written for delivery in self.deliveries)
        return Conversion(
            files=len(sources),
            foreign=self.foreign,
            skipped=self.plan.skipped,
            changed=self.plan.changed,
            damaged=tuple(source.url for source in sources if source.damage),
            failed=tuple(f.source_file for d in self.deliveries for f in d.unread),
            duplicates=(*self.plan.duplicates, *self.copies),
            lines=sum(source.lines for source in sources),
            rows=rows,
            rejected=sum(source.rejected for source in sources),
            filtered=rows - written,
            written=written,
            twins=sum(delivery.twins for delivery in self.deliveries),
            dates=tuple(map(date.fromisoformat, self.days())),
            parts=len(parts),
            batches=self.batches,
            seconds=round(seconds, 3),
        )
