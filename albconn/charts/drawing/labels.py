"""Foreign text in a picture: labels for values that strangers may have chosen.

Certificate subjects come from the client. A ``$`` must not start a formula, a line break or
a bidirectional override must not move other labels, a character that the font lacks must not
become a warning, and a subject of a megabyte must not push the drawing off the page.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import pandas as pd
from matplotlib.font_manager import FontProperties, findfont, get_font

from albconn.words import counted

LONGEST = 60  # characters of a foreign value in a picture
NULL_LABEL = "not logged"
UNMAPPED = "UnmappedConnectionError"

NOUNS = {
    "client_ip": "client",
    "client_network": "client network",
    "tls_protocol": "TLS version",
    "tls_cipher": "cipher",
    "tls_keyexchange": "key-exchange group",
    "listener_port": "listener port",
    "elb": "load balancer",
    "ip_address": "load-balancer node",
    "failure_reason": "failure reason",
    "leaf_client_cert_subject": "certificate subject",
    "leaf_client_cert_serial_number": "certificate serial number",
    "tls_verify_status": "verification status",
    "account_id": "account",
    "source_file": "log file",
}


def noun_of(column: str) -> str:
    """Return a column's name in plain words, for titles and axis labels."""
    return NOUNS.get(column, column.replace("_", " "))


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
