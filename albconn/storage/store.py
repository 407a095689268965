"""The few things that a dataset asks of its storage, on a local disk and on an object store.

What differs is how a file appears. On a disk it is written aside, made durable and moved into
place at the commit; on a store a PUT is atomic by itself. What must be exclusive (the lock, a
commit record) is a hard link on a disk and a conditional PUT on a store.

Paths are relative to the dataset, with ``/``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from albconn.errors import DatasetError, shown
from albconn.platforms import require_platform
from albconn.storage.places import StorageOptions, is_remote
from albconn.storage.spelling import well_spelt

Dest = str | os.PathLike[str]

STAGING = "staging"  # where a local disk keeps files on their way, before the commit


class Store(Protocol):
    """A dataset's storage."""

    location: str

    def names(self) -> list[str]:
        """Return the names directly in the dataset's folder; empty when there is none."""
        ...

    def sizes(self, folder: str) -> dict[str, int]:
        """Return every file below a folder with its size [bytes]."""
        ...

    def read(self, path: str) -> bytes:
        """Return a file's content; FileNotFoundError when there is none."""
        ...

    def read_many(self, paths: Sequence[str]) -> list[bytes]:
        """Return the contents of several files."""
        ...

    def stage(self, path: str, content: bytes | memoryview) -> None:
        """Write a file that ``publish`` will put in its place."""
        ...

    def publish(self, paths: Iterable[str]) -> None:
        """Put staged files in their places, durably; never over another file."""
        ...

    def create(self, path: str, content: bytes) -> None:
        """Create a file with its content in one step; FileExistsError when there is one."""
        ...

    def version(self, path: str) -> tuple[bytes, str]:
        """Return a file's content and what identifies it for ``replace`` and ``remove``."""
        ...

    def replace(self, path: str, content: bytes, version: str) -> str:
        """Overwrite a file that is still ``version``; ConflictError when it is not."""
        ...

    def remove(self, path: str, version: str) -> None:
        """Delete a file that is still ``version``; ConflictError when it is not."""
        ...

    def delete(self, paths: Iterable[str]) -> None:
        """Delete files; those that are gone already do not matter."""
        ...

    def spool_folder(self) -> AbstractContextManager[Path]:
        """Give a folder on a local disk in which large files grow, each at its own path."""
        ...

    def stage_file(self, place: Path, path: str) -> None:
        """Stage a file that has grown in the ``spool_folder``, as ``stage`` does."""
        ...

    def fetched(self, path: str) -> AbstractContextManager[Path]:
        """Have a file on a local disk, to be read in pieces, while the block runs."""
        ...

    def staged(self) -> list[str]:
        """Return what lies staged or half written, for ``discard``."""
        ...

    def discard(self) -> None:
        """Delete everything that lies staged or half written."""
        ...

    def arrow(self) -> tuple[Any, str]:
        """Return the file system for Arrow and the dataset's path in it."""
        ...


def open_dest(dest: Dest, storage_options: StorageOptions = None) -> Store:
    """Return the storage of the dataset at a path or URL.

    Raises
    ------
    DatasetError
        The destination is no path or URL, or its store cannot be opened.
    AlbconnError
        This is neither Linux nor macOS.
    """
    if not isinstance(dest, str | os.PathLike) or not os.fspath(dest):
        raise DatasetError(f"dest: {shown(dest)} is not a path or URL; give a folder or s3:// URL")
    require_platform()
    location = well_spelt(os.fspath(dest), DatasetError)
    if is_remote(location):
        from albconn.storage.remote import RemoteStore

        return RemoteStore(location, storage_options)
    from albconn.storage.local import LocalStore

    return LocalStore(location)
