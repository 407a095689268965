"""Streams that follow each other, and what is wrong behind them."""

from __future__ import annotations

import bz2
import gc
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.logs.bytes.packing import by_arrow, read

TEXT = b"".join(b"2026-09-23T07:11:27.691358Z line %d\n" % n for n in range(3000))
PACK: dict[str, Callable[[bytes], bytes]] = {
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "Zstandard": lambda text: by_arrow(text, "zstd"),
    "LZ4": lambda text: by_arrow(text, "lz4"),
}


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize("chunk", [5, 1 << 20])
def test_every_stream_comes_out(kind: str, chunk: int) -> None:
    stored = b"".join(PACK[kind](TEXT[at : at + 9999]) for at in range(0, len(TEXT), 9999))
    assert read(stored, chunk) == (TEXT, None)


@pytest.mark.parametrize("kind", ["bzip2", "xz"])
def test_zeros_behind_a_stream_are_padding(kind: str) -> None:
    padded = PACK[kind](TEXT) + bytes(8)
    assert read(padded + PACK[kind](TEXT), 3) == (TEXT * 2, None)
    assert read(padded) == (TEXT, None)


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize("garbage", [b"x", b"plain text that goes on\n", b"BZ", b"\xfd7z"])
def test_what_is_no_stream_behind_one_is_damage(kind: str, garbage: bytes) -> None:
    content, damage = read(PACK[kind](TEXT) + garbage)
    assert TEXT.startswith(content)
    assert len(content) > len(TEXT) - (1 << 14)
    assert kind in (damage or "")


@pytest.mark.parametrize("kind", PACK)
def test_a_stream_that_is_cut_off_in_the_second(kind: str) -> None:
    stored = PACK[kind](TEXT)
    content, damage = read(stored + stored[: len(stored) // 2])
    assert (TEXT * 2).startswith(content)
    assert len(content) > len(TEXT) - (1 << 14)
    assert damage is not None
    assert "truncated" in damage.lower()


@pytest.mark.parametrize("kind", PACK)
def test_a_million_zeros_come_in_pieces(kind: str) -> None:
    """A stream that swells is given piece by piece, not at once."""
    content, damage = read(PACK[kind](TEXT[:36] + b"\n" * 30_000_000))
    assert (len(content), damage) == (30_000_036, None)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="there is no /proc")
@pytest.mark.parametrize("kind", PACK)
def test_a_broken_stream_keeps_no_memory(kind: str) -> None:
    stored = PACK[kind](TEXT[:3600])[:-5]

    def pages() -> int:
        for _ in range(400):
            assert read(stored)[1]
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1])

    pages()
    grown = [-pages() + pages() for _ in range(3)]
    assert min(grown) < 300, grown  # 400 times 3 kB
