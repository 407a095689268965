"""Where a report is saved, and what is said when it cannot be.

A folder that cannot be one is refused before anything is read: logs may take minutes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from albconn.errors import AlbconnError, TableError, shown

_ADVICE = "give another folder, or make room there"


def folder_given(out: str | os.PathLike[str]) -> Path:
    """Return the folder that a report is to be saved in.

    Raises
    ------
    TableError
        It is no path, a file, or lies below one, or its rights forbid to write there.
    """
    if not isinstance(out, str | os.PathLike) or "\0" in (os.fspath(out) or "\0"):
        raise TableError(f"out: {shown(out)} is not a path; give a folder")
    folder = Path(out)
    try:
        there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    except OSError as error:
        raise TableError(f"out: {shown(out)} is not a path; give a folder") from error
    if not there.is_dir():
        raise TableError(f"out: {there} is a file; give a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise TableError(f"out: {there}: nothing may be written there; {_ADVICE}")
    return folder


@contextmanager
def saving(folder: Path) -> Iterator[None]:
    """Say what the disk says where a report cannot be saved."""
    try:
        yield
    except AlbconnError:
        raise
    except OSError as error:
        why = error.strerror or str(error)
        raise AlbconnError(f"{error.filename or folder}: {why}; {_ADVICE}") from error
