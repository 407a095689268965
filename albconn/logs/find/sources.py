"""From what the user named to the list of log files.

A source is a file, a folder, a glob or a prefix, or several. Below ``AWSLogs/`` the tree is
known: with a time range only the day folders that can hold it are listed, never the bucket.

    [prefix/]AWSLogs/[o-<org>/]<account>/elasticloadbalancing/<region>/<yyyy>/<mm>/<dd>/<file>

Whatever else lies in those folders (access logs, health-check logs, test markers) is *foreign*:
listed and counted, never read.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

from albconn.arguments import names_given
from albconn.errors import SourceError, TableError, shown
from albconn.logs.find.keys import ANCHOR, LogKey, foreign_kind, looks_like_log, parse_key
from albconn.logs.find.piped import is_piped, read_pipe
from albconn.logs.find.selection import Selection
from albconn.platforms import require_platform
from albconn.storage.faults import explain
from albconn.storage.places import StorageOptions, is_remote, local_path
from albconn.storage.remote import open_store

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

Source = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]

_MAGIC = "*?["


@dataclass(frozen=True, slots=True)
class LogFile:
    """One object that holds connections. ``etag`` changes when its content does."""

    url: str
    size: int
    etag: str
    key: LogKey = field(compare=False)
    spool: str = field(
        default="", compare=False
    )  # where its bytes are, of what came through a pipe

    @property
    def place(self) -> str:
        """Return where its bytes are."""
        return self.spool or self.url


@dataclass(frozen=True)
class ForeignFile:
    """One object that is no connection log; ``kind`` says what it is."""

    url: str
    size: int
    kind: str


@dataclass
class Listing:
    """What a source holds: ``log_files`` to read, ``foreign`` files to leave."""

    log_files: list[LogFile]
    foreign: list[ForeignFile]


# A found object: url, size in bytes, etag.
Found = tuple[str, int, str]
# Lists a folder's children: (folders, objects).
ListFolder = Callable[[str], tuple[list[str], list[Found]]]
# Lists every object below a folder.
Walk = Callable[[str], Iterable[Found]]


def list_log_files(
    source: Source, *, selection: Selection, storage_options: StorageOptions = None
) -> Listing:
    """Find the log files of a source that can hold selected connections, sorted by URL.

    Raises
    ------
    SourceError
        A location does not exist, holds nothing, or cannot be listed.
    AlbconnError
        This is neither Linux nor macOS.
    """
    require_platform()
    found: dict[str, tuple[int, str, bool]] = {}
    spools: dict[str, str] = {}
    for location in _locations(source):
        if is_piped(location):
            piped = read_pipe(location)
            found[piped.url] = (piped.size, piped.etag, True)
            spools[piped.url] = piped.spool
            continue
        lister = _list_remote if is_remote(location) else _list_local
        for (url, size, etag), named in lister(location, selection, storage_options):
            found[url] = (size, etag, named or found.get(url, (0, "", False))[2])
    listing = Listing([], [])
    for url, (size, etag, named) in sorted(found.items()):
        kind = foreign_kind(url) or (None if named or looks_like_log(url) else "other")
        if kind is not None:
            listing.foreign.append(ForeignFile(url, size, kind))
        elif selection.may_hold(key := parse_key(url)):
            listing.log_files.append(LogFile(url, size, etag, key, spools.get(url, "")))
    return listing


def _locations(source: Source) -> list[str]:
    several = (
        [source]
        if isinstance(source, os.PathLike)
        else names_given("source", source, one="a path or URL", example="'s3://bucket/prefix'")
    )
    if not several:
        raise TableError("source: nothing was named; give a file, folder, glob or s3:// prefix")
    for location in several:
        if not isinstance(location, str | os.PathLike) or not str(location):
            raise TableError(f"source: {shown(location)} is not a path or URL")
    return [os.fspath(location) for location in several]


def _list_local(
    location: str, selection: Selection, _: StorageOptions
) -> Iterator[tuple[Found, bool]]:
    path = local_path(location).absolute()  # one identity, from wherever it is named
    places = [str(path)] if path.exists() else sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207
    if not places:
        raise SourceError(f"{location}: no such file or folder; check the path")
    try:
        for place in places:
            if Path(place).is_dir():
                folder = place.rstrip("/") + "/"
                for item in _walk_tree(folder, selection, _local_folder, _local_walk):
                    yield item, False
            elif Path(place).is_file():  # a glob may match pipes, too
                yield _stat(place), True
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(
            f"{error.filename or location}: {reason}; check the path and its rights"
        ) from error


def _list_remote(
    location: str, selection: Selection, storage_options: StorageOptions
) -> Iterator[tuple[Found, bool]]:
    store = open_store(location, storage_options)
    scheme = location.partition("://")[0]
    list_folder, walk = partial(_remote_folder, store), partial(_remote_walk, store)
    nothing = True
    try:
        for place, info in _remote_places(store, location):
            if info is not None:
                nothing = False
                yield _describe(scheme, info), True
                continue
            for item in _walk_tree(place + "/", selection, list_folder, walk):
                nothing = False
                yield item, item[0] == place  # an object by its name, whatever its ending
        nothing = nothing and (has_magic(location) or list_folder(location) == ([], []))
    except Exception as error:
        raise explain(error, location) from error
    if nothing:
        raise SourceError(f"{location}: nothing is there; check the bucket and the prefix")


def _remote_places(
    store: AbstractFileSystem, location: str
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yield what a location names: an object and its description, or a folder and None."""
    scheme = location.partition("://")[0]
    if has_magic(location):
        matches: Any = store.glob(location, detail=True)
        for info in matches.values():
            yield f"{scheme}://{info['name']}", None if info["type"] == "directory" else info
    elif _names_a_file(location):
        yield location, store.info(location)
    else:
        yield location.rstrip("/"), None


