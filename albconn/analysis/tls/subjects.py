r"""A certificate's subject, taken apart for display.

ALB writes RFC 2253 text with OpenSSL's short names: ``CN=…,O=…,C=US``. Within a value a comma is
``\,`` and a byte that is not ASCII is ``\C3``; inside the log's quotes, a quote or a backslash
may be ``\x22`` and ``\x5C`` on top of that. Everything here is chosen by the client.
"""

from __future__ import annotations

import re

_UNQUOTED = re.compile(r"\\x(22|5[Cc])")
_ESCAPED = re.compile(rb"\\(?:([0-9A-Fa-f]{2})|(.))", re.DOTALL)
LONGEST = 8192  # characters that are taken apart; real subjects have hundreds
_CONTROL = dict.fromkeys((*range(32), *range(127, 160)), "�")


def subject_parts(subject: str | None) -> dict[str, str]:
    r"""Return the parts of a subject by their short names, decoded.

    A part that is there several times is joined by ", "; text that is no ``name=value`` is left
    out. Bytes that are not UTF-8, and control characters, become ``�``. Of a subject of a megabyte
    only the beginning is looked at.

    Examples
    --------
    >>> subject_parts(r"CN=M\C3\84NNIK\,MARILIIS,OU=a,OU=b,C=EE")
    {'CN': 'MÄNNIK,MARILIIS', 'OU': 'a, b', 'C': 'EE'}
    """
    parts: dict[str, str] = {}
    for text in _split(_UNQUOTED.sub(_plain, (subject or "")[:LONGEST])):
        name, equals, value = text.partition("=")
        if equals:
            name, value = name.strip(), _decoded(value)
            parts[name] = f"{parts[name]}, {value}" if name in parts else value
    return parts


def _split(text: str) -> list[str]:
    """Split at the commas (and plus signs, of a part with two names) that nothing escapes."""
    return re.findall(r"(?:\\.|[^,+\\]|\\$)+", text, re.DOTALL)


def _plain(escape: re.Match[str]) -> str:
    """Undo the log's own escape; what it hid is RFC 2253 text again."""
    return '"' if escape[1] == "22" else "\\"


def _decoded(value: str) -> str:
    decoded = _ESCAPED.sub(
        lambda found: bytes.fromhex(found[1].decode()) if found[1] else found[2],
        value.encode("utf-8", "surrogateescape"),
    )
    return decoded.decode("utf-8", "replace").translate(_CONTROL)
