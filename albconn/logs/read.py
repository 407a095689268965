"""Log files as DataFrames: all at once, with the books, or piece by piece.

Every line of every file is a row of the connections or a rejected line; ``load_connections``
returns both and the account of each file.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from albconn.arrow import to_frame
from albconn.errors import SourceError
from albconn.logs.books import Books
from albconn.logs.find.selection import Names, make_selection
from albconn.logs.find.sources import Duplicates, Listing, Source, list_log_files
from albconn.logs.find.told import named, tell_of_listing
from albconn.logs.frame import Collected, needed_of
from albconn.logs.loaded import Loaded, files_frame, rejected_frame
from albconn.logs.proven import scan_proven
from albconn.logs.reading import OnBadLine, Reading
from albconn.logs.scan import scan
from albconn.logs.told import tell_of_reading
from albconn.schema.connections import CONNECTIONS
from albconn.storage.places import StorageOptions
from albconn.times import Instant

if TYPE_CHECKING:
    import pandas as pd

_AHEAD = 2  # finished pieces that wait for the caller of iter_connections


def load_connections(
    source: Source,
    *,
    start: Instant | None = None,
    end: Instant | None = None,
    load_balancer: Names = None,
    account_id: Names = None,
    region: Names = None,
    columns: Sequence[str] | None = None,
    on_bad_line: OnBadLine = "quarantine",
    duplicates: Duplicates = "skip",
    storage_options: StorageOptions = None,
) -> Loaded:
    """Read connection logs and return the connections together with the books.

    Parameters, errors and the columns are those of ``read_connections``.

    Returns
    -------
    Loaded
        ``.connections``, ``.rejected`` and ``.files``.
    """
    selection = make_selection(
        start=start, end=end, load_balancer=load_balancer, account_id=account_id, region=region
    )
    wanted = CONNECTIONS.select(columns)
    reading = Reading(CONNECTIONS, selection, wanted, on_bad_line, storage_options)
    return load(source, reading, duplicates)


def read_connections(
    source: Source,
    *,
    start: Instant | None = None,
    end: Instant | None = None,
    load_balancer: Names = None,
    account_id: Names = None,
    region: Names = None,
    columns: Sequence[str] | None = None,
    on_bad_line: OnBadLine = "quarantine",
    duplicates: Duplicates = "skip",
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Read ALB connection logs into a DataFrame, one row a connection attempt.

    Parameters
    ----------
    source : str, path, or several
        A log file, a folder, a glob, or an ``s3://`` prefix, with or without ``AWSLogs/``
        below it. Below ``AWSLogs/`` only the day folders that can hold the range are listed.
    start, end : datetime or str, optional
        Aware, or ISO 8601 text with its zone; the half-open range ``[start, end)`` of the
        lines' own timestamps.
    load_balancer : str or sequence of str, optional
        A name, ``app/<name>/<hex>``, or a glob of either.
    account_id, region : str or sequence of str, optional
        As the objects' keys tell them; a file whose key does not is left out.
    columns : sequence of str, optional
        The columns to read; the default is all. Fewer are faster.
    on_bad_line : {"quarantine", "raise"}
        Leave lines that are not understood out (``load_connections`` returns them), or stop
        at the first.
    duplicates : {"skip", "keep"}
        Of a file that AWS delivered once and that lies there under several names (a copied
        folder, a link, a browser's second download) read one, or each.
    storage_options : dict, optional
        Passed to the store (s3fs): profile, endpoint_url, key, secret, …

    Returns
    -------
    DataFrame, shape (connections, 24)
        =============================== ================== ====================================
        column                          dtype              meaning
        =============================== ================== ====================================
        timestamp                       datetime64[us,UTC] established, or failed
        client_ip                       category           as logged
        client_port, listener_port      int32              TCP ports
        tls_protocol, tls_cipher        category           null when not TLS
        tls_handshake_latency           float64            [s], null when failed or not TLS
        leaf_client_cert_subject,       category           as logged
        …_validity, …_serial_number
        tls_verify_status               category           as logged
        conn_trace_id                   str                joins to the access log
        tls_keyexchange                 category           group
        elb, ip_address                 category           field 14, 15, else from the key
        outcome                         category           success, failed; null: neither
        failure_reason                  category           code after ``Failed:``
        cert_not_before, cert_not_after datetime64[us,UTC] of the client's certificate
        account_id, region              category           from the key
        extra_fields                    category           fields beyond the known, verbatim
        source_file, line_number        category, int64    identity of the row
        =============================== ================== ====================================

    Raises
    ------
    SourceError
        The source does not exist, holds no connection log, or cannot be listed or read.
    LineError
        ``on_bad_line="raise"`` and a line is not understood.
    TableError
        A time is naive, a column does not exist, or an argument does not fit.

    Warns
    -----
    AlbconnWarning
        Lines were rejected, files are copies, damaged or of another kind, or nothing is of that
        time; its kind ``IncompleteWarning`` where a name that was asked for is nowhere, or
        nothing was understood.

    References
    ----------
    AWS, "Connection logs for your Application Load Balancer".
    """
    return load_connections(
        source,
        start=start,
        end=end,
        load_balancer=load_balancer,
        account_id=account_id,
        region=region,
        columns=columns,
        on_bad_line=on_bad_line,
        duplicates=duplicates,
        storage_options=storage_options,
    ).connections


