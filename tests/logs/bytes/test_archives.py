"""Each file of an archive comes out, or what is wrong with the archive is said."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile

import pytest

from albconn.logs.bytes.archives import is_tar, is_zip
from tests.logs.bytes.packing import members, read, tarred, zipped

LINE = b"2026-09-23T07:11:27.691358Z 203.0.113.7 x\n"
CONTENTS = [LINE, LINE * 500, b"", LINE * 3]


@pytest.mark.parametrize("pack", [tarred, zipped])
@pytest.mark.parametrize("chunk", [100, 1 << 20])
def test_every_file_comes_out_in_order(pack, chunk: int) -> None:
    assert list(members(pack(*CONTENTS), chunk)) == CONTENTS


def test_folders_and_links_and_notes_of_macos_are_no_files() -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, kind in (("logs", tarfile.DIRTYPE), ("logs/link", tarfile.SYMTYPE),
                           ("logs/pipe", tarfile.FIFOTYPE)):  # fmt: skip
            header = tarfile.TarInfo(name)
            header.type = kind
            archive.addfile(header)
        for name in ("logs/._a.log", "logs/a.log"):
            header = tarfile.TarInfo(name)
            header.size = len(LINE)
            archive.addfile(header, io.BytesIO(LINE))
    assert list(members(made.getvalue())) == [LINE]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.mkdir("logs")
        archive.writestr("__MACOSX/logs/a.log", b"\0\5\x16\7")
        archive.writestr("logs/a.log", LINE)
    assert list(members(made.getvalue())) == [LINE]


@pytest.mark.parametrize("format", [tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT])
def test_a_tar_cut_at_any_block_is_damage(format: int) -> None:
    stored = tarred(*CONTENTS, format=format)
    end = len(stored.rstrip(b"\0"))
    for size in range(tarfile.BLOCKSIZE, end, tarfile.BLOCKSIZE):
        assert read(stored[:size])[1], size
    whole = -(-end // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
    assert read(stored[:whole]) == (b"".join(CONTENTS), (
        "the tar archive is cut off: its end is missing"
    ))  # fmt: skip
    assert read(stored[: whole + tarfile.BLOCKSIZE]) == (b"".join(CONTENTS), None)


def test_what_follows_a_tar_is_not_lost_in_silence() -> None:
    stored = tarred(*CONTENTS)
    for more in (tarred(LINE), b"x", LINE):
        assert read(stored + more) == (b"".join(CONTENTS), (
            "the tar archive is broken: something follows its end"
        ))  # fmt: skip


def test_a_broken_header_in_a_tar_is_damage() -> None:
    stored = bytearray(tarred(LINE, LINE, format=tarfile.USTAR_FORMAT))
    stored[1024 + 150] ^= 1  # the second header's checksum
    content, damage = read(bytes(stored))
    assert (content, damage) == (LINE, "the tar archive is broken: something follows its end")


def test_a_header_that_would_fill_the_memory_is_refused() -> None:
    header = tarfile.TarInfo("long")
    header.type, header.size = tarfile.XHDTYPE, 8 << 30
    assert "broken" in (read(header.tobuf(tarfile.GNU_FORMAT) + LINE * 9999)[1] or "")


def test_an_encrypted_zip_is_refused() -> None:
    stored = bytearray(zipped(LINE))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        stored[stored.index(magic) + flags] |= 1
    assert read(bytes(stored)) == (b"", "'0.log' in the zip archive is encrypted")


def test_a_zip_whose_files_overlap_is_refused() -> None:
    """The same bytes in a million files would be a reading without an end."""
    stored = bytearray(zipped(LINE * 9, LINE * 9, method=zipfile.ZIP_STORED))
    second = stored.index(b"PK\x01\x02", stored.index(b"PK\x01\x02") + 1)
    struct.pack_into("<I", stored, second + 42, 0)  # where its content begins
    assert read(bytes(stored)) == (b"", "the zip archive is broken: its files overlap")


def test_a_wrong_checksum_in_a_zip_is_damage() -> None:
    stored = bytearray(zipped(LINE, LINE, method=zipfile.ZIP_STORED))
    stored[stored.index(LINE) + 5] ^= 1
    assert "Bad CRC-32" in (read(bytes(stored))[1] or "")


def test_an_empty_archive_has_no_lines() -> None:
    assert read(zipped()) == (b"", None)


@pytest.mark.parametrize("head", [b"", b"x" * 600, b"\0" * 600, LINE * 20, b"\0" * 300 + LINE * 9])
def test_what_is_no_archive(head: bytes) -> None:
    assert not is_tar(head)
    assert not is_zip(head)


def test_a_file_without_a_name_is_a_file() -> None:
    stored = zipped(LINE, name="x" * 9).replace(b"x" * 9, b"\0" * 9)  # a name ends at its zero
    assert list(members(stored)) == [LINE]
