"""How a place is written: one way for each, so that one object has one name.

An object on S3 is ``s3://bucket/key``, whatever the scheme's case, and under Hadoop's ``s3a`` and
``s3n`` too. What means the same without a doubt is read so. What only looks like it (what pathlib
leaves of a URL, an ARN, the address of a console page, an object over HTTPS) is refused, with what
to write instead: a guess would read the wrong place and call it empty.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from albconn.errors import AlbconnError, shown

_S3 = re.compile(r"s3[an]?://(?!/)", re.IGNORECASE)
_NEARLY_S3 = re.compile(r"s3[an]?(?::/?|:///+|//)(?=[^/:])", re.IGNORECASE)
_NO_BUCKET = re.compile(r"s3[an]?:/*$", re.IGNORECASE)
_ARN = re.compile(r"arn:aws[a-z-]*:s3:::(?P<place>.+)")
_OTHER_ARN = re.compile(r"arn:aws[a-z-]*:")
_FILE = re.compile(r"(?:file|local):(?://(?:localhost(?=/))?)?", re.IGNORECASE)
_CONSOLE = re.compile(r"(?:[a-z0-9-]+\.)*console\.(?:aws\.amazon\.com|amazonaws-us-gov\.com|"
                      r"amazonaws\.cn)")  # fmt: skip
_CONSOLE_PATH = re.compile(r"/s3/(?:buckets|object)/(?P<bucket>[^/]+)")
_ENDPOINT = re.compile(r"(?:(?P<bucket>.+)\.)?s3(?:[.-][a-z0-9.-]+)?\.amazonaws\.com(?:\.cn)?")


def well_spelt(location: str, error: type[AlbconnError]) -> str:
    """Return a path or URL as it is known by; of a local URL, its path.

    Raises
    ------
    AlbconnError
        ``error``: it is nearly one; the message says what to write.

    Examples
    --------
    >>> from albconn.errors import SourceError
    >>> well_spelt("S3A://logs/team/", SourceError), well_spelt("file:///var/log", SourceError)
    ('s3://logs/team/', '/var/log')
    """
    if "\0" in location:
        raise error(f"{shown(location)}: a null byte is in no path; check the path")
    if not _is_text(location):
        raise error(f"{shown(location)}: its name is not UTF-8 text; rename it")
    if _NO_BUCKET.match(location):
        raise error(f"{shown(location)[1:-1]}: this names no bucket; write s3://bucket/prefix")
    if scheme := _S3.match(location):
        return f"s3://{location[scheme.end() :]}"
    if scheme := _FILE.match(location):
        return _path_of(location[scheme.end() :])
    if instead := _instead(location):
        raise error(f"{shown(location)[1:-1]}: {instead}")
    return location


def _instead(location: str) -> str | None:
    """Say what to write for what is nearly a place."""
    if nearly := _NEARLY_S3.match(location):
        why = " (pathlib takes one of the slashes)" if nearly[0][-2:] == ":/" else ""
        return f"this is no URL of S3{why}; write s3://{location[nearly.end() :]}"
    if arn := _ARN.match(location):
        return f"this is an ARN; write s3://{arn['place'].rstrip('*')}"
    if _OTHER_ARN.match(location):
        return "this is an ARN; write s3://bucket/prefix"
    if location.lower().startswith(("http://", "https://")):
        return _instead_of_address(location)
    return None


def _instead_of_address(location: str) -> str | None:
    """Say what to write for an address of the web; None where it may be another store's."""
    try:
        address = urlsplit(location)
    except ValueError:
        return "this is no address; write s3://bucket/prefix"
    host = address.hostname or ""
    if _CONSOLE.fullmatch(host):
        page = _CONSOLE_PATH.match(address.path)
        prefix = parse_qs(address.query).get("prefix", [""])[0]
        place = f"{page['bucket']}/{prefix}" if page else "bucket/prefix"
        return f"this is a page of the console; write s3://{place}"
    if endpoint := _ENDPOINT.fullmatch(host):
        key = unquote(address.path).lstrip("/")
        place = f"{endpoint['bucket']}/{key}" if endpoint["bucket"] else key or "bucket/prefix"
        return f"this is an address of the web; write s3://{place}"
    return None


def _path_of(given: str) -> str:
    """Return the path in a local URL: as it stands where that is there, else without its %20."""
    plain = unquote(given)
    return given if plain == given or Path(given).exists() else plain


def _is_text(location: str) -> bool:
    try:
        location.encode()
    except UnicodeEncodeError:  # bytes of a path that are no UTF-8, as Python keeps them
        return False
    return True
