"""What a dataset's storage may answer instead of doing as asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from albconn.errors import AlbconnError, DatasetError


class ConflictError(Exception):
    """The file is no longer what the caller last saw."""


@contextmanager
def said_clearly(place: str) -> Iterator[None]:
    """Turn what a disk or store raises into a DatasetError that names the place.

    What callers tell apart passes: a missing file, an existing one, a conflict.
    """
    try:
        yield
    except (FileNotFoundError, FileExistsError, ConflictError, AlbconnError):
        raise
    except PermissionError as error:
        raise DatasetError(
            f"{place}: {_headline(error)}; grant list, read, write and delete on the dataset"
        ) from error
    except Exception as error:
        raise DatasetError(
            f"{place}: {_headline(error)}; what is committed is safe: run again when it works"
        ) from error


def _headline(error: Exception) -> str:
    text = (getattr(error, "strerror", None) or str(error)).strip()
    return text.splitlines()[0] if text else type(error).__name__
