"""Each fault of a network, a proxy or a store has its outcome; nothing is lost, doubled or stuck.

The table ``faults.tsv`` says what comes of each fault of each operation, once and for ever: the
right rows, one file that is unread and named, or a clear error. Whatever it was, once the fault is
gone a second run makes the dataset whole, and ``check`` against the source has nothing to say.
"""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import albconn as ac
from albconn.dataset import check
from albconn.errors import IncompleteWarning
from albconn.logs.bytes import fetch
from albconn.storage import patience
from albconn.storage.patience import Patience
from tests.conftest import S3Server
from tests.logs.on_s3 import NOON
from tests.whole.faulty import Asked, FaultyProxy, Order, faulty_proxy, options_through
from worlds import trees
from worlds.lines import line

# The true limits, divided by about thirty.
QUICK = Patience(connect_seconds=1.0, answer_seconds=0.7, total_seconds=2.0, attempts=4,
                 window_seconds=0.7, first_pause=0.02, longest_pause=0.05)  # fmt: skip
LONGER = replace(
    QUICK, connect_seconds=3.0, answer_seconds=2.5, total_seconds=7.0, window_seconds=2.5
)
SLACK = 8.0  # [s] of a busy machine
DEST = "s3://out/x"
LARGE = 6_000  # lines of the large file


@dataclass(frozen=True)
class Case:
    operation: str
    times: str
    outcome: str
    fault: str

    def __str__(self) -> str:
        return f"{self.operation}, {self.fault} {self.times}"

    def matches(self, asked: Asked) -> bool:
        wanted = {"GET small": "1205Z", "GET large": "1300Z"}.get(self.operation, "")
        return asked.operation == self.operation and wanted in asked.path


def table() -> list[Case]:
    rows = csv.DictReader(
        Path(__file__).with_name("faults.tsv").read_text().splitlines(), delimiter="\t"
    )
    return [
        Case(row["operation"], row["times"], row["outcome"], fault)
        for row in rows
        for fault in row["faults"].split(", ")
    ]


def cases(*operations: str) -> list[Any]:
    """Return the cases of operations; all but a few take their time."""
    return [
        pytest.param(case, id=str(case), marks=[] if is_short(case) else [pytest.mark.long])
        for case in table()
        if case.operation.startswith(operations)
    ]


def is_short(case: Case) -> bool:
    return case.times == "once" and case.fault in ("lost", "cut", "page", "403")


def test_the_table_has_each_fault_of_each_operation() -> None:
    every = table()
    operations = {case.operation for case in every}
    assert operations == {"LIST", "GET small", "GET large", "PUT part", "PUT record", "DELETE"}
    for operation in operations:
        for times in ("once", "ever"):
            named = [c.fault for c in every if (c.operation, c.times) == (operation, times)]
            assert len(named) == len(set(named)) >= 8


@pytest.fixture
def proxy(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyProxy]:
    monkeypatch.setattr(patience, "PATIENCE", QUICK)
    monkeypatch.setattr(fetch, "PART_BYTES", 20_000)
    large = trees.packed(
        line(NOON + timedelta(microseconds=n), client_port=n * 7919 % 65536) for n in range(LARGE)
    )
    assert len(large) > 3 * 20_000
    ends = [NOON + timedelta(minutes=5 * n) for n in range(3)]
    objects = {trees.key(end): trees.content(end) for end in ends}
    s3_server.make_bucket("logs", objects | {trees.key(NOON + timedelta(hours=1)): large})
    s3_server.make_bucket("out")
    with faulty_proxy(s3_server.endpoint) as proxy:
        yield proxy


