"""Where albconn runs: Linux and macOS. What only one of them has stands here, with its stand-in.

Elsewhere ``import albconn`` works and tables in memory are counted, but nothing is read or
written: paths with backslashes would be taken apart wrongly, and nobody has tried.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from albconn.errors import AlbconnError

try:
    import fcntl
except ImportError:  # no Unix
    fcntl = None

SUPPORTED = ("linux", "darwin")


def require_platform() -> None:
    """Refuse to read or write where nobody knows what becomes of it.

    Raises
    ------
    AlbconnError
        This is neither Linux nor macOS.
    """
    if sys.platform not in SUPPORTED:
        raise AlbconnError(
            f"albconn reads and writes on Linux and macOS, and this is {sys.platform}; "
            "use one of them, or WSL on Windows"
        )


def processors() -> int:
    """Return how many processors this process may use; of macOS, how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def lock_file(descriptor: int) -> None:
    """Wait until nobody else has this lock; the kernel frees it when the process dies.

    Some network file systems have no flock, and nor has a Python without fcntl. What is lost
    there is small: two that compare and replace the same file at the same moment may both
    believe that they did. Who commits finds out, for a record's number can be taken once.
    """
    if fcntl is not None:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)


def read_ahead(path: str) -> None:
    """Have the system read a file before it is opened, where it can be asked to."""
    if not hasattr(os, "posix_fadvise"):  # macOS
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_WILLNEED)
    finally:
        os.close(descriptor)
