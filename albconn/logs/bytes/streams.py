"""Compressions other than gzip, read as streams: bzip2, xz, Zstandard, LZ4.

A stream may be followed by another of its kind; anything else behind it is damage, as is an end
before the stream's own. Everything up to the damage comes out first, but for a few kilobytes of
Zstandard and LZ4.
"""

from __future__ import annotations

import bz2
import lzma
from collections.abc import Callable, Iterator
from typing import Protocol

import pyarrow as pa

from albconn.errors import SourceError
from albconn.logs.bytes.gunzip import PIECE_BYTES, Damage
from albconn.logs.bytes.joined import JoinedPieces

_ARROW_BYTES = 1 << 14  # at a time: what it has when it meets damage is lost
_BZIP2, _XZ = b"BZh", b"\xfd7zXZ\0"
_OF_ARROW = {b"\x28\xb5\x2f\xfd": "zstd", b"\x04\x22\x4d\x18": "lz4"}
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")  # of data, or of an end


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes: ...


def decompressed(head: bytes, pieces: Iterator[bytes]) -> Iterator[bytes] | None:
    """Return the content of a compressed stream, None where ``head`` begins none."""
    if head.startswith(_BZIP2) and head[4:10].startswith(_BZIP2_BLOCKS):
        return _streams(pieces, bz2.BZ2Decompressor, _BZIP2, "bzip2")
    if head.startswith(_XZ):
        return _streams(pieces, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ), _XZ, "xz")
    for magic, codec in _OF_ARROW.items():
        if head.startswith(magic):
            return _by_arrow(pieces, codec)
    return None


def _streams(
    pieces: Iterator[bytes], make: Callable[[], _Decompressor], magic: bytes, name: str
) -> Iterator[bytes]:
    pending = next(pieces, b"")
    try:
        while pending:
            stream = make()
            while not stream.eof:
                if stream.needs_input and not pending and not (pending := next(pieces, b"")):
                    raise Damage(f"the {name} stream is truncated")
                if piece := stream.decompress(pending, PIECE_BYTES):
                    yield piece
                pending = b""
            pending = stream.unused_data.lstrip(b"\0")  # padding
            while len(pending) < len(magic) and (more := next(pieces, b"")):
                pending = (pending + more).lstrip(b"\0")
            if pending and not pending.startswith(magic):
                raise Damage(f"bytes that are not {name} follow the last {name} stream")
    except SourceError:  # of the store, which is an OSError, too
        raise
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise Damage(f"the {name} stream is corrupt ({error})") from error


def _by_arrow(pieces: Iterator[bytes], codec: str) -> Iterator[bytes]:
    name = {"zstd": "Zstandard", "lz4": "LZ4"}[codec]
    room = bytearray(_ARROW_BYTES)
    try:
        with pa.CompressedInputStream(pa.PythonFile(JoinedPieces(pieces), "r"), codec) as stream:
            # Of read(n) pyarrow keeps n bytes for ever where the stream is broken.
            while size := stream.readinto(room):
                yield bytes(room[:size])
    except SourceError:
        raise
    except OSError as error:
        raise Damage(f"the {name} stream is corrupt ({error})") from error
