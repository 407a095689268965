"""What comes through a pipe is read once, whole, and known by its content."""

from __future__ import annotations

import gzip
import os
import random
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from albconn import SourceError, convert, load_connections
from albconn.logs.find import piped
from albconn.logs.find.piped import is_piped, read_pipe
from tests.logs.scanning import NOON
from worlds import trees
from worlds.lines import line

CHANCE = random.Random(1)
LINES = [line(NOON, conn_trace_id=f"TID_{CHANCE.getrandbits(128):x}") for _ in range(20_000)]
STORED = gzip.compress("\n".join(LINES).encode())
DAMAGED = STORED[: int(len(STORED) * 0.9)]
SCRIPT = """
import sys, warnings
warnings.simplefilter("ignore")
import albconn
files = albconn.load_connections(sys.argv[1]).files
print(files["source_file"][0], files["rows"][0], files["lines"][0], files["damaged"][0])
"""


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "fifo")
    return tmp_path / "fifo"


def written(fifo: Path, content: bytes) -> threading.Thread:
    writer = threading.Thread(target=fifo.write_bytes, args=(content,))
    writer.start()
    return writer


def told(command: str, stored: bytes, place: str) -> list[str]:
    """Read a pipe in a process of its own; return what is said of the one file."""
    done = subprocess.run(
        ["bash", "-c", command, "bash", sys.executable, SCRIPT, place],
        input=stored, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return done.stdout.decode().split()


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ('cat | "$1" -c "$2" "$3"', "-"),
        ('cat | "$1" -c "$2" "$3"', "/dev/stdin"),
        ('cat | "$1" -c "$2" "$3"', "/dev/fd/0"),
        ('cat > "$3"; "$1" -c "$2" - < "$3"', "file"),
        ('"$1" -c "$2" <(cat)', ""),
        ('mkfifo "$3"; cat <&0 > "$3" & "$1" -c "$2" "$3"', "fifo"),
    ],
)
def test_a_damaged_file_through_a_pipe_is_damaged(command: str, place: str, tmp_path: Path) -> None:
    """As from a disk: no line is lost, and the damage is said."""
    from_disk = trees.plant(tmp_path, {"a.log.gz": DAMAGED}) / "a.log.gz"
    with pytest.warns(Warning, match="1 damaged log file"):
        expected = load_connections(from_disk).files.iloc[0]
    named = str(tmp_path / place) if place.isalpha() else place
    url, rows, lines, damaged = told(command, DAMAGED, named)
    assert re.fullmatch("pipe:[0-9a-f]{16}", url)
    assert (int(rows), int(lines), damaged) == (expected["rows"], expected["lines"], "True")


def test_a_named_pipe_is_read_once_and_whole(fifo: Path) -> None:
    writer = written(fifo, STORED)
    loaded = load_connections(fifo)
    writer.join()
    assert not loaded.files["damaged"].any()
    assert loaded.files["size"].tolist() == [len(STORED)]
    assert len(loaded.connections) == len(LINES)


def test_a_slow_writer_is_waited_for(fifo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piped, "WRITER_SECONDS", 0.3)
    opened = threading.Event()

    def write_slowly() -> None:
        with fifo.open("wb", buffering=0) as stream:
            opened.set()
            for byte in (b"a", b"b", b"\n"):
                threading.Event().wait(0.2)
                stream.write(byte)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    assert Path(read_pipe(str(fifo)).spool).read_bytes() == b"ab\n"
    assert opened.is_set()
    writer.join()


def test_a_pipe_without_a_writer_is_given_up(fifo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piped, "WRITER_SECONDS", 0.2)
    with pytest.raises(SourceError) as caught:
        load_connections(fifo)
    assert str(caught.value) == (
        f"{fifo}: nobody writes to this pipe; start what does, or name a file"
    )


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom", "/dev/full"])
def test_a_device_is_refused(device: str) -> None:
    with pytest.raises(SourceError, match=rf"^{device}: a device, not a log file; name a file"):
        load_connections(device)


def test_nothing_is_no_device(tmp_path: Path) -> None:
    assert load_connections(os.devnull).files["lines"].tolist() == [0]


def test_a_closed_descriptor_is_one_line() -> None:
    with pytest.raises(SourceError, match=r"^/dev/fd/987: Bad file descriptor; check what is"):
        load_connections("/dev/fd/987")


def test_in_folders_and_globs_pipes_are_no_log_files(fifo: Path) -> None:
    trees.plant(fifo.parent, {"a.log": (line(NOON) + "\n").encode()})
    (fifo.parent / "b.log").unlink(missing_ok=True)
    os.mkfifo(fifo.parent / "b.log")
    for source in (fifo.parent, f"{fifo.parent}/*.log"):
        assert len(load_connections(source).files) == 1


def through(descriptor: int, content: bytes) -> str:
    """Give a pipe that holds some bytes to this process as a shell would; return its name."""
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    os.dup2(reading, descriptor)
    os.close(reading)
    return f"/dev/fd/{descriptor}"


@pytest.fixture
def descriptor() -> Callable[[bytes], str]:
    return lambda content: through(200, content)


def test_the_same_bytes_are_converted_once(
    descriptor: Callable[[bytes], str], tmp_path: Path
) -> None:
    """A pipe's name says nothing: under it other bytes come each time."""
    first, second = ((line(NOON, client_port=port) + "\n").encode() for port in (1, 2))
    given = map(descriptor, (first, first, second))
    written = [convert(place, tmp_path / "out").written for place in given]
    assert written == [1, 0, 1]


def test_a_descriptor_is_read_once_however_often_it_is_named(
    descriptor: Callable[[bytes], str],
) -> None:
    place = descriptor(b"some bytes\n")
    once, again = read_pipe(place), read_pipe(place)
    assert once == again
    assert Path(again.spool).read_bytes() == b"some bytes\n"


@pytest.mark.parametrize(
    ("location", "expected"),
    [("-", True), ("/dev/fd/63", True), ("/dev/zero", True), ("/", False), ("/nowhere", False),
     ("s3://bucket/-", False), ("./-", False), ("a\0b", False)],
)  # fmt: skip
def test_what_is_read_as_it_comes(location: str, expected: bool) -> None:
    assert is_piped(location) is expected


def test_what_was_spooled_goes_with_the_process() -> None:
    script = SCRIPT + "from albconn.logs.find import piped; print(piped._folders[0].name)"
    done = subprocess.run(
        [sys.executable, "-c", script, "-"], input=STORED, capture_output=True, check=True
    )
    folder = Path(done.stdout.decode().split()[-1])
    assert folder.name.startswith("albconn-")
    assert not folder.exists()
