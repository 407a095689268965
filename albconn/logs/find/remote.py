"""Log files in an object store.

Of S3, listings are asked for page by page under the very prefix: one request where a folder is
empty, keys that begin with a slash or hold two are found, and the storage class comes along. Other
stores are asked through fsspec's own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any

from albconn.errors import SourceError
from albconn.logs.find.keys import foreign_kind, looks_like_log
from albconn.logs.find.listing import Found
from albconn.logs.find.tree import Children, Lister, Named, Search, Tree
from albconn.storage.faults import explain
from albconn.storage.places import StorageOptions, has_magic
from albconn.storage.remote import open_store
from albconn.storage.s3 import is_s3

_AT_ONCE = 32  # objects that are asked for by name


def list_remote(
    locations: Sequence[str], search: Search, storage_options: StorageOptions
) -> Iterator[Named]:
    """Yield the objects that URLs or globs name, each with whether it was named itself.

    Raises
    ------
    SourceError
        There is nothing, or the store refuses.
    """
    for scheme, several in groupby(locations, key=_scheme):
        group = list(several)
        store: Any = open_store(group[0], storage_options)
        lister = _S3Lister(store) if is_s3(store) else _Lister(store, scheme)
        for location, info in _looked_up(store, group):
            yield from _objects(store, location, info, lister, search.tree(lister))


def _objects(store: Any, location: str, info: Any, lister: Lister, tree: Tree) -> Iterator[Named]:
    nothing = True
    try:
        if isinstance(info, Exception):
            raise info
        for place, known in _places(store, location, info):
            if known is not None:
                nothing = False
                yield _describe(_scheme(location), known), True
                continue
            for found in tree.objects(place.removesuffix("/") + "/"):
                nothing = False
                yield found, found.url == place
        nothing = nothing and (has_magic(location) or _is_empty(location, lister))
        if nothing and (known := _object(store, location)):
            nothing = False
            yield _describe(_scheme(location), known), True
    except SourceError:
        raise
    except Exception as error:
        raise explain(error, location) from error
    if nothing:
        raise SourceError(f"{location}: nothing is there; check the bucket and the prefix")


def _looked_up(store: Any, locations: list[str]) -> Iterator[tuple[str, Any]]:
    """Yield what the store says of each that is named like a file or a glob, in their order."""

    def look(location: str) -> Any:
        if not (_names_a_file(location) or has_magic(location)):
            return None
        try:
            return store.info(location)
        except Exception as error:  # raised where its turn comes
            return None if has_magic(location) and _is_missing(error) else error

    if len(locations) == 1:
        yield locations[0], look(locations[0])
        return
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="albconn-look") as pool:
        yield from zip(locations, pool.map(look, locations), strict=True)


def _places(store: Any, location: str, info: Any) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yield what a location names: an object and its description, or a folder and None."""
    if info is not None:
        yield location, None if info["type"] == "directory" else info
    elif has_magic(location):
        matches = store.glob(location, detail=True)
        for match in matches.values():
            is_folder = match["type"] == "directory"
            yield f"{_scheme(location)}://{match['name']}", None if is_folder else match
    else:
        yield location, None


def _object(store: Any, location: str) -> dict[str, Any] | None:
    """Return the object of that name, which does not look like a log's; None if there is none."""
    if location.endswith("/") or has_magic(location) or not _key(location):
        return None
    try:
        info = store.info(location)
    except Exception as error:
        if _is_missing(error):
            return None
        raise
    return None if info["type"] == "directory" else info


def _is_missing(error: Exception) -> bool:
    """A policy that allows listing by prefix only answers for a missing name with 403."""
    return isinstance(error, FileNotFoundError | PermissionError)


def _is_empty(location: str, lister: Lister) -> bool:
    return lister.folder(location.removesuffix("/") + "/") == ([], [])


class _S3Lister:
    """See ``tree.Lister``."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def folder(self, url: str) -> Children:
        folders: list[str] = []
        objects: list[Found] = []
        for bucket, page in self._pages(url, Delimiter="/"):
            folders += [f"s3://{bucket}/{p['Prefix']}" for p in page.get("CommonPrefixes", ())]
            objects += self._objects(bucket, page)
        return folders, objects

    def walk(self, url: str) -> Iterator[Found]:
        for bucket, page in self._pages(url):
            yield from self._objects(bucket, page)

    def _pages(self, url: str, **options: str) -> Iterator[tuple[str, dict[str, Any]]]:
        bucket = self._store.split_path(url)[0]
        place = {"Bucket": bucket, "Prefix": url.removeprefix(f"s3://{bucket}/"), **options}
        while True:
            page = self._store.call_s3("list_objects_v2", **place)
            yield bucket, page
            if not page.get("IsTruncated"):
                return
            place["ContinuationToken"] = page["NextContinuationToken"]

    def _objects(self, bucket: str, page: dict[str, Any]) -> Iterator[Found]:
        for each in page.get("Contents", ()):
            if not each["Key"].endswith("/"):  # what a console leaves for a folder
                yield Found(
                    f"s3://{bucket}/{each['Key']}",
                    int(each["Size"]),
                    each.get("ETag", "").strip('"'),
                    each.get("StorageClass"),
                )


class _Lister:
    """See ``tree.Lister``."""

    def __init__(self, store: Any, scheme: str) -> None:
        self._store = store
        self._scheme = scheme

    def folder(self, url: str) -> Children:
        try:
            infos = self._store.ls(url.rstrip("/"), detail=True)
        except FileNotFoundError:
            return [], []
        folders = [i["name"].rstrip("/") for i in infos if i["type"] == "directory"]
        files = [i for i in infos if i["type"] == "file" and not i["name"].endswith("/")]
        return (
            [f"{self._scheme}://{name}/" for name in folders],
            [_describe(self._scheme, info) for info in files],
        )

    def walk(self, url: str) -> Iterable[Found]:
        infos: Any = self._store.find(url.rstrip("/") + "/", detail=True)
        files = [info for info in infos.values() if not info["name"].endswith("/")]
        return [_describe(self._scheme, info) for info in files]


def _describe(scheme: str, info: dict[str, Any]) -> Found:
    etag = info.get("ETag") or info.get("etag") or info.get("mtime") or info.get("created")
    return Found(
        f"{scheme}://{info['name']}",
        int(info.get("size") or 0),
        str(etag or "").strip('"'),
        info.get("StorageClass"),
    )


def _names_a_file(location: str) -> bool:
    """Say whether a URL names an object, not a prefix, without asking the store."""
    name = _key(location).rpartition("/")[2]
    return bool(name) and (looks_like_log(name) or foreign_kind(name) is not None)


def _scheme(location: str) -> str:
    return location.partition("://")[0]


def _key(location: str) -> str:
    return location.partition("://")[2].partition("/")[2]
