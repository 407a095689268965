"""Lines that name the fields and are no records: emptied, so that the others keep their numbers.

Where files were joined they stand in the middle, too. Those of W3C logs count from there on; those
of a CSV are the same again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from albconn.logs.bytes.cutting import Whole
from albconn.logs.formats import w3c
from albconn.logs.lines.layout import Layout
from albconn.logs.lines.regular import Text, count_lines

_HAS_RECORDS = re.compile(rb"^[^#\r\n]", re.MULTILINE)
_LOOKED_AT = 256  # [bytes]


def has_headers(layout: Layout) -> bool:
    """Say whether lines of a layout may be no records."""
    return bool(layout.header or layout.comment)


def without_headers(texts: Sequence[Text], layout: Layout) -> list[Text]:
    """Return whole lines with an empty one for each that is no record."""
    begin = layout.comment or layout.header
    rest = rb"[^\n]*" if layout.comment else rb"\r?$"
    pattern = re.compile(rb"^" + re.escape(begin) + rest, re.MULTILINE)
    return [pattern.sub(b"", text) if _has_line(text, begin) else text for text in texts]


def _has_line(text: Text, begin: bytes) -> bool:
    """Say whether a line may begin so; a search for plain bytes is ten times as fast."""
    content = bytes(text)
    return content.startswith(begin) or b"\n" + begin in content


def begins_with_directive(texts: Sequence[Text]) -> bool:
    """Say whether the first line that is not empty may be a directive of a W3C log."""
    first = next((text for text in texts if len(text)), b"")
    return bytes(first[:_LOOKED_AT]).lstrip().startswith(b"#")


def sections(whole: Whole) -> Iterator[Whole]:
    """Yield lines up to each that names fields anew; from there on they begin again."""
    waiting: list[Text] = []
    begins, line = whole.begins, whole.line
    for text in whole.texts:
        starts = w3c.section_starts(text) if _has_line(text, b"#") else []
        for start, stop in pairwise([0, *starts, len(text)]):
            if start in starts:
                if any(map(_HAS_RECORDS.search, waiting)):
                    yield (made := _section(whole, waiting, line, begins))
                    line += made.lines
                    waiting = []
                begins = True
            if stop > start:
                waiting.append(text[start:stop])
    if waiting:
        yield _section(whole, waiting, line, begins)


def _section(whole: Whole, texts: list[Text], line: int, begins: bool) -> Whole:  # noqa: FBT001
    return whole._replace(texts=texts, line=line, lines=sum(map(count_lines, texts)), begins=begins)
