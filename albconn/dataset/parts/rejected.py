"""Rejected lines on disk: one JSON object a line, one file a batch.

Keys: ``source_file``, ``line_number`` (from 1), ``reason``, ``value`` (what of the line is wrong),
``raw_text``. An object that tells several lines also has ``lines``, how many, and ``last_line``,
and no text; where they do not all follow each other it has the ``checksum`` of their numbers
(``logs.rejected``). Earlier versions wrote neither these nor ``value``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from albconn.dataset.commits.layout import rejected_path
from albconn.dataset.commits.record import RejectedFile
from albconn.logs.rejected import RejectedLine, checksum_of
from albconn.printable import json_text
from albconn.storage.store import Store

_ALWAYS = ("source_file", "line_number", "reason", "value", "raw_text")


def write_rejected(
    store: Store, batch: str, lines: Iterable[RejectedLine]
) -> tuple[RejectedFile, ...]:
    """Stage a batch's rejected lines, in order; no file where there is none."""
    ordered = sorted(lines, key=lambda line: (line.source_file, line.line_number, line.reason))
    if not ordered:
        return ()
    content = "".join(json_text(_told(line)) + "\n" for line in ordered).encode()
    path = rejected_path(batch)
    store.stage(path, content)
    total = sum(line.lines for line in ordered)
    return (RejectedFile(path, total, len(content), hashlib.sha256(content).hexdigest()),)


def _told(line: RejectedLine) -> dict[str, object]:
    told = line._asdict()
    if line.lines == 1:
        del told["lines"]
    return {name: told[name] for name in told if name in _ALWAYS or told[name] is not None}


def parse_rejected(content: bytes) -> Iterator[RejectedLine]:
    """Yield the rejected lines that a file's content holds."""
    for line in content.decode().split("\n"):
        if line:
            yield RejectedLine(**json.loads(line))


@dataclass
class RejectedPlaces:
    """Where the rejected lines of one source stand, to be compared with those of another reading.

    Two readings may tell the same lines in different ways; their number and the checksum of
    their numbers are the same.
    """

    lines: int = 0
    checksum: int = 0
    _runs: list[tuple[int, int]] = field(default_factory=list, compare=False)

    def add(self, line: RejectedLine) -> None:
        """Take what tells one line or several."""
        last = line.last_line or line.line_number
        checksum = line.checksum
        if checksum is None:
            checksum = checksum_of(np.array([[line.line_number, last]]))
            self._runs.append((line.line_number, last))
        self.lines += line.lines
        self.checksum = (self.checksum + checksum) % (1 << 64)

    @property
    def overlap(self) -> bool:
        """Whether a line is told twice."""
        runs = sorted(self._runs)
        return any(after[0] <= before[1] for before, after in pairwise(runs))


def places_by_source(lines: Iterable[RejectedLine]) -> dict[str, RejectedPlaces]:
    """Return where the rejected lines stand, by source."""
    places: dict[str, RejectedPlaces] = {}
    for line in lines:
        places.setdefault(line.source_file, RejectedPlaces()).add(line)
    return places
