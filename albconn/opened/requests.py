"""The same door for requests: whatever holds them becomes one opened source."""

from __future__ import annotations

from albconn.logs.find.selection import Names, make_selection
from albconn.logs.find.sources import Duplicates
from albconn.opened.door import open_any
from albconn.opened.source import Connections, Opened
from albconn.schema.requests import REQUESTS
from albconn.storage.places import StorageOptions
from albconn.times import Instant


def open_requests(
    source: Connections,
    *,
    start: Instant | None = None,
    end: Instant | None = None,
    load_balancer: Names = None,
    account_id: Names = None,
    region: Names = None,
    duplicates: Duplicates = "skip",
    storage_options: StorageOptions = None,
) -> Opened:
    """Open requests once, for all that is to be asked of them.

    Parameters
    ----------
    source : path, DataFrame, Arrow data, or what this returned
        As for ``open_connections``: access logs, a converted dataset that holds requests, a
        DataFrame, Arrow data.
    start, end : datetime or str, optional
        With a zone; the half-open range ``[start, end)`` of the requests' ``time``.
    load_balancer, account_id, region : str or sequence of str, optional
        As for ``read_requests``.
    duplicates : {"skip", "keep"}
        As for ``read_requests``; of log files.
    storage_options : dict, optional
        Passed to the store (s3fs).

    Returns
    -------
    Opened
        Whatever takes ``requests`` takes it.

    Raises
    ------
    SourceError, DatasetError, TableError
        As ``open_connections`` does.

    Warns
    -----
    AlbconnWarning
        As ``open_connections`` does.
    """
    selection = make_selection(
        start=start, end=end, load_balancer=load_balancer, account_id=account_id, region=region
    )
    return open_any(source, REQUESTS, selection, duplicates, storage_options)
