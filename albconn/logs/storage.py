"""Where log files lie: the local disk or any store that fsspec reaches, S3 above all.

Everything that can go wrong there becomes one ``SourceError`` that says where, what, and what
to do; nothing else in the project needs to know a store's own exceptions.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from albconn.errors import SourceError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

StorageOptions = dict[str, Any] | None

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


def is_remote(location: str) -> bool:
    """Say whether a location names a store (``s3://…``), not a local path."""
    return "://" in location and not location.startswith(("file://", "local://"))


def local_path(location: str) -> Path:
    """Return the path of a local location, with ``~`` expanded."""
    for scheme in ("file://", "local://"):
        location = location.removeprefix(scheme)
    return Path(location).expanduser()


def open_store(location: str, storage_options: StorageOptions) -> AbstractFileSystem:
    """Return the file system that holds a remote location.

    Listings are not cached: a later call has to see what was delivered in between.
    """
    import fsspec

    protocol = location.partition("://")[0]
    options = {"use_listings_cache": False, **(storage_options or {})}
    try:
        return fsspec.filesystem(protocol, **options)
    except (ImportError, ValueError) as error:
        raise SourceError(f"{location}: {error}; install the store's fsspec package") from error
    except Exception as error:
        raise explain(error, location) from error


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
