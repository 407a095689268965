"""Bytes of a log file become lines' bytes, in pieces, whatever the file's state.

A log file is gzip with any number of members; a reader that stops after the first loses most
lines. A plain text file reads as it is. From a truncated or corrupt stream everything up to the
damage comes out, and then ``Damage`` says what was wrong, so that nothing is lost in silence.

A large file is first read in bulk, which says little about damage; what bulk refuses is read
again step by step, which judges it and decides what comes out. Such a reading must give the same
bytes as the one before it, as far as that one came: otherwise good bytes of a file that was
replaced meanwhile would hide the damage of those that were used already.

References
----------
RFC 1952, GZIP file format specification, section 2.2 (members).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from gzip import BadGzipFile
from typing import TYPE_CHECKING

from isal import igzip_lib, isal_zlib
from isal.igzip import IGzipFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE_BYTES = 1 << 20  # of output: stays in the second-level cache while it is split
STEP_BYTES = 1 << 16  # of input at a time; a longer file is large
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WBITS = 31
_GunzipError: type[Exception] = igzip_lib.IsalError  # pyright: ignore


class Damage(Exception):  # noqa: N818  (not an error: the caller records it and goes on)
    """The stream ended early or is corrupt; all that could be salvaged came before."""


class _Feed:
    """The file's bytes in small steps, from ``fine_from`` on one byte at a time.

    ``before`` is the feed of an earlier reading, which must have been given the same bytes.
    """

    def __init__(
        self, raw: Iterable[bytes], *, fine_from: int | None = None, before: _Feed | None = None
    ) -> None:
        self._steps = _steps(raw, fine_from)
        self._before = before
        self._summed, self._unsummed = 0, b""  # a file of one step is hardly ever read again
        self.given = 0
        self.last = b""

    def next(self) -> bytes:
        """Return the next step, empty at the end of the file.

        Raises
        ------
        Damage
            The earlier reading got other bytes.
        """
        self.last = next(self._steps, b"")
        start, self.given = self.given, self.given + len(self.last)
        before = self._before
        if before is not None and start < before.given:
            common = self.last[: before.given - start]
            checksum = isal_zlib.crc32(common, self._checksum)
            is_end = start + len(common) == before.given
            if not self.last or (is_end and checksum != before._checksum):
                raise Damage("the file changed while it was read")
        if self.last:
            self._summed, self._unsummed = self._checksum, self.last
        return self.last

    @property
    def _checksum(self) -> int:
        return isal_zlib.crc32(self._unsummed, self._summed) if self._unsummed else self._summed


class _RawFile(io.RawIOBase):
    """A feed as the file object that the bulk reader wants."""

    def __init__(self, head: bytes, feed: _Feed) -> None:
        self._pending, self._feed = head, feed

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill what one step fills; 0 at the end of the file."""
        room = memoryview(buffer)
        step = self._pending or self._feed.next()
        size = min(len(step), len(room))
        room[:size] = step[:size]
        self._pending = step[size:]
        return size


def inflate(open_raw: Callable[[], Iterable[bytes]]) -> Iterator[bytes]:
    """Yield the file's content in pieces of at most a megabyte.

    Parameters
    ----------
    open_raw : callable
        Gives the file's bytes in order, cut anywhere, anew at each call.

    Raises
    ------
    Damage
        After the last piece that could be salvaged.
    """
    emitted = 0
    feed = _Feed(open_raw())
    head = feed.next()
    if len(head) == STEP_BYTES and head.startswith(_GZIP_MAGIC):
        try:
            for piece in _in_bulk(head, feed):
                emitted += len(piece)
                yield piece
            return
        except (_GunzipError, BadGzipFile, EOFError):
            feed = _Feed(open_raw(), before=feed)
            head = feed.next()
    try:
        for piece in _after(emitted, _content(head, feed)):
            emitted += len(piece)
            yield piece
    except _GunzipError as error:
        # The step that met the damage gave nothing. Once more, byte by byte where it failed.
        fine = _Feed(open_raw(), fine_from=feed.given - len(feed.last), before=feed)
        yield from _salvage(fine, emitted)
        raise Damage(f"the gzip stream is corrupt ({error})") from error


def inflate_once(head: bytes, pieces: Iterator[bytes]) -> Iterator[bytes] | None:
    """Return the content of a gzip stream inside another, None where ``head`` begins none."""
    if not head.startswith(_GZIP_MAGIC):
        return None
    return _inflated_once(pieces)


def _inflated_once(pieces: Iterator[bytes]) -> Iterator[bytes]:
    feed = _Feed(pieces)
    try:
        yield from _members(feed.next(), feed)
    except _GunzipError as error:
        raise Damage(f"the gzip stream is corrupt ({error})") from error


def _after(emitted: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Leave out the first ``emitted`` bytes: they came in an earlier reading."""
    for piece in pieces:
        if fresh := piece[emitted:]:
            yield fresh
        emitted = max(0, emitted - len(piece))


def _salvage(feed: _Feed, emitted: int) -> Iterator[bytes]:
    """Yield what comes after the first ``emitted`` bytes, up to the damage."""
    try:
        yield from _after(emitted, _content(feed.next(), feed))
    except _GunzipError:
        return


def _in_bulk(head: bytes, feed: _Feed) -> Iterator[bytes]:
    """Inflate straight into pieces; step by step each would grow, and move, six times."""
    with IGzipFile(fileobj=_RawFile(head, feed), mode="rb") as content:
        while piece := content.read(PIECE_BYTES):
            yield piece


def _content(head: bytes, feed: _Feed) -> Iterator[bytes]:
    while 0 < len(head) < len(_GZIP_MAGIC) and (more := feed.next()):
        head += more
    if head == _GZIP_MAGIC[:1]:
        raise Damage("the gzip stream is truncated")
    if head.startswith(_GZIP_MAGIC):
        yield from _members(head, feed)
        return
    while head:
        yield head
        head = feed.next()


def _members(pending: bytes, feed: _Feed) -> Iterator[bytes]:
    """Inflate member after member; zero padding after a member is allowed."""
    while pending:
        member = isal_zlib.decompressobj(wbits=_GZIP_WBITS)
        while not member.eof:
            pending = pending or feed.next()
            if not pending:
                raise Damage("the gzip stream is truncated")
            if piece := member.decompress(pending, PIECE_BYTES):
                yield piece
            pending = member.unconsumed_tail
        pending = _next_member(member.unused_data, feed)


def _next_member(pending: bytes, feed: _Feed) -> bytes:
    """Return the bytes from the next member on; empty at the end of the file."""
    pending = pending.lstrip(b"\0")
    while len(pending) < len(_GZIP_MAGIC) and (more := feed.next()):
        pending = (pending + more).lstrip(b"\0")
    if pending and not pending.startswith(_GZIP_MAGIC):
        raise Damage("bytes that are not gzip follow the last gzip member")
    return pending


def _steps(raw: Iterable[bytes], fine_from: int | None) -> Iterator[bytes]:
    position = 0
    for chunk in raw:
        at = 0
        while at < len(chunk):
            fine = fine_from is not None and position >= fine_from
            step = chunk[at : at + (1 if fine else STEP_BYTES)]
            at += len(step)
            position += len(step)
            yield step
