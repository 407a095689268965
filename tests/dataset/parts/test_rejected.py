"""Rejected lines on disk."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from albconn import convert
from albconn.dataset.parts.rejected import parse_rejected, write_rejected
from albconn.logs.rejected import RejectedLine
from albconn.storage.store import open_dest
from worlds.trees import log_path


def test_rejected_lines_on_disk(logs: Path, tmp_path: Path) -> None:
    convert(logs, tmp_path / "out")
    (path,) = (tmp_path / "out/rejected").iterdir()
    (rejected,) = [json.loads(text) for text in path.read_text().splitlines()]
    assert rejected["source_file"].endswith(log_path(logs, "20260924T0805Z", elb="api").name)
    assert (rejected["line_number"], rejected["raw_text"]) == (2, "not a line")
    assert (rejected["reason"], rejected["value"]) == ("too few fields", "3")


def test_what_was_written_is_read_in_order(tmp_path: Path) -> None:
    store = open_dest(tmp_path / "out")
    assert write_rejected(store, "00000001", []) == ()
    lines = [RejectedLine("ä.gz", 2, "why", 'a "b"\u2028\n'), RejectedLine("a.gz", 10, "why", "")]
    (kept,) = write_rejected(store, "00000001", lines)
    store.publish([kept.path])
    content = store.read(kept.path)
    assert (kept.path, kept.lines, kept.size) == ("rejected/00000001.jsonl", 2, len(content))
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert list(parse_rejected(content)) == sorted(lines)
