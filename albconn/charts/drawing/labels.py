"""Foreign text in a picture: labels for values that strangers may have chosen.

Certificate subjects come from the client. A ``$`` must not start a formula, a line break or
a bidirectional override must not move other labels, a character that the font lacks must not
become a warning, and a subject of a megabyte must not push the drawing off the page.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import pandas as pd
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags

from albconn.words import NOUNS as NOUNS, counted, noun_of as noun_of

LONGEST = 60  # characters of a foreign value in a picture
LONGEST_CLIENT = 45  # of a client, which has notes beside it; an IPv6 network has 43 at most
LONGEST_JOINED = 76  # of several values in one label
SEPARATOR = " · "
MOST_MARKS = 3  # on one letter
_WIDEST = 0.68  # [em] of a character on average; 0.55 to 0.64 in addresses, names and ciphers
NULL_LABEL = "not logged"
UNMAPPED = "UnmappedConnectionError"


def label_of(value: object, longest: int = LONGEST) -> str:
    """Return a value as one short, drawable line of text; null is "not logged".

    Examples
    --------
    >>> label_of("CN=a\\nb"), label_of(None), label_of("x" * 99, longest=5)
    ('CN=a\\\\nb', 'not logged', 'xxxx…')
    """
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return NULL_LABEL
    text = str(value)[: longest + 1]  # cut first: the rest is never looked at
    text = "".join(_visible_all(text))
    return _fitted(text if len(text) <= longest else text[: longest - 1] + "…", longest)


def joined(parts: Sequence[str]) -> str:
    """Return labels as one, each cut further where they are too long together.

    Examples
    --------
    >>> joined(["TLSv1.3", "x" * 60]).count("x"), len(joined(["x" * 60] * 3))
    (60, 72)
    """
    text = SEPARATOR.join(parts)
    if _fitted(text, LONGEST_JOINED) == text:
        return text
    room = LONGEST_JOINED // len(parts) - len(SEPARATOR)
    cut = (part if len(part) <= room else part[: room - 1] + "…" for part in parts)
    return SEPARATOR.join(_fitted(part, room) for part in cut)


def short_balancers(values: Iterable[object]) -> dict[object, str]:
    """Return load balancers' names without what is the same in all: "shop" of "app/shop/50dc…".

    Where two would be called alike, all keep their whole names.

    Examples
    --------
    >>> short_balancers(["app/shop/50dc6c495c0c9188", None])
    {'app/shop/50dc6c495c0c9188': 'shop', None: 'not logged'}
    """
    known = list(dict.fromkeys(values))
    parts = [value.split("/") if isinstance(value, str) else [] for value in known]
    short = [
        label_of(part[1] if len(part) == 3 else value, 30)
        for value, part in zip(known, parts, strict=True)
    ]
    if len(set(short)) < len(known):
        short = [label_of(value) for value in known]
    return dict(zip(known, short, strict=True))


def labels_of(values: pd.Series, longest: int = LONGEST) -> list[str]:
    """Return the labels of a column, in order; of a value that recurs, made once."""
    texts = values.astype(object)
    known = {value: label_of(value, longest) for value in texts.unique()}
    return [known[value] if value in known else label_of(value, longest) for value in texts]


def _fitted(text: str, longest: int) -> str:
    """Return text as wide as usual text of that length: a row of W would push the drawing off."""
    room, families = longest * _WIDEST, tuple(FontProperties().get_family())
    for place, character in enumerate(text):
        room -= _width(character, families)
        if room < 0:
            return text[: max(place - 1, 1)] + "…"
    return text


@lru_cache(maxsize=4096)
def _width(character: str, families: tuple[str, ...]) -> float:
    """Return how wide a character is [em] in the first font that has it."""
    del families  # the fonts are those of the moment
    for font in _fonts():
        if font.get_char_index(ord(character)):
            glyph = font.load_char(ord(character), flags=LoadFlags.NO_SCALE)
            return glyph.horiAdvance / font.units_per_EM
    return 1.0


def _visible_all(text: str) -> Iterator[str]:
    """Return each character as it can be drawn; accents do not pile up to a tower."""
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        yield _visible(character) if marks <= MOST_MARKS else _escaped(character)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _visible(character: str) -> str:
    if character.isascii() and character.isprintable():
        return character
    if unicodedata.category(character)[0] in "CZ":  # controls, overrides, line separators
        return _escaped(character).replace("\\xa0", " ")
    if any(font.get_char_index(ord(character)) for font in _fonts()):
        return character
    return _escaped(character)


def _fonts() -> list:
    return [
        get_font(findfont(FontProperties(family=[name]))) for name in FontProperties().get_family()
    ]


def unmapped_caption(count: int) -> str:
    """Return why unmapped failures are drawn apart; empty when there are none."""
    if not count:
        return ""
    told = counted(count, f"failure with {UNMAPPED} is", f"failures with {UNMAPPED} are")
    return f"{told} drawn apart: the protocol and cipher logged for them are not the client's."
