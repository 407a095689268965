"""Log files to Parquet by date: exactly once, however often it runs and whenever it dies.

    list sources → compare with the records → read and write in batches → commit each

A batch is bounded, so a run that is killed keeps all batches that it committed; the next run
goes on from there. Where nothing is new, nothing is touched, not even for a moment.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import count
from typing import Any

from albconn.arguments import one_of
from albconn.dataset.commits import layout
from albconn.dataset.commits.commit import commit, look, name_newest
from albconn.dataset.commits.extent import extend
from albconn.dataset.commits.fold import FOLD_AFTER, FOLD_AT, fold
from albconn.dataset.commits.ledger import State
from albconn.dataset.commits.lock import Lock
from albconn.dataset.commits.record import Record
from albconn.dataset.commits.sweep import begin, is_unfinished, unclaimed
from albconn.dataset.converting.conversion import Conversion, Tally
from albconn.dataset.converting.dispatch import deliveries
from albconn.dataset.converting.plan import Plan, Refresh, Task, make_plan, refuse_overlap
from albconn.dataset.converting.work import Delivery, Order, run_order
from albconn.dataset.privacy import ClientIp, Privacy, make_privacy
from albconn.errors import TableError, shown
from albconn.logs.find.selection import Names, Selection, make_selection
from albconn.logs.find.sources import Duplicates, Source, list_log_files
from albconn.logs.find.told import tell_of_listing
from albconn.logs.reading import OnBadLine
from albconn.progress import progress_bar
from albconn.schema.table import LogTable
from albconn.schema.tables import find_table
from albconn.storage.places import StorageOptions
from albconn.storage.store import Dest, Store, open_dest
from albconn.times import Instant

BATCH_LIMITS = (2_000, 1 << 30)  # files, stored bytes
# Smaller on an executor: what one worker does at a time, and loses when it dies.
EXECUTOR_LIMITS = (512, 1 << 28)


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
    client_ip: ClientIp = "keep",
    client_ip_key: bytes | None = None,
    drop_columns: Sequence[str] = (),
    pseudonymize_columns: Sequence[str] = (),
) -> Conversion:
    """Add log files to a Parquet dataset, partitioned by the UTC date of each line.

    Run it again and it reads only what is new. Every line of every source becomes a row or a
    rejected line once, also when a run is killed, sources come late, or a later run has a
    wider time range or other filters.

    Parameters
    ----------
    source : str, path, or several
        As for ``read_connections``.
    dest : str or path
        A folder or ``s3://`` prefix: new, empty, or a dataset of albconn.
    table : {"connections", "requests"} or LogTable
        What the log files hold: connections, or requests (access logs). It has its own folder in
        the dataset.
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
    client_ip : {"keep", "truncate", "pseudonymize"}
        Write client addresses as logged, as their /24 or /48 network, or as keyed tokens.
    client_ip_key : bytes, optional
        The secret of ``"pseudonymize"``, at least 16 bytes [bytes]; it is not stored.
    drop_columns : sequence of str, optional
        Columns to leave null.
    pseudonymize_columns : sequence of str, optional
        Columns of text to write as keyed tokens, such as ``user_agent``, ``request_query`` or
        ``request_host``; they need the key. A column that holds the values of another one that is
        dropped or pseudonymised, as ``request_line`` does, is left null.

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
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise TableError(f"executor: {shown(executor)} is not a concurrent.futures.Executor")
    log_table = find_table(table)
    job = _Job(
        store=open_dest(dest, storage_options),
        table=log_table,
        selection=selection,
        privacy=make_privacy(
            log_table, client_ip, client_ip_key, drop_columns, pseudonymize_columns
        ),
        on_bad_line=on_bad_line,
        storage_options=storage_options,
        executor=executor,
        refresh=refresh,
        duplicates=duplicates,
    )
    tally = job.run(source)
    tally.warn()
    return tally.conversion(time.monotonic() - began)