def iter_connections(
    source: Source,
    *,
    start: Instant | None = None,
    end: Instant | None = None,
    load_balancer: Names = None,
    account_id: Names = None,
    region: Names = None,
    columns: Sequence[str] | None = None,
    on_bad_line: OnBadLine = "quarantine",
    duplicates: Duplicates = "skip",
    storage_options: StorageOptions = None,
) -> Iterator[pd.DataFrame]:
    """Read ALB connection logs piece by piece, in bounded memory.

    Parameters, errors and the columns are those of ``read_connections``; arguments are checked
    at the call, not at the first piece.

    Returns
    -------
    iterator of DataFrame
        Pieces of some ten thousand connections, in no fixed order; never an empty one.
    """
    selection = make_selection(
        start=start, end=end, load_balancer=load_balancer, account_id=account_id, region=region
    )
    wanted = CONNECTIONS.select(columns)
    reading = Reading(CONNECTIONS, selection, wanted, on_bad_line, storage_options)
    return iterate(source, reading, duplicates)


def load(source: Source, reading: Reading, duplicates: Duplicates = "skip") -> Loaded:
    """Read the log files of any table, with the books."""
    listing = _listed(source, reading, duplicates)
    urls = [f.url for f in listing.log_files]
    books, collected = scan_proven(
        listing.log_files,
        replace(reading, columns=needed_of(reading.table, reading.wanted)),
        lambda: Collected(reading.table, urls, reading.wanted),
        lambda collected: collected.add,
    )
    tell_of_reading(named(listing.places), books, reading.selection)
    return Loaded(collected.frame(), rejected_frame(books), files_frame(books, listing))


def iterate(
    source: Source, reading: Reading, duplicates: Duplicates = "skip"
) -> Iterator[pd.DataFrame]:
    """Read the log files of any table piece by piece."""
    listing = _listed(source, reading, duplicates)
    return _pieces(
        lambda sink: scan(listing.log_files, reading, sink.put, stop=sink.abandoned),
        lambda books: tell_of_reading(named(listing.places), books, reading.selection),
    )


def _listed(source: Source, reading: Reading, duplicates: Duplicates) -> Listing:
    listing = list_log_files(
        source,
        selection=reading.selection,
        storage_options=reading.storage_options,
        duplicates=duplicates,
        log=reading.table.log,
    )
    tell_of_listing(listing, reading.selection)
    return listing


class _Abandoned(Exception):  # noqa: N818  (ends the readers when the caller stops early)
    pass


class _Handover:
    """A short queue between the scan's workers and the caller's loop."""

    def __init__(self) -> None:
        self._queue: queue.Queue[pa.Table | None] = queue.Queue(_AHEAD)
        self.abandoned = threading.Event()

    def put(self, table: pa.Table | None) -> None:
        while not self.abandoned.is_set():
            try:
                self._queue.put(table, timeout=0.1)
            except queue.Full:
                continue
            return
        raise _Abandoned

    def get(self) -> pa.Table | None:
        return self._queue.get()


def _pieces(
    read: Callable[[_Handover], Books], tell: Callable[[Books], None]
) -> Iterator[pd.DataFrame]:
    handover = _Handover()
    outcome: list[Books | BaseException] = []

    def work() -> None:
        try:
            outcome.append(read(handover))
        except BaseException as error:  # handed to the caller's thread below
            outcome.append(error)
        with suppress(_Abandoned):
            handover.put(None)

    thread = threading.Thread(target=work, name="albconn-iter", daemon=True)
    thread.start()
    try:
        while (table := handover.get()) is not None:
            yield to_frame(table)
    finally:
        handover.abandoned.set()
        thread.join()
    result = outcome[0]
    if isinstance(result, BaseException):
        raise result
    given = [books for books in result.unread if books.lines]
    if given:
        raise SourceError(f"{given[0].why_unread}; rows of it were given already and do not count")
    tell(result)
