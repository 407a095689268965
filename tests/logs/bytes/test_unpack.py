"""Whatever people made of a log file, its lines come out, or what it is is said."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from albconn import SourceError
from albconn.logs.bytes import unpack
from albconn.logs.bytes.gunzip import PIECE_BYTES
from tests.logs.bytes.packing import WAYS, by_arrow, members, read, tarred, zipped
from tests.logs.scanning import NOON
from worlds.lines import line

TEXT = "".join(
    line(NOON + timedelta(seconds=n), leaf_client_cert_subject="CN=Škoda ☃ 𝄞") + "\n"
    for n in range(300)
).encode()


def as_newlines(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("chunk", [7, 60, 1000, 1 << 20])
def test_lines_come_out(way: str, chunk: int) -> None:
    content, damage = read(WAYS[way](TEXT), chunk)
    assert (as_newlines(content), damage) == (TEXT, None)


@pytest.mark.parametrize("way", WAYS)
def test_a_single_line_comes_out(way: str) -> None:
    text = (line(NOON) + "\n").encode()
    content, damage = read(WAYS[way](text), 1)
    assert (as_newlines(content), damage) == (text, None)


@pytest.mark.parametrize("way", WAYS)
def test_no_piece_is_longer_than_a_line_may_be(way: str) -> None:
    text = ("x" * 200 + "\n").encode() * 30_000
    text = (line(NOON) + "\n").encode() + text
    stored = WAYS[way](text)
    sizes = [
        len(piece)
        for member in unpack.open_members(lambda: iter([stored]), "a.log")
        for piece in member.pieces
    ]
    assert max(sizes) <= PIECE_BYTES


@pytest.mark.parametrize("way", [w for w in WAYS if w not in ("plain", "CR", "CRLF")])
def test_what_is_cut_off_is_damage_or_whole(way: str) -> None:
    """Every cut of a compressed file is seen; of plain text nobody can see it."""
    stored = WAYS[way](TEXT)
    is_text = way.startswith(("UTF", "byte", "CR")) and not way.endswith((" zip", " gzip"))
    for size in range(16, len(stored), 1 + len(stored) // 97):  # fewer are no sign of anything
        content, damage = read(stored[:size])
        assert TEXT.startswith(as_newlines(content)) or damage, size
        if "tar" in way and size < 512:
            continue
        if not is_text:
            assert damage or content == TEXT, size


_CHECKED = [w for w in WAYS if "UTF" not in w and "CR" not in w and w not in ("Zstandard", "LZ4")]


@pytest.mark.parametrize("way", _CHECKED)
def test_a_changed_byte_loses_nothing_in_silence(way: str) -> None:
    """What checks itself is damage; a tar, plain text and Arrow's two do not."""
    chance = random.Random(3)
    stored = WAYS[way](TEXT)
    unchecked = way in ("plain", "byte-order mark", "tar", "ustar", "GNU tar")
    for _ in range(60):
        broken = bytearray(stored)
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        content, damage = read(bytes(broken))
        assert damage or content == TEXT or (unchecked and len(content) >= len(TEXT) - 3), way


REFUSED = {
    b"7z\xbc\xaf\x27\x1c" + bytes(9): "a 7-Zip archive, which is not read as a log; begins with",
    b"\x1f\x9d\x90abc": "compress (.Z), which is not read as a log; begins with 1f 9d 90 61",
    b"\xff\x06\0\0sNaPpY": "Snappy, which is not read as a log",
    random.Random(1).randbytes(5000): "binary, not a log: begins with",
    bytes(100) + TEXT: "binary, not a log: begins with 00 00 00 00",
}


@pytest.mark.parametrize("stored", REFUSED)
@pytest.mark.parametrize("wrapped", [bytes, gzip.compress, tarred, zipped])
def test_what_is_no_log_is_refused_by_name(stored: bytes, wrapped) -> None:
    content, damage = read(wrapped(stored))
    assert content == b""
    assert (damage or "").startswith(REFUSED[stored])


def test_gzip_whose_first_byte_is_broken_is_no_text() -> None:
    stored = b"\x1e" + gzip.compress(TEXT)[1:]
    content, damage = read(stored, name="s3://logs/conn_log_x.log.gz")
    assert content == b""
    assert damage == "not gzip, though its name says so: begins with 1e 8b 08 00"
    assert read(TEXT, name="conn_log_x.log.gz") == (TEXT, None)  # inflated on the way


def test_members_stand_apart() -> None:
    one, two = TEXT[:1000], TEXT[1000:2000].rpartition(b"\n")[2] or b"x"
    for archive in (tarred(one, two), zipped(one, gzip.compress(two))):
        assert list(members(archive)) == [one, two]


def test_an_archive_within_an_archive_has_an_end() -> None:
    stored = TEXT
    for _ in range(3):
        stored = gzip.compress(zipped(stored))
    content, damage = read(stored)
    assert (content, damage) == (b"", "archives within archives, more than 4 deep")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a\rb\rc", b"a\nb\nc"),
        (b"a\rb\nc\r\nd\r", b"a\nb\nc\nd\n"),
        (b"a\r\r\rb", b"a\n\n\nb"),
        (b"a\r\n\n\rb", b"a\r\n\n\rb"),  # the first line ends in CRLF: a stray return is no end
        (b"a\nb\rc", b"a\nb\rc"),
        (b"a\rb\r\n\nc", b"a\nb\n\nc"),
        (b"a", b"a"),
        (b"a\r\n", b"a\r\n"),
    ],
)
@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
def test_the_first_line_says_what_ends_a_line(text: bytes, expected: bytes, chunk: int) -> None:
    assert read(text, chunk) == (expected, None)


def test_zstandard_frames_follow_each_other() -> None:
    stored = by_arrow(TEXT[:999], "zstd") + by_arrow(TEXT[999:], "zstd")
    assert read(stored) == (TEXT, None)


class _ElsewhereError(Exception):
    pass


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("error", [SourceError("the login has expired"), _ElsewhereError()])
def test_what_is_wrong_with_the_store_is_no_damage(way: str, error: Exception) -> None:
    stored = WAYS[way](TEXT)

    def broken() -> Iterator[bytes]:
        yield stored[: len(stored) // 2]
        raise error

    with pytest.raises(type(error)) as caught:
        [list(member.pieces) for member in unpack.open_members(broken, "a.log")]
    assert caught.value is error
