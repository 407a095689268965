"""The formats in which a log file may come: one module each, and one line here.

A file's content is asked first and its name second: people rename files, and AWS does not
document the names of all of them.
"""

from __future__ import annotations

from types import ModuleType

from albconn.logs.formats import legacy
from albconn.logs.lines.layout import Layout
from albconn.schema.table import LogTable

# Each has recognises(head), names(name) and layout(table); the first is taken when none knows.
FORMATS: tuple[ModuleType, ...] = (legacy,)


def recognise(head: bytes, url: str, table: LogTable) -> tuple[Layout, str | None]:
    """Return how a file's lines lie, by its first bytes, else by its name; and what it looks like.

    What no format knows is read as AWS's own text, and each line says why it is rejected; what it
    looks like is a reason for all of them. Of what a format knows that is None.
    """
    for known in FORMATS:
        if known.recognises(head):
            return known.layout(table), None
    from albconn.logs.formats.looks import what_it_looks_like  # seldom; its patterns take time

    name = url.rpartition("/")[2]
    by_name = [known for known in FORMATS if known.names(name)]
    return (*by_name, *FORMATS)[0].layout(table), what_it_looks_like(head)
