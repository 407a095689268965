"""What was found where log files were looked for: those to read, and why the others are not.

Nothing that was met is left out of the account: what is *foreign* is no connection log, a *copy*
is a file that was delivered once and lies there twice, what could not be listed says why, and
``elsewhere`` tells what the files are of that the selection did not ask for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from albconn.logs.find.keys import LogKey
from albconn.times import earlier, later


class Found(NamedTuple):
    """An object that was met. ``kind`` is known where the folder says that it is no log.

    ``identity`` is what a local file is, under whatever name; ``spool`` where its bytes are, of
    what came through a pipe.
    """

    url: str
    size: int
    etag: str
    storage_class: str | None = None
    identity: tuple[int, int] | None = None
    kind: str | None = None
    spool: str = ""


@dataclass(frozen=True, slots=True)
class LogFile:
    """One object that holds connections. ``etag`` changes when its content does.

    ``spool`` is where its bytes are, of what came through a pipe.
    """

    url: str
    size: int
    etag: str
    key: LogKey = field(compare=False)
    storage_class: str | None = field(default=None, compare=False)
    spool: str = field(default="", compare=False)

    @property
    def place(self) -> str:
        """Return where its bytes are."""
        return self.spool or self.url


@dataclass(frozen=True)
class ForeignFile:
    """One object that is no connection log; ``kind`` says what it is."""

    url: str
    size: int
    kind: str


class Copy(NamedTuple):
    """A file that is not read because another one, ``of``, is what AWS delivered, too."""

    url: str
    size: int
    of: str
    of_size: int


@dataclass
class Elsewhere:
    """What the names of log files and folders say that the selection did not ask for."""

    files: int = 0
    first: datetime | None = None
    last: datetime | None = None
    load_balancers: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)

    def add(self, key: LogKey) -> None:
        """Count a file that was not asked for."""
        self.files += 1
        for names, name in (
            (self.load_balancers, key.elb),
            (self.accounts, key.account_id),
            (self.regions, key.region),
        ):
            if name is not None:
                names.add(name)
        self.first = earlier(self.first, key.interval_end)
        self.last = later(self.last, key.interval_end)


@dataclass
class Listing:
    """What a source holds: ``log_files`` to read, and what is not read.

    ``unlisted`` are files and folders that could not be looked at, each with the reason;
    ``aliases`` links to folders that were walked under another path, and these paths; ``places``
    the sources as they were named, each written as it is known by.
    """

    log_files: list[LogFile]
    foreign: list[ForeignFile]
    duplicates: list[Copy] = field(default_factory=list)
    unlisted: dict[str, str] = field(default_factory=dict)
    elsewhere: Elsewhere = field(default_factory=Elsewhere)
    aliases: dict[str, str] = field(default_factory=dict)
    places: tuple[str, ...] = ()
