"""From what the user named to the list of log files.

A source is a file, a folder, a glob or a prefix, or several. Below ``AWSLogs/`` the tree is
known: with a time range only the day folders that can hold it are listed, never the bucket.
Whatever else lies in those folders (another log, health-check logs, test markers) is *foreign*:
listed and counted, never read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal

from albconn.arguments import names_given, one_of
from albconn.errors import SourceError, TableError, shown
from albconn.logs.find.copies import without_copies
from albconn.logs.find.keys import foreign_kind, looks_like_log, parse_key
from albconn.logs.find.listing import ForeignFile, Listing, LogFile
from albconn.logs.find.local import LocalLister, list_local
from albconn.logs.find.remote import has_magic, list_remote
from albconn.logs.find.selection import Selection
from albconn.logs.find.tree import Named, Search
from albconn.platforms import require_platform
from albconn.storage.faults import explain
from albconn.storage.places import StorageOptions, is_remote
from albconn.storage.spelling import well_spelt

__all__ = ["Duplicates", "ForeignFile", "Listing", "LogFile", "Source", "has_magic",
           "list_log_files"]  # fmt: skip

Source = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
Duplicates = Literal["skip", "keep"]


def list_log_files(
    source: Source,
    *,
    selection: Selection,
    storage_options: StorageOptions = None,
    duplicates: Duplicates = "skip",
    log: str = "connection_log",
) -> Listing:
    """Find the log files of a source that can hold selected connections, sorted by URL.

    What is there and not among them is in the listing too; ``told.tell_of_listing`` says it.
    ``log`` is what the files of the table are.

    Raises
    ------
    SourceError
        A location does not exist, is written as no path or URL, or cannot be listed.
    TableError
        ``duplicates`` is neither, or nothing was named.
    AlbconnError
        This is neither Linux nor macOS.
    """
    require_platform()
    one_of("duplicates", duplicates, ("skip", "keep"))
    places = _places(source)
    listing = Listing([], [], places=tuple(places), log=log)
    search = Search(selection, listing)
    found: dict[str, Named] = {}
    for each, is_named in _found(places, search, storage_options):
        earlier = found.get(each.url)
        found[each.url] = (each, is_named or (earlier is not None and earlier[1]))
    log_files: list[LogFile] = []
    for url, (each, is_named) in sorted(found.items()):
        if kind := _kind((each, is_named), log):
            listing.foreign.append(ForeignFile(url, each.size, kind))
        elif selection.may_hold(key := parse_key(url, log)):
            log_files.append(
                LogFile(url, each.size, each.etag, key, each.storage_class, each.spool)
            )
        else:
            listing.elsewhere.add(key)
    if duplicates == "skip":
        identities = {url: each.identity for url, (each, _) in found.items() if each.identity}
        log_files, listing.duplicates = without_copies(log_files, identities)
    listing.log_files = log_files
    if not log_files:
        _look_nearby(search)
    return listing


def _places(source: Source) -> list[str]:
    """Return what was named, each once and as it is known by."""
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
    return list(dict.fromkeys(well_spelt(os.fspath(each), SourceError) for each in several))


def _found(places: list[str], search: Search, options: StorageOptions) -> Iterator[Named]:
    lister = LocalLister(search.listing)
    for remote, several in groupby(places, key=is_remote):
        if remote:
            yield from list_remote(list(several), search, options)
        else:
            for location in several:
                yield from list_local(location, search, lister)


def _look_nearby(search: Search) -> None:
    """See what there is instead, where nothing is as it was asked for."""
    try:
        for found in search.nearest():
            if not _kind((found, False), search.listing.log):
                search.listing.elsewhere.add(parse_key(found.url, search.listing.log))
    except Exception as error:
        raise explain(error, search.listing.places[0]) from error


def _kind(named: Named, log: str) -> str | None:
    """Return what a file is that is no log of that kind; None for what is read."""
    found, is_named = named
    kind = foreign_kind(found.url, log) or found.kind
    return kind or (None if is_named or looks_like_log(found.url) else "other")
