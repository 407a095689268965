"""Is what was read the file that was listed? What cannot be proven does not count.

What S3 sends of a small object is proven before it is given (``storage.answers``, ``s3``). A
large one is given part by part, and its MD5 can be compared only after the last; until then each
reading must give the same bytes as the one before, or a second one could hide what the first had
met. A local file must be of the size and time of change that were listed when it has been read.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from stat import S_ISREG
from typing import Protocol

from albconn.logs.find.sources import LogFile
from albconn.storage.faults import told_of
from albconn.storage.received import Got

READ_BYTES = 1 << 16  # what is inflated at a time


class Unread(Exception):  # noqa: N818  (not an error: the caller records it and goes on)
    """Nothing of a file counts: it cannot be had, or is not proven to be what was listed."""

    def __init__(self, reason: str, advice: str = "") -> None:
        self.reason, self.advice = reason, advice
        super().__init__("; ".join(filter(None, (reason, advice))))


class Raw(Protocol):
    """A file's stored bytes; a call gives them from the start."""

    def __call__(self) -> Iterable[bytes]:
        """Return the bytes in order, cut anywhere; may raise ``Unread``."""
        ...

    def prove(self) -> None:
        """Make sure that what was given is the file, also where its end was never asked for.

        Raises
        ------
        Unread
            It is not.
        """
        ...


class Whole:
    """An object that is here, and proven."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __call__(self) -> Iterable[bytes]:  # noqa: D102
        return (self._content,)

    def prove(self) -> None:
        """Nothing to do: it was proven when it came."""


class InParts:
    """A large object; ``parts_from`` gives its parts from the one of that number on."""

    def __init__(self, parts_from: Callable[[int], Iterator[Got]]) -> None:
        self._parts_from = parts_from
        self._known: list[bytes] = []  # the MD5 of all bytes up to the end of each part
        self._furthest = hashlib.md5(usedforsecurity=False)
        self._expected: str | None = None

    def __call__(self) -> Iterator[bytes]:  # noqa: D102
        running = hashlib.md5(usedforsecurity=False)
        for number, got in enumerate(self._parts_from(0)):
            running.update(got.content)
            if number == len(self._known):
                self._go_on(running.copy(), got)
            elif running.digest() != self._known[number]:
                raise Unread("its bytes were not the same when they were read again", "run again")
            yield got.content

    def prove(self) -> None:
        """See ``Raw``; what was not read is read for it."""
        for got in self._parts_from(len(self._known)):
            self._furthest.update(got.content)
            self._go_on(self._furthest, got)
        if self._expected and self._furthest.hexdigest() != self._expected:
            raise Unread(f"its bytes are not those of ETag {self._expected}", "run again")

    def _go_on(self, furthest: hashlib._Hash, got: Got) -> None:
        self._furthest, self._expected = furthest, got.md5
        self._known.append(furthest.digest())


class Local:
    """A file on a disk; of what is no regular file (a pipe) nothing can be said."""

    def __init__(self, log_file: LogFile) -> None:
        self._log_file = log_file
        self._came: int | None = None
        self._state: os.stat_result | None = None

    def __call__(self) -> Iterator[bytes]:  # noqa: D102
        came = 0
        try:
            with open(self._log_file.place, "rb", buffering=0) as stream:  # noqa: PTH123
                while chunk := stream.read(READ_BYTES):
                    came += len(chunk)
                    yield chunk
                self._came, self._state = came, os.fstat(stream.fileno())
        except FileNotFoundError as error:
            raise vanished() from error
        except OSError as error:
            raise Unread(*told_of(error)) from error

    def prove(self) -> None:
        """See ``Raw``; where a damage ended the reading, what lies there now is looked at."""
        listed, state = self._log_file, self._state
        if listed.spool:
            return  # it is a copy of our own
        if state is None:
            try:
                state = os.stat(listed.url)  # noqa: PTH116
            except OSError:
                return  # what could be read was read; what became of it since does not matter
        as_listed = state.st_size == listed.size and f"{state.st_mtime_ns:x}" == listed.etag
        if S_ISREG(state.st_mode) and not (as_listed and self._came in (None, listed.size)):
            raise Unread("it changed while it was read", "run again")


def vanished() -> Unread:
    """Return what is said of a file that was listed, but is no longer there."""
    return Unread("the file vanished between listing and reading", "fetch the file again")
