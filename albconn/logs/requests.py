"""Access logs as DataFrames: all at once, with the books, or piece by piece.

What is said of connection logs in ``read`` holds here, too: every line of every file is a row of
the requests or a rejected line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from albconn.logs.find.selection import Names, make_selection
from albconn.logs.find.sources import Duplicates, Source
from albconn.logs.loaded import LoadedRequests
from albconn.logs.read import iterate, load
from albconn.logs.reading import OnBadLine, Reading
from albconn.schema.requests import REQUESTS
from albconn.storage.places import StorageOptions
from albconn.times import Instant

if TYPE_CHECKING:
    import pandas as pd


def load_requests(
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
) -> LoadedRequests:
    """Read access logs and return the requests together with the books.

    Parameters, errors and the columns are those of ``read_requests``.

    Returns
    -------
    LoadedRequests
        ``.requests``, ``.rejected`` and ``.files``.
    """
    selection = make_selection(
        start=start, end=end, load_balancer=load_balancer, account_id=account_id, region=region
    )
    wanted = REQUESTS.select(columns)
    reading = Reading(REQUESTS, selection, wanted, on_bad_line, storage_options)
    loaded = load(source, reading, duplicates)
    return LoadedRequests(loaded.connections, loaded.rejected, loaded.files)


def read_requests(
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
    """Read ALB access logs into a DataFrame, one row a request.

    Parameters
    ----------
    source : str, path, or several
        As for ``read_connections``; of what lies there, access logs are read.
    start, end : datetime or str, optional
        Aware, or ISO 8601 text with its zone; the half-open range ``[start, end)`` of the lines'
        own ``time``.
    load_balancer, account_id, region : str or sequence of str, optional
        As for ``read_connections``.
    columns : sequence of str, optional
        The columns to read; the default is all. Fewer are faster.
    on_bad_line : {"quarantine", "raise"}
        Leave lines that are not understood out (``load_requests`` returns them), or stop at the
        first.
    duplicates : {"skip", "keep"}
        As for ``read_connections``.
    storage_options : dict, optional
        Passed to the store (s3fs): profile, endpoint_url, key, secret, …

    Returns
    -------
    DataFrame, shape (requests, 49)
        =================================== ================== ==================================
        column                              dtype              meaning
        =================================== ================== ==================================
        type                                category           http, https, h2, grpcs, ws, wss
        time, request_creation_time         datetime64[us,UTC] answered; received
        elb, ip_address                     category           field 3, 34, else from the key
        client_ip, target_ip                category           of ``client:port``, ``target:port``
        client_port, target_port            int32              of the same; IPv6 or not
        request_processing_time,            float64            [s], null where AWS logs -1
        target_…, response_…
        elb_status_code,                    int64              of the answers
        target_status_code
        received_bytes, sent_bytes          int64              [bytes]
        request_line                        str                as logged
        user_agent                          category           as logged
        ssl_cipher, ssl_protocol            category           null when not TLS
        target_group_arn, chosen_cert_arn   category           as logged
        trace_id, conn_trace_id             str                the latter joins to the connection
        domain_name                         category           the name in the TLS handshake
        matched_rule_priority               int64              the rule that matched
        actions_executed, error_reason,     category           as logged
        classification, …_reason
        redirect_url, transformed_uri       str                as logged
        target_port_list,                   category           as logged, all targets tried
        target_status_code_list
        transformed_host,                   category           as logged
        request_transform_status
        request_method, …_protocol,         category           parts of ``request_line``
        …_host, …_path, …_version
        request_port, request_query         int32, str         likewise
        status_class                        category           2xx, 3xx, 4xx, 5xx
        account_id, region                  category           from the key
        extra_fields                        category           fields beyond the known, verbatim
        source_file, line_number            category, int64    identity of the row
        =================================== ================== ==================================

        An integer that is missing somewhere makes its column ``Int32`` or ``Int64``.

    Raises
    ------
    SourceError
        The source does not exist, holds no access log, or cannot be listed or read.
    LineError
        ``on_bad_line="raise"`` and a line is not understood.
    TableError
        A time is naive, a column does not exist, or an argument does not fit.

    Warns
    -----
    AlbconnWarning
        As ``read_connections`` does.

    References
    ----------
    AWS, "Access logs for your Application Load Balancer".
    """
    return load_requests(
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
    ).requests


def iter_requests(
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
    """Read ALB access logs piece by piece, in bounded memory.

    Parameters, errors and the columns are those of ``read_requests``; arguments are checked at the
    call, not at the first piece.

    Returns
    -------
    iterator of DataFrame
        Pieces of some ten thousand requests, in no fixed order; never an empty one.
    """
    selection = make_selection(
        start=start, end=end, load_balancer=load_balancer, account_id=account_id, region=region
    )
    wanted = REQUESTS.select(columns)
    reading = Reading(REQUESTS, selection, wanted, on_bad_line, storage_options)
    return iterate(source, reading, duplicates)
