"""What a command counts: log files or a dataset, opened alike."""

from __future__ import annotations

import albconn as ac
from albconn.cli.options import Which
from albconn.cli.printing import say
from albconn.logs.find.told import OTHER_LOGS, skipped


def opened(sources: list[str], which: Which) -> ac.Opened:
    """Open what is to be counted; say what of it is not: other files, lines not understood."""
    found = ac.open_connections(one_or_several(sources), **which.reading)
    if logs := [file for file in found.skipped if file.kind in OTHER_LOGS]:
        say(skipped(logs))
    if found.kind == "dataset" and found.rejected:
        say(f"{found.rejected:,} of {found.lines:,} lines rejected")
    if found.kind == "log files" and found.files and not found.lines:
        say("the log files are empty: there is not a line in them")
    return found


def opened_requests(sources: list[str], which: Which) -> ac.Opened:
    """Open access logs, or the requests of a dataset, of the same time and filters."""
    return ac.open_requests(one_or_several(sources), **which.reading)


def one_or_several(sources: list[str]) -> str | list[str]:
    """Return what was named: one place, which may be a dataset, or several of log files."""
    return sources[0] if len(sources) == 1 else sources
