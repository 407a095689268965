"""A dataset on a local disk: durable before it is visible, visible in one step."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from albconn.errors import DatasetError
from albconn.platforms import lock_file
from albconn.storage.faults import ConflictError, said_clearly
from albconn.storage.places import local_path
from albconn.storage.store import STAGING

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}
_HALF_WRITTEN = ".*.half"


class LocalStore:
    """See ``storage.Store``."""

    def __init__(self, location: str) -> None:
        self.root = local_path(location).absolute()
        self.location = str(self.root)

    def names(self) -> list[str]:  # noqa: D102
        with said_clearly(self.location, "read"):
            try:
                return sorted(p.name for p in self.root.iterdir() if not p.match(_HALF_WRITTEN))
            except FileNotFoundError:
                return []

    def sizes(self, folder: str) -> dict[str, int]:  # noqa: D102
        found: dict[str, int] = {}
        top = self.root / folder
        for parent, _, names in os.walk(top):
            below = Path(parent).relative_to(self.root).as_posix()
            for name in names:
                path = Path(parent, name)
                if not path.match(_HALF_WRITTEN):
                    with suppress(FileNotFoundError):
                        found[f"{below}/{name}"] = path.stat().st_size
        return found

    def read(self, path: str) -> bytes:  # noqa: D102
        with said_clearly(f"{self.location}/{path}", "read"):
            return (self.root / path).read_bytes()

    def read_many(self, paths: Sequence[str]) -> list[bytes]:  # noqa: D102
        return [self.read(path) for path in paths]

    def stage(self, path: str, content: bytes | memoryview) -> None:  # noqa: D102
        with said_clearly(f"{self.location}/{path}"):
            _write_durably(self.root / STAGING / path, content)

    def publish(self, paths: Iterable[str]) -> None:  # noqa: D102
        folders: set[Path] = set()
        for path in paths:
            with said_clearly(f"{self.location}/{path}"):
                place = self.root / path
                place.parent.mkdir(parents=True, exist_ok=True)
                _move_in(self.root / STAGING / path, place)
                folders.update((place.parent, place.parent.parent))
        for folder in folders:
            _sync_folder(folder)

    def create(self, path: str, content: bytes) -> None:  # noqa: D102
        place = self.root / path
        half = place.with_name(f".{place.name}.{secrets.token_hex(4)}.half")
        with said_clearly(f"{self.location}/{path}"):
            _make_folder(place.parent)
            try:
                _write_durably(half, content)
                _move_in(half, place)
            except FileNotFoundError as error:
                # Only who holds the lock discards; so the file that was to be made exists.
                raise FileExistsError(errno.EEXIST, "file exists", str(place)) from error
            finally:
                half.unlink(missing_ok=True)
            _sync_folder(place.parent)

    def version(self, path: str) -> tuple[bytes, str]:  # noqa: D102
        content = self.read(path)
        return content, hashlib.sha256(content).hexdigest()

    def replace(self, path: str, content: bytes, version: str) -> str:  # noqa: D102
        place = self.root / path
        half = place.with_name(f".{place.name}.{secrets.token_hex(4)}.half")
        with said_clearly(f"{self.location}/{path}"), self._alone():
            self._expect(path, version)
            _write_durably(half, content)
            half.replace(place)
        return hashlib.sha256(content).hexdigest()

    def remove(self, path: str, version: str) -> None:  # noqa: D102
        with said_clearly(f"{self.location}/{path}"), self._alone():
            self._expect(path, version)
            (self.root / path).unlink()

    def delete(self, paths: Iterable[str]) -> None:  # noqa: D102
        for path in paths:
            place = self.root / path
            with said_clearly(str(place)):
                place.unlink(missing_ok=True)
            if place.parent.parent != self.root:
                with suppress(OSError):  # a date's folder goes with its last part
                    place.parent.rmdir()

    @contextmanager
    def spool_folder(self) -> Iterator[Path]:  # noqa: D102
        yield self.root / STAGING

    def stage_file(self, place: Path, path: str) -> None:
        """Nothing to do: it has grown where staged files lie."""

    @contextmanager
    def fetched(self, path: str) -> Iterator[Path]:  # noqa: D102
        yield self.root / path

    def staged(self) -> list[str]:  # noqa: D102
        return [*self.sizes(STAGING), *(str(p) for p in self._half_written())]

    def discard(self) -> None:  # noqa: D102
        if not self.root.is_dir():  # nothing was ever written there
            return
        with said_clearly(self.location):
            with self._alone():  # a lock that is refreshed just now is not a leftover
                for path in self._half_written():
                    path.unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                shutil.rmtree(self.root / STAGING)

    def arrow(self) -> tuple[Any, str]:  # noqa: D102
        from pyarrow.fs import LocalFileSystem

        return LocalFileSystem(), str(self.root)

    def _half_written(self) -> list[Path]:
        return [*self.root.glob(_HALF_WRITTEN), *self.root.glob(f"*/{_HALF_WRITTEN}")]

    def _expect(self, path: str, version: str) -> None:
        try:
            _, current = self.version(path)
        except FileNotFoundError:
            current = None
        if current != version:
            raise ConflictError(path)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let nobody else compare and change at the same time; the kernel frees it at death."""
        folder = os.open(self.root, os.O_RDONLY)
        try:
            lock_file(folder)
            yield
        finally:
            os.close(folder)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileNotFoundError as error:  # below /proc, say, where there are no folders of one's own
        raise DatasetError(f"{folder}: no folder can be made there; give another place") from error


def _write_durably(place: Path, content: bytes | memoryview) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _move_in(half: Path, place: Path) -> None:
    """Give a finished file its name; FileExistsError when the name is taken."""
    try:
        os.link(half, place)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if place.exists():
            raise FileExistsError(errno.EEXIST, "file exists", str(place)) from error
        half.rename(place)
        return
    half.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
