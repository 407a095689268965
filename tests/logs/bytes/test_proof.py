"""What is read is the file that was listed, or nothing of it counts."""

from __future__ import annotations

import gzip
import hashlib
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from albconn.logs.bytes.proof import InParts, Local, Unread, Whole
from albconn.logs.find.keys import parse_key
from albconn.logs.find.sources import LogFile
from albconn.storage.s3 import Got

PIECES = [random.Random(n).randbytes(100) for n in range(5)]
MD5 = hashlib.md5(b"".join(PIECES)).hexdigest()


class Parts:
    """Parts of an object, of which one may differ at a certain reading."""

    def __init__(self, md5: str | None = MD5, *, wrong: int | None = None, times: int = 1) -> None:
        self.md5, self.wrong, self.times = md5, wrong, times
        self.asked: list[int] = []

    def __call__(self, first: int) -> Iterator[Got]:
        for number in range(first, len(PIECES)):
            self.asked.append(number)
            content = PIECES[number]
            if number == self.wrong and self.times > 0:
                self.times -= 1
                content = content[::-1]
            yield Got(content, self.md5)


def test_parts_that_are_right_are_proven_and_asked_for_once() -> None:
    parts = Parts()
    raw = InParts(parts)
    assert list(raw()) == PIECES
    raw.prove()
    assert parts.asked == [0, 1, 2, 3, 4]


def test_parts_that_are_not_those_of_the_etag_do_not_count() -> None:
    raw = InParts(Parts(wrong=2))
    assert len(list(raw())) == 5
    with pytest.raises(Unread, match=f"its bytes are not those of ETag {MD5}; run again"):
        raw.prove()


def test_the_end_is_proven_too_where_it_was_never_asked_for() -> None:
    for wrong in (None, 4):
        parts = Parts(wrong=wrong)
        raw = InParts(parts)
        reading = iter(raw())
        assert [next(reading), next(reading)] == PIECES[:2]
        if wrong is None:
            raw.prove()
        else:
            with pytest.raises(Unread):
                raw.prove()
        assert parts.asked == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("md5", [MD5, None])
def test_a_second_reading_must_be_of_the_same_bytes(md5: str | None) -> None:
    """Also where S3 tells no MD5: good bytes after bad ones would hide the damage."""
    raw = InParts(Parts(md5, wrong=1))
    first = iter(raw())
    assert [next(first), next(first), next(first)][1] != PIECES[1]
    second = iter(raw())
    assert next(second) == PIECES[0]
    with pytest.raises(Unread, match="not the same when they were read again"):
        next(second)


def test_a_second_reading_may_go_further() -> None:
    parts = Parts()
    raw = InParts(parts)
    assert next(iter(raw())) == PIECES[0]
    assert list(raw()) == PIECES
    raw.prove()
    assert parts.asked == [0, 0, 1, 2, 3, 4]


def test_what_came_whole_was_proven_when_it_came() -> None:
    raw = Whole(b"abc")
    assert (list(raw()), list(raw())) == ([b"abc"], [b"abc"])
    raw.prove()


def local(path: Path) -> Local:
    state = path.stat()
    return Local(LogFile(str(path), state.st_size, f"{state.st_mtime_ns:x}", parse_key(str(path))))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(b"line\n" * 100))
    return path


def test_a_local_file_that_stays_is_proven(log: Path) -> None:
    raw = local(log)
    assert b"".join(raw()) == log.read_bytes()
    raw.prove()


@pytest.mark.parametrize("what", ["grown", "shrunk", "replaced", "touched"])
def test_a_local_file_that_changed_does_not_count(log: Path, what: str) -> None:
    raw, before = local(log), log.read_bytes()
    if what == "grown":
        log.write_bytes(before + b"more")
    elif what == "shrunk":
        log.write_bytes(before[:-3])
    elif what == "replaced":
        other = log.with_name("other")
        other.write_bytes(before[::-1])
        other.replace(log)
    os.utime(log, ns=(1, 1))
    list(raw())
    with pytest.raises(Unread, match="it changed while it was read; run again"):
        raw.prove()


def test_what_became_of_a_file_after_it_was_read_does_not_matter(log: Path) -> None:
    raw = local(log)
    list(raw())
    log.unlink()
    raw.prove()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda p: p.unlink(), "the file vanished between listing and reading"),
        (lambda p: (p.unlink(), p.mkdir()), "Is a directory"),
        (lambda p: (p.unlink(), p.symlink_to(p)), "Too many levels of symbolic links"),
    ],
)
def test_a_local_file_that_cannot_be_read_says_why(log: Path, spoil: object, reason: str) -> None:
    raw = local(log)
    spoil(log)  # type: ignore[operator]
    with pytest.raises(Unread) as caught:
        list(raw())
    assert caught.value.reason == reason
    assert caught.value.advice


def test_of_a_pipe_nothing_can_be_said(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    raw = local(path)
    raw.prove()
