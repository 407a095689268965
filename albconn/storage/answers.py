"""Is an answer what S3 would have said? What stands between may cut, empty or replace it.

A proxy's error page with status 200, a body shorter than its object, a stale copy: each is an
answer that HTTP calls a success. S3's own headers give it away: every object comes with its
ETag, which for most is the MD5 of its bytes; a part of an object says which part it is; a
listing is an XML document of one kind.

References
----------
AWS, "Common response headers" and "Checking object integrity", Amazon S3 User Guide.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from albconn.errors import shown

_MD5 = re.compile(r"[0-9a-f]{32}")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_LISTING = re.compile(rb"<(\w+:)?ListBucketResult[\s/>]")
_LISTING_ENDS = re.compile(rb"(</(\w+:)?ListBucketResult|<(\w+:)?ListBucketResult[^<>]*/)\s*>\s*$")
_EDGE = 500  # [bytes] in which a listing's first and last tag lie

Headers = Mapping[str, str]


def fault_of_answer(
    method: str, url: str, asked: Headers, status: int, headers: Headers, body: bytes
) -> str | None:
    """Say what is wrong with an answer that claims success; None where nothing is.

    Parameters
    ----------
    asked, headers : mapping of str to str
        The headers of the request and of the answer; the answer's in lower case.
    """
    if status not in (200, 206):
        return None
    query = parse_qs(urlsplit(url).query, keep_blank_values=True)
    if method == "GET" and "list-type" in query:
        return _fault_of_listing(body)
    if method == "GET" and not set(query) - {"versionId", "x-id", "partNumber"}:
        return _fault_of_object(asked, status, headers, body)
    if method == "PUT" and not set(query) - {"partNumber", "uploadId", "x-id"}:
        return None if headers.get("etag") else _foreign("no ETag", body)
    return None


def _fault_of_listing(body: bytes) -> str | None:
    if _LISTING.search(body[:_EDGE]) and _LISTING_ENDS.search(body[-_EDGE:]):
        return None
    return _foreign("no listing of S3", body)


def _fault_of_object(asked: Headers, status: int, headers: Headers, body: bytes) -> str | None:
    etag = headers.get("etag", "")
    if not etag:
        return _foreign("no ETag", body)
    wanted = asked.get("If-Match")
    if wanted and wanted.strip('"') != etag.strip('"'):
        return f"the answer is of another version: ETag {shown(etag)}, asked for {shown(wanted)}"
    if "content-encoding" in headers and "gzip" not in headers["content-encoding"]:
        return None  # stored so; nothing here knows what its bytes are
    found = _RANGE.fullmatch(asked.get("Range", ""))
    if found:
        return _fault_of_range(int(found[1]), found[2], status, headers, body)
    expected = md5_of(headers)
    if expected and hashlib.md5(body, usedforsecurity=False).hexdigest() != expected:
        return f"the {len(body):,} bytes that came are not those of ETag {expected}"
    return None


def _fault_of_range(start: int, end: str, status: int, headers: Headers, body: bytes) -> str | None:
    if status == 200:  # some stores answer so when all is asked for
        fits = start == 0 and (not end or len(body) <= int(end) + 1)
        return None if fits else f"the whole object came instead of its part from {start:,}"
    told = _CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
    if told is None:
        return "the answer does not say which part of the object it is"
    first, last = int(told[1]), int(told[2])
    if first != start or (end and last > int(end)) or last - first + 1 != len(body):
        return f"{len(body):,} bytes came as {shown(told[0])}, asked for from {start:,} to {end}"
    return None


def md5_of(headers: Headers) -> str | None:
    """Return the MD5 of an object's bytes where its ETag is that, else None.

    It is not of an object that was uploaded in parts (``…-2``) or encrypted with a key of KMS
    or of the client.
    """
    etag = headers.get("etag", "").strip('"').lower()
    kms = headers.get("x-amz-server-side-encryption", "").startswith("aws:kms")
    own = "x-amz-server-side-encryption-customer-algorithm" in headers
    return etag if _MD5.fullmatch(etag) and not kms and not own else None


def _foreign(lacks: str, body: bytes) -> str:
    head = " ".join(body[:200].decode("utf-8", "replace").split())
    begins = f"it begins with {shown(head)}" if head else "it is empty"
    return f"the answer is not S3's: {lacks}; {begins}"
