"""Logs in which nothing is twice: whoever writes lines can fill every field anew in each.

The bounds are stated where they are made (``MOST_…`` in the modules); here is what they come to:
the time and the memory of the report and of the command that prints most.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from worlds.lines import line

pytestmark = pytest.mark.long
MOST_MEMORY = 1_500  # [MB]
MOST_SECONDS = 120  # of processors, whatever else the machine does
LINES, MEGABYTE = 200_000, 1_000_000
COMMAND = """
import atexit, resource, sys

def tell():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss, file=sys.stderr)

atexit.register(tell)
from albconn.cli import main
main()
"""


def all_distinct(lines: int) -> Iterator[str]:
    """Return lines of ten hours; a third of them fail, each for a reason of its own."""
    for n in range(lines):
        seconds, micros = divmod(n * 36_000_000_000 // lines, 1_000_000)
        yield line(
            f"2026-09-23T{10 + seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
            f".{micros:06d}Z",
            client_ip=f"{10 + n // 65536}.{n // 256 % 256}.{n % 256}.7", client_port=n % 65536,
            listener_port=n % 65535 + 1, tls_protocol=f"TLSv{n}", tls_cipher=f"CIPHER{n}",
            tls_handshake_latency=n % 997 / 1000 if n % 3 else None,
            leaf_client_cert_subject=f"CN=c{n},O=o{n}", leaf_client_cert_serial_number=f"{n:010X}",
            leaf_client_cert_validity=(
                f"NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-{1 + n % 12:02d}-{1 + n % 28:02d}"
                f"T22:43:{n % 60:02d}Z"
            ),
            tls_verify_status="Success" if n % 3 else f"Failed:Code{n}", conn_trace_id=f"TID_{n}",
            tls_keyexchange=f"group{n}", elb=f"app/lb{n}/{n:016x}",
            ip_address=f"172.{16 + n // 65536}.{n // 256 % 256}.{n % 256}",
        )  # fmt: skip


def run(*arguments: str) -> tuple[float, float, str]:
    """Run a command in a process of its own; return its CPU time [s], memory [MB] and output."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    *_, seconds, memory = done.stderr.split()
    return float(seconds), int(memory) / 1024, done.stdout


@pytest.fixture(scope="module")
def distinct(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("distinct") / "distinct.log"
    with path.open("w") as file:
        file.writelines(f"{text}\n" for text in all_distinct(LINES))
    return path


def size_of(folder: Path) -> float:
    """Return what lies in a folder [MB]."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


@pytest.mark.timeout(900)
def test_the_report_of_lines_that_are_all_distinct(distinct: Path, tmp_path: Path) -> None:
    seconds, memory, _ = run("report", str(distinct), str(tmp_path / "out"))
    assert (seconds < MOST_SECONDS, memory < MOST_MEMORY) == (True, True), (seconds, memory)
    assert (tmp_path / "out/index.html").stat().st_size < 5e6
    assert size_of(tmp_path / "out") < 60


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "command",
    [
        ("rates", "--by", "leaf_client_cert_subject"),
        ("rates", "--by", "leaf_client_cert_subject", "--by", "tls_cipher", "--format", "csv"),
        ("compare", "--incident", "2026-09-23T12:00Z/2026-09-23T13:00Z", "--baseline",
         "2026-09-23T10:00Z/2026-09-23T12:00Z"),
        ("histories", "--format", "csv"),
        ("incidents",), ("policies",),
    ],
    ids=lambda command: " ".join(command[:3]),
)  # fmt: skip
def test_a_command_over_them(command: tuple[str, ...], distinct: Path) -> None:
    seconds, memory, out = run(command[0], str(distinct), *command[1:])
    assert (seconds < MOST_SECONDS, memory < MOST_MEMORY) == (True, True), (seconds, memory)
    assert out


@pytest.mark.timeout(900)
def test_two_hundred_subjects_of_a_megabyte(tmp_path: Path) -> None:
    path = tmp_path / "megabytes.log"
    with path.open("w") as file:
        for n in range(200):
            text = line(
                f"2026-09-23T10:{n // 60:02d}:{n % 60:02d}.000000Z", client_ip=f"203.0.113.{n}",
                leaf_client_cert_subject=f"CN=c{n}," + "O=x," * (MEGABYTE // 4),
                tls_verify_status="Failed:ClientCertExpired" if n % 2 else "Success",
            )  # fmt: skip
            file.write(f"{text}\n")
    seconds, _, _ = run("report", str(path), str(tmp_path / "out"))
    assert seconds < MOST_SECONDS
    assert size_of(tmp_path / "out") < 5
    for format in ("table", "csv"):
        _, _, out = run("certificates", str(path), "--as-of", "2026-09-24", "--format", format)
        assert len(out) < MEGABYTE
