"""Whatever a disk or a store raises becomes one line: where, what, and what to do."""

from __future__ import annotations

import pytest

from albconn import DatasetError, SourceError
from albconn.storage.faults import ConflictError, explain, said_clearly

PLACE = "s3://logs/a"


class NoCredentialsError(Exception):
    """As botocore names it."""


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
        (OSError("An error (NoSuchBucket)\nand more"),
         "An error (NoSuchBucket); check the bucket and the prefix"),
        (PermissionError("ExpiredToken: The provided token has expired."),
         "ExpiredToken: The provided token has expired.; renew the credentials (for example "
         "`aws sso login`) and run again"),
        (TimeoutError("slow"), "slow; check the endpoint, the region and the network"),
        (ConnectionRefusedError(),
         "ConnectionRefusedError; check the endpoint, the region and the network"),
        (ValueError("something new"), "something new"),
    ],
)  # fmt: skip
def test_a_source_is_explained(error: Exception, said: str) -> None:
    explained = explain(error, PLACE)
    assert isinstance(explained, SourceError)
    assert str(explained) == f"{PLACE}: {said}"


def test_a_cause_tells_as_well() -> None:
    error = OSError("boto failed")
    error.__cause__ = ValueError("Could not connect to the endpoint URL")
    assert str(explain(error, PLACE)).endswith("; check the endpoint, the region and the network")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied"),
         "Permission denied; grant list, read, write and delete on the dataset"),
        (OSError(28, "No space left on device"),
         "No space left on device; what is committed is safe: run again when it works"),
        (RuntimeError(), "RuntimeError; what is committed is safe: run again when it works"),
    ],
)  # fmt: skip
def test_a_dataset_is_told_of(error: Exception, said: str) -> None:
    with pytest.raises(DatasetError) as caught, said_clearly("/data/out"):
        raise error
    assert str(caught.value) == f"/data/out: {said}"
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    "error",
    [FileNotFoundError("a"), FileExistsError("a"), ConflictError("a"), DatasetError("a")],
)
def test_what_callers_tell_apart_passes(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, said_clearly("/data/out"):
        raise error
    assert caught.value is error
