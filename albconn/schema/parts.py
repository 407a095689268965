"""Fields of a line that say several things at once, and how each is taken apart.

An address and its port stand in one field, ``203.0.113.7:54414``, and so does a whole request. What
is said here is the definition; the compiled reader knows each way by its letter and must agree.
Texts are never refused: where one is not as usual, a part of it is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

Texts = tuple[str | None, ...]

# A scheme, then host and port up to the path; without a scheme there is no host.
_URL = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*)://([^/?]*))?([^?]*)(?:\?(.*))?", re.DOTALL)
_BRACKETED = re.compile(r"(\[[^]]*\])(.*)", re.DOTALL)
_DIGITS = re.compile(r"[0-9]*")
_MOST_DIGITS, _HIGHEST_PORT = 5, 65535


@dataclass(frozen=True)
class Way:
    """How a field is taken apart.

    Attributes
    ----------
    letter : str
        What the compiled reader calls it.
    parts : int
        How many there are.
    take : callable
        Returns the parts of a text, each of which may be empty or a dash where it is missing.
    """

    letter: str
    parts: int
    take: Callable[[str], Texts]


def endpoint_of(text: str) -> Texts:
    """Return address and port, which the last colon parts: IPv6 stands there without brackets.

    Examples
    --------
    >>> endpoint_of("203.0.113.7:54414"), endpoint_of("2001:db8::1:443")
    (('203.0.113.7', '54414'), ('2001:db8::1', '443'))
    """
    address, colon, port = text.rpartition(":")
    if not colon:
        return text, None
    if address.startswith("[") and address.endswith("]"):
        address = address[1:-1]
    return address, port


def request_of(text: str) -> Texts:
    """Return method, protocol, host, port, path, query and version of a request.

    A client can send anything, so each part is what stands in its place: before the first space,
    behind the last, and between them a URL.

    Examples
    --------
    >>> request_of("GET https://www.example.com:443/a?b=c HTTP/1.1")
    ('GET', 'https', 'www.example.com', '443', '/a', 'b=c', 'HTTP/1.1')
    >>> request_of("- http://www.example.com:80- -")
    ('-', 'http', 'www.example.com', '80', None, None, '-')
    """
    method, _, rest = text.partition(" ")
    url, space, version = rest.rpartition(" ")
    if not space:
        url, version = rest, ""
    found = _URL.match(url)
    protocol, authority, path, query = found.groups() if found else (None, None, "", None)
    host, port = _host_of(authority or "")
    return method, protocol, host, port, path if path.startswith("/") else None, query, version


def _host_of(authority: str) -> tuple[str, str | None]:
    """Return host and port; what follows the port's digits is no part of it."""
    bracketed = _BRACKETED.match(authority)
    if bracketed:
        host, behind = bracketed.groups()
        behind = behind.removeprefix(":")
    else:
        host, colon, behind = authority.rpartition(":")
        host, behind = (host, behind) if colon else (authority, "")
    found = _DIGITS.match(behind)
    digits = found[0] if found else ""
    is_port = 0 < len(digits) <= _MOST_DIGITS and int(digits) <= _HIGHEST_PORT
    return host, digits if is_port else None


ENDPOINT = Way("a", 2, endpoint_of)
REQUEST = Way("r", 7, request_of)
WAYS = (ENDPOINT, REQUEST)
