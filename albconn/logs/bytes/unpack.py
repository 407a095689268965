"""What people make of log files: archives, other compressions, other encodings, other line ends.

A file's first bytes say what it is, whatever it is called, and what it holds is looked at in the
same way: a tar in a gzip, a gzip in a zip. What can be read comes out as UTF-8 lines that end with
newlines, a member of an archive after the other. What cannot is ``Damage`` that says what it is;
nothing is read in part without a word, and nothing binary is taken for lines.

References
----------
RFC 1952 (gzip), RFC 8878 (Zstandard); POSIX pax (tar); PKWARE APPNOTE (zip); Unicode 23.8 (byte
order mark).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from albconn.logs.bytes import archives, streams
from albconn.logs.bytes.gunzip import PIECE_BYTES, Damage, inflate, inflate_once
from albconn.logs.formats import begins_a_line
from albconn.logs.formats.looks import is_binary, what_its_magic_says, with_article

_HEAD_BYTES = 4096  # looked at
_STEP_BYTES = PIECE_BYTES // 2  # decoded at a time: UTF-8 may take half as much more
_DEEPEST = 4  # archives within archives
_CODECS = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BEGINS = re.compile(r"\d{4}-|[a-z0-9]{1,16} \d{4}-")  # a log begins with a year, or a type
_UTF8_MARK = codecs.BOM_UTF8

Pieces = Iterator[bytes]


def open_members(open_raw: Callable[[], Iterable[bytes]], name: str) -> Iterator[Pieces]:
    """Yield the lines' bytes of each member of a file; most files are their only member.

    Parameters
    ----------
    open_raw : callable
        As for ``inflate``.
    name : str
        What the file is called, which tells what a broken one should have been.

    Raises
    ------
    Damage
        Here or while a member is read: what follows cannot be read.
    """
    yield from _members(inflate(open_raw), name.rpartition("/")[2], 0)


def _members(pieces: Pieces, name: str, depth: int) -> Iterator[Pieces]:
    first = next(pieces, b"")
    pieces = chain((first,), pieces)
    end = first.find(b"\n", 0, _HEAD_BYTES)
    if end > 0 and begins_a_line(first) and first.find(b"\r", 0, end - 1) < 0:
        yield pieces  # nearly always
        return
    head, pieces = _peek(pieces)
    if depth == _DEEPEST:
        raise Damage(f"archives within archives, more than {_DEEPEST} deep")
    if archives.is_tar(head):
        for member, content in archives.untar(pieces):
            yield from _members(content, member, depth + 1)
    elif archives.is_zip(head):
        for member, content in archives.unzip(pieces):
            yield from _members(content, member, depth + 1)
    elif begins_a_line(head):
        yield _with_newlines(pieces) if _ends_with_returns(head) else pieces
    elif inner := inflate_once(head, pieces) or streams.decompressed(head, pieces):
        yield from _members(inner, name, depth + 1)
    else:
        yield _text(head, pieces, name)


def _text(head: bytes, pieces: Pieces, name: str) -> Pieces:
    """Return lines of text as UTF-8, each ended by a newline."""
    if encoding := _encoding_of(head):
        pieces = _decoded(pieces, encoding)
        head, pieces = _peek(pieces)
    _refuse_binary(head, name)
    head, pieces = _peek(_without_mark(pieces))
    return _with_newlines(pieces) if _ends_with_returns(head) else pieces


def _peek(pieces: Pieces) -> tuple[bytes, Pieces]:
    """Return the first bytes, and all of them in the same pieces."""
    first: list[bytes] = []
    rest = pieces
    try:
        while sum(map(len, first)) < _HEAD_BYTES and (piece := next(pieces, None)) is not None:
            first.append(piece)
    except Damage as damage:
        rest = _raising(damage)
    return b"".join(piece[:_HEAD_BYTES] for piece in first)[:_HEAD_BYTES], chain(first, rest)


def _raising(damage: Damage) -> Pieces:
    yield from ()
    raise damage


def _refuse_binary(head: bytes, name: str) -> None:
    kind = what_its_magic_says(head)
    if kind is None and not is_binary(head):
        return
    begins = f"begins with {head[:4].hex(' ')}"
    if kind is not None:
        raise Damage(f"{with_article(kind)}, which is not read as a log; {begins}")
    if name.endswith(".gz"):
        raise Damage(f"not gzip, though its name says so: {begins}")
    raise Damage(f"binary, not a log: {begins}")


def _encoding_of(head: bytes) -> str | None:
    """Return in which of the wide encodings a text is: by its mark, else by a year's digits."""
    for mark, encoding in zip(_MARKS, _CODECS, strict=True):
        if head.startswith(mark):
            return encoding
    for encoding in _CODECS if b"\0" in head[:8] else ():
        if _BEGINS.match(head[:96].decode(encoding, "replace")):
            return encoding
    return None


def _decoded(pieces: Pieces, encoding: str) -> Pieces:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in pieces:
            for at in range(0, len(piece), _STEP_BYTES):
                if text := decoder.decode(piece[at : at + _STEP_BYTES]):
                    yield text.encode()
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise Damage(f"the text is not whole {encoding.upper()} ({error})") from error


def _without_mark(pieces: Pieces) -> Pieces:
    """Leave out the byte-order mark with which some editors begin a file."""
    head, pieces = _peek(pieces)
    skipped = len(_UTF8_MARK) if head.startswith(_UTF8_MARK) else 0
    for piece in pieces:
        if fresh := piece[skipped:] if skipped else piece:
            yield fresh
        skipped = max(0, skipped - len(piece))


def _ends_with_returns(head: bytes) -> bool:
    """Say whether lines end as they did before Mac OS X: the first one decides for the file."""
    first = head.partition(b"\n")[0]
    return b"\r" in first.removesuffix(b"\r") or (first.endswith(b"\r") and b"\n" not in head)


def _with_newlines(pieces: Pieces) -> Pieces:
    """Let a newline end each line, where a return, a newline or both do."""
    is_after_return = False
    for piece in pieces:
        fresh = piece.removeprefix(b"\n") if is_after_return else piece
        is_after_return = piece.endswith(b"\r") if piece else is_after_return
        if fresh:
            yield fresh.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
