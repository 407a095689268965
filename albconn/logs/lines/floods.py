"""Blank lines and lines of too few fields, set apart many at a time.

A gzip of seven kilobytes can hold eight million newlines. What is asked here of a line is how many
delimiters it has and whether it has anything else, and it is asked of thousands of lines at once,
few enough that the answers stay in the processor's cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from albconn.logs.lines.exact import TOO_FEW_FIELDS
from albconn.logs.lines.layout import Layout
from albconn.logs.lines.rejections import Found

if TYPE_CHECKING:
    import numpy.typing as npt

    Bytes = npt.NDArray[np.uint8]
    Numbers = npt.NDArray[np.int64]

_SLICE_BYTES = 1 << 16
_NEWLINE, _RETURN = b"\n\r"
_IS_ANY = np.ones(256, bool)
_IS_ANY[list(b" \t\n\r\x0b\x0c")] = False  # what ``bytes.strip`` takes off


class Apart(NamedTuple):
    """A text in two: lines of too few fields, and the lines that may be rows, at their places."""

    short: Found
    rest: bytes
    lines: Numbers


class _Slice(NamedTuple):
    """What a slice's lines are: how many, which are short and where, which are kept."""

    lines: int
    short: Numbers
    starts: Numbers
    ends: Numbers
    kept: Numbers
    rest: bytes


def is_flood(size: int, lines: int, layout: Layout) -> bool:
    """Say whether some lines are surely too short: so many stand in so few bytes."""
    shortest = layout.fewest_fields + (layout.fewest_fields - 1) * len(layout.delimiter)
    return size < lines * (shortest + 1)


def set_apart(text: bytes, lines: Numbers, layout: Layout) -> Apart:
    """Leave out blank lines, and set those of too few fields apart.

    Parameters
    ----------
    text : bytes
        Whole lines, each ended by a newline.
    lines : array of int64
        Where they stand in their block.
    """
    content = np.frombuffer(text, np.uint8)
    none = np.empty(0, np.int64)
    short, starts, ends, kept, rest = [none], [none], [none], [none], []
    at = line = 0
    while at < len(text):
        stop = text.index(b"\n", min(at + _SLICE_BYTES, len(text)) - 1) + 1
        found = _look_at(content[at:stop], layout)
        short.append(found.short + line)
        starts.append(found.starts + at)
        ends.append(found.ends + at)
        kept.append(found.kept + line)
        rest.append(found.rest)
        at, line = stop, line + found.lines
    places = lines[np.concatenate(short)]
    told = Found(text, places, [TOO_FEW_FIELDS], np.concatenate(starts), np.concatenate(ends))
    return Apart(told, b"".join(rest), lines[np.concatenate(kept)])


def _look_at(content: Bytes, layout: Layout) -> _Slice:
    ends = np.flatnonzero(content == _NEWLINE)
    if len(ends) == len(content):
        none = ends[:0]
        return _Slice(len(ends), none, none, none, none, b"")
    starts = np.concatenate([[0], ends[:-1] + 1])
    has_any = _counts(_IS_ANY[content], starts, ends) > 0
    # Of a delimiter of several bytes the last ones are counted: at least as many as there are.
    delimiters = _counts(content == layout.delimiter[-1], starts, ends)
    enough = delimiters >= layout.fewest_fields - 1
    short, kept = np.flatnonzero(has_any & ~enough), has_any & enough
    inside = np.repeat(kept, ends - starts + 1)
    return _Slice(
        len(ends),
        short,
        starts[short],
        ends[short] - (content[ends[short] - 1] == _RETURN),
        np.flatnonzero(kept),
        content[inside].tobytes(),
    )


def _counts(flags: npt.NDArray[np.bool_], starts: Numbers, ends: Numbers) -> Numbers:
    """Return how many flags are set in each line."""
    before = np.concatenate([[0], np.cumsum(flags, dtype=np.int32)])
    return before[ends] - before[starts]
