"""What a reading gives: the rows, the rejected lines, and the account of the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from albconn.logs.books import Books
from albconn.logs.find.sources import ForeignFile, Listing
from albconn.schema.table import LINE_NUMBER, SOURCE_FILE

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Loaded:
    """What was read; ``rows + rejected = lines`` in every file and in the sum.

    Attributes
    ----------
    connections : DataFrame, shape (rows, columns)
        One row a connection; the columns of ``read_connections``.
    rejected : DataFrame
        One row a line that was not understood: ``source_file`` (str), ``line_number`` (int64,
        from 1), ``reason`` (str, the few words that are the same for all such lines), ``value``
        (str, what of the line is wrong, cut at 80 characters), ``raw_text`` (str; a byte that is
        not UTF-8 as ``\\xNN``), ``lines`` (int64, 1) and ``last_line`` (int64, the same line).
        Of the first 10,000 such lines of a file, and 100,000 in all, or 16 MiB and 64 MiB of
        text. Beyond these a row tells several lines of one reason, without texts: ``lines`` of
        them from ``line_number`` to ``last_line``, one after the other for up to 10,000 rows
        of a file and 100,000 in all, with others between for the rest. The sum of ``lines`` is
        the number of all rejected lines, always.
    files : DataFrame
        One row a file: ``source_file`` (str), ``kind`` (``connection_log``, ``duplicate`` for a
        copy of one that is read, or what a foreign file is), ``size`` [bytes], ``lines``,
        ``rows``, ``rejected``, ``filtered`` (rows that the time range or a filter left out of
        ``connections``), ``damaged`` (bool), ``damage`` (str, what was wrong), ``unread`` (bool:
        it could not be had, nothing of it counts; ``damage`` says why), ``account_id``,
        ``region``, ``elb``, ``ip_address``, ``interval_end`` (UTC) as the key tells them.
    """

    connections: pd.DataFrame
    rejected: pd.DataFrame
    files: pd.DataFrame


@dataclass(frozen=True)
class LoadedRequests:
    """What was read of access logs; ``rows + rejected = lines`` in every file and in the sum.

    Attributes
    ----------
    requests : DataFrame, shape (rows, columns)
        One row a request; the columns of ``read_requests``.
    rejected, files : DataFrame
        As in ``Loaded``; a log file's ``kind`` is ``access_log``.
    """

    requests: pd.DataFrame
    rejected: pd.DataFrame
    files: pd.DataFrame


def rejected_frame(books: Books) -> pd.DataFrame:
    """Return one row a line that was not understood, or several lines where they are very many."""
    schema = pa.schema(
        [
            (SOURCE_FILE.name, pa.string()),
            (LINE_NUMBER.name, pa.int64()),
            ("reason", pa.string()),
            ("value", pa.string()),
            ("raw_text", pa.string()),
            ("lines", pa.int64()),
            ("last_line", pa.int64()),
        ]
    )
    rows = (
        line._asdict() | {"last_line": line.last_line or line.line_number}
        for line in books.rejected
    )
    return pa.Table.from_pylist(list(rows), schema=schema).to_pandas()


def files_frame(books: Books, listing: Listing) -> pd.DataFrame:
    """Return one row a file, with what became of its lines and what its key says."""
    counts = ("lines", "rows", "rejected", "filtered")
    schema = pa.schema(
        [
            ("source_file", pa.string()),
            ("kind", pa.string()),
            ("size", pa.int64()),
            *((name, pa.int64()) for name in counts),
            ("damaged", pa.bool_()),
            ("damage", pa.string()),
            ("unread", pa.bool_()),
            ("account_id", pa.string()),
            ("region", pa.string()),
            ("elb", pa.string()),
            ("ip_address", pa.string()),
            ("interval_end", pa.timestamp("us", tz="UTC")),
        ]
    )
    rows = [
        {
            **vars(books_of_file),
            **log_file.key._asdict(),
            "kind": listing.log,
            "damaged": bool(books_of_file.damage or books_of_file.unread),
            "damage": books_of_file.damage or books_of_file.unread,
            "unread": books_of_file.unread is not None,
        }
        for books_of_file, log_file in zip(books.files, listing.log_files, strict=True)
    ]
    copies = [ForeignFile(copy.url, copy.size, "duplicate") for copy in listing.duplicates]
    rows += [
        {"source_file": f.url, "kind": f.kind, "size": f.size, "damaged": False, "unread": False}
        | dict.fromkeys(counts, 0)
        for f in (*listing.foreign, *copies)
    ]
    return pa.Table.from_pylist(rows, schema=schema).to_pandas()
