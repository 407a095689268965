"""Reading the sources once more, to compare each with what the dataset holds of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from albconn.arrow import flags
from albconn.dataset.checking.held import RowSums
from albconn.dataset.commits.extent import Extent, wanted_rows
from albconn.dataset.commits.ledger import Holding
from albconn.dataset.parts.rejected import RejectedPlaces, places_by_source
from albconn.logs.books import Books
from albconn.logs.find.selection import EVERYTHING
from albconn.logs.find.sources import LogFile, Source, list_log_files
from albconn.logs.find.told import tell_of_listing
from albconn.logs.reading import Reading
from albconn.logs.scan import scan
from albconn.storage.places import StorageOptions
from albconn.words import counted


def compare_with_sources(
    source: Source,
    holding: Holding,
    held: RowSums,
    rejected: dict[str, RejectedPlaces],
    storage_options: StorageOptions,
) -> tuple[int, list[str]]:
    """Return how many log files were compared, and what is wrong.

    A log file that no selection of the dataset asked for is not missed; one that is recorded
    and no longer there cannot be compared.
    """
    listing = list_log_files(source, selection=EVERYTHING, storage_options=storage_options)
    tell_of_listing(listing, EVERYTHING)
    asked = {s for known in holding.sources.values() for s in known.extent}
    faults: list[str] = []
    groups: dict[Extent, list[LogFile]] = {}
    for log_file in listing.log_files:
        known = holding.sources.get(log_file.url)
        if known is None:
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
        faults += _differences(log_files, found, held)
        faults += _rejected_differences(log_files, books, rejected)
    return sum(map(len, groups.values())), faults


def _read_again(
    log_files: Sequence[LogFile], extent: Extent, reading: Reading
) -> tuple[RowSums, Books]:
    found = RowSums(reading.table)

    def take(rows: pa.Table) -> None:
        mask = wanted_rows(rows, reading.table, extent, ())
        found.add(rows if mask is None else rows.filter(flags(mask)))

    return found, scan(log_files, reading, take)


def _differences(log_files: Iterable[LogFile], found: RowSums, held: RowSums) -> list[str]:
    faults = []
    for url in (log_file.url for log_file in log_files):
        there, here = held.rows.get(url, 0), found.rows.get(url, 0)
        if there != here:
            faults.append(
                f"{url}: {counted(there, 'row')} in the dataset; {here:,} in the log file"
            )
        elif held.hashes.get(url) != found.hashes.get(url):
            faults.append(
                f"{url}: not the same in the dataset and in the log file: {counted(there, 'row')}"
            )
    return faults


def _rejected_differences(
    log_files: Iterable[LogFile], books: Books, rejected: dict[str, RejectedPlaces]
) -> list[str]:
    again, none = places_by_source(books.rejected), RejectedPlaces()
    return [
        f"{log_file.url}: rejected lines: {rejected.get(log_file.url, none).lines:,} recorded; "
        f"{again.get(log_file.url, none).lines:,} in the log file, or at other places"
        for log_file in log_files
        if rejected.get(log_file.url, none) != again.get(log_file.url, none)
    ]
