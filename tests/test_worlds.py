"""The worlds: one writer of lines, needed by benchmarks without anything of the tests."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worlds.lines import HEX, LINE_FIELDS, NOT_TLS, line, write_line
from worlds.plain import read_line
from worlds.trees import key, log_path, moments

ROOT = Path(__file__).parent.parent
MOMENT = datetime(2026, 9, 23, 7, 11, 27, 691_358, UTC)
# All that worlds may know of albconn: types of columns.
TYPES = {
    "albconn.arrow",
    "albconn.schema.connections",
    "albconn.schema.kind",
    "albconn.schema.requests",
}
PLAIN = ("lines.py", "plain.py", "request_lines.py", "trees.py")
BENCHMARKS = sorted((ROOT / "benchmarks").glob("*.py"))
WORLDS = sorted((ROOT / "worlds").rglob("*.py"))


def imported_by(path: Path) -> set[str]:
    """Return the modules that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", [*BENCHMARKS, *WORLDS], ids=lambda path: path.name)
def test_nothing_of_the_tests_is_imported(path: Path) -> None:
    assert {name.partition(".")[0] for name in imported_by(path)}.isdisjoint({"tests", "conftest"})


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.name)
def test_worlds_know_no_more_of_albconn_than_types(path: Path) -> None:
    names = {name for name in imported_by(path) if name.partition(".")[0] == "albconn"}
    assert names <= (set() if path.name in PLAIN else TYPES)


def test_benchmarks_need_no_hypothesis() -> None:
    code = "import sys, benchmarks.hits, benchmarks.shapes; print('hypothesis' in sys.modules)"
    command = [sys.executable, "-c", code]
    sys_path = {"cwd": ROOT / "benchmarks", "env": {"PYTHONPATH": str(ROOT)}}
    said = subprocess.run(command, capture_output=True, text=True, check=True, **sys_path)
    assert said.stdout.strip() == "False"


def test_a_usual_line() -> None:
    assert line(MOMENT) == (
        "2026-09-23T07:11:27.691358Z 203.0.113.7 50000 443 TLSv1.3 TLS_AES_128_GCM_SHA256 0.114 "
        f'"-" - - Success TID_{50000:032x} x25519 app/web/{HEX} 10.0.0.2'
    )
    assert line("2026-09-23T07:11:27.691358Z") == line(MOMENT)


def test_fields_that_are_given() -> None:
    failed = line(MOMENT, tls_verify_status="Failed:A", elb="app/a/1", conn_trace_id=None)
    assert failed.endswith(' - "-" - - Failed:A - x25519 app/a/1 10.0.0.2')
    plain = line(MOMENT, listener_port=80, **NOT_TLS).split(" ")
    assert plain[3:11] == ["80", "-", "-", "-", '"-"', "-", "-", "-"]
    assert '"CN=a b"' in line(MOMENT, leaf_client_cert_subject="CN=a b")
    assert line("{time}", client_port="{port}").startswith("{time} 203.0.113.7 {port} 443 ")
    with pytest.raises(TypeError, match="no fields of a line: port"):
        line(MOMENT, port=1)


@pytest.mark.parametrize("width", range(11, 18))
def test_a_line_has_its_width(width: int) -> None:
    texts = line(MOMENT, width=width).split(" ")
    assert len(texts) == width
    assert texts[15:] == ["extra-16", "extra-17"][: max(width - 15, 0)]
    assert line(MOMENT, width=width).startswith(line(MOMENT, width=11))


def test_what_is_written_is_read_by_the_plain_reader() -> None:
    record = dict.fromkeys(LINE_FIELDS) | {"timestamp": MOMENT, "client_port": 7}
    record |= {"leaf_client_cert_subject": r"CN=a \" b", "extra_fields": 'x "y z"'}
    assert read_line(write_line(record, 15)) == record


def test_files_lie_where_aws_would_put_them() -> None:
    name = "conn_log_123456789012_elasticloadbalancing_us-east-1_app.web."
    folder = "AWSLogs/123456789012/elasticloadbalancing/us-east-1/2026/09/23/"
    assert key(MOMENT) == f"{folder}{name}{HEX}_20260923T0711Z_10.0.0.1_57hw2gm1.log.gz"
    assert log_path(Path("a"), "20260923T0711Z", n=3) == Path(
        "a", key(MOMENT).replace("57hw2gm1", "r0000003")
    )
    assert key(MOMENT, org="o-1/", name="x").removeprefix("AWSLogs/").startswith("o-1/")
    assert moments("2026-09-23T23:59:59+00:00", 2, step_seconds=0.5) == [
        "2026-09-23T23:59:59.000000Z", "2026-09-23T23:59:59.500000Z",
    ]  # fmt: skip
