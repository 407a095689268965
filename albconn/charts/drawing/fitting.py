"""Texts that fit: broken into lines, or cut, by the width that they have when drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

PART = " · "
_ENDS = re.compile(r" · |, | {2}| \(| of ")  # where a note can end and still say something


@lru_cache(maxsize=4096)
def width_of(text: str, points: float, weight: str = "normal") -> float:
    """Return the width [points] of one line of text."""
    font = FontProperties(size=points, weight=weight)
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


def break_lines(text: str, points: float, room: float, weight: str = "normal") -> list[str]:
    """Break at spaces into lines no wider than `room` [points], where words allow it.

    Parts between dots stay whole while they fit into a line, so that "5" and "min" stay together.
    """
    space, lines = width_of("a a", points, weight) - 2 * width_of("a", points, weight), []
    taken = room + 1
    for piece in _pieces(text, points, room, weight):
        wide = width_of(piece, points, weight)
        if lines and taken + space + wide <= room:
            lines[-1] += f" {piece}"
            taken += space + wide
        else:
            lines.append(piece)
            taken = wide
    return lines


def _pieces(text: str, points: float, room: float, weight: str) -> Iterable[str]:
    *parts, last = text.split(PART)
    for part in (*(f"{part} ·" for part in parts), last):
        yield from [part] if width_of(part, points, weight) <= room else part.split(" ")


def shorten(text: str, points: float, room: float) -> str:
    """Return as much of a note as fits into `room` [points]: whole parts, else cut with "…".

    Examples
    --------
    >>> shorten("breaks: 4.0 % of handshakes (40), 5.0 % of clients (5)", 10, 170)
    'breaks: 4.0 % of handshakes'
    """
    if width_of(text, points) <= room:
        return text
    for end in reversed(list(_ENDS.finditer(text))):
        if width_of(text[: end.start()], points) <= room:
            return text[: end.start()]
    return cut(text, points, room)


def cut(text: str, points: float, room: float) -> str:
    """Return the text's beginning with "…", no wider than `room` [points]."""
    if width_of(text, points) <= room:
        return text
    short, long = 0, len(text)
    while short < long:
        middle = (short + long + 1) // 2
        if width_of(f"{text[:middle]}…", points) <= room:
            short = middle
        else:
            long = middle - 1
    return f"{text[:short].rstrip()}…"
