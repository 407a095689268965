"""Log files on this machine's disks.

A folder is walked through links too, but each folder once, and what a link aliases is known by its
device and inode: a file under two names is one file. What cannot be looked at is noted and the
rest is found.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from albconn.errors import SourceError
from albconn.logs.find.listing import Found, Listing
from albconn.logs.find.piped import is_piped, read_pipe
from albconn.logs.find.tree import Children, Named, Search
from albconn.printable import visible
from albconn.storage.places import local_path

_NOT_TEXT = "its name is not UTF-8 text; rename it"


class LocalLister:
    """See ``tree.Lister``; the listing is told what cannot be looked at, and what is an alias."""

    def __init__(self, listing: Listing) -> None:
        self._unlisted = listing.unlisted
        self._aliases = listing.aliases
        self._seen: dict[tuple[int, int], str] = {}  # the path under which a folder was met

    def folder(self, url: str) -> Children:  # noqa: D102
        folders, objects = [], []
        try:
            with os.scandir(url) as entries:
                # Real folders first: what a link leads to is known by its own path.
                children = sorted(entries, key=lambda entry: (entry.is_symlink(), entry.name))
        except FileNotFoundError:
            return [], []
        except OSError as error:
            self._note(url, error)
            return [], []
        if self._is_alias(url):
            return [], []
        for entry in children:
            if not _is_folder(entry):
                objects += self._described(entry.path)
            elif not (entry.is_symlink() and self._is_above(entry.path)):
                folders.append(entry.path + "/")
        return folders, objects

    def walk(self, url: str) -> Iterator[Found]:
        """Yield every file below a folder; real folders before those that are links."""
        waiting = [url]
        while waiting:
            for parent, folders, names in os.walk(waiting.pop(0), onerror=self._note_error):
                if self._is_alias(parent):
                    folders.clear()
                    continue
                folders.sort()
                places = [_join(parent, name) for name in folders]
                waiting += [p for p in places if os.path.islink(p) and not self._is_above(p)]  # noqa: PTH114
                for name in names:
                    yield from self._described(_join(parent, name))

    def _described(self, path: str) -> Iterable[Found]:
        """Return what a path is where it is a file; note what cannot be looked at."""
        try:
            state = os.stat(path)  # noqa: PTH116  (hot: tens of thousands of files)
            path.encode()
        except UnicodeEncodeError:
            self._unlisted[visible(path)] = _NOT_TEXT
            return ()
        except FileNotFoundError:  # gone since the listing
            if os.path.islink(path):  # noqa: PTH114
                self._unlisted[path] = "a link to nothing; mend or remove it"
            return ()
        except OSError as error:
            self._note(path, error)
            return ()
        return (describe(path, state),) if S_ISREG(state.st_mode) else ()

    def _is_alias(self, folder: str) -> bool:
        """Say whether a folder was met under another path; note it if so."""
        try:
            state = os.stat(folder)  # noqa: PTH116
        except OSError:  # whoever lists it has met that too
            return False
        place = folder.rstrip("/") + "/"
        first = self._seen.setdefault((state.st_dev, state.st_ino), place)
        if first != place:
            self._aliases[place] = first
        return first != place

    def _is_above(self, link: str) -> bool:
        """Say whether a link leads back to a folder that it lies in; note it if so."""
        above = next((p for p in Path(link).parents if p.samefile(link)), None)
        if above is not None:
            self._aliases[f"{link}/"] = f"{above}/"
        return above is not None

    def _note(self, place: str, error: OSError) -> None:
        reason = error.strerror or str(error)
        self._unlisted[place] = f"{reason}; check the path and its rights"

    def _note_error(self, error: OSError) -> None:
        """Let nothing but a missing folder (a day without logs) pass in silence."""
        if not isinstance(error, FileNotFoundError):
            self._note(str(error.filename), error)


def list_local(location: str, search: Search, lister: LocalLister) -> Iterator[Named]:
    """Yield the files that a path or glob names, each with whether it was named itself.

    Raises
    ------
    SourceError
        There is nothing, or what was named cannot be looked at.
    """
    if is_piped(location):
        yield _from_pipe(location), True
        return
    path = local_path(location).absolute()  # one identity, from wherever it is named
    try:
        places = [str(path)] if path.exists() else sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207
        states = [(place, os.stat(place)) for place in places]  # noqa: PTH116
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(f"{location}: {reason}; check the path and its rights") from error
    if not places:
        raise SourceError(f"{location}: no such file or folder; check the path")
    for place, state in states:
        if S_ISREG(state.st_mode):
            yield describe(place, state), True
        if not S_ISDIR(state.st_mode):  # a glob may match pipes, too
            continue
        for found in search.tree(lister).objects(place.rstrip("/") + "/"):
            yield found, False


def _from_pipe(location: str) -> Found:
    piped = read_pipe(location)
    return Found(piped.url, piped.size, piped.etag, spool=piped.spool)


def describe(path: str, state: os.stat_result) -> Found:
    """Return what a file is known by."""
    identity = (state.st_dev, state.st_ino) if state.st_ino else None
    return Found(path, state.st_size, f"{state.st_mtime_ns:x}", identity=identity)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself; whoever looks at it as a file notes it
        return False


def _join(folder: str, name: str) -> str:
    return f"{folder}{name}" if folder.endswith("/") else f"{folder}/{name}"
