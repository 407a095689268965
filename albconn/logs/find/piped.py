"""Standard input, pipes and what a shell hands over as ``/dev/fd/63``: read once, into a file.

What comes through a pipe comes once, and a damaged gzip is read twice (``bytes.gunzip``), so a
pipe's bytes go to a temporary file first, on the disk, however many they are. What identifies
them is their content, because ``-`` is something else each time: the same bytes are converted
once, others are others.

A device is no log file; a pipe without a writer is given up after ten seconds.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from albconn.errors import SourceError

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

STANDARD_INPUT = "-"
WRITER_SECONDS = 10.0
_POLL_SECONDS = 0.05
_READ_BYTES = 1 << 20
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d+)")


@dataclass(frozen=True)
class Piped:
    """What came through a pipe: what it is known by, and the file in which it is."""

    url: str
    size: int
    etag: str
    spool: str


_of_descriptors: dict[tuple[int, int], Piped] = {}  # which can be read once in a process
_folders: list[TemporaryDirectory[str]] = []


def is_piped(location: str) -> bool:
    """Say whether a place is no file or folder on a disk, but is read as it comes.

    Examples
    --------
    >>> is_piped("-"), is_piped("/dev/stdin"), is_piped("/var/log")
    (True, True, False)
    """
    if _descriptor_of(location) is not None:
        return True
    try:
        mode = Path(location).stat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def read_pipe(location: str) -> Piped:
    """Read all that comes through a pipe into a temporary file, which lasts as long as the process.

    Raises
    ------
    SourceError
        It is a device or a socket, nobody writes to it, or it cannot be read.
    """
    try:
        with _opened(location) as descriptor:
            state = os.fstat(descriptor)
            _refuse_device(location, state.st_mode, os.isatty(descriptor))
            known = (state.st_dev, state.st_ino)
            if _descriptor_of(location) is None:
                is_fifo = stat.S_ISFIFO(state.st_mode)
                given = _chunks_of_fifo(descriptor, location) if is_fifo else _chunks_of(descriptor)
                return _spooled(given)
            if known not in _of_descriptors:
                _of_descriptors[known] = _spooled(_chunks_of(descriptor))
            return _of_descriptors[known]
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        reason = error.strerror or str(error)
        raise SourceError(f"{location}: {reason}; check what is piped into it") from error


def _descriptor_of(location: str) -> int | None:
    if location in (STANDARD_INPUT, "/dev/stdin"):
        return 0
    found = _DESCRIPTOR.fullmatch(location)
    return int(found[1]) if found else None


@contextmanager
def _opened(location: str) -> Iterator[int]:
    given = _descriptor_of(location)
    if given is None:
        _refuse_device(location, Path(location).stat().st_mode, is_terminal=False)
        descriptor = os.open(location, os.O_RDONLY | os.O_NONBLOCK)  # a pipe opens without a writer
    else:
        descriptor = os.dup(given)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _refuse_device(location: str, mode: int, is_terminal: bool) -> None:  # noqa: FBT001
    is_own = _descriptor_of(location) is not None
    if stat.S_ISDIR(mode):
        raise SourceError(f"{location}: a folder; name it by its path")
    if stat.S_ISBLK(mode) or (stat.S_ISCHR(mode) and not is_terminal and not _is_null(location)):
        raise SourceError(f"{location}: a device, not a log file; name a file, or - for a pipe")
    if stat.S_ISSOCK(mode) and not is_own:
        raise SourceError(f"{location}: a socket, not a log file; name a file, or - for a pipe")


def _is_null(location: str) -> bool:
    given = _descriptor_of(location)
    state = Path(location).stat() if given is None else os.fstat(given)
    return state.st_rdev == Path(os.devnull).stat().st_rdev


def _chunks_of(descriptor: int) -> Iterator[bytes]:
    while chunk := os.read(descriptor, _READ_BYTES):
        yield chunk


def _chunks_of_fifo(descriptor: int, location: str) -> Iterator[bytes]:
    """Yield what is written to a named pipe, from its first writer on to its last one's end."""
    began, first = time.monotonic(), b""
    while not first:
        try:
            first = os.read(descriptor, _READ_BYTES)
        except BlockingIOError:  # somebody has opened it and will write
            break
        if not first and time.monotonic() - began > WRITER_SECONDS:
            raise SourceError(
                f"{location}: nobody writes to this pipe; start what does, or name a file"
            )
        if not first:
            time.sleep(_POLL_SECONDS)
    os.set_blocking(descriptor, True)
    yield first
    yield from _chunks_of(descriptor)


def _spooled(chunks: Iterator[bytes]) -> Piped:
    import tempfile

    if not _folders:
        _folders.append(tempfile.TemporaryDirectory(prefix="albconn-"))
    digest, size = hashlib.sha256(), 0
    descriptor, path = tempfile.mkstemp(dir=_folders[0].name)
    try:
        with os.fdopen(descriptor, "wb") as spool:
            for chunk in chunks:
                spool.write(chunk)
                digest.update(chunk)
                size += len(chunk)
    except BaseException:
        Path(path).unlink()
        raise
    return Piped(f"pipe:{digest.hexdigest()[:16]}", size, digest.hexdigest()[:32], path)