def with_time_enough(case: Case, proxy: FaultyProxy, judge: Callable[[Order, str], None]) -> None:
    """Judge what becomes of a fault; again with longer limits, where the machine was too busy."""
    for limits, dest in ((QUICK, DEST), (LONGER, "s3://out/y")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(patience, "PATIENCE", limits)
            proxy.orders.clear()
            times = 1 if case.times == "once" else 1_000_000
            order = proxy.fail(case.fault, case.matches, times=times)
            try:
                judge(order, dest)
            except AssertionError:
                if limits is LONGER:
                    raise
            else:
                return


@pytest.mark.parametrize("case", cases("LIST", "GET"))
def test_reading(case: Case, s3_server: S3Server, proxy: FaultyProxy) -> None:
    def judge(order: Order, _: str) -> None:
        began, loaded = time.monotonic(), None
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                loaded = ac.load_connections(
                    "s3://logs", storage_options=options_through(proxy, s3_server)
                )
            except ac.SourceError as error:
                assert case.outcome == "error"
                assert_clear(str(error))
        assert time.monotonic() - began < patience.PATIENCE.total_seconds + SLACK
        assert order.done
        assert [w.category for w in warned] == [IncompleteWarning] * (case.outcome == "unread")
        assert (loaded is None) is (case.outcome == "error")
        if loaded is None:
            return
        rows = {"GET small": LARGE + 6, "GET large": 9}[case.operation] if warned else LARGE + 9
        assert len(loaded.connections) == rows
        assert loaded.files["unread"].sum() == len(warned)
        assert loaded.files["lines"].sum() == rows
        for warning in warned:
            assert_clear(str(warning.message))

    with_time_enough(case, proxy, judge)


@pytest.mark.parametrize("case", cases(""))
def test_converting(case: Case, s3_server: S3Server, proxy: FaultyProxy) -> None:
    def judge(order: Order, dest: str) -> None:
        storage_options = options_through(proxy, s3_server)
        began = time.monotonic()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                done = ac.convert("s3://logs", dest, storage_options=storage_options)
            except (ac.SourceError, ac.DatasetError) as error:
                assert case.outcome == "error"
                assert_clear(str(error))
            else:
                assert (case.outcome, len(done.failed)) in (("right", 0), ("unread", 1))
        assert time.monotonic() - began < 3 * patience.PATIENCE.total_seconds + SLACK
        assert order.done
        assert [w.category for w in warned] == [IncompleteWarning] * (case.outcome == "unread")
        proxy.orders.clear()
        # As if the process had ended: a lock that could not be given back is nobody's.
        key = f"{dest.removeprefix('s3://out/')}/lock.json"
        s3_server.client.delete_object(Bucket="out", Key=key)
        again = ac.convert("s3://logs", dest, storage_options=storage_options)
        assert not again.failed
        assert ac.open_dataset(dest, storage_options=storage_options).count_rows() == LARGE + 9
        assert check(dest, "s3://logs", storage_options=storage_options).faults == ()

    with_time_enough(case, proxy, judge)


@pytest.mark.long
def test_with_the_true_limits_it_takes_about_a_minute(s3_server: S3Server) -> None:
    """A GET, a LIST and a PUT that are never answered, and a GET at a few bytes a second."""
    s3_server.make_bucket("logs", {trees.key(NOON): trees.content(NOON, 2000)})
    s3_server.make_bucket("out")

    def read(options: dict[str, Any]) -> None:
        ac.read_connections("s3://logs", storage_options=options)

    def convert(options: dict[str, Any]) -> None:
        ac.convert("s3://logs", DEST, storage_options=options)

    waits = [
        ("hang", "GET small", read),
        ("drip", "GET small", read),
        ("hang", "LIST", read),
        ("drip", "LIST", read),
        ("hang", "PUT", convert),
    ]
    with ThreadPoolExecutor() as pool:
        took = list(pool.map(lambda wait: waited(s3_server, *wait), waits))
    assert all(40 < seconds < 80 for seconds in took), took


def waited(
    server: S3Server, fault: str, operation: str, work: Callable[[dict[str, Any]], None]
) -> float:
    with faulty_proxy(server.endpoint) as proxy:
        proxy.fail(fault, lambda asked: asked.operation.startswith(operation))
        began = time.monotonic()
        with pytest.raises((ac.SourceError, ac.DatasetError), match="gave no answer in time"):
            work(options_through(proxy, server))
        return time.monotonic() - began


@pytest.mark.parametrize("operation", ["LIST", "GET small"])
def test_an_interrupt_ends_what_hangs(
    s3_server: S3Server, proxy: FaultyProxy, operation: str
) -> None:
    proxy.fail("hang", lambda asked: asked.operation == operation)
    environ = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    command = "from albconn.cli import main; main()"
    running = subprocess.Popen(
        [sys.executable, "-c", command, "totals", "s3://logs", "--endpoint-url", proxy.endpoint],
        env=os.environ | environ,
        stderr=subprocess.PIPE,
    )
    while not any(asked.operation == operation for asked in proxy.seen):
        time.sleep(0.05)
        assert running.poll() is None
    time.sleep(0.3)
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=30)
    assert time.monotonic() - began < SLACK
    assert running.returncode


def assert_clear(said: str) -> None:
    assert "s3://" in said
    assert "; " in said  # what to do
    assert "\n" not in said
    assert len(said) < 700
