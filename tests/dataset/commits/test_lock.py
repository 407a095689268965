"""One writer at a time: who holds the lock, how it is taken over, how it is given back."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import albconn.dataset.commits.lock as lock_module
import albconn.storage.local as local_module
from albconn import DatasetError, convert
from albconn.dataset import check
from albconn.dataset.commits.lock import Lock, is_stale
from albconn.storage.store import open_dest
from tests.dataset.on_disk import rows_on_disk
from worlds.lines import line
from worlds.trees import log_path, moments, write_log


def told(path: Path) -> dict[str, Any]:
    return json.loads((path / "lock.json").read_text())


def write_lock(path: Path, **changes: Any) -> None:
    now = datetime.now(UTC)
    lock = {
        "host": "elsewhere",
        "pid": 4711,
        "user": "ann",
        "processes": "another boot",
        "token": "0",
        "since": "2026-09-23T10:00:00+00:00",
        "refreshed_at": now.isoformat(),
        "expires": (now + timedelta(minutes=2)).isoformat(),
    }
    path.mkdir(exist_ok=True)
    (path / "lock.json").write_text(json.dumps(lock | changes))


def test_it_says_who_and_since_when_and_is_released(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    with Lock(open_dest(tmp_path)) as lock:
        lock.verify()
        said = told(tmp_path)
        assert (said["host"], said["pid"]) == (socket.gethostname(), os.getpid())
        assert before <= datetime.fromisoformat(said["since"]) <= datetime.now(UTC)
        assert datetime.fromisoformat(said["expires"]) > datetime.now(UTC)
    assert list(tmp_path.iterdir()) == []


def test_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    write_lock(tmp_path)
    expected = "another writer is at work: ann on elsewhere, process 4711, since 2026-09-23T10:00"
    with pytest.raises(DatasetError, match=expected), Lock(open_dest(tmp_path)):
        pass
    assert told(tmp_path)["user"] == "ann"


def test_released_on_an_exception_and_on_ctrl_c(tmp_path: Path) -> None:
    for kind in (ValueError, KeyboardInterrupt):
        with pytest.raises(kind), Lock(open_dest(tmp_path)):
            raise kind
        assert not (tmp_path / "lock.json").exists()


def test_an_expired_lock_is_taken_over(tmp_path: Path) -> None:
    write_lock(tmp_path, expires="2026-09-23T10:02:00+00:00")
    with Lock(open_dest(tmp_path)):
        assert told(tmp_path)["pid"] == os.getpid()
    assert not (tmp_path / "lock.json").exists()


def test_a_half_written_lock_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "lock.json").write_text('{"host": "els')
    with Lock(open_dest(tmp_path)):
        assert told(tmp_path)["pid"] == os.getpid()


def test_a_rival_whose_half_written_lock_was_discarded_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = Lock(open_dest(tmp_path))
    write_durably = local_module._write_durably

    def discarded_by_the_holder(place: Path, content: bytes) -> None:
        write_durably(place, content)
        if not (tmp_path / "lock.json").exists():
            monkeypatch.setattr(local_module, "_write_durably", write_durably)
            holder.__enter__()
            open_dest(tmp_path).discard()

    monkeypatch.setattr(local_module, "_write_durably", discarded_by_the_holder)
    try:
        with pytest.raises(DatasetError, match=f"process {os.getpid()}"), Lock(open_dest(tmp_path)):
            pass
        assert list(tmp_path.glob(".*")) == []
        holder.verify()
    finally:
        holder.__exit__()


def test_the_lock_of_a_dead_writer_is_cleared_though_nothing_is_new(tmp_path: Path) -> None:
    logs, dest = tmp_path / "logs", tmp_path / "out"
    write_log(log_path(logs, "20260923T1005Z"), [line("2026-09-23T10:00:00.000000Z")])
    convert(logs, dest)
    write_lock(dest)
    assert convert(logs, dest).files == 0  # a writer may be at work; there is nothing to do
    assert told(dest)["user"] == "ann"
    write_lock(dest, expires="2026-09-23T10:02:00+00:00")
    assert convert(logs, dest).files == 0
    assert not (dest / "lock.json").exists()


def test_a_dead_process_of_this_machine_holds_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    later = (datetime.now(UTC) + timedelta(minutes=2)).isoformat()
    here = {"host": socket.gethostname(), "processes": lock_module._process_space()}
    assert is_stale({**here, "pid": dead.pid, "expires": later})
    assert not is_stale({**here, "pid": os.getpid(), "expires": later})
    # The same number in another container or boot is another process.
    assert not is_stale({**here, "processes": "other", "pid": dead.pid, "expires": later})


def test_it_is_refreshed_while_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_module, "REFRESH_SECONDS", 0.02)
    with Lock(open_dest(tmp_path)) as lock:
        first = told(tmp_path)
        deadline = time.monotonic() + 5
        while told(tmp_path)["refreshed_at"] == first["refreshed_at"]:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        lock.verify()
        assert told(tmp_path)["since"] == first["since"]
    assert not [t for t in threading.enumerate() if t.name == "albconn-lock"]


def test_a_lost_lock_is_noticed_and_left_to_its_new_holder(tmp_path: Path) -> None:
    with Lock(open_dest(tmp_path)) as lock:
        write_lock(tmp_path)
        with pytest.raises(DatasetError, match="lost the lock to another writer"):
            lock.verify()
    assert told(tmp_path)["user"] == "ann"


def test_of_two_that_take_over_at_once_one_wins(tmp_path: Path) -> None:
    for _ in range(20):
        write_lock(tmp_path, expires="2026-09-23T10:02:00+00:00")
        barrier, held, refused = threading.Barrier(4), [], []

        def contend(
            barrier: threading.Barrier = barrier,
            held: list[Lock] = held,
            refused: list[str] = refused,
        ) -> None:
            lock = Lock(open_dest(tmp_path))
            barrier.wait()
            try:
                lock.__enter__()
            except DatasetError as error:
                refused.append(str(error))
            else:
                held.append(lock)

        threads = [threading.Thread(target=contend) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(held), len(refused)) == (1, 3)
        held[0].__exit__()
        assert not (tmp_path / "lock.json").exists()


def test_the_library_touches_no_signal_handler(tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    with Lock(open_dest(tmp_path)):
        held = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
        assert held == before


_HOLD = """
import sys, time
from albconn.dataset.commits.lock import Lock
from albconn.storage.store import open_dest
with Lock(open_dest(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


_HOLD_IN_COMMAND = """
import sys
from albconn.cli import app, main

@app.command()
def hold(dest: str) -> None:
    sys.argv[1:] = [dest]
    exec(HOLD)

main()
"""


def test_ctrl_c_releases_it(tmp_path: Path) -> None:
    assert _signalled(_HOLD, signal.SIGINT, tmp_path, tmp_path) != 0
    assert not (tmp_path / "lock.json").exists()


def test_sigterm_to_a_command_releases_it(tmp_path: Path) -> None:
    code = f"HOLD = {_HOLD!r}{_HOLD_IN_COMMAND}"
    assert _signalled(code, signal.SIGTERM, tmp_path, "hold", tmp_path) == 128 + signal.SIGTERM
    assert not (tmp_path / "lock.json").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_holder_that_dies_by_a_signal_is_followed_at_once(
    number: signal.Signals, tmp_path: Path
) -> None:
    assert _signalled(_HOLD, number, tmp_path, tmp_path) == -number
    assert (tmp_path / "lock.json").exists()
    with Lock(open_dest(tmp_path)):
        assert told(tmp_path)["pid"] == os.getpid()
    assert not (tmp_path / "lock.json").exists()


def _signalled(code: str, number: signal.Signals, dest: Path, *arguments: object) -> int:
    """Return how a process that holds the lock ended when it got a signal."""
    with subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(DatasetError, match=f"process {process.pid}"), Lock(open_dest(dest)):
            pass
        process.send_signal(number)
        return process.wait(10)


_CONVERT = """
import sys, albconn
try:
    print(albconn.convert(sys.argv[1], sys.argv[2]).written)
except albconn.DatasetError as error:
    print(error)
"""


def test_two_writers_at_once(tmp_path: Path) -> None:
    for n in range(20):
        stamps = moments("2026-09-23T10:00:00Z", 500)
        write_log(log_path(tmp_path / "logs", "20260923T1005Z", n=n), [line(m) for m in stamps])
    command = [sys.executable, "-c", _CONVERT, str(tmp_path / "logs"), str(tmp_path / "out")]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [writer.communicate()[0].strip() for writer in writers]
    # Who comes when the first is done finds nothing to do.
    assert sorted(text for text in said if text.isdigit() and text != "0") == ["10000"]
    assert all("writer" in text for text in said if not text.isdigit())
    assert len(set(rows_on_disk(tmp_path / "out"))) == len(rows_on_disk(tmp_path / "out")) == 10000
    assert check(tmp_path / "out", tmp_path / "logs").faults == ()


def test_a_writer_that_slept_through_its_lock_commits_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fence: even a writer that does not look at the lock cannot commit a taken number."""
    logs, dest = tmp_path / "logs", tmp_path / "out"
    write_log(log_path(logs, "20260923T1005Z"), [line("2026-09-23T10:00:00.000000Z")])
    convert(logs, dest)
    write_log(log_path(logs, "20260923T1010Z"), [line("2026-09-23T10:06:00.000000Z")])
    import albconn.dataset.converting.dispatch as dispatch

    run, second = dispatch.run_order, []

    def slowly(*given: Any) -> Any:
        delivery = run(*given)
        if not second:
            second.append(True)
            (dest / "lock.json").unlink()
            convert(logs, dest)
        return delivery

    monkeypatch.setattr(dispatch, "run_order", slowly)
    monkeypatch.setattr(Lock, "verify", lambda self: None)
    with pytest.raises(DatasetError, match="another writer came in between before batch 00000002"):
        convert(logs, dest)
    monkeypatch.undo()
    assert convert(logs, dest).files == 0
    assert len(rows_on_disk(dest)) == 2
    assert check(dest, logs).faults == ()


@pytest.mark.parametrize(
    "content",
    [b"[" * 200_000, b'{"expires":' * 100_000, b"\xff" * (1 << 20), b" " * (8 << 20) + b"{}"],
)
def test_a_huge_or_nested_lock_says_nothing_and_is_taken_over(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "lock.json").write_bytes(content)
    with Lock(open_dest(tmp_path)) as lock:
        assert lock.taken_over
        assert told(tmp_path)["pid"] == os.getpid()


def test_what_a_lock_says_is_cut_and_in_one_line(tmp_path: Path) -> None:
    write_lock(
        tmp_path, user="ann\n\x1b[2J" + "x" * 5000, host={"deep": ["y" * 999]}, pid=[1] * 999
    )
    with pytest.raises(DatasetError) as caught, Lock(open_dest(tmp_path)):
        pass
    assert len(str(caught.value)) < 700
    assert str(caught.value).isprintable()
