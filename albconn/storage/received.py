"""What came of an object of a store: its bytes, and whether they are all.

Apart from what speaks to a store, whose imports cost more than reading many a file.
"""

from __future__ import annotations

from typing import NamedTuple


class AnswerError(OSError):
    """An answer with a status of success that S3 cannot have given."""


class LengthError(AnswerError):
    """As many bytes came as the answer said, but not as many as the listing says."""


class Got(NamedTuple):
    """Bytes of an object, and the MD5 of the whole one where S3 tells it."""

    content: bytes
    md5: str | None


def require_length(content: bytes, expected: int) -> None:
    """Raise LengthError where not all bytes came, or too many."""
    if len(content) != expected:
        raise LengthError(f"{len(content):,} bytes came of the {expected:,} that were listed")
