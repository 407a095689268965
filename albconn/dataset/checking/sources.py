"""Reading the sources once more, to compare each with what the dataset holds of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from albconn.arrow import flags
from albconn.dataset.checking.held import RowSums
from albconn.dataset.commits.extent import Extent, wanted_rows
from albconn.dataset.commits.pages import Converted
from albconn.dataset.parts.rejected import RejectedPlaces, places_by_source
from albconn.logs.books import Books, FileBooks
from albconn.logs.find.keys import delivered_name
from albconn.logs.find.selection import EVERYTHING
from albconn.logs.find.sources import LogFile, Source, list_log_files
from albconn.logs.find.told import tell_of_listing
from albconn.logs.proven import scan_proven
from albconn.logs.reading import Reading
from albconn.logs.scan import Sink
from albconn.storage.places import StorageOptions
from albconn.words import counted


def compare_with_sources(
    source: Source,
    sources: dict[str, Converted],
    held: RowSums,
    rejected: dict[str, RejectedPlaces],
    storage_options: StorageOptions,
    *,
    is_alone: bool = True,
) -> tuple[int, list[str]]:
    """Return how many log files were compared, and what is wrong.

    A log file that no selection of the dataset asked for is not missed; one that is recorded
    and no longer there cannot be compared. One that was converted under another path is compared
    with what is held under that. Where the table is not alone in the dataset, there may be no log
    of it among those that were given.
    """
    listing = list_log_files(
        source,
        selection=EVERYTHING,
        storage_options=storage_options,
        duplicates="keep",
        log=held.table.log,
    )
    if listing.log_files or is_alone:
        tell_of_listing(listing, EVERYTHING)
    asked = {s for known in sources.values() for s in known.extent}
    faults: list[str] = []
    groups: dict[Extent, list[LogFile]] = {}
    copies = _copies(listing.log_files, sources)
    for log_file in listing.log_files:
        known = sources.get(log_file.url)
        if log_file.url in copies:
            original = copies[log_file.url]
            if original is not None:
                groups.setdefault(sources[original].extent, []).append(log_file)
        elif known is None:
            if any(s.may_hold(log_file.key) for s in asked) or not asked:
                faults.append(f"{log_file.url}: not converted; run convert again")
        elif (log_file.size, log_file.etag) != (known.source.size, known.source.etag):
            faults.append(f"{log_file.url}: changed since it was converted; run convert --refresh")
        else:
            groups.setdefault(known.extent, []).append(log_file)
    for extent, log_files in groups.items():
        looked_at = {name for selection in extent for name in selection.needs(held.table)}
        columns = held.table.select([*held.table.order, *looked_at])
        reading = Reading(held.table, columns=columns, storage_options=storage_options)
        found, books = _read_again(log_files, extent, reading)
        faults += [f"{unread.why_unread}; it could not be compared" for unread in books.unread]
        read = _without(log_files, books.unread)
        held_as = {f.url: copies.get(f.url) or f.url for f in read}
        faults += _differences(held_as, found, held)
        faults += _rejected_differences(held_as, books, rejected)
    return sum(map(len, groups.values())), faults


def _copies(log_files: Sequence[LogFile], sources: dict[str, Converted]) -> dict[str, str | None]:
    """Return under which URL each log file was converted that is not known under its own.

    None where that is listed, too, and compared in its place.
    """
    named = {name: url for url in sources if (name := delivered_name(url))}
    listed = {log_file.url for log_file in log_files}
    unknown = [url for url in listed if url not in sources]
    found = {url: named.get(delivered_name(url) or "") for url in unknown}
    return {
        u: None if original in listed else original for u, original in found.items() if original
    }


def _read_again(
    log_files: Sequence[LogFile], extent: Extent, reading: Reading
) -> tuple[RowSums, Books]:
    def sink_of(found: RowSums) -> Sink:
        def take(rows: pa.Table) -> None:
            mask = wanted_rows(rows, reading.table, extent, ())
            found.add(rows if mask is None else rows.filter(flags(mask)))

        return take

    books, found = scan_proven(log_files, reading, lambda: RowSums(reading.table), sink_of)
    return found, books


def _without(log_files: Iterable[LogFile], unread: Iterable[FileBooks]) -> list[LogFile]:
    urls = {books.source_file for books in unread}
    return [log_file for log_file in log_files if log_file.url not in urls]


def _differences(held_as: dict[str, str], found: RowSums, held: RowSums) -> list[str]:
    faults = []
    for url, name in held_as.items():
        there, here = held.rows.get(name, 0), found.rows.get(url, 0)
        if there != here:
            faults.append(
                f"{url}: {counted(there, 'row')} in the dataset; {here:,} in the log file"
            )
        elif held.hashes.get(name) != found.hashes.get(url):
            faults.append(
                f"{url}: not the same in the dataset and in the log file: {counted(there, 'row')}"
            )
    return faults


def _rejected_differences(
    held_as: dict[str, str], books: Books, rejected: dict[str, RejectedPlaces]
) -> list[str]:
    again, none = places_by_source(books.rejected), RejectedPlaces()
    return [
        f"{url}: rejected lines: {rejected.get(name, none).lines:,} recorded; "
        f"{again.get(url, none).lines:,} in the log file, or at other places"
        for url, name in held_as.items()
        if rejected.get(name, none) != again.get(url, none)
    ]
