"""Which of the files that are called something else hold a table's records all the same.

AWS does not document what it calls the files that CloudWatch delivers, and they may lie among
access logs. So whatever a name says, the first bytes are asked: a few kilobytes of each file that
the listing has set aside, many at a time. What they do not say stays set aside.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from albconn.errors import SourceError
from albconn.logs.bytes.fetch import Fetcher
from albconn.logs.bytes.gunzip import Damage
from albconn.logs.bytes.proof import Unread
from albconn.logs.bytes.records import keys_of_footer
from albconn.logs.bytes.unpack import open_members
from albconn.logs.find.listing import ForeignFile, Listing, LogFile
from albconn.logs.find.selection import Selection
from albconn.logs.find.sources import Duplicates, Source, list_log_files
from albconn.logs.formats import known_layout, parquet
from albconn.logs.reading import Reading
from albconn.schema.table import LogTable
from albconn.storage.places import StorageOptions

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD_BYTES = 1 << 14
_FOOTER_BYTES = 1 << 16
_SHORTEST = 64  # [bytes] of a file with a record in it, however it is stored
_NEVER = ("test_marker",)


def list_logs(
    source: Source,
    table: LogTable,
    *,
    selection: Selection,
    storage_options: StorageOptions = None,
    duplicates: Duplicates = "skip",
) -> Listing:
    """Find the log files of a source, as ``list_log_files`` does, by their contents where need be.

    Raises
    ------
    SourceError, TableError, AlbconnError
        As ``list_log_files`` does.
    """
    listing = list_log_files(
        source, selection=selection, storage_options=storage_options, duplicates=duplicates
    )
    doubtful = [f for f in listing.foreign if _may_be_ours(f, selection)]
    if not doubtful:
        return listing
    files = [f.log_file for f in doubtful if f.log_file is not None]
    found = set(ours(files, table, storage_options))
    if not found:
        return listing
    return replace(
        listing,
        log_files=sorted([*listing.log_files, *found], key=lambda log_file: log_file.url),
        foreign=[f for f in listing.foreign if f.log_file not in found],
    )


def ours(
    log_files: Sequence[LogFile], table: LogTable, storage_options: StorageOptions
) -> Iterator[LogFile]:
    """Yield those of some files that begin as a table's records do."""
    with Fetcher(log_files, storage_options) as fetcher:
        for log_file, head in fetcher.heads(log_files, HEAD_BYTES):
            if parquet.recognises(head):
                end = fetcher.tail(log_file, _FOOTER_BYTES)
                keys = keys_of_footer(_Ending(log_file.size, end))
                if keys and parquet.describe(keys, table):
                    yield log_file
            elif _begins_as(head, log_file.url, table):
                yield log_file


def formats_of(log_files: Sequence[LogFile], reading: Reading) -> dict[str, str]:
    """Return the formats of files by their URLs, as far as their first bytes say them."""
    found: dict[str, str] = {}
    with Fetcher(log_files, reading.storage_options) as fetcher:
        for log_file, head in fetcher.heads(log_files, HEAD_BYTES):
            if told := _format_of(head, log_file.url, reading):
                found[log_file.url] = told
    return found


def _format_of(head: bytes, name: str, reading: Reading) -> str | None:
    if parquet.recognises(head):
        return parquet.NAME
    try:
        for member in open_members(lambda: [head], name):
            first = next(member.pieces, b"")
            layout = known_layout(first, reading.table, reading.given_layout)
            inside = f" in {member.inside}" if member.inside else ""
            return layout and layout.format + inside
    except (Damage, Unread, SourceError):
        pass
    return None


def _may_be_ours(file: ForeignFile, selection: Selection) -> bool:
    log_file = file.log_file
    if log_file is None or file.kind in _NEVER or file.size < _SHORTEST:
        return False
    return selection.may_hold(log_file.key)


def _begins_as(head: bytes, name: str, table: LogTable) -> bool:
    """Say whether the first bytes of a stored file are of a table's records."""
    try:
        for member in open_members(lambda: [head], name):
            if member.is_parquet:
                return True
            return known_layout(next(member.pieces, b""), table) is not None
    except (Damage, Unread, SourceError):
        pass
    return False


class _Ending(io.RawIOBase):
    """A file of which only the end is here, for who reads nothing else."""

    def __init__(self, size: int, end: bytes) -> None:
        self._size, self._end, self._at = size, end, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        room = memoryview(buffer)
        first = self._at - (self._size - len(self._end))
        piece = self._end[max(0, first) : first + len(room)] if first >= 0 else b""
        room[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
