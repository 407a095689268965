"""What can go wrong, said well.

Every message says where, what is wrong with the value, and what to do about it.
Each class also is the built-in kind that a caller would expect (``OSError``,
``ValueError``), so code that knows nothing of albconn still catches the right thing.
"""

from __future__ import annotations

import reprlib
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from albconn.printable import visible

_PACKAGE = str(Path(__file__).parent)
SHOWN_CHARACTERS = 80  # of a foreign value; a line of a log can be a megabyte
SHOWN_PROBLEMS = 5  # in one message

# Looks at no more of a list, a dict or a long number than can be shown.
_BRIEF = reprlib.Repr()
_BRIEF.maxlevel = 2
_BRIEF.maxlist = _BRIEF.maxtuple = _BRIEF.maxset = _BRIEF.maxfrozenset = _BRIEF.maxdict = 30
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = SHOWN_CHARACTERS


class AlbconnError(Exception):
    """Base class of every error that albconn raises on purpose; its message is one line."""

    def __str__(self) -> str:
        return visible(super().__str__())  # names of files and keys are strangers' text, too


class SourceError(AlbconnError, OSError):
    """Log files cannot be found, listed or read: rights, credentials, bucket, path."""


class LineError(AlbconnError, ValueError):
    """A line is not an ALB connection log line (raised only with ``on_bad_line="raise"``).

    Attributes
    ----------
    reason : str
        Why, in few words that are the same for all such lines.
    value : str or None
        What of the line is wrong, cut at 80 characters.
    """

    def __init__(self, message: str, *, reason: str = "", value: str | None = None) -> None:
        self.reason = reason or message
        self.value = None if value is None else cut(value)
        super().__init__(message)


class TableError(AlbconnError, ValueError):
    """A table or an argument does not fit.

    Attributes
    ----------
    problems : tuple of str
        Every problem found, each once; the message tells the first five.
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        found = (problems,) if isinstance(problems, str) else tuple(dict.fromkeys(problems))
        more = len(found) - SHOWN_PROBLEMS
        self.problems = found
        told = [*found[:SHOWN_PROBLEMS], *([f"and {more} more"] if more > 0 else [])]
        super().__init__("; ".join(told))


class DatasetError(AlbconnError):
    """A dataset cannot be written or read as asked, or does not hold what its records say."""


class AlbconnWarning(UserWarning):
    """Something was salvaged, skipped or is new in the logs; the result is still complete."""


class IncompleteWarning(AlbconnWarning):
    """Something that was asked for is not in the result; the command line then ends with 1."""


def shown(value: object) -> str:
    """Return ``repr(value)``, cut at 80 characters, for use inside a message.

    No more of the value is looked at than that; of a table or an array, only what it is.

    Examples
    --------
    >>> shown("2026-09-23"), shown([1, 2]), len(shown("x" * 1_000_000))
    ("'2026-09-23'", '[1, 2]', 80)
    """
    if isinstance(value, str | bytes):
        text = repr(value[:SHOWN_CHARACTERS])
    elif isinstance(shape := getattr(value, "shape", None), tuple) and shape:
        text = f"<{type(value).__name__} of shape {shape}>"
    else:
        try:
            text = _BRIEF.repr(value)
        except ValueError:  # a number of thousands of digits
            text = f"<{type(value).__name__}>"
    text = " ".join(text.split()) if "\n" in text else text
    return cut(text)


def cut(text: str) -> str:
    """Return a text of at most 80 characters.

    Examples
    --------
    >>> cut("CN=a"), len(cut("x" * 1_000_000))
    ('CN=a', 80)
    """
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def warn(message: str, kind: type[AlbconnWarning] = AlbconnWarning) -> None:
    """Warn, and name the caller's own line, however deep in albconn this is called."""
    level, frame = 1, sys._getframe()
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(visible(message), kind, stacklevel=level)
