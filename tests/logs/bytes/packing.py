"""What people make of a log file, made here with the libraries and tools that they use."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator

import pyarrow as pa

from albconn.logs.bytes.gunzip import Damage
from albconn.logs.bytes.unpack import open_members


def by_arrow(content: bytes, codec: str) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, codec) as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


def tarred(*contents: bytes, name: str = "logs/{}.log", format: int = tarfile.PAX_FORMAT) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=format) as archive:
        for n, content in enumerate(contents):
            header = tarfile.TarInfo(name.format(n))
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return made.getvalue()


def zipped(*contents: bytes, method: int = zipfile.ZIP_DEFLATED, name: str = "{}.log") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for n, content in enumerate(contents):
            archive.writestr(name.format(n), content)
    return made.getvalue()


WAYS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "gzip in gzip": lambda text: gzip.compress(gzip.compress(text)),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "xz in gzip": lambda text: gzip.compress(lzma.compress(text)),
    "Zstandard": lambda text: by_arrow(text, "zstd"),
    "LZ4": lambda text: by_arrow(text, "lz4"),
    "tar": tarred,
    "ustar": lambda text: tarred(text, format=tarfile.USTAR_FORMAT),
    "GNU tar": lambda text: tarred(text, format=tarfile.GNU_FORMAT, name="long/" * 60 + "{}.log"),
    "tar.gz": lambda text: gzip.compress(tarred(text)),
    "tar.bz2": lambda text: bz2.compress(tarred(text)),
    "tar.xz": lambda text: lzma.compress(tarred(text)),
    "tar of gzip": lambda text: tarred(gzip.compress(text)),
    "zip": zipped,
    "zip, stored": lambda text: zipped(text, method=zipfile.ZIP_STORED),
    "zip, bzip2": lambda text: zipped(text, method=zipfile.ZIP_BZIP2),
    "zip, lzma": lambda text: zipped(text, method=zipfile.ZIP_LZMA),
    "zip of gzip": lambda text: zipped(gzip.compress(text)),
    "zip in tar": lambda text: tarred(zipped(text)),
    "byte-order mark": lambda text: b"\xef\xbb\xbf" + text,
    "UTF-16": lambda text: text.decode().encode("utf-16"),
    "UTF-16, big end first": lambda text: b"\xfe\xff" + text.decode().encode("utf-16-be"),
    "UTF-16 without mark": lambda text: text.decode().encode("utf-16-le"),
    "UTF-16, big end first, without mark": lambda text: text.decode().encode("utf-16-be"),
    "UTF-32": lambda text: text.decode().encode("utf-32"),
    "UTF-32, big end first, without mark": lambda text: text.decode().encode("utf-32-be"),
    "UTF-16 in zip": lambda text: zipped(text.decode().encode("utf-16")),
    "CRLF": lambda text: text.replace(b"\n", b"\r\n"),
    "CR": lambda text: text.replace(b"\n", b"\r"),
    "CR in gzip": lambda text: gzip.compress(text.replace(b"\n", b"\r")),
    "CR in UTF-16": lambda text: text.replace(b"\n", b"\r").decode().encode("utf-16"),
}


def members(stored: bytes, chunk: int = 1 << 20, name: str = "a.log") -> Iterator[bytes]:
    """Yield each member's content."""
    chunks = [stored[at : at + chunk] for at in range(0, len(stored), chunk)]
    for member in open_members(lambda: iter(chunks), name):
        yield b"".join(member.pieces)


def read(stored: bytes, chunk: int = 1 << 20, name: str = "a.log") -> tuple[bytes, str | None]:
    """Return all that comes out of stored bytes, and the damage."""
    chunks = [stored[at : at + chunk] for at in range(0, len(stored), chunk)]
    out = bytearray()
    try:
        for member in open_members(lambda: iter(chunks), name):
            for piece in member.pieces:
                out += piece
    except Damage as damage:
        return bytes(out), str(damage)
    return bytes(out), None
