"""Rejected lines on disk: one JSON object a line, one file a batch.

Keys: ``source_file``, ``line_number`` (from 1), ``reason``, ``raw_text``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

from albconn.dataset.commits.layout import rejected_path
from albconn.dataset.commits.record import RejectedFile
from albconn.logs.books import RejectedLine
from albconn.printable import json_text
from albconn.storage.store import Store


def write_rejected(
    store: Store, batch: str, lines: Iterable[RejectedLine]
) -> tuple[RejectedFile, ...]:
    """Stage a batch's rejected lines, sorted; no file where there is none."""
    ordered = sorted(lines)
    if not ordered:
        return ()
    content = "".join(json_text(line._asdict()) + "\n" for line in ordered).encode()
    path = rejected_path(batch)
    store.stage(path, content)
    return (RejectedFile(path, len(ordered), len(content), hashlib.sha256(content).hexdigest()),)


def parse_rejected(content: bytes) -> Iterator[RejectedLine]:
    """Yield the rejected lines that a file's content holds."""
    for line in content.decode().split("\n"):
        if line:
            yield RejectedLine(**json.loads(line))
