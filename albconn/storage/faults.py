"""What a disk or a store may answer instead of doing as asked, said so that it helps.

Whatever goes wrong there becomes one error that says where, what, and what to do: a
``SourceError`` about log files, a ``DatasetError`` about a dataset. Nothing else in the project
needs to know a store's own exceptions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from albconn.errors import AlbconnError, DatasetError, SourceError

_ADVICE = {
    "credentials": "give credentials (AWS_PROFILE, a role, or storage_options)",
    "rights": "grant s3:ListBucket on the bucket and s3:GetObject on its log files",
    "missing": "check the bucket and the prefix",
    "expired": "renew the credentials (for example `aws sso login`) and run again",
    "unreachable": "check the endpoint, the region and the network",
}
_EXPIRED = ("ExpiredToken", "RequestExpired", "TokenRefreshRequired", "expired")
_NO_CREDENTIALS = ("NoCredentials", "Unable to locate credentials", "PartialCredentials")
_UNREACHABLE = ("EndpointConnection", "ConnectTimeout", "Could not connect", "Cannot connect")
_NO_BUCKET = ("NoSuchBucket", "does not exist", "Not Found")


class ConflictError(Exception):
    """The file is no longer what the caller last saw."""


@contextmanager
def said_clearly(place: str) -> Iterator[None]:
    """Turn what a disk or store raises into a DatasetError that names the place.

    What callers tell apart passes: a missing file, an existing one, a conflict.
    """
    try:
        yield
    except (FileNotFoundError, FileExistsError, ConflictError, AlbconnError):
        raise
    except PermissionError as error:
        raise DatasetError(
            f"{place}: {_headline(error)}; grant list, read, write and delete on the dataset"
        ) from error
    except Exception as error:
        raise DatasetError(
            f"{place}: {_headline(error)}; what is committed is safe: run again when it works"
        ) from error


def _headline(error: Exception) -> str:
    text = (getattr(error, "strerror", None) or str(error)).strip()
    return text.splitlines()[0] if text else type(error).__name__


def explain(error: Exception, location: str) -> SourceError:
    """Turn whatever a store raised into one clear error about ``location``."""
    said = f"{type(error).__name__} {error} {error.__cause__ or ''}"
    kind = _kind_of(error, said)
    advice = f"; {_ADVICE[kind]}" if kind else ""
    headline = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return SourceError(f"{location}: {headline}{advice}")


def _kind_of(error: Exception, said: str) -> str | None:
    for kind, signs in (
        ("expired", _EXPIRED),
        ("credentials", _NO_CREDENTIALS),
        ("unreachable", _UNREACHABLE),
    ):
        if any(sign in said for sign in signs):
            return kind
    if isinstance(error, PermissionError):
        return "rights"
    if isinstance(error, FileNotFoundError) or any(sign in said for sign in _NO_BUCKET):
        return "missing"
    return "unreachable" if isinstance(error, ConnectionError | TimeoutError) else None
