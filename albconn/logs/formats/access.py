"""AWS's own text files of requests in S3: fields at fixed places, one space apart, many in quotes.

References
----------
AWS, "Access logs for your Application Load Balancer", "Access log entries".
"""

from __future__ import annotations

import re
from functools import cache

from albconn.logs.lines.layout import Layout
from albconn.schema.table import LogTable

# The type, the time, and a load balancer; AWS may add types.
_BEGINS = re.compile(rb"[a-z0-9]{1,16} \d{4}-\d\d-\d\dT[0-9:.]+Z? [^ ]*/")
_NAME = re.compile(r"[^_/]+_elasticloadbalancing_[a-z0-9-]+_app\.")


def recognises(head: bytes) -> bool:
    """Say whether the first bytes of a file are a line of this format."""
    return _BEGINS.match(head) is not None


def names(name: str) -> bool:
    """Say whether a file's name is one that AWS gives to such a file."""
    return _NAME.match(name) is not None and not name.startswith(("conn_log", "health_check_log"))


@cache
def layout(table: LogTable) -> Layout:
    """Return how the lines lie: all fields of the table, and more as AWS appends them."""
    return Layout(table, tuple(f.name for f in table.line_fields), table.fewest_fields)
