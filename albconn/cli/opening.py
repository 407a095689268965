"""What a command counts: log files or a dataset, opened alike."""

from __future__ import annotations

import albconn as ac
from albconn.cli.options import Which
from albconn.cli.printing import say


def opened(source: str, which: Which) -> ac.Opened:
    """Open what is to be counted; say when lines were not understood."""
    found = ac.open_connections(source, **which.filters, storage_options=which.storage_options)
    if found.rejected:
        say(f"{found.rejected:,} of {found.lines:,} lines rejected")
    return found
