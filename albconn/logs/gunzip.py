"""Bytes of a log file become lines' bytes, in pieces, whatever the file's state.

A log file is gzip with any number of members; a reader that stops after the first loses most
lines. A plain text file reads as it is. From a truncated or corrupt stream everything up to the
damage comes out, and then ``Damage`` says what was wrong, so that nothing is lost in silence.

References
----------
RFC 1952, GZIP file format specification, section 2.2 (members).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from isal import igzip_lib, isal_zlib

PIECE_BYTES = 1 << 20  # of output: stays in the second-level cache while it is split
STEP_BYTES = 1 << 16  # of input at a time
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WBITS = 31
_GunzipError: type[Exception] = igzip_lib.IsalError  # pyright: ignore


class Damage(Exception):  # noqa: N818  (not an error: the caller records it and goes on)
    """The stream ended early or is corrupt; all that could be salvaged came before."""


class _Feed:
    """The file's bytes in small steps, from ``fine_from`` on one byte at a time."""

    def __init__(self, raw: Iterable[bytes], *, fine_from: int | None = None) -> None:
        self._steps = _steps(raw, fine_from)
        self.given = 0
        self.last = b""

    def next(self) -> bytes:
        """Return the next step, empty at the end of the file."""
        self.last = next(self._steps, b"")
        self.given += len(self.last)
        return self.last


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
    feed, emitted = _Feed(open_raw()), 0
    try:
        for piece in _content(feed):
            emitted += len(piece)
            yield piece
    except _GunzipError as error:
        # The step that met the damage gave nothing. Once more, byte by byte where it failed.
        fine = _Feed(open_raw(), fine_from=feed.given - len(feed.last))
        yield from _salvage(fine, emitted)
        raise Damage(f"the gzip stream is corrupt ({error})") from error


def _salvage(feed: _Feed, emitted: int) -> Iterator[bytes]:
    """Yield what comes after the first ``emitted`` bytes, up to the damage."""
    try:
        for piece in _content(feed):
            if fresh := piece[emitted:]:
                yield fresh
            emitted = max(0, emitted - len(piece))
    except _GunzipError:
        return


def _content(feed: _Feed) -> Iterator[bytes]:
    head = feed.next()
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
