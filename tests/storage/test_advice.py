"""Each of S3's error codes, botocore's classes and a disk's numbers has its advice."""

from __future__ import annotations

import errno
import os
from typing import Any

import botocore.exceptions as raised
import pytest

from albconn.storage.advice import advice_about, code_of
from tests.storage.test_faults import answered

# code, what to do when reading, what to do when writing (empty: the same)
CODES = [
    ("ExpiredToken", "renew the credentials", ""),
    ("RequestExpired", "renew the credentials", ""),
    ("InvalidAccessKeyId", "check the access key and its secret", ""),
    ("SignatureDoesNotMatch", "check the access key and its secret", ""),
    ("RequestTimeTooSkewed", "the clock of this machine is wrong", ""),
    ("PermanentRedirect", "give the bucket's region (AWS_REGION)", ""),
    ("IllegalLocationConstraintException", "give the bucket's region (AWS_REGION)", ""),
    ("301", "give the bucket's region (AWS_REGION)", ""),
    ("NoSuchBucket", "check the bucket and the prefix", "create the bucket first"),
    ("NoSuchKey", "check the bucket and the prefix", ""),
    ("404", "check the bucket and the prefix", ""),
    ("AccessDenied", "grant s3:ListBucket on the bucket and s3:GetObject on its log files",
     "grant list, read, write and delete on the dataset"),
    ("403", "grant s3:ListBucket on the bucket and s3:GetObject on its log files",
     "grant list, read, write and delete on the dataset"),
    ("SlowDown", "the store is busy", ""),
    ("InternalError", "the store is busy", ""),
    ("InvalidObjectState", "it is archived (Glacier); restore it first", ""),
    ("400", "check the credentials, which may have expired, and the region", ""),
]  # fmt: skip


@pytest.mark.parametrize(("code", "reading", "writing"), CODES)
def test_a_code_has_its_advice(code: str, reading: str, writing: str) -> None:
    advice = advice_about(answered(code))
    assert advice is not None
    assert advice.of("read").startswith(reading)
    assert advice.of("write").startswith(writing or reading)
    for word in ("write", "delete", "safe"):
        assert word not in advice.of("read")


def test_the_code_is_what_counts_not_the_text() -> None:
    advice = advice_about(answered("NoSuchKey", "ExpiredToken, SlowDown: Access Denied"))
    assert advice == advice_about(answered("NoSuchKey"))


def test_a_refusal_may_be_that_of_the_key_or_of_who_pays() -> None:
    kms = advice_about(answered("AccessDenied", "not authorized to perform: kms:Decrypt on …"))
    assert kms is not None
    assert kms.of("read") == "grant kms:Decrypt on the key"
    assert "kms:GenerateDataKey" in kms.of("write")
    plain = advice_about(answered("AccessDenied"))
    assert plain is not None
    assert plain.of("read").endswith("give --storage-option requester_pays=true")


def test_where_the_answer_names_the_region_so_do_we() -> None:
    advice = advice_about(answered("AuthorizationHeaderMalformed", Region="eu-west-1"))
    assert advice is not None
    assert advice.of("read") == "the bucket is in eu-west-1: set AWS_REGION=eu-west-1"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (raised.NoCredentialsError(), "give credentials"),
        (raised.PartialCredentialsError(provider="env", cred_var="key"), "give credentials"),
        (raised.ProfileNotFound(profile="nobody"), "check --profile and AWS_PROFILE"),
        (raised.SSOTokenLoadError(error_msg="x"), "renew the credentials"),
        (raised.UnauthorizedSSOTokenError(), "renew the credentials"),
        (raised.EndpointConnectionError(endpoint_url="http://x"), "check the endpoint"),
        (raised.ConnectTimeoutError(endpoint_url="http://x"), "check the endpoint"),
        (raised.ReadTimeoutError(endpoint_url="http://x"), "gave no answer in time"),
        (raised.SSLError(endpoint_url="http://x", error="x"), "certificate is not trusted"),
    ],
)
def test_what_botocore_raises_by_itself(error: Any, said: str) -> None:
    dressed = OSError("by s3fs")
    dressed.__cause__ = error
    for each in (error, dressed):
        advice = advice_about(each)
        assert advice is not None
        assert said in advice.reading


@pytest.mark.parametrize("number", [
    errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ELOOP, errno.EISDIR,
    errno.ENOTDIR, errno.ENAMETOOLONG, errno.EIO, errno.ESTALE, errno.EMFILE,
])  # fmt: skip
def test_what_a_disk_answers(number: int) -> None:
    assert advice_about(OSError(number, os.strerror(number)))


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert advice_about(ValueError("new")) is None
    assert code_of(ValueError("new")) is None
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first  # a chain that bites its tail
    assert advice_about(first) is None
