"""An answer that S3 would have given passes; one that it cannot have given does not."""

from __future__ import annotations

import hashlib

import pytest

from albconn.storage.answers import fault_of_answer, md5_of

BODY = b"stored bytes of a log file"
MD5 = hashlib.md5(BODY).hexdigest()
ETAG = {"etag": f'"{MD5}"'}
URL = "http://s3/logs/a.gz"
LISTING = b'<?xml version="1.0"?>\n<ListBucketResult xmlns="x"><Name>logs</Name></ListBucketResult>'
PAGE = b"<html><body>Sign in</body></html>"


def of_get(body: bytes, told: dict[str, str], status: int = 200, **asked: str) -> str | None:
    headers = {name.replace("_", "-"): value for name, value in asked.items()}
    return fault_of_answer("GET", URL, headers, status, told, body)


@pytest.mark.parametrize("told", [
    ETAG,
    {"etag": f'"{MD5.upper()}"'},
    {"etag": '"0123456789abcdef0123456789abcdef-3"'},  # uploaded in parts
    {"etag": f'"{"0" * 32}"', "x-amz-server-side-encryption": "aws:kms"},
    {"etag": f'"{"0" * 32}"', "x-amz-server-side-encryption": "aws:kms:dsse"},
    {"etag": f'"{"0" * 32}"', "x-amz-server-side-encryption-customer-algorithm": "AES256"},
    {**ETAG, "x-amz-server-side-encryption": "AES256"},
    {"etag": '"not-an-md5"'},
])  # fmt: skip
def test_good_objects_pass(told: dict[str, str]) -> None:
    assert of_get(BODY, told) is None


@pytest.mark.parametrize(
    ("body", "told", "said"),
    [
        (BODY[:-1], ETAG, f"the 25 bytes that came are not those of ETag {MD5}"),
        (b"", ETAG, f"the 0 bytes that came are not those of ETag {MD5}"),
        (PAGE, ETAG, f"the {len(PAGE)} bytes that came are not those of ETag {MD5}"),
        (BODY.replace(b"t", b"d"), {**ETAG, "x-amz-server-side-encryption": "AES256"},
         f"the 26 bytes that came are not those of ETag {MD5}"),
        (PAGE, {}, "the answer is not S3's: no ETag; it begins with '<html><body>Sign in"
                   "</body></html>'"),
        (b"", {}, "the answer is not S3's: no ETag; it is empty"),
    ],
)  # fmt: skip
def test_what_is_not_the_object_does_not(body: bytes, told: dict[str, str], said: str) -> None:
    assert of_get(body, told) == said


def test_another_version_than_was_asked_for() -> None:
    assert of_get(BODY, ETAG, If_Match=f'"{MD5}"') is None
    said = of_get(BODY, ETAG, If_Match='"0123"')
    assert said == f"the answer is of another version: ETag '\"{MD5}\"', asked for '\"0123\"'"


@pytest.mark.parametrize(
    ("asked", "status", "told", "body", "passes"),
    [
        ("bytes=10-19", 206, "bytes 10-19/100", b"x" * 10, True),
        ("bytes=90-199", 206, "bytes 90-99/100", b"x" * 10, True),  # to the end of the object
        ("bytes=0-25", 200, None, BODY, True),  # some stores, when all is asked for
        ("bytes=10-19", 200, None, b"x" * 100, False),
        ("bytes=0-19", 200, None, b"x" * 100, False),
        ("bytes=10-19", 206, None, b"x" * 10, False),
        ("bytes=10-19", 206, "bytes 0-9/100", b"x" * 10, False),
        ("bytes=10-19", 206, "bytes 10-29/100", b"x" * 20, False),
        ("bytes=10-19", 206, "bytes 10-19/100", b"x" * 9, False),
    ],
)
def test_a_part_is_the_part_that_was_asked_for(
    asked: str, status: int, told: str | None, body: bytes, passes: bool
) -> None:
    headers = {"etag": '"e"'} | ({"content-range": told} if told else {})
    assert (of_get(body, headers, status, Range=asked) is None) is passes


@pytest.mark.parametrize(
    ("body", "passes"),
    [
        (LISTING, True),
        (LISTING + b"\n", True),
        (LISTING.replace(b"ListBucketResult", b"ns2:ListBucketResult"), True),
        (b"<ListBucketResult/>", True),
        (LISTING[:-1], False),
        (LISTING[: len(LISTING) // 2], False),
        (PAGE, False),
        (b"", False),
    ],
)
def test_a_listing_is_a_whole_listing(body: bytes, passes: bool) -> None:
    said = fault_of_answer("GET", "http://s3/logs?list-type=2&prefix=", {}, 200, {}, body)
    assert (said is None) is passes


def test_a_put_has_an_etag() -> None:
    for url in (URL, f"{URL}?partNumber=1&uploadId=x"):
        assert fault_of_answer("PUT", url, {}, 200, {"etag": '"x"'}, b"") is None
        said = fault_of_answer("PUT", url, {}, 200, {}, PAGE)
        assert said is not None
        assert said.startswith("the answer is not S3's: no ETag; it begins with '<html>")


def test_errors_and_other_operations_are_left_to_botocore() -> None:
    assert of_get(PAGE, {}, 403) is None
    assert fault_of_answer("DELETE", URL, {}, 204, {}, b"") is None
    assert fault_of_answer("HEAD", URL, {}, 200, {}, b"") is None
    assert fault_of_answer("GET", "http://s3/logs?location", {}, 200, {}, b"<x/>") is None


def test_the_md5_of_an_object_is_known_where_its_etag_is_that() -> None:
    assert md5_of(ETAG) == MD5
    assert md5_of({"etag": f'"{MD5}-2"'}) is None
    assert md5_of({}) is None
