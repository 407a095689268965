"""What a run has to do: which sources are new, which reach further, which have changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from albconn.dataset.commits.extent import Extent, extend, is_covered
from albconn.dataset.commits.holding import Holding
from albconn.dataset.commits.pages import Converted
from albconn.errors import DatasetError
from albconn.logs.find.keys import ANCHOR
from albconn.logs.find.selection import Selection
from albconn.logs.find.sources import Duplicates, Listing, LogFile
from albconn.storage.places import is_remote, local_path

Refresh = Literal["report", "replace"]

_Group = tuple[Extent, Extent, bool]

_UNDATED = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Task:
    """Files to read under the same circumstances, few enough for one batch.

    ``takes_over`` are files, and the URLs under which they were converted in part and are no
    longer listed: rows of these are replaced, too.
    """

    log_files: tuple[LogFile, ...]
    wanted: Extent
    earlier: Extent = ()
    replaces: bool = False
    takes_over: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Plan:
    """Tasks in their order; sources that have changed; how many there is nothing to do for.

    ``duplicates`` are files that were converted under another path.
    """

    tasks: tuple[Task, ...]
    changed: tuple[str, ...]
    skipped: int
    duplicates: tuple[str, ...] = ()


def make_plan(
    log_files: Sequence[LogFile],
    held: Holding,
    selection: Selection,
    refresh: Refresh,
    limits: tuple[int, int],
    duplicates: Duplicates = "skip",
) -> Plan:
    """Compare what is there with what the dataset holds of the table.

    Parameters
    ----------
    limits : (int, int)
        The most files and bytes [bytes] of one task; a killed run keeps all tasks but one.
    """
    listed = {log_file.url: log_file for log_file in log_files}
    groups: dict[_Group, list[LogFile]] = {}
    taken_over: dict[str, str] = {}
    changed: list[str] = []
    copies: list[str] = []
    skipped = 0
    keys = {url: log_file.key for url, log_file in listed.items()}
    for url, known, twin in held.matched(keys):
        log_file = listed[url]
        if known is None and twin is not None and duplicates == "skip":
            if twin.source.url in listed or _has_all(selection, twin):
                copies.append(url)
                continue
            # Moved, and converted in part: the file that is there now stands for both.
            group = (extend(twin.extent, [selection]), (), True)
            taken_over[url] = twin.source.url
        elif known is None:
            group = ((selection,), (), False)
        elif _has_changed(log_file, known):
            changed.append(url)
            if refresh == "report":
                continue
            group = (extend(known.extent, [selection]), (), True)
        elif refresh == "replace" and _may_have_been_spoilt(known):
            group = (extend(known.extent, [selection]), (), True)
        elif _has_all(selection, known):
            skipped += 1
            continue
        else:
            group = ((selection,), known.extent, False)
        groups.setdefault(group, []).append(log_file)
    tasks = [
        Task(cut, *group, tuple((f.url, taken_over[f.url]) for f in cut if f.url in taken_over))
        for group, members in groups.items()
        for cut in _cuts(sorted(members, key=_by_time), *limits)
    ]
    # Replacements look at the parts that are there; they come before any are added.
    tasks.sort(key=lambda task: (not task.replaces, _by_time(task.log_files[0])))
    return Plan(tuple(tasks), tuple(sorted(changed)), skipped, tuple(sorted(copies)))


def refuse_overlap(listing: Listing, dest: str) -> None:
    """Refuse a destination inside the tree that is read, or a source inside the dataset.

    Raises
    ------
    DatasetError
        They overlap: the next run would meet its own output among the logs.
    """
    target = _folder(dest)
    for location in listing.places:
        place = _folder(location)
        if not (target.startswith(place) or place.startswith(target)):
            continue
        below = [f.url for f in (*listing.log_files, *listing.foreign) if f.url.startswith(place)]
        anchored = place + ANCHOR
        if below and all(url.startswith(anchored) for url in below):
            place = anchored
        if target.startswith(place) or place.startswith(target):
            raise DatasetError(
                f"{dest}: overlaps the source {location}; "
                "give a destination outside the tree of logs"
            )


def _folder(location: str) -> str:
    if not is_remote(location):
        location = str(local_path(location).resolve())
    return location.rstrip("/") + "/"


def _has_all(selection: Selection, known: Converted) -> bool:
    return known.written == known.source.rows or is_covered(selection, known.extent)


def _has_changed(log_file: LogFile, known: Converted) -> bool:
    return (log_file.size, log_file.etag) != (known.source.size, known.source.etag)


def _may_have_been_spoilt(known: Converted) -> bool:
    """Say whether what came of a source may be less than what it holds: it broke on its way."""
    return bool(known.source.damage) or (known.source.size > 0 and not known.source.rows)


def _by_time(log_file: LogFile) -> tuple[datetime, str]:
    """Order by interval, not by name: a batch then touches few dates."""
    return log_file.key.interval_end or _UNDATED, log_file.url


def _cuts(
    log_files: Iterable[LogFile], most: int, most_bytes: int
) -> Iterator[tuple[LogFile, ...]]:
    cut: list[LogFile] = []
    size = 0
    for log_file in log_files:
        if cut and (len(cut) >= most or size + log_file.size > most_bytes):
            yield tuple(cut)
            cut, size = [], 0
        cut.append(log_file)
        size += log_file.size
    if cut:
        yield tuple(cut)
