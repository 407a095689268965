"""The pipeline: log files through threads into tables, with balanced books.

Each worker takes a job (some small files, or one large one), reads its blocks and parses them.
A worker that finds no more jobs parses blocks of those who still read, so one enormous file
uses all cores too. Tables go to a ``sink`` on the worker's own thread: whatever it does there
overlaps with the rest, and a slow sink slows the reading, so memory stays bounded.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from albconn.arrow import flags
from albconn.errors import SourceError
from albconn.executors import open_pool
from albconn.logs.bad_lines import BadLines
from albconn.logs.books import Books, FileBooks
from albconn.logs.bytes.blocks import Block, Cut, FileEnd, read_blocks
from albconn.logs.bytes.fetch import Fetcher
from albconn.logs.derived import build_table
from albconn.logs.find.sources import LogFile
from albconn.logs.lines.block import parse_block, parse_records
from albconn.logs.reading import Reading
from albconn.platforms import processors
from albconn.progress import Progress, progress_bar

if TYPE_CHECKING:
    import numpy.typing as npt

    Places = npt.NDArray[np.int32]  # of the parts of a block, one a row

Sink = Callable[[pa.Table], None]
Sieve = Callable[[pa.Table], pa.Table]
Job = Sequence[tuple[int, LogFile]]

JOB_BYTES = 1 << 20  # of stored files joined into one job
JOB_FILES = 256


def scan(
    log_files: Sequence[LogFile],
    reading: Reading,
    sink: Sink,
    *,
    threads: int | None = None,
    pool: ThreadPoolExecutor | None = None,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    sieve: Sieve | None = None,
) -> Books:
    """Read log files and hand their rows to ``sink``, table by table.

    Parameters
    ----------
    log_files : sequence of LogFile
        What ``list_log_files`` found.
    reading : Reading
        What they are, and what of them is wanted.
    sink : callable
        Called from several threads at once, each time with a table of the wanted columns in the
        types of ``memory_schema``; never with an empty one. Tables come in no fixed order.
    threads : int, optional
        Workers; default one for each processor that this process may use.
    pool : ThreadPoolExecutor, optional
        Where the workers run, of ``open_pool(threads)``; default one for this call.
    progress : Progress, optional
        Told what is done; default a bar of its own.
    stop : threading.Event, optional
        Once it is set, the workers end early; the books are then incomplete.
    sieve : callable, optional
        Given each table with all columns that were made, returns what of it the sink gets.

    Raises
    ------
    SourceError
        A file cannot be read.
    LineError
        A line is not understood and ``on_bad_line`` is ``"raise"``.
    """
    workers = threads or processors()
    with ExitStack() as stack:
        if progress is None:
            progress = stack.enter_context(progress_bar(sum(f.size for f in log_files)))
        fetcher = stack.enter_context(Fetcher(log_files, reading.storage_options))
        running = _Scan(log_files, reading, sink, fetcher, progress, workers)
        running.stop, running.sieve = stop, sieve
        running.run(workers, pool or stack.enter_context(open_pool(workers)))
    return running.finished()


def _jobs(log_files: Sequence[LogFile], workers: int) -> Iterator[Job]:
    """Group small files so that each worker gets several jobs; a large file is its own."""
    total = sum(f.size for f in log_files)
    target = min(JOB_BYTES, total // (4 * workers) + 1)
    job: list[tuple[int, LogFile]] = []
    size = 0
    for number, log_file in enumerate(log_files):
        job.append((number, log_file))
        size += log_file.size
        if size >= target or len(job) >= JOB_FILES:
            yield job
            job, size = [], 0
    if job:
        yield job


class _Scan:
    """What the workers share: jobs to take, blocks to help with, books to keep."""

    def __init__(
        self,
        log_files: Sequence[LogFile],
        reading: Reading,
        sink: Sink,
        fetcher: Fetcher,
        progress: Progress,
        workers: int,
    ) -> None:
        self.log_files = log_files
        self.reading = reading
        self.sink = sink
        self.fetcher = fetcher
        self.progress = progress
        self.books = Books(reading.table, [FileBooks(f.url, f.size, f.etag) for f in log_files])
        self.bad_lines = BadLines(self.books, reading.on_bad_line)
        self.jobs = _jobs(log_files, workers)
        self.lock = threading.Condition()
        self.offered: deque[Block] = deque()
        self.idle = 0
        self.readers = 0
        self.failed = False
        self.stop: threading.Event | None = None
        self.sieve: Sieve | None = None

    @property
    def stopped(self) -> bool:
        return self.failed or (self.stop is not None and self.stop.is_set())

    def finished(self) -> Books:
        """Return the account of what was read."""
        self.bad_lines.finish()
        return self.books

    def run(self, workers: int, pool: ThreadPoolExecutor) -> None:
        """Work until all is done; the first error of any worker stops all and is raised."""
        self.readers = workers
        if workers == 1:
            self._work()
            return
        futures = [pool.submit(self._work) for _ in range(workers)]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            with self.lock:
                self.failed = any(not f.done() or f.exception() for f in futures)
                self.lock.notify_all()
            if self.failed:
                self.fetcher.stop()
            wait(futures)
        for future in futures:
            future.result()

    def _work(self) -> None:
        try:
            while (job := self._next_job()) is not None:
                for item in self._blocks(job):
                    if self.stopped:
                        break
                    if isinstance(item, FileEnd):
                        self._close(item)
                    elif isinstance(item, Cut):
                        with self.lock:
                            self.bad_lines.add_cut(item)
                    elif not self._offer(item):
                        self._handle(item)
        except BaseException:
            self.failed = True
            raise
        finally:
            with self.lock:
                self.readers -= 1
                self.lock.notify_all()
        while (block := self._take()) is not None:
            self._handle(block)

    def _blocks(self, job: Job) -> Iterator[Block | Cut | FileEnd]:
        given = self.reading.given_layout
        return read_blocks(
            job, self.reading.table, self.fetcher, advance=self._advance, given=given
        )

    def _next_job(self) -> Job | None:
        with self.lock:
            return None if self.stopped else next(self.jobs, None)

    def _offer(self, block: Block) -> bool:
        """Leave a block to a worker that waits for one."""
        with self.lock:
            if self.idle <= len(self.offered):
                return False
            self.offered.append(block)
            self.lock.notify()
            return True

    def _take(self) -> Block | None:
        with self.lock:
            self.idle += 1
            while not self.offered and self.readers and not self.stopped:
                self.lock.wait()
            self.idle -= 1
            return self.offered.popleft() if self.offered and not self.stopped else None

    def _handle(self, block: Block) -> None:
        if self.stopped:
            return
        lines = sum(part.lines for part in block.parts)
        columns = self.reading.taken
        if block.records is not None:
            parsed = parse_records(block.records, layout=block.layout, columns=columns)
        else:
            parsed = parse_block(*block.texts, layout=block.layout, columns=columns, count=lines)
        places = np.arange(len(block.parts), dtype=np.int32).repeat([p.lines for p in block.parts])
        firsts = np.cumsum([0, *(part.lines for part in block.parts)])
        shift = np.array([part.first_line for part in block.parts]) - firsts[:-1]
        if len(parsed.rejected):
            bad = places[parsed.rejected.places]
            with self.lock:
                self.bad_lines.add(parsed.rejected, block.parts, bad, shift)
        if len(parsed.lines) < len(places):
            places = places[parsed.lines]
        table = self._table(block, parsed.table, places, parsed.lines + shift[places])
        mask = self.reading.selection.mask(table, self.reading.table)
        left_out = places[~mask] if mask is not None else places[:0]
        self._count(block, places, left_out, parsed.table)
        if mask is not None and len(left_out):
            with self.lock:
                self.books.left_out.add(table, self.reading.table, self.reading.selection)
            table = table.filter(flags(mask))
        if self.sieve is not None and len(table):
            table = self.sieve(table)
        if len(table):
            self.sink(table.select(self.reading.wanted))

    def _table(
        self, block: Block, parsed: pa.Table, places: Places, line_numbers: np.ndarray
    ) -> pa.Table:
        place = {number: n for n, number in enumerate(dict.fromkeys(p.file for p in block.parts))}
        file_of = np.array([place[part.file] for part in block.parts], np.int32)
        of_block = [self.log_files[number] for number in place]
        return build_table(
            parsed,
            self.reading.table,
            columns=self.reading.made,
            files=file_of[places],
            line_numbers=line_numbers,
            urls=[f.url for f in of_block],
            keys=[f.key for f in of_block],
        )

    def _count(self, block: Block, places: Places, left_out: Places, parsed: pa.Table) -> None:
        parts = len(block.parts)
        rows = np.bincount(places, minlength=parts).tolist()
        filtered = np.bincount(left_out, minlength=parts).tolist()
        tail = self.reading.table.tail
        wide = len(parsed) - parsed[tail].null_count if tail in self.reading.read else 0
        with self.lock:
            self.books.wide_lines += wide
            for part, read, unwanted in zip(block.parts, rows, filtered, strict=True):
                books = self.books.files[part.file]
                books.rows += read
                books.lines += read
                books.filtered += unwanted
        self.progress.advance(rows=len(places) - len(left_out))

    def _close(self, end: FileEnd) -> None:
        log_file, books = self.log_files[end.file], self.books.files[end.file]
        if end.damage and self.reading.on_bad_line == "raise":
            raise SourceError(f"{log_file.url}: {end.damage}; fetch the file again")
        with self.lock:
            for cut in end.cuts:
                self.bad_lines.add_cut(cut)
            books.damage = end.damage
            books.format = ", ".join(end.formats) or None
            if end.unread is not None:
                books.unread, books.advice = end.unread.reason, end.unread.advice
        if end.unread is not None and self.reading.on_bad_line == "raise":
            raise SourceError(books.why_unread) from end.unread

    def _advance(self, size: int) -> None:
        self.progress.advance(size=size)
