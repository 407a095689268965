"""Each end of a command: its exit code, and one line on stderr."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from albconn.cli.ending import Output, OutputError
from tests.cli.running import FIRST_CASE, SAMPLE, albconn
from worlds import trees

COMMAND = [sys.executable, "-c", "from albconn.cli import main; main()"]


def test_a_full_standard_output_is_one_line_and_1() -> None:
    for arguments in (
        ("totals", FIRST_CASE),
        ("schema",),
        ("totals", FIRST_CASE, "--format", "csv"),
    ):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
            )
        assert done.returncode == 1
        assert done.stderr == (
            "albconn: standard output: No space left on device; not all was printed\n"
        )


def test_a_closed_standard_output_is_one_line_and_1() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$@" totals {FIRST_CASE} >&-', "sh", *COMMAND],
        stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "albconn: standard output is closed; nothing can be printed\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])  # "1": as images of Python set it
def test_a_reader_that_has_seen_enough_ends_it_without_a_traceback(unbuffered: str) -> None:
    running = subprocess.Popen(
        [*COMMAND, "rates", SAMPLE, "--every", "1min", "--by", "client_port", "--format", "csv"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stderr is not None
    assert running.stdout.readline().startswith("bin_start,")
    running.stdout.close()
    said = running.stderr.read().splitlines()
    running.stderr.close()
    assert running.wait() == 1
    assert said[-1] == "albconn: standard output was closed before all was printed"
    assert not [text for text in said if not text.startswith("albconn: ")]


def test_what_is_incomplete_ends_with_1_after_it_was_printed(tmp_path: Path) -> None:
    trees.plant(tmp_path, {"a.log": b"no line\n"})
    done = albconn("totals", str(tmp_path), "--format", "csv")
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 2)
    assert len(done.stderr.splitlines()) == 1
    assert "its only line is not understood, first " in done.stderr


def test_what_nobody_thought_of_is_one_line_and_a_traceback_for_who_asks(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import albconn\n"
        "def broken(*_, **__):\n    raise KeyError('x\\ny')\n"
        "albconn.open_connections = broken\n"
    )
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"}
    run = [*COMMAND, "totals", FIRST_CASE]
    done = subprocess.run(run, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        """albconn: unexpected KeyError: "'x\\\\ny'"; this is a fault of albconn: """
        "ALBCONN_TRACEBACK=1 shows where"
    ]
    environment["ALBCONN_TRACEBACK"] = "1"
    done = subprocess.run(run, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, "Traceback" in done.stderr) == (1, True)


SLOW = """
import time
from albconn.dataset.converting import convert, dispatch
convert.BATCH_LIMITS = (1, 1)
original = dispatch.run_order
def run_order(order, *others):
    if order.batch.endswith("3"):
        print("begun", flush=True)
        time.sleep(60)
    return original(order, *others)
dispatch.run_order = run_order
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_convert_that_is_stopped_says_what_it_kept(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    logs, dest = Path(SAMPLE, "AWSLogs"), str(tmp_path / "out")
    program = f"{SLOW}\nfrom albconn.cli import main; main()"
    running = subprocess.Popen(
        [sys.executable, "-c", program, "convert", str(logs), dest],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdout.readline() == "begun\n"
    time.sleep(0.2)
    running.send_signal(number)
    printed, said = running.communicate(timeout=20)
    assert (running.returncode, printed) == (code, "")
    assert said.splitlines()[-1] == (
        "albconn: interrupted; 2 batches of 2 log files committed; the next run does the rest"
    )
    assert albconn("check", dest).returncode == 0


def test_reading_that_is_stopped_is_one_line(tmp_path: Path) -> None:
    program = (
        "import time, albconn\n"
        "def slow(*_, **__):\n    print('begun', flush=True); time.sleep(60)\n"
        "albconn.open_connections = slow\n"
        "from albconn.cli import main; main()"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", program, "totals", str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    running.stdout.readline()
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)
    assert (running.returncode, said) == (130, "albconn: interrupted\n")


def test_an_output_is_what_it_stands_for(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(sys.stdout)
    assert (output.write("a"), output.encoding, output.isatty()) == (1, sys.stdout.encoding, False)
    output.flush()
    assert capsys.readouterr().out == "a"
    closed = Output(None)
    closed.flush()
    assert not closed.isatty()
    with pytest.raises(OutputError, match="closed"):
        closed.write("a")
