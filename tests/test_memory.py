"""The process's malloc is told once to keep what is freed, and not where that is declined."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

from albconn.memory import DECLINED_BY

# Whether a block of 20 MiB is mapped anew (and given back) or taken from what malloc keeps.
_IS_MAPPED = """
import ctypes, sys
from albconn import memory

class Told(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks",
        "fordblks", "keepcost")]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Told
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
told = [memory.keep_freed_memory(), memory.keep_freed_memory()]
before = libc.mallinfo2().hblks
libc.malloc(20 << 20)
print(*told, libc.mallinfo2().hblks > before, memory.keep_freed_memory.cache_info().misses)
"""


def _has_glibc() -> bool:
    return sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallinfo2")


@pytest.mark.skipif(not _has_glibc(), reason="only glibc's malloc adapts, and tells of it")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "True True False 1"),
        ("0", "True True False 1"),
        ("1", "False False True 1"),
        ("yes", "False False True 1"),
    ],
)
def test_it_is_told_once_and_not_where_declined(value: str | None, expected: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != DECLINED_BY}
    environment |= {} if value is None else {DECLINED_BY: value}
    done = subprocess.run(
        [sys.executable, "-c", _IS_MAPPED],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    assert done.stdout.strip() == expected
