"""Texts that fit: broken into lines, or cut, by the width that they have when drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

PART = " · "
RESERVE = 1.06
LEAST_SHARED = 6  # characters, from which a common beginning is left out
_ENDS = re.compile(r" · |, | {2}| \(| of ")  # where a note can end and still say something


@lru_cache(maxsize=4096)
def width_of(text: str, points: float, weight: str = "normal") -> float:
    """Return the width [points] of one line of text, a little more than it is.

    Letters are set on whole pixels, which makes a line longer or shorter by some per cent.
    """
    font = FontProperties(size=points, weight=weight)
    return RESERVE * float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


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
    >>> shorten("18 %, usually 2.8 % (862 of 4,743)", 10, 160)
    '18 %, usually 2.8 %'
    """
    if width_of(text, points) <= room:
        return text
    for end in reversed(list(_ENDS.finditer(text))):
        whole = text[: end.start()]
        if whole.count("(") == whole.count(")") and width_of(whole, points) <= room:
            return whole
    return cut(text, points, room)


def cut_alike(texts: Sequence[str], points: float, room: float) -> list[str]:
    """Cut texts so that they can still be told apart: what all begin with goes first.

    Examples
    --------
    >>> cut_alike(["ELBSecurityPolicy-TLS13-1-2", "ELBSecurityPolicy-2016-08"], 10, 66)
    ['…TLS13-1-2', '…2016-08']
    """
    if all(width_of(text, points) <= room for text in texts):
        return list(texts)
    shared = _beginning(min(texts), max(texts)) if len(texts) > 1 else ""
    shared = shared[: max((shared.rfind(end) + 1 for end in "-/ ="), default=0)]
    if len(shared) < LEAST_SHARED:
        return [cut_middle(text, points, room) for text in texts]
    return [cut_middle(f"…{text[len(shared) :]}", points, room) for text in texts]


def _beginning(one: str, other: str) -> str:
    """Return what two texts begin with alike; of the first and last in order, so do all between."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return one[:place]
    return one


def cut_middle(text: str, points: float, room: float) -> str:
    """Return the text's beginning and end with "…" between them, no wider than `room` [points]."""
    if width_of(text, points) <= room:
        return text
    end = text[-(len(text) // 4) :]
    while end and width_of(f"…{end}", points) > room / 3:
        end = end[1:]
    return cut(text, points, room - width_of(end, points)) + end


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
