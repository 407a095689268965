"""The formats in which a log file may come: one module each, and one line here.

A file's content decides, once for the whole file; its name is asked where the content says
nothing: people rename files, and AWS does not document the names of all of them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from types import ModuleType

from albconn.logs.formats import events, header, jsonl, legacy, plain, w3c
from albconn.logs.formats.looks import what_it_looks_like
from albconn.logs.lines.layout import Layout
from albconn.schema.table import LogTable

# Each has recognises(head), names(name) and layout(table); the first is taken when none knows.
FORMATS: tuple[ModuleType, ...] = (legacy,)
# Of files that name their fields. Each has describe(head, table), which is None for other files.
DESCRIBED: tuple[ModuleType, ...] = (jsonl, w3c, header)


def recognise(
    head: bytes, url: str, table: LogTable, given: Layout | None = None
) -> tuple[Layout, str | None]:
    """Return how a file's lines lie, by its first bytes, else by its name; and what it looks like.

    What no format knows is read as AWS's own text, and each line says why it is rejected; what it
    looks like is a reason for all of them. Of what a format knows that is None.

    Parameters
    ----------
    given : Layout, optional
        Of lines that do not name their fields.
    """
    if found := known_layout(head, table, given):
        return found, None
    name = url.rpartition("/")[2]
    by_name = [known for known in FORMATS if known.names(name)]
    return (*by_name, *FORMATS)[0].layout(table), what_it_looks_like(head)


def known_layout(head: bytes, table: LogTable, given: Layout | None = None) -> Layout | None:
    """Return how a file's lines lie, by its first bytes; None where they do not say it."""
    head = head.lstrip(b"\r\n")
    if given is None and legacy.is_usual(head, table):  # nearly always; no time stands before it
        return legacy.layout(table)
    if lead := events.lead_of(head):
        inner = known_layout(events.without_lead(head, lead), table, given)
        return inner and _behind(inner, lead)
    for known in DESCRIBED:
        if layout := known.describe(head, table):
            return layout
    if given is not None:
        return given
    for known in FORMATS:
        if known is not legacy and known.recognises(head):
            return known.layout(table)
    if layout := plain.guess(head, table):
        return layout
    return next((known.layout(table) for known in FORMATS if known.recognises(head)), None)


@lru_cache(maxsize=256)
def _behind(layout: Layout, lead: int) -> Layout:
    told = f"{layout.format} in {events.origin_of(lead)}"
    return replace(layout, lead=layout.lead + lead, format=told)
