"""What is asked of S3 itself, beyond what fsspec has a word for.

Reading an object that must still be the one that was listed, deleting many at once, replacing
one that must not have changed: each is one request with a condition, and what S3 answers to the
condition is told by its error code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from albconn.storage.advice import chain_of, code_of
from albconn.storage.answers import md5_of
from albconn.storage.patience import patience
from albconn.storage.received import Got, LengthError, require_length

SCHEMES = ("s3", "s3a")
CONNECTIONS = 64  # to a store at a time; above the GETs that are kept in flight
DELETED_AT_ONCE = 1_000  # what one DeleteObjects may name
# Stores that know no DeleteObjects, or not as botocore asks it, answer so.
_NO_BULK = {"NotImplemented", "MethodNotAllowed", "MissingContentMD5", "MalformedXML",
            "InvalidRequest", "400", "405", "501"}  # fmt: skip
_CONFLICTS = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}


def is_s3(store: Any) -> bool:
    """Say whether a file system is S3's."""
    return hasattr(store, "call_s3")


def endpoint_of(store: Any) -> str:
    """Return the endpoint of S3 that a file system has connected to, or was given."""
    client = getattr(store, "_s3", None)
    return str(client.meta.endpoint_url if client else getattr(store, "endpoint_url", None) or "")


def is_amazon(store: Any) -> bool:
    """Say whether a file system is AWS's S3, not a store that speaks like it."""
    host = urlsplit(endpoint_of(store)).hostname
    return host is None or host.endswith((".amazonaws.com", ".amazonaws.com.cn"))


def with_patience(options: dict[str, Any]) -> dict[str, Any]:
    """Put the one layer that tries again in the place of botocore's, unless that is ordered."""
    from albconn.storage.session import OneAttempt, PatientSession

    given = dict(options.get("config_kwargs") or {})
    limits = patience()
    ours = {
        "connect_timeout": limits.connect_seconds,
        "read_timeout": limits.answer_seconds,
        "max_pool_connections": CONNECTIONS,
        "http_session_cls": OneAttempt if "retries" in given else PatientSession,
        "retries": {"total_max_attempts": 1, "mode": "standard"},
    }
    return options | {"config_kwargs": ours | given}


async def get_listed(
    store: Any, path: str, size: int, etag: str, *, start: int | None = None, end: int | None = None
) -> Got:
    """Return an object that was listed, or its bytes from ``start`` to ``end``.

    What comes is as long as the listing says, of that ETag, and has the checksum that S3 sends;
    what differs is asked for again.

    Raises
    ------
    AnswerError
        It differs each time.
    """
    limits = patience()
    expected = size if start is None or end is None else end - start
    for attempt in range(1, limits.few + 1):
        try:
            got = await _get(store, path, etag, start, end)
            require_length(got.content, expected)
            return got
        except Exception as error:
            if attempt == limits.few or not _is_unproven(error):
                raise
        await asyncio.sleep(limits.pause(attempt))
    raise AssertionError("unreachable")


def _is_unproven(error: Exception) -> bool:
    """Say whether bytes came that are not those that were asked for.

    Of those that the session refused it has asked again already.
    """
    names = {type(each).__name__ for each in chain_of(error)}
    return "FlexibleChecksumError" in names or isinstance(error, LengthError)


async def _get(store: Any, path: str, etag: str, start: int | None, end: int | None) -> Got:
    bucket, key, version = store.split_path(path)
    asked: dict[str, Any] = {"VersionId": version} if version else {}
    if etag:
        asked["IfMatch"] = f'"{etag}"'
    if start is not None and end is not None:
        asked["Range"] = f"bytes={start}-{end - 1}"
    answer = await store._call_s3("get_object", Bucket=bucket, Key=key, **asked)
    headers = answer["ResponseMetadata"].get("HTTPHeaders", {})
    return Got(await answer["Body"].read(), md5_of(headers))


def replace_object(store: Any, path: str, content: bytes, etag: str) -> str:
    """Overwrite an object that still has that ETag; return its new one."""
    bucket, key, _ = store.split_path(path)
    answer = store.call_s3("put_object", Bucket=bucket, Key=key, Body=content, IfMatch=etag)
    return str(answer["ETag"])


def delete_objects(store: Any, paths: Sequence[str]) -> None:
    """Delete objects, a thousand a request where the store can; one that is gone is no error."""
    for some in _cuts(paths, DELETED_AT_ONCE):
        if len(some) == 1 or not _deleted_at_once(store, some):
            for path in some:
                delete_file(store, path)


def delete_file(store: Any, path: str) -> None:
    """Delete a file of any store; one that is gone is no error."""
    try:
        store.rm_file(path)
    except FileNotFoundError:
        return


def _deleted_at_once(store: Any, paths: Sequence[str]) -> bool:
    places = [store.split_path(path) for path in paths]
    named = {"Objects": [{"Key": key} for _, key, _ in places], "Quiet": True}
    try:
        answer = store.call_s3("delete_objects", Bucket=places[0][0], Delete=named)
    except Exception as error:
        if code_of(error) in _NO_BULK:
            return False
        raise
    # What could not be deleted is told in an answer of success; one by one it is an error.
    failed = [told["Key"] for told in answer.get("Errors", ()) if told.get("Code") != "NoSuchKey"]
    for key in failed:
        delete_file(store, f"{places[0][0]}/{key}")
    return True


def is_conflict(error: BaseException) -> bool:
    """Say whether a store refused because of a condition, however s3fs dressed it."""
    return code_of(error) in _CONFLICTS or any(
        isinstance(each, FileExistsError) for each in chain_of(error)
    )


def _cuts(paths: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(paths), most):
        yield paths[start : start + most]
