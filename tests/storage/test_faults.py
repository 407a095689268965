"""Whatever a disk or a store raises becomes one line: where, what, and what to do."""

from __future__ import annotations

import errno
import os

import pytest
from botocore.exceptions import ClientError

from albconn import DatasetError, SourceError
from albconn.storage.faults import ConflictError, explain, said_clearly, scope_of

PLACE = "s3://logs/a"


class NoCredentialsError(Exception):
    """As botocore names it."""


def answered(code: str, message: str = "told by S3", status: int = 400, **more: str) -> OSError:
    """Return what s3fs makes of an answer of S3's."""
    error = OSError(errno.EIO, "dressed by s3fs")
    error.__cause__ = ClientError(
        {"Error": {"Code": code, "Message": message, **more},
         "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}}},
        "GetObject",
    )  # fmt: skip
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoCredentialsError("Unable to locate credentials"),
         "Unable to locate credentials; give credentials (AWS_PROFILE, a role, or "
         "storage_options)"),
        (PermissionError("Access Denied"),
         "Access Denied; grant s3:ListBucket on the bucket and s3:GetObject on its log files"),
        (FileNotFoundError("The specified key"),
         "The specified key; check the bucket and the prefix"),
        (TimeoutError("slow"), "slow; check the endpoint, the region and the network"),
        (ConnectionRefusedError(),
         "ConnectionRefusedError; check the endpoint, the region and the network"),
        (ValueError("something new\nand more"), "something new"),
        (ValueError("What failed:\nthis did\nand that"), "What failed: this did"),
        (answered("SomethingNew"), "told by S3 (SomethingNew)"),
    ],
)  # fmt: skip
def test_a_source_is_explained(error: Exception, said: str) -> None:
    explained = explain(error, PLACE)
    assert isinstance(explained, SourceError)
    assert str(explained) == f"{PLACE}: {said}"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(errno.EACCES, "Permission denied"),
         "Permission denied; grant list, read, write and delete on the dataset"),
        (OSError(errno.ENOSPC, "No space left on device"),
         "No space left on device; make room there; what is committed is safe: run again when "
         "it works"),
        (answered("ExpiredToken"),
         "told by S3 (ExpiredToken); renew the credentials (for example `aws sso login`) and run "
         "again; what is committed is safe"),
        (RuntimeError(), "RuntimeError; what is committed is safe: run again when it works"),
    ],
)  # fmt: skip
def test_who_writes_a_dataset_is_told(error: Exception, said: str) -> None:
    with pytest.raises(DatasetError) as caught, said_clearly("/data/out", "write"):
        raise error
    assert str(caught.value) == f"/data/out: {said}"
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(errno.EACCES, "Permission denied"),
         "Permission denied; check the path and its rights"),
        (OSError(errno.EIO, "Input/output error"),
         "Input/output error; the disk cannot read or write there; check it, then run again"),
        (RuntimeError(), "RuntimeError"),
    ],
)  # fmt: skip
def test_who_reads_a_dataset_is_told_nothing_of_writing(error: Exception, said: str) -> None:
    with pytest.raises(DatasetError) as caught, said_clearly("/data/out", "read"):
        raise error
    assert str(caught.value) == f"/data/out: {said}"


@pytest.mark.parametrize(
    "error",
    [FileNotFoundError("a"), FileExistsError("a"), ConflictError("a"), DatasetError("a")],
)
def test_what_callers_tell_apart_passes(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, said_clearly("/data/out"):
        raise error
    assert caught.value is error


def test_what_a_store_says_is_one_line_and_bounded() -> None:
    said = str(explain(answered("Odd", "x" * 5000 + "\nmore"), PLACE))
    assert len(said) < 300
    assert "\n" not in said
    assert str(explain(OSError(os.strerror(0)), PLACE)).startswith(f"{PLACE}: ")


def test_whose_matter_an_error_is() -> None:
    assert scope_of(NoCredentialsError()) == scope_of(answered("NoSuchBucket")) == "all"
    assert scope_of(answered("SlowDown", status=503)) == "perhaps all"
    assert scope_of(answered("AccessDenied")) == scope_of(ValueError("new")) == "file"
