"""Whatever state a file is in, every byte that can be had comes out, once, in order."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable

import pytest

from albconn.logs.bytes import gunzip
from albconn.logs.bytes.gunzip import PIECE_BYTES, STEP_BYTES, Damage, inflate

LINES = b"".join(f"line {n} of a small log {n * n % 97}\n".encode() for n in range(200))


@pytest.fixture(autouse=True, params=["small", "large"])
def taken_for(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test also with its small files read as large ones are: first in bulk."""
    if request.param == "large":
        monkeypatch.setattr(gunzip, "STEP_BYTES", 64)


def noise(size: int) -> bytes:
    """Return bytes that hardly compress, the same at each call."""
    return random.Random(7).randbytes(size)


def read(stored: bytes, chunk: int = 1 << 20) -> tuple[bytes, str | None]:
    """Return what comes out of stored bytes, and the damage."""
    chunks = [stored[at : at + chunk] for at in range(0, len(stored), chunk)]
    out = bytearray()
    try:
        for piece in inflate(lambda: iter(chunks)):
            assert len(piece) <= PIECE_BYTES
            out += piece
    except Damage as damage:
        return bytes(out), str(damage)
    return bytes(out), None


def zlib_prefix(stored: bytes) -> bytes:
    """Return what zlib, fed byte by byte, gives of gzip members up to the damage."""
    out, rest = b"", stored
    while rest.startswith(b"\x1f\x8b"):
        member = zlib.decompressobj(wbits=31)
        try:
            for at in range(len(rest)):
                out += member.decompress(rest[at : at + 1])
                if member.eof:
                    rest = rest[at + 1 :]
                    break
            else:
                return out
        except zlib.error:
            return out
    return out


@pytest.mark.parametrize("chunk", [1, 7, 1000, 1 << 20])
def test_every_member_comes_out(chunk: int) -> None:
    members = [LINES[at : at + 1000] for at in range(0, len(LINES), 1000)]
    stored = b"".join(gzip.compress(member) for member in members)
    assert read(stored, chunk) == (LINES, None)


@pytest.mark.parametrize("chunk", [1, 1000])
def test_empty_members_and_zero_padding_are_nothing(chunk: int) -> None:
    empty, member = gzip.compress(b""), gzip.compress(LINES)
    for stored in (empty, empty * 3 + member, member + empty, member + b"\0" * 700):
        expected = LINES if member in stored else b""
        assert read(stored, chunk) == (expected, None)
    assert read(member + b"\0" * 9 + member, chunk) == (LINES * 2, None)


@pytest.mark.parametrize("garbage", [b"x", b"\x1f", b"\x1fx", b"plain text\n", b"\0\0x"])
@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_garbage_after_the_last_member_is_damage_but_costs_nothing(
    garbage: bytes, chunk: int
) -> None:
    out, damage = read(gzip.compress(LINES) + garbage, chunk)
    assert out == LINES
    assert damage == "bytes that are not gzip follow the last gzip member"


def test_file_cut_at_every_byte_gives_all_that_zlib_gives() -> None:
    stored = gzip.compress(LINES[:2000], mtime=0) + gzip.compress(LINES[2000:4000], mtime=0)
    whole = {0, len(gzip.compress(LINES[:2000], mtime=0))}
    for size in range(len(stored)):
        out, damage = read(stored[:size])
        if size in whole:
            assert damage is None
            continue
        expected = zlib_prefix(stored[:size])
        assert LINES.startswith(out)
        assert len(out) >= len(expected), size
        if size - max(w for w in whole if w <= size) == 1 and size > 1:
            assert damage == "bytes that are not gzip follow the last gzip member"
        else:
            assert damage == "the gzip stream is truncated", size


