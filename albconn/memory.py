"""The one setting of the process that albconn changes: malloc keeps what is freed.

glibc's malloc adapts to the largest block that was ever freed, up to 32 MiB (mallopt(3),
M_MMAP_THRESHOLD): smaller ones are then kept for the next one, not given back and touched anew.
So it is told by freeing one, never touched; a tenth of the time to read large files. It holds for
the whole process, so it is done once, when log files are read to a DataFrame, and not at all where
``ALBCONN_KEEP_MALLOC=1`` says so. Elsewhere than on glibc it does nothing.
"""

from __future__ import annotations

import os
from functools import cache

import numpy as np

DECLINED_BY = "ALBCONN_KEEP_MALLOC"  # any value but "" and "0"
_LARGEST = (32 << 20) - (1 << 16)  # [bytes]


@cache
def keep_freed_memory() -> bool:
    """Tell malloc, the first time that this is called; say whether it was told."""
    if os.environ.get(DECLINED_BY, "0") not in ("", "0"):
        return False
    np.empty(_LARGEST, np.uint8)
    return True
