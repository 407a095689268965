"""The formats in which a log file may come: one module each, and one line here.

A file's content is asked first and its name second: people rename files, and AWS does not
document the names of all of them.
"""

from __future__ import annotations

from types import ModuleType

from albconn.logs.formats import access, legacy
from albconn.logs.formats.looks import what_it_looks_like
from albconn.logs.lines.layout import Layout
from albconn.schema.table import LogTable

# Each has recognises(head), names(name) and layout(table); the first is taken when none knows.
FORMATS: tuple[ModuleType, ...] = (legacy,)
ACCESS_FORMATS: tuple[ModuleType, ...] = (access,)


def recognise(head: bytes, url: str, table: LogTable) -> tuple[Layout, str | None]:
    """Return how a file's lines lie, by its first bytes, else by its name; and what it looks like.

    What no format knows is read as AWS's own text, and each line says why it is rejected; what it
    looks like is a reason for all of them. Of what a format knows that is None.
    """
    formats, others = FORMATS, ()
    if table.log == "access_log":
        formats, others = ACCESS_FORMATS, FORMATS
    for known in formats:
        if known.recognises(head):
            return known.layout(table), None
    name = url.rpartition("/")[2]
    by_name = [known for known in formats if known.names(name)]
    looks_like = what_it_looks_like(head)
    if looks_like is None and any(other.recognises(head) for other in others):
        looks_like = "connection log"
    return (*by_name, *formats)[0].layout(table), looks_like


def begins_a_line(head: bytes) -> bool:
    """Say whether the first bytes of a file are a line of AWS's own text, of either log."""
    return legacy.recognises(head) or access.recognises(head)
