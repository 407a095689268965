"""AWS's own text files in S3, which it calls "legacy": fields at fixed places, one space apart.

References
----------
AWS, "Connection logs for your Application Load Balancer", "Connection log entries".
"""

from __future__ import annotations

import re
from functools import cache

from albconn.logs.lines.layout import Layout
from albconn.schema.table import LogTable

# A time, an address, two ports.
_BEGINS_AS_USUAL = re.compile(rb"\d{4}-\d\d-\d\dT[0-9:.]+Z? [^ ]+ (?:\d+|-) (?:\d+|-) ")
_BEGINS_WITH_A_TIME = re.compile(rb"\d{4}-\d\d-\d\dT[0-9:.]+Z? ")


def recognises(head: bytes) -> bool:
    """Say whether the first bytes of a file are a line of this format."""
    return _BEGINS_WITH_A_TIME.match(head) is not None


def is_usual(head: bytes, table: LogTable) -> bool:
    """Say whether the first line has all fields in AWS's own order, as far as a glance tells.

    Plain text of another order and with a space between fields begins with a time, too.
    """
    if _BEGINS_AS_USUAL.match(head) is None:
        return False
    end = head.find(b"\n")
    return head.count(b" ", 0, end if end >= 0 else len(head)) >= table.fewest_fields - 1


def names(name: str) -> bool:
    """Say whether a file's name is one that AWS gives to such a file."""
    return name.startswith("conn_log") and ".log" in name


@cache
def layout(table: LogTable) -> Layout:
    """Return how the lines lie: all fields of the table, and more as AWS appends them."""
    return Layout(table, tuple(f.name for f in table.line_fields), table.fewest_fields)
