"""Foreign text in a picture: labels for values that strangers may have chosen.

Certificate subjects come from the client. A ``$`` must not start a formula, a line break or
a bidirectional override must not move other labels, a character that the font lacks must not
become a warning, and a subject of a megabyte must not push the drawing off the page.
"""

from __future__ import annotations

import unicodedata

import pandas as pd
from matplotlib.font_manager import FontProperties, findfont, get_font

from albconn.words import NOUNS as NOUNS, counted, noun_of as noun_of

LONGEST = 60  # characters of a foreign value in a picture
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
    text = "".join(_visible(character) for character in text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def labels_of(values: pd.Series) -> list[str]:
    """Return the labels of a column, in order."""
    return [label_of(value) for value in values.astype(object)]


def _visible(character: str) -> str:
    if character.isascii() and character.isprintable():
        return character
    if unicodedata.category(character)[0] in "CZ":  # controls, overrides, line separators
        return character.encode("unicode_escape").decode("ascii").replace("\\xa0", " ")
    if any(font.get_char_index(ord(character)) for font in _fonts()):
        return character
    return character.encode("unicode_escape").decode("ascii")


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
