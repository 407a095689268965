"""What a disk or a store may answer instead of doing as asked, said so that it helps.

Whatever goes wrong there becomes one error that says where, what, and what to do: a
``SourceError`` about log files, a ``DatasetError`` about a dataset. Nothing else in the project
needs to know a store's own exceptions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from albconn.errors import SHOWN_CHARACTERS, AlbconnError, DatasetError, SourceError
from albconn.storage.advice import Doing, Scope, advice_about, answer_of

_LONGEST = 3 * SHOWN_CHARACTERS  # of what a store says
_SAFE = "what is committed is safe"


class ConflictError(Exception):
    """The file is no longer what the caller last saw."""


@contextmanager
def said_clearly(place: str, doing: Doing = "write") -> Iterator[None]:
    """Turn what a disk or store raises into a DatasetError that names the place.

    What callers tell apart passes: a missing file, an existing one, a conflict. So does what the
    caller's own code raises in the block and what is not an ``Exception`` (Ctrl-C).
    """
    try:
        yield
    except (FileNotFoundError, FileExistsError, ConflictError, AlbconnError):
        raise
    except Exception as error:
        known = advice_about(error)
        advice = known.of(doing) if known else ""
        told = [headline(error), *([advice] if advice else [])]
        if doing == "write" and not isinstance(error, PermissionError):
            told.append(_SAFE if "run again" in advice else f"{_SAFE}: run again when it works")
        raise DatasetError(f"{place}: {'; '.join(told)}") from error


def explain(error: Exception, location: str) -> SourceError:
    """Turn whatever a store or disk raised into one clear error about ``location``."""
    what, advice = told_of(error)
    return SourceError(f"{location}: {what}{f'; {advice}' if advice else ''}")


def told_of(error: Exception) -> tuple[str, str]:
    """Return what a store or disk said when it was read, and what to do; empty if unknown."""
    advice = advice_about(error)
    return headline(error), advice.of("read") if advice else ""


def scope_of(error: Exception) -> Scope:
    """Say whose matter an error is: one file's, or that of all (login, network, bucket)."""
    advice = advice_about(error)
    return advice.scope if advice else "file"


def headline(error: Exception) -> str:
    """Return what an error says first, S3's own words where it answered."""
    answer = answer_of(error).get("Error", {})
    text = answer.get("Message") or getattr(error, "strerror", None) or str(error)
    code = str(answer.get("Code") or "")
    lines = str(text).strip().splitlines() or [type(error).__name__]
    first = " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]
    if code and not code.isdigit() and code.lower() not in first.replace(" ", "").lower():
        first = f"{first} ({code})"
    return first if len(first) <= _LONGEST else first[: _LONGEST - 1] + "…"
