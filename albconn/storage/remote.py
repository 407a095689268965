"""A dataset on an object store, S3 above all, through fsspec.

A PUT is atomic and visible at once. Exclusive means a conditional PUT: ``If-None-Match: *`` to
create, ``If-Match: <etag>`` to replace. A PUT whose answer was lost is repeated by the client
and then meets its own object, so a conflict is one only when the content differs.

References
----------
AWS, "How to prevent object overwrites with conditional writes", Amazon S3 User Guide.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from albconn.errors import DatasetError, SourceError
from albconn.storage.faults import ConflictError, explain, said_clearly
from albconn.storage.places import StorageOptions

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_CONFLICTS = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}


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


class RemoteStore:
    """See ``storage.Store``."""

    def __init__(self, location: str, storage_options: StorageOptions) -> None:
        self.location = location.rstrip("/")
        self.fs: Any = open_store(location, storage_options)
        self.base = self.location.partition("://")[2]
        # One GET a file: s3fs else asks for its size first, to fetch it in parts.
        self._get: dict[str, Any] = {"max_concurrency": 1} if self._is_s3() else {}

    def names(self) -> list[str]:  # noqa: D102
        with said_clearly(self.location):
            try:
                infos = self.fs.ls(self.base, detail=True)
            except FileNotFoundError:
                return []
        names = {info["name"].rstrip("/").removeprefix("/") for info in infos}
        base = self.base.removeprefix("/")
        return sorted(n.removeprefix(base + "/") for n in names if n != base)

    def sizes(self, folder: str) -> dict[str, int]:  # noqa: D102
        top = f"{self.base}/{folder}"
        with said_clearly(f"{self.location}/{folder}"):
            try:
                infos = self.fs.find(top, detail=True)
            except FileNotFoundError:
                return {}
        return {
            f"{folder}/{name.partition(top.removeprefix('/') + '/')[2]}": int(info["size"] or 0)
            for name, info in infos.items()
            if not name.endswith("/")
        }

    def read(self, path: str) -> bytes:  # noqa: D102
        with said_clearly(f"{self.location}/{path}"):
            return self.fs.cat_file(f"{self.base}/{path}", **self._get)

    def read_many(self, paths: Sequence[str]) -> list[bytes]:  # noqa: D102
        with said_clearly(self.location):
            names = [f"{self.base}/{path}" for path in paths]
            contents = self.fs.cat(names, **self._get) if names else {}
        if isinstance(contents, bytes):  # what fsspec answers for a single name
            return [contents]
        found = {name.removeprefix("/"): content for name, content in contents.items()}
        base = self.base.removeprefix("/")
        return [found[f"{base}/{path}"] for path in paths]

    def stage(self, path: str, content: bytes | memoryview) -> None:  # noqa: D102
        self.create(path, bytes(content))

    def publish(self, paths: Iterable[str]) -> None:
        """Nothing to do: a PUT object is in its place."""

    def create(self, path: str, content: bytes) -> None:  # noqa: D102
        with said_clearly(f"{self.location}/{path}"):
            try:
                self.fs.pipe_file(f"{self.base}/{path}", content, mode="create")
            except FileNotFoundError as error:
                raise DatasetError(f"{self.location}: {error}; create the bucket first") from error
            except Exception as error:
                if not (isinstance(error, FileExistsError) or _is_conflict(error)):
                    raise
                if self.read(path) != content:
                    raise FileExistsError(f"{self.location}/{path}") from error

    def version(self, path: str) -> tuple[bytes, str]:  # noqa: D102
        if not self._is_s3():
            content = self.read(path)
            return content, content.hex()
        with said_clearly(f"{self.location}/{path}"):
            # The etag before the content: should it change in between, ``replace`` conflicts.
            etag = str(self.fs.info(f"{self.base}/{path}")["ETag"])
            return self.read(path), etag

    def replace(self, path: str, content: bytes, version: str) -> str:  # noqa: D102
        with said_clearly(f"{self.location}/{path}"):
            if not self._is_s3():
                self._expect(path, version)
                self.fs.pipe_file(f"{self.base}/{path}", content)
                return content.hex()
            bucket, key, _ = self.fs.split_path(f"{self.base}/{path}")
            try:
                answer = self.fs.call_s3(
                    "put_object", Bucket=bucket, Key=key, Body=content, IfMatch=version
                )
            except FileNotFoundError as error:
                raise ConflictError(path) from error
            except Exception as error:
                if not _is_conflict(error):
                    raise
                current, etag = self.version(path)
                if current != content:
                    raise ConflictError(path) from error
                return etag
            return str(answer["ETag"])

    def remove(self, path: str, version: str) -> None:  # noqa: D102
        self._expect(path, version)
        self.delete([path])

    def delete(self, paths: Iterable[str]) -> None:  # noqa: D102
        names = [f"{self.base}/{path}" for path in paths]
        if names:
            with said_clearly(self.location):
                for name in names:
                    try:
                        self.fs.rm_file(name)
                    except FileNotFoundError:
                        continue

    @contextmanager
    def spool_folder(self) -> Iterator[Path]:
        """Give a temporary folder: an uploaded object is visible at once, a file here is not."""
        with tempfile.TemporaryDirectory(prefix="albconn-") as folder:
            yield Path(folder)

    def stage_file(self, place: Path, path: str) -> None:  # noqa: D102
        with said_clearly(f"{self.location}/{path}"):
            # No other attempt uses this name, so a PUT that is repeated meets only itself.
            self.fs.put_file(str(place), f"{self.base}/{path}")
        place.unlink()

    @contextmanager
    def fetched(self, path: str) -> Iterator[Path]:  # noqa: D102
        with tempfile.TemporaryDirectory(prefix="albconn-") as folder:
            place = Path(folder, path.rpartition("/")[2])
            self.fs.get_file(f"{self.base}/{path}", str(place))
            yield place

    def staged(self) -> list[str]:  # noqa: D102
        return []

    def discard(self) -> None:
        """Nothing to do: a PUT that fails leaves nothing behind."""

    def arrow(self) -> tuple[Any, str]:  # noqa: D102
        from pyarrow.fs import FSSpecHandler, PyFileSystem

        return PyFileSystem(FSSpecHandler(self.fs)), self.base

    def _is_s3(self) -> bool:
        return hasattr(self.fs, "call_s3")

    def _expect(self, path: str, version: str) -> None:
        try:
            _, current = self.version(path)
        except FileNotFoundError:
            current = None
        if current != version:
            raise ConflictError(path)


def _is_conflict(error: BaseException) -> bool:
    """Say whether a store refused because of a condition, however s3fs dressed it."""
    seen: BaseException | None = error
    while seen is not None:
        answer = getattr(seen, "response", None)
        if isinstance(answer, dict) and answer.get("Error", {}).get("Code") in _CONFLICTS:
            return True
        seen = seen.__cause__
    return False
