"""Pieces of bytes as one file object, for libraries that want one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class JoinedPieces(io.RawIOBase):
    """A stream that is read once, from its beginning.

    Attributes
    ----------
    given : int
        How many bytes were read.
    meant : int
        How many up to the last one that is not zero.
    failure : Exception or None
        What ended the pieces early: no fault of whoever reads them.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._pending = memoryview(b"")
        self.given = self.meant = 0
        self.failure: Exception | None = None

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill what one piece fills; 0 at the end."""
        try:
            while not self._pending and (piece := next(self._pieces, None)) is not None:
                self._pending = memoryview(piece)
        except Exception as failure:
            self.failure = failure
            raise
        room = memoryview(buffer)
        size = min(len(room), len(self._pending))
        given = self._pending[:size].tobytes()
        room[:size] = given
        if meant := len(given.rstrip(b"\0")):
            self.meant = self.given + meant
        self.given += size
        self._pending = self._pending[size:]
        return size
