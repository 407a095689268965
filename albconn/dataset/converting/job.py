"""One run of a conversion: what is there, what is new, and each batch committed.

    list sources → compare with the records → read and write in batches → commit each

Where a route is preferred, its files are committed first; of the others, what the dataset then has
is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from albconn.dataset.commits import layout
from albconn.dataset.commits.commit import commit, look, name_newest
from albconn.dataset.commits.extent import extend
from albconn.dataset.commits.fold import FOLD_AFTER, FOLD_AT, fold
from albconn.dataset.commits.ledger import State
from albconn.dataset.commits.lock import Lock
from albconn.dataset.commits.record import Part, Record
from albconn.dataset.commits.sweep import begin, is_unfinished, unclaimed
from albconn.dataset.converting.conversion import Tally
from albconn.dataset.converting.dispatch import deliveries
from albconn.dataset.converting.plan import Plan, Refresh, Task, make_plan, refuse_overlap
from albconn.dataset.converting.work import Delivery, Order, run_order
from albconn.dataset.parts.twins import HeldConnections
from albconn.dataset.privacy import Privacy
from albconn.logs.find.selection import Selection
from albconn.logs.find.sources import Duplicates, Source
from albconn.logs.find.told import tell_of_listing
from albconn.logs.preferring import by_route
from albconn.logs.reading import OnBadLine, Reading
from albconn.logs.sifting import list_logs
from albconn.logs.twins import Route, has_twins, route_of
from albconn.progress import Progress, progress_bar
from albconn.schema.table import LogTable
from albconn.storage.places import StorageOptions
from albconn.storage.store import Store

BATCH_LIMITS = (2_000, 1 << 30)  # files, stored bytes
# Smaller on an executor: what one worker does at a time, and loses when it dies.
EXECUTOR_LIMITS = (512, 1 << 28)


@dataclass
class Job:
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
    layout: str | None
    prefer: Route | None

    def run(self, source: Source) -> Tally:
        listing = list_logs(
            source,
            self.table,
            selection=self.selection,
            storage_options=self.storage_options,
            duplicates=self.duplicates,
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
        tasks, later = self._by_route(tally.plan.tasks)
        total = sum(log_file.size for task in tasks for log_file in task.log_files)
        with progress_bar(total, text="converting") as progress:
            for some in (tasks, later):
                self._carry_out(some, tally, state, lock, progress, knows=some is later)
        if any(route_of(told) == "vended" for d in tally.deliveries for told in d.formats):
            tally.twins_held = self._count_twins(state, tally.days())
        if state.records_to_fold >= FOLD_AT:
            fold(self.store, lock, state)
        name_newest(self.store, state)  # where nothing but the first record was committed
        self.store.discard()
        if self.executor is not None:  # an attempt that died on some worker may have left files
            days = tally.days()
            self.store.delete(unclaimed(self.store, state, self.table, days))

    def _carry_out(
        self,
        tasks: Sequence[Task],
        tally: Tally,
        state: State,
        lock: Lock,
        progress: Progress,
        *,
        knows: bool,
    ) -> None:
        """Do tasks and commit what comes of them; with what the dataset ``knows``, or without."""
        for task in (task for task in tasks if task.replaces):
            if state.records_to_fold >= FOLD_AFTER:
                fold(self.store, lock, state)
            order = self._order(task, state.last_batch + 1, state, self._held(state, knows=knows))
            self._keep(tally, state, lock, task, order, run_order(order, progress))
            tally.held_back.clear()  # its number is free for the next
        rest = [task for task in tasks if not task.replaces]
        held = self._held(state, knows=knows and bool(rest))
        numbers = _numbers(state.last_batch + 1)
        orders = [self._order(t, number, None, held) for t, number in zip(rest, numbers)]  # noqa: B905
        done = deliveries(orders, self.executor, progress)
        for task, order, delivery in zip(rest, orders, done, strict=True):
            self._keep(tally, state, lock, task, order, delivery)
        tally.held_back.clear()

    def _by_route(self, tasks: Sequence[Task]) -> tuple[list[Task], list[Task]]:
        """Return tasks of files of the preferred route, and those of the others after them."""
        if self.prefer is None or not has_twins(self.table):
            return list(tasks), []
        reading = Reading(
            self.table,
            storage_options=self.storage_options,
            layout=self.layout,
            prefer=self.prefer,
        )
        first, later = [], []
        for task in tasks:
            for files, some in zip(by_route(task.log_files, reading), (first, later), strict=True):
                if files:
                    some.append(replace(task, log_files=tuple(files)))
        return first, later

    def _held(self, state: State, *, knows: bool) -> tuple[Part, ...]:
        return tuple(state.of(self.table.name).parts.values()) if knows else ()

    def _count_twins(self, state: State, days: Sequence[str]) -> int:
        """Return how many rows of some days tell a connection that another row tells, too."""
        if not has_twins(self.table):
            return 0
        wanted = set(days)
        parts = [p for p in state.of(self.table.name).parts.values()
                 if layout.day_of_part(p.path) in wanted]  # fmt: skip
        return HeldConnections(self.store, self.table, parts).count_twins(days)

    def _order(
        self,
        task: Task,
        number: int,
        replaced_in: State | None,
        held: tuple[Part, ...] = (),
    ) -> Order:
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
            takes_over=tuple(
                (url, old)
                for url, old in task.takes_over
                if any(f.url == url for f in task.log_files)
            ),
            layout=self.layout,
            prefer=self.prefer,
            held_parts=held,
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