def _describe(scheme: str, info: dict[str, Any]) -> Found:
    etag = info.get("ETag") or info.get("etag") or info.get("mtime") or info.get("created")
    return f"{scheme}://{info['name']}", int(info.get("size") or 0), str(etag or "").strip('"')


def _remote_folder(store: AbstractFileSystem, url: str) -> tuple[list[str], list[Found]]:
    scheme = url.partition("://")[0]
    try:
        infos = store.ls(url.rstrip("/"), detail=True)
    except FileNotFoundError:
        return [], []
    folders = [f"{scheme}://{i['name'].rstrip('/')}/" for i in infos if i["type"] == "directory"]
    files = [i for i in infos if i["type"] == "file" and not i["name"].endswith("/")]
    return folders, [_describe(scheme, info) for info in files]


def _remote_walk(store: AbstractFileSystem, url: str) -> list[Found]:
    try:
        infos: Any = store.find(url.rstrip("/") + "/", detail=True)
    except PermissionError:
        # For an empty folder s3fs also asks for an object of its name, and a policy that
        # allows listing by prefix only forbids that. A forbidden listing is raised here.
        if _remote_folder(store, url) != ([], []):
            raise
        return []
    scheme = url.partition("://")[0]
    return [_describe(scheme, info) for info in infos.values() if not info["name"].endswith("/")]


def _walk_tree(
    folder: str, selection: Selection, list_folder: ListFolder, walk: Walk
) -> Iterator[Found]:
    """Yield the objects below a folder, by day folders where the tree is known."""
    if "/" + ANCHOR not in folder:
        if list_folder(folder + ANCHOR) == ([], []):
            yield from walk(folder)
            return
        folder += ANCHOR
    below = folder.partition("/" + ANCHOR)[2].strip("/").split("/")
    yield from _descend(folder, [part for part in below if part], selection, list_folder, walk)


def _descend(
    folder: str, below: list[str], selection: Selection, list_folder: ListFolder, walk: Walk
) -> Iterator[Found]:
    """Go down account, service and region; then list the days that can hold the range.

    ``below`` names the folders between ``AWSLogs/`` and ``folder``.
    """
    level = [part for part in below if not part.startswith("o-")]
    if len(level) >= 3 or any("=" in part for part in level):
        days = selection.days() if len(level) == 3 and "=" not in folder else None
        if days is None:
            yield from walk(folder)
        else:
            for day in days:
                yield from walk(f"{folder}{day:%Y/%m/%d}/")
        return
    folders, objects = list_folder(folder)
    yield from objects
    wanted = (selection.account_id, ("elasticloadbalancing",), selection.region)[len(level)]
    for inner in folders:
        name = inner.rstrip("/").rpartition("/")[2]
        if not wanted or name in wanted or name.startswith("o-") or "=" in name:
            yield from _descend(inner, [*below, name], selection, list_folder, walk)


def _local_folder(folder: str) -> tuple[list[str], list[Found]]:
    try:
        with os.scandir(folder) as entries:
            children = list(entries)
    except FileNotFoundError:
        return [], []
    folders = [entry.path + "/" for entry in children if entry.is_dir()]
    return sorted(folders), [_stat(entry.path) for entry in children if entry.is_file()]


def _local_walk(folder: str) -> Iterator[Found]:
    for parent, _, names in os.walk(folder, onerror=_unless_missing):
        for name in names:
            path = os.path.join(parent, name)  # noqa: PTH118  (hot: tens of thousands of files)
            try:
                state = os.stat(path)  # noqa: PTH116
            except FileNotFoundError:  # a link to nowhere, or gone since the listing
                continue
            if S_ISREG(state.st_mode):
                yield _found(path, state)


def _unless_missing(error: OSError) -> None:
    """Let nothing but a missing folder (a day without logs) pass in silence."""
    if not isinstance(error, FileNotFoundError):
        raise error


def _stat(path: str) -> Found:
    return _found(path, Path(path).stat())


def _found(path: str, state: os.stat_result) -> Found:
    return path, state.st_size, f"{state.st_mtime_ns:x}"


def _names_a_file(location: str) -> bool:
    """Say whether a URL names an object, not a prefix, without asking the store."""
    key = location.partition("://")[2].partition("/")[2]
    name = key.rpartition("/")[2]
    return bool(name) and (looks_like_log(name) or foreign_kind(name) is not None)


def has_magic(location: str) -> bool:
    """Say whether a location is a glob."""
    return any(character in location for character in _MAGIC)
