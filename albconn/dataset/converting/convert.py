"""Log files to Parquet by date: exactly once, however often it runs and whenever it dies.

    list sources → compare with the records → read and write in batches → commit each

A batch is bounded, so a run that is killed keeps all batches that it committed; the next run
goes on from there. Where nothing is new, nothing is touched, not even for a moment.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Executor

from albconn.arguments import one_of
from albconn.dataset.converting.conversion import Conversion
from albconn.dataset.converting.job import Job
from albconn.dataset.converting.plan import Refresh
from albconn.dataset.privacy import ClientIp, make_privacy
from albconn.errors import TableError, shown
from albconn.logs.find.selection import Names, make_selection
from albconn.logs.find.sources import Duplicates, Source
from albconn.logs.formats.plain import given_layout
from albconn.logs.reading import OnBadLine
from albconn.logs.twins import ROUTES, Route
from albconn.schema.table import LogTable
from albconn.schema.tables import find_table
from albconn.storage.places import StorageOptions
from albconn.storage.store import Dest, open_dest
from albconn.times import Instant


def convert(
    source: Source,
    dest: Dest,
    *,
    table: str | LogTable = "connections",
    start: Instant | None = None,
    end: Instant | None = None,
    load_balancer: Names = None,
    account_id: Names = None,
    region: Names = None,
    on_bad_line: OnBadLine = "quarantine",
    storage_options: StorageOptions = None,
    executor: Executor | None = None,
    refresh: Refresh = "report",
    duplicates: Duplicates = "skip",
    layout: str | None = None,
    prefer: Route | None = None,
    client_ip: ClientIp = "keep",
    client_ip_key: bytes | None = None,
    drop_columns: Sequence[str] = (),
) -> Conversion:
    """Add connection logs to a Parquet dataset, partitioned by the UTC date of each line.

    Run it again and it reads only what is new. Every line of every source becomes a row or a
    rejected line once, also when a run is killed, sources come late, or a later run has a
    wider time range or other filters.

    Parameters
    ----------
    source : str, path, or several
        As for ``read_connections``.
    dest : str or path
        A folder or ``s3://`` prefix: new, empty, or a dataset of albconn.
    table : {"connections"} or LogTable
        What the log files hold; it has its own folder in the dataset.
    start, end : datetime or str, optional
        Aware, or ISO 8601 text with its zone; the half-open range ``[start, end)`` of the
        lines' own timestamps.
    load_balancer, account_id, region : str or sequence of str, optional
        As for ``read_connections``.
    on_bad_line : {"quarantine", "raise"}
        Keep lines that are not understood under ``rejected/``, or stop at the first.
    storage_options : dict, optional
        Passed to the store (s3fs) of source and destination.
    executor : concurrent.futures.Executor, optional
        Where the work is done; the default is the threads of this process. Its workers reach
        source and destination under the same names.
    refresh : {"report", "replace"}
        What to do about a source that changed since it was converted: warn and leave it, or
        replace its rows.
    duplicates : {"skip", "keep"}
        What to do about a log file that is there, or was converted, under another path, too: a
        moved folder, a copy. AWS's file name, with its random part, tells. Leave it and say so,
        or convert it too.
    layout : str, optional
        As for ``read_connections``.
    prefer : {"legacy", "vended"}, optional
        Of a connection that both of AWS's routes tell, by its trace id and time, the row to write;
        the default is both, and a warning says how many there are on the dates of this run. What
        an earlier run has written of the other route stays, with a warning.
    client_ip : {"keep", "truncate", "pseudonymize"}
        Write client addresses as logged, as their /24 or /48 network, or as keyed tokens.
    client_ip_key : bytes, optional
        The secret of ``"pseudonymize"``, at least 16 bytes [bytes]; it is not stored.
    drop_columns : sequence of str, optional
        Columns to leave null.

    Returns
    -------
    Conversion
        What was done, in numbers.

    Raises
    ------
    SourceError, LineError
        The sources cannot be listed, or none of them read; a line is not understood, or a
        source cannot be read, and ``on_bad_line="raise"``.
    TableError
        An argument does not fit.
    DatasetError
        The destination holds something else, was written with other privacy settings, overlaps
        the source, cannot be written, or another writer is at work.
    """
    began = time.monotonic()
    selection = make_selection(
        start=start, end=end, load_balancer=load_balancer, account_id=account_id, region=region
    )
    one_of("refresh", refresh, ("report", "replace"))
    one_of("duplicates", duplicates, ("skip", "keep"))
    if prefer is not None:
        one_of("prefer", prefer, ROUTES)
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise TableError(f"executor: {shown(executor)} is not a concurrent.futures.Executor")
    log_table = find_table(table)
    if layout is not None:
        given_layout(layout, log_table)
    job = Job(
        store=open_dest(dest, storage_options),
        table=log_table,
        selection=selection,
        privacy=make_privacy(log_table, client_ip, client_ip_key, drop_columns),
        on_bad_line=on_bad_line,
        storage_options=storage_options,
        executor=executor,
        refresh=refresh,
        duplicates=duplicates,
        layout=layout,
        prefer=prefer,
    )
    tally = job.run(source)
    tally.warn()
    return tally.conversion(time.monotonic() - began)