@dataclass
class _Job:
    """One run: its settings and its destination."""

    store: Store
    table: LogTable
    selection: Selection
    privacy: Privacy
    on_bad_line: OnBadLine
    storage_options: StorageOptions
    executor: Executor | None
    refresh: Refresh
    duplicates: Duplicates

    def run(self, source: Source) -> Tally:
        listing = list_log_files(
            source,
            selection=self.selection,
            storage_options=self.storage_options,
            duplicates=self.duplicates,
            log=self.table.log,
        )
        tell_of_listing(listing, self.selection)
        refuse_overlap(listing, self.store.location)
        told = self.privacy.to_json()
        state = look(self.store, self.table, told)
        plan = self._plan(listing.log_files, state)
        copies = tuple(copy.url for copy in listing.duplicates)
        tally = Tally(self.table, len(listing.foreign), plan, self.refresh, copies)
        if not tally.plan.tasks and not is_unfinished(self.store, state):
            return tally
        with Lock(self.store) as lock:
            begun = begin(self.store, lock, state, self.table, told)
            if begun is not state:  # another writer has come and gone, or it is new
                tally.plan = self._plan(listing.log_files, begun)
            try:
                with lock.marked_if_it_fails():
                    self._work_off(tally, begun, lock)
            except (KeyboardInterrupt, SystemExit) as stop:
                stop.add_note(tally.kept())
                raise
        return tally

    def _plan(self, log_files: Any, state: State | None) -> Plan:
        limits = BATCH_LIMITS if self.executor is None else EXECUTOR_LIMITS
        held = (state or State()).of(self.table.name)
        return make_plan(log_files, held, self.selection, self.refresh, limits, self.duplicates)

    def _work_off(self, tally: Tally, state: State, lock: Lock) -> None:
        tasks = tally.plan.tasks
        total = sum(log_file.size for task in tasks for log_file in task.log_files)
        with progress_bar(total, text="converting") as progress:
            for task in (task for task in tasks if task.replaces):
                if state.records_to_fold >= FOLD_AFTER:
                    fold(self.store, lock, state)
                order = self._order(task, state.last_batch + 1, state)
                self._keep(tally, state, lock, task, order, run_order(order, progress))
                tally.held_back.clear()  # its number is free for the next
            rest = [task for task in tasks if not task.replaces]
            numbers = _numbers(state.last_batch + 1)
            orders = [self._order(t, number, None) for t, number in zip(rest, numbers)]  # noqa: B905
            done = deliveries(orders, self.executor, progress)
            for task, order, delivery in zip(rest, orders, done, strict=True):
                self._keep(tally, state, lock, task, order, delivery)
        if state.records_to_fold >= FOLD_AT:
            fold(self.store, lock, state)
        name_newest(self.store, state)  # where nothing but the first record was committed
        self.store.discard()
        if self.executor is not None:  # an attempt that died on some worker may have left files
            days = tally.days()
            self.store.delete(unclaimed(self.store, state, self.table, days))

    def _order(self, task: Task, number: int, replaced_in: State | None) -> Order:
        replaced = (replaced_in or State()).of(self.table.name)
        return Order(
            dest=self.store.location,
            table=self.table,
            batch=layout.batch_name(number),
            log_files=task.log_files,
            wanted=task.wanted,
            earlier=task.earlier,
            privacy=self.privacy,
            on_bad_line=self.on_bad_line,
            storage_options=self.storage_options,
            threads=None if self.executor is None else 1,
            replaced_parts=tuple(replaced.parts.values()),
            replaced_rejected=tuple(replaced.rejected.values()),
            replaces=task.replaces,
            takes_over=task.takes_over,
        )

    def _keep(
        self, tally: Tally, state: State, lock: Lock, task: Task, order: Order, done: Delivery
    ) -> None:
        """Commit what an order came to."""
        record = Record(
            batch=order.batch,
            privacy=self.privacy.to_json(),
            coverages=(extend((), task.wanted),),
            sources=done.sources,
            parts=done.parts,
            rejected=done.rejected,
            replaces=done.replaces,
            removes=done.removes,
            table=self.table.name,
            schema_version=self.table.version,
        )
        tally.deliveries.append(done)
        tally.held_back.append(record)
        if done.is_empty:  # a record of nothing is made only where a later number needs it
            return
        for each in tally.held_back:
            if state.last_batch + 1 < int(each.batch):
                fold(self.store, lock, state)  # its number was left for that
            commit(self.store, lock, state, each)
            tally.batches += 1
        tally.held_back.clear()


def _numbers(first: int) -> Iterator[int]:
    """Yield the numbers of batches; every so often one is left out for a fold."""
    return (first + n + n // FOLD_AFTER for n in count())
