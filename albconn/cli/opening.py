"""What a command counts: log files or a dataset, opened alike."""

from __future__ import annotations

from typing import Any

from albconn.cli.options import Which
from albconn.cli.printing import say


def opened(source: str, which: Which) -> Any:
    """Open what is to be counted; say when lines were not understood."""
    from albconn.logs.find.selection import make_selection
    from albconn.opened import open_connections

    found = open_connections(
        source, selection=make_selection(**which.filters), storage_options=which.storage_options
    )
    if found.rejected:
        say(f"{found.rejected:,} of {found.lines:,} lines rejected")
    return found.connections
