"""Archives of log files, tar and zip: the content of each file in them, one after the other.

Neither needs to fit into memory: a tar is read as it comes, a zip from a temporary file, because
its table of contents is its end. A tar must end as tar does, with zeros and nothing behind them,
or it is cut off; what the makers of archives add of their own is left out.
"""

from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import IO

from albconn.errors import shown
from albconn.logs.bytes.gunzip import PIECE_BYTES, Damage
from albconn.logs.bytes.joined import JoinedPieces

Member = tuple[str, Iterator[bytes]]

_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_IN_MEMORY = 8 << 20  # of a zip archive
_LONGEST_HEADER = 1 << 20  # of a tar archive's own, which are read whole
_ENCRYPTED = 1  # bit of a member's flags
_HEADERS = (
    tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)  # fmt: skip


class _Header(tarfile.TarInfo):
    """A tar's header; one that would fill the memory is none."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> tarfile.TarInfo:
        made = super().frombuf(buf, encoding, errors)
        if made.type in _HEADERS and made.size > _LONGEST_HEADER:
            raise tarfile.HeaderError("a header is longer than 1 MiB")
        return made


def is_tar(head: bytes) -> bool:
    """Say whether a file begins as a tar archive does: with a header whose checksum is right."""
    if len(head) < tarfile.BLOCKSIZE or b"\0" not in head[: tarfile.BLOCKSIZE]:
        return False
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError, LookupError):
        return False
    return True


def is_zip(head: bytes) -> bool:
    """Say whether a file begins as a zip archive does."""
    return head.startswith(_ZIP_MAGIC)


def untar(pieces: Iterator[bytes]) -> Iterator[Member]:
    """Yield the files of a tar archive; each must be read before the next is asked for.

    Raises
    ------
    Damage
        The archive is broken or cut off; here or while a file is read.
    """
    stream = JoinedPieces(pieces)
    whole = io.BufferedReader(stream, PIECE_BYTES)
    with (
        _damage_of("tar", stream),
        tarfile.open(fileobj=whole, mode="r|", tarinfo=_Header) as archive,
    ):
        for header in archive:
            archive.members = []  # pyright: ignore  (they would all be kept)
            content = archive.extractfile(header) if header.isfile() else None
            if content is not None and not _is_the_archivers(header.name):
                yield header.name, _pieces_of(content, "tar", stream)
        end = archive.offset
    while whole.read(PIECE_BYTES):
        pass
    if stream.meant > end:
        raise Damage("the tar archive is broken: something follows its end")
    if stream.given == end:
        raise Damage("the tar archive is cut off: its end is missing")


def unzip(pieces: Iterator[bytes]) -> Iterator[Member]:
    """Yield the files of a zip archive; each must be read before the next is asked for.

    Raises
    ------
    Damage
        The archive is broken, cut off or encrypted; here or while a file is read.
    """
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
        stream = JoinedPieces(pieces)
        shutil.copyfileobj(io.BufferedReader(stream), spool, PIECE_BYTES)
        with _damage_of("zip", stream), zipfile.ZipFile(spool) as archive:
            members = archive.infolist()
            _refuse_overlap(members)
            for member in members:
                if member.filename.endswith("/") or _is_the_archivers(member.filename):
                    continue
                if member.flag_bits & _ENCRYPTED:
                    raise Damage(f"{shown(member.filename)} in the zip archive is encrypted")
                with archive.open(member) as content:
                    yield member.filename, _pieces_of(content, "zip", stream)


@contextmanager
def _damage_of(kind: str, stream: JoinedPieces) -> Iterator[None]:
    """Turn whatever a library says of broken bytes into damage; the bytes' own end passes."""
    try:
        yield
    except Exception as error:
        if isinstance(error, Damage) or error is stream.failure:
            raise
        raise Damage(f"the {kind} archive is broken ({error})") from error


def _refuse_overlap(members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive that has the same bytes in many files: it would have no end."""
    spans = sorted((m.header_offset, m.header_offset + m.compress_size) for m in members)
    if any(start < before_end for (_, before_end), (start, _) in pairwise(spans)):
        raise Damage("the zip archive is broken: its files overlap")


def _pieces_of(content: IO[bytes], kind: str, stream: JoinedPieces) -> Iterator[bytes]:
    with _damage_of(kind, stream):
        while piece := content.read(PIECE_BYTES):
            yield piece


def _is_the_archivers(name: str) -> bool:
    """Say whether a file is macOS's note beside another file."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("._")
