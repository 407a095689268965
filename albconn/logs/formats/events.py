"""Lines that carry a record behind a time, and perhaps a stream's name: copies of log events.

    2026-09-23T07:11:27.691Z {"time": …}                     CloudWatch's export to S3
    2026-09-23T07:11:27.691000+00:00 stream {"time": …}      aws logs tail

The record is in whatever format the log group has.
"""

from __future__ import annotations

import re

EXPORT, TAIL = "CloudWatch export", "aws logs tail"
_TIME = rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:?\d\d)?"
_LEAD = re.compile(_TIME + rb" (?:[^\s{\"]+ ){0,4}?(?=\{\s*\"|\"?" + _TIME + rb"\"?[^\w.:+-])")
_LINES = 16


def lead_of(head: bytes) -> int:
    """Return how many words stand before the records of most of the first lines.

    Examples
    --------
    >>> lead_of(b'2026-09-23T07:11:27Z stream {"time":"2026-09-23T07:11:27Z"}\\n')
    2
    """
    lines = [raw for raw in head.split(b"\n")[:_LINES] if raw.strip()]
    found = [_LEAD.match(raw) for raw in lines]
    leads = [each[0].count(b" ") for each in found if each]
    if not leads or 2 * len(leads) < len(lines):
        return 0
    return max(set(leads), key=leads.count)


def without_lead(head: bytes, lead: int) -> bytes:
    """Return the first lines without the words before the records."""
    return b"\n".join(raw.split(b" ", lead)[-1] for raw in head.split(b"\n"))


def origin_of(lead: int) -> str:
    """Return where lines with so many words before the record come from."""
    return EXPORT if lead == 1 else TAIL
