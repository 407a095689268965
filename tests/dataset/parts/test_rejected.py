"""Rejected lines on disk."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from albconn import convert
from albconn.dataset.parts.rejected import (
    RejectedPlaces,
    parse_rejected,
    places_by_source,
    write_rejected,
)
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


def test_a_rejected_line_that_is_looked_at_does_nothing(tmp_path: Path) -> None:
    store = open_dest(tmp_path / "out")
    raw = "\x1b]0;owned\x07\x9b31m\x7f\u202e\u2066\u200f\u061c ä"
    lines = [RejectedLine("a\x1b.gz", 1, "why", raw)]
    (kept,) = write_rejected(store, "00000001", lines)
    store.publish([kept.path])
    content = store.read(kept.path)
    assert content.decode().rstrip("\n").isprintable()
    assert list(parse_rejected(content)) == lines


def test_lines_without_their_texts_are_written_as_they_are_told(tmp_path: Path) -> None:
    store = open_dest(tmp_path / "out")
    one = RejectedLine("a.gz", 2, "bad", "text", "value")
    run = RejectedLine("a.gz", 3, "bad", None, None, 5, 7)
    several = RejectedLine("a.gz", 9, "worse", None, None, 4, 90, 1234)
    (kept,) = write_rejected(store, "00000001", [several, run, one])
    store.publish([kept.path])
    content = store.read(kept.path)
    assert kept.lines == 10
    assert list(parse_rejected(content)) == [one, run, several]
    written = [json.loads(line) for line in content.decode().splitlines()]
    assert list(written[0]) == ["source_file", "line_number", "reason", "raw_text", "value"]
    assert (written[1]["lines"], written[1]["last_line"]) == (5, 7)
    assert "checksum" not in written[1]
    assert written[2]["checksum"] == 1234


def test_what_earlier_versions_wrote_is_read() -> None:
    old = b'{"source_file": "a.gz", "line_number": 3, "reason": "why: \'x\'", "raw_text": "x"}\n'
    assert list(parse_rejected(old)) == [RejectedLine("a.gz", 3, "why: 'x'", "x")]


def test_places_do_not_depend_on_how_they_are_told() -> None:
    alone = [RejectedLine("a.gz", n, "bad", "text") for n in (2, 3, 4, 9)]
    joined = [RejectedLine("a.gz", 2, "bad", None, None, 3, 4), alone[3]]
    told = places_by_source(alone)["a.gz"]
    summed = [RejectedLine("a.gz", 2, "bad", None, None, 4, 9, told.checksum)]
    for others in (joined, summed):
        assert places_by_source(others)["a.gz"] == told
    moved = [*alone[:3], RejectedLine("a.gz", 8, "bad", "text")]
    assert places_by_source(moved)["a.gz"] != told
    assert places_by_source(alone[:3])["a.gz"] != told
    assert RejectedPlaces() == RejectedPlaces(0, 0)


def test_a_line_that_is_told_twice_is_seen() -> None:
    run = RejectedLine("a.gz", 2, "bad", None, None, 3, 4)
    assert not places_by_source([run, RejectedLine("a.gz", 5, "bad", "x")])["a.gz"].overlap
    for line in (2, 3, 4):
        assert places_by_source([run, RejectedLine("a.gz", line, "bad", "x")])["a.gz"].overlap