def test_large_truncated_file_is_salvaged_to_its_end() -> None:
    content = noise(3 * PIECE_BYTES).hex().encode()
    stored = gzip.compress(content, 1)
    cut = stored[: len(stored) * 2 // 3]
    out, damage = read(cut)
    assert damage == "the gzip stream is truncated"
    assert content.startswith(out)
    assert len(out) >= len(zlib.decompressobj(31).decompress(cut))


@pytest.mark.parametrize("where", [12, 40, 200, 300, -9, -5, -1])
def test_corrupt_byte_keeps_what_came_before_it(where: int) -> None:
    first, second = gzip.compress(LINES[:3000], mtime=0), gzip.compress(LINES[3000:], mtime=0)
    broken = bytearray(second)
    broken[where] ^= 0xFF
    out, damage = read(first + bytes(broken))
    assert damage is not None
    assert out[:3000] == LINES[:3000]
    assert len(out) >= len(zlib_prefix(first + bytes(broken))) - 32


@pytest.mark.parametrize("seed", range(40))
def test_corruption_anywhere_never_raises_anything_else(seed: int) -> None:
    chance = random.Random(seed)
    stored = bytearray(b"".join(gzip.compress(LINES[at : at + 900]) for at in range(0, 5000, 900)))
    for _ in range(chance.randint(1, 3)):
        stored[chance.randrange(len(stored))] = chance.randrange(256)
    assert read(bytes(stored)) == read(bytes(stored), 17)


@pytest.mark.parametrize("seed", range(40))
def test_bulk_and_steps_say_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    stored = bytearray(b"".join(gzip.compress(LINES[at : at + 900]) for at in range(0, 5000, 900)))
    for _ in range(chance.randint(0, 2)):
        stored[chance.randrange(len(stored))] = chance.randrange(256)
    stored = stored[: chance.choice([len(stored), chance.randrange(len(stored))])]
    answers = []
    for step in (32, 4096):
        monkeypatch.setattr(gunzip, "STEP_BYTES", step)
        answers.append(read(bytes(stored), 1 << 20))
    assert answers[0] == answers[1]


def test_corrupt_member_after_large_ones_is_salvaged_exactly_once() -> None:
    """The salvage reads the file again: what was given must not come twice."""
    content = noise(5 * STEP_BYTES).hex().encode()
    stored = bytearray(gzip.compress(content, 1))
    at = len(stored) - STEP_BYTES // 2
    stored[at : at + 40] = b"\xff" * 40
    out, damage = read(bytes(stored))
    good = zlib_prefix(bytes(stored[:at]))
    assert damage is not None
    assert damage.startswith("the gzip stream is corrupt (")
    assert out[: len(good) - 64] == content[: len(good) - 64]


def test_wrong_checksum_is_damage_and_all_lines_come_out() -> None:
    stored = bytearray(gzip.compress(LINES))
    stored[-6] ^= 1
    out, damage = read(bytes(stored))
    assert out == LINES
    assert damage is not None


def test_large_file_is_inflated_in_whole_pieces() -> None:
    """Step by step, a piece is what a step gives; in bulk, all but the last are full."""
    content = noise(2 * PIECE_BYTES).hex().encode() + b"x"
    stored = gzip.compress(content[: 3 * PIECE_BYTES], 1) + gzip.compress(
        content[3 * PIECE_BYTES :]
    )
    sizes = [len(piece) for piece in inflate(lambda: iter([stored]))]
    assert sizes == [PIECE_BYTES] * 4 + [1]


@pytest.mark.parametrize("size", [PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 5 * PIECE_BYTES])
@pytest.mark.parametrize("stored_as", [gzip.compress, bytes])
def test_sizes_around_a_piece(size: int, stored_as: Callable[[bytes], bytes]) -> None:
    content = b"a" * size
    assert read(stored_as(content)) == (content, None)


@pytest.mark.parametrize("content", [b"", b"x", b"\n", LINES, b"\x1eabc"])
def test_plain_text_is_itself(content: bytes) -> None:
    assert read(content, 3) == (content, None)


@pytest.mark.parametrize("where", [0.2, 0.5, 0.9])
def test_good_bytes_after_bad_ones_do_not_hide_the_damage(where: float) -> None:
    """A file is read again to judge its damage; meanwhile it was replaced by a whole one."""
    content = noise(5 * STEP_BYTES).hex().encode()
    good = gzip.compress(content, 1)
    at = int(where * len(good))
    bad = good[:at] + bytes(60) + good[at + 60 :]
    readings = iter([bad, good, good])
    out, damage = b"", None
    try:
        for piece in inflate(lambda: iter([next(readings)])):
            out += piece
    except Damage as met:
        damage = str(met)
    assert damage == "the file changed while it was read"


def test_a_file_that_is_shorter_when_it_is_read_again_has_changed() -> None:
    stored = gzip.compress(noise(5 * STEP_BYTES).hex().encode(), 1)
    readings = iter([stored[:-9] + bytes(9), stored[: len(stored) // 2]])
    with pytest.raises(Damage, match=r"changed while it was read|truncated"):
        for _ in inflate(lambda: iter([next(readings)])):
            pass


def test_gzip_within_gzip_is_read_once() -> None:
    stored = gzip.compress(LINES) + gzip.compress(LINES)
    content = gunzip.inflate_once(stored[:2], iter([stored[:50], stored[50:]]))
    assert content is not None
    assert b"".join(content) == LINES * 2
    assert gunzip.inflate_once(b"PK", iter([])) is None
    broken = gunzip.inflate_once(stored, iter([stored[:300], b"\xff" * 50]))
    with pytest.raises(Damage):
        list(broken or ())
