"""A dataset on an object store, S3 above all, through fsspec.

A PUT is atomic and visible at once. Exclusive means a conditional PUT: ``If-None-Match: *`` to
create, ``If-Match: <etag>`` to replace. A PUT whose answer was lost is repeated by the client
and then meets its own object, so a conflict is one only when the content differs.

References
----------
AWS, "How to prevent object overwrites with conditional writes", Amazon S3 User Guide.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from albconn.errors import DatasetError, SourceError
from albconn.storage import s3
from albconn.storage.advice import code_of
from albconn.storage.faults import ConflictError, explain, said_clearly
from albconn.storage.places import StorageOptions

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_LOGGERS = ("aiobotocore", "botocore", "fsspec", "s3fs")
_SILENT = logging.NullHandler()
_PIECE_BYTES = 8 << 20  # of a large file that is fetched to a local disk
_NO_VERSION = '"00000000000000000000000000000000"'  # an ETag that no object has
_proven: set[tuple[str, str]] = set()  # (endpoint, bucket) where conditions are known to hold


def open_store(location: str, storage_options: StorageOptions) -> AbstractFileSystem:
    """Return the file system that holds a remote location.

    Listings are not cached: a later call has to see what was delivered in between.
    """
    import fsspec

    protocol = location.partition("://")[0]
    options = {"use_listings_cache": False, **(storage_options or {})}
    try:
        if protocol not in s3.SCHEMES:
            return fsspec.filesystem(protocol, **options)
        for name in _LOGGERS:  # what they say is raised as well
            logging.getLogger(name).addHandler(_SILENT)
        store = fsspec.filesystem(protocol, **s3.with_patience(options))
        store.retries = 1  # s3fs's own layer would multiply with ours
        return store
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
        self._get: dict[str, Any] = {"max_concurrency": 1} if s3.is_s3(self.fs) else {}

    def names(self) -> list[str]:  # noqa: D102
        with said_clearly(self.location, "read"):
            try:
                infos = self.fs.ls(self.base, detail=True)
            except FileNotFoundError:
                return []
        names = {info["name"].rstrip("/").removeprefix("/") for info in infos}
        base = self.base.removeprefix("/")
        return sorted(n.removeprefix(base + "/") for n in names if n != base)

    def sizes(self, folder: str) -> dict[str, int]:  # noqa: D102
        top = f"{self.base}/{folder}"
        with said_clearly(f"{self.location}/{folder}", "read"):
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
        with said_clearly(f"{self.location}/{path}", "read"):
            return self.fs.cat_file(f"{self.base}/{path}", **self._get)

    def read_many(self, paths: Sequence[str]) -> list[bytes]:  # noqa: D102
        with said_clearly(self.location, "read"):
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
                self._put_new(path, content)
            except FileExistsError:
                if self.read(path) != content:  # else a PUT that was repeated meets itself
                    raise
                return
            if self._where() not in _proven:
                self._prove_conditions(path, content)
                _proven.add(self._where())

    def version(self, path: str) -> tuple[bytes, str]:  # noqa: D102
        if not s3.is_s3(self.fs):
            content = self.read(path)
            return content, content.hex()
        with said_clearly(f"{self.location}/{path}", "read"):
            # The etag before the content: should it change in between, ``replace`` conflicts.
            etag = str(self.fs.info(f"{self.base}/{path}")["ETag"])
            return self.read(path), etag

    def replace(self, path: str, content: bytes, version: str) -> str:  # noqa: D102
        with said_clearly(f"{self.location}/{path}"):
            if not s3.is_s3(self.fs):
                self._expect(path, version)
                self.fs.pipe_file(f"{self.base}/{path}", content)
                return content.hex()
            try:
                return s3.replace_object(self.fs, f"{self.base}/{path}", content, version)
            except FileNotFoundError as error:
                raise ConflictError(path) from error
            except Exception as error:
                if not s3.is_conflict(error):
                    raise
                current, etag = self.version(path)
                if current != content:
                    raise ConflictError(path) from error
                return etag

    def remove(self, path: str, version: str) -> None:  # noqa: D102
        self._expect(path, version)
        self.delete([path])

    def delete(self, paths: Iterable[str]) -> None:  # noqa: D102
        names = [f"{self.base}/{path}" for path in paths]
        with said_clearly(self.location):
            if s3.is_s3(self.fs):
                s3.delete_objects(self.fs, names)
                return
            for name in names:
                s3.delete_file(self.fs, name)

    @contextmanager
    def spool_folder(self) -> Iterator[Path]:
        """Give a temporary folder: an uploaded object is visible at once, a file here is not."""
        import tempfile

        with tempfile.TemporaryDirectory(prefix="albconn-") as folder:
            yield Path(folder)

    def stage_file(self, place: Path, path: str) -> None:  # noqa: D102
        name = f"{self.base}/{path}"
        with said_clearly(f"{self.location}/{path}"):
            # No other attempt uses this name, so a PUT that is repeated meets only itself.
            try:
                self.fs.put_file(str(place), name)
            except FileNotFoundError as error:
                # The answer that an upload in parts is complete was lost: asked for again, the
                # store knows of no such upload, but has the object.
                if code_of(error) != "NoSuchUpload" or not self._is_whole(name, place):
                    raise
        place.unlink()

    @contextmanager
    def fetched(self, path: str) -> Iterator[Path]:  # noqa: D102
        name = f"{self.base}/{path}"
        import tempfile

        with tempfile.TemporaryDirectory(prefix="albconn-") as folder:
            place = Path(folder, path.rpartition("/")[2])
            with said_clearly(f"{self.location}/{path}", "read"), place.open("wb") as stream:
                size = int(self.fs.info(name)["size"] or 0)
                for start in range(0, size, _PIECE_BYTES):
                    end = min(start + _PIECE_BYTES, size)
                    stream.write(self.fs.cat_file(name, start=start, end=end))
            yield place

    def staged(self) -> list[str]:  # noqa: D102
        return []

    def discard(self) -> None:
        """Nothing to do: a PUT that fails leaves nothing behind."""

    def arrow(self) -> tuple[Any, str]:  # noqa: D102
        from pyarrow.fs import FSSpecHandler, PyFileSystem

        return PyFileSystem(FSSpecHandler(self.fs)), self.base

    def _put_new(self, path: str, content: bytes) -> None:
        """Create a file; FileExistsError when there is one."""
        try:
            self.fs.pipe_file(f"{self.base}/{path}", content, mode="create")
        except FileNotFoundError as error:
            raise DatasetError(f"{self.location}: {error}; create the bucket first") from error
        except Exception as error:
            if not s3.is_conflict(error):
                raise
            raise FileExistsError(f"{self.location}/{path}") from error

    def _prove_conditions(self, path: str, content: bytes) -> None:
        """Make sure that the store refuses what is to be refused; AWS is known to.

        A store that overlooks a condition says nothing about it: of two writers, each would
        take itself for the only one. The file just created is put once more as it is, under
        conditions that cannot hold; nobody else is in its place yet.
        """
        if s3.is_s3(self.fs) and s3.is_amazon(self.fs):
            return
        overlooked = []
        try:
            self._put_new(path, content)
            overlooked.append("If-None-Match: *")
        except FileExistsError:
            pass
        if s3.is_s3(self.fs):
            try:
                s3.replace_object(self.fs, f"{self.base}/{path}", content, _NO_VERSION)
                overlooked.append("If-Match")
            except Exception as error:
                if not s3.is_conflict(error):
                    raise
        if overlooked:
            self.delete([path])
            raise DatasetError(
                f"{self.location}: this store overlooks conditional writes "
                f"({' and '.join(overlooked)}), so two writers could overwrite each other; use "
                "S3 itself or a store that honours them, or write to a local disk"
            )

    def _where(self) -> tuple[str, str]:
        return s3.endpoint_of(self.fs) or type(self.fs).__name__, self.base.partition("/")[0]

    def _is_whole(self, name: str, place: Path) -> bool:
        return int(self.fs.info(name)["size"] or 0) == place.stat().st_size

    def _expect(self, path: str, version: str) -> None:
        try:
            _, current = self.version(path)
        except FileNotFoundError:
            current = None
        if current != version:
            raise ConflictError(path)
