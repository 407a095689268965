"""Pieces as one file object."""

from __future__ import annotations

import io

import pytest

from albconn.logs.bytes.joined import JoinedPieces

PIECES = [b"ab", b"", b"c\0", b"\0\0", b"d", b"\0"]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_all_bytes_in_order(size: int) -> None:
    stream = JoinedPieces(iter(PIECES))
    out = b""
    while got := stream.read(size):
        assert len(got) <= size
        out += got
    assert out == b"".join(PIECES)
    assert (stream.given, stream.meant) == (8, 7)
    assert stream.read(1) == b""


def test_buffered() -> None:
    assert io.BufferedReader(JoinedPieces(iter(PIECES))).read() == b"".join(PIECES)


def test_what_ends_the_pieces_is_known() -> None:
    def broken():
        yield b"a"
        raise ValueError("elsewhere")

    stream = JoinedPieces(broken())
    assert stream.read(9) == b"a"
    with pytest.raises(ValueError, match="elsewhere") as caught:
        stream.read(9)
    assert caught.value is stream.failure
