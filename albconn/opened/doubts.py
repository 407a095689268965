"""What could not be read: rejected lines and damaged log files, by name.

Of log files it is kept as they are read; of a dataset it is in what its records name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from albconn.dataset.parts.rejected import parse_rejected
from albconn.logs.books import FileBooks, RejectedLine

if TYPE_CHECKING:
    from albconn.opened.source import Opened

MOST_KEPT = 1000  # rejected lines


class Damaged(NamedTuple):
    """A log file that could not be read to its end, and why."""

    source_file: str
    damage: str
    rows: int


class Doubts(NamedTuple):
    """The first rejected lines, and the damaged log files."""

    rejected: tuple[RejectedLine, ...] = ()
    damaged: tuple[Damaged, ...] = ()


def doubts_of_files(rejected: Iterable[RejectedLine], files: Iterable[FileBooks]) -> Doubts:
    """Return what could not be read of log files."""
    damaged = (Damaged(file.source_file, file.damage, file.rows) for file in files if file.damage)
    return Doubts(tuple(sorted(rejected)[:MOST_KEPT]), tuple(damaged))


def doubts_of(opened: Opened) -> Doubts:
    """Return what could not be read of what was opened; of a table nothing is known."""
    if opened.converted is None:
        return opened.doubts
    holding = opened.converted.holding
    damaged = (
        Damaged(known.source.url, known.source.damage, known.source.rows)
        for known in holding.sources.values()
        if known.source.damage
    )
    return Doubts(tuple(_rejected(opened)), tuple(damaged))


def _rejected(opened: Opened) -> Iterator[RejectedLine]:
    assert opened.converted is not None
    left = MOST_KEPT
    for path in sorted(opened.converted.holding.rejected):
        for line in parse_rejected(opened.converted.store.read(path)):
            if not left:
                return
            left -= 1
            yield line
