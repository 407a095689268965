"""The sample is what its script writes, is small, and keeps its own books."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
MAX_BYTES = 3_000_000
README_ROW = re.compile(r"^\| [^|]+ \| (\d+) \| ([^|]+) \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def rewritten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dest = tmp_path_factory.mktemp("sample")
    script = SAMPLE / "make_sample.py"
    subprocess.run([sys.executable, "-B", script, dest], check=True, capture_output=True)
    return dest


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return json.loads((SAMPLE / "truth.json").read_text())


@pytest.fixture(scope="module")
def lines() -> list[str]:
    found = sorted((SAMPLE / "AWSLogs").rglob("conn_log_*.log.gz"))
    return [line for path in found for line in gzip.open(path, "rt", encoding="utf-8")]


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "AWSLogs").rglob("*") if path.is_file())


def digest(folder: Path, *, unpack: Any = lambda content: content) -> str:
    whole = hashlib.sha256()
    for path in files_of(folder):
        content = path.read_bytes()
        content = unpack(content) if path.suffix == ".gz" else content
        whole.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode() + content)
    return whole.hexdigest()


def test_script_writes_the_committed_names_and_lines(rewritten: Path) -> None:
    assert digest(rewritten, unpack=gzip.decompress) == digest(SAMPLE, unpack=gzip.decompress)


def test_script_writes_the_committed_bytes(rewritten: Path) -> None:
    # A zlib of another make may pack the same lines into other bytes; only then is there
    # nothing to compare, and the test above has compared the lines.
    first = (SAMPLE / "AWSLogs" / "123456789012" / "elasticloadbalancing").rglob("*.log.gz")
    committed = min(first).read_bytes()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    if packer.compress(gzip.decompress(committed)) + packer.flush() != committed[10:-8]:
        pytest.skip(f"zlib {zlib.ZLIB_RUNTIME_VERSION} packs otherwise than the one of the sample")
    assert digest(rewritten) == digest(SAMPLE)


def test_script_writes_the_committed_truth(rewritten: Path, truth: dict[str, Any]) -> None:
    again = json.loads((rewritten / "truth.json").read_text())
    packed = "bytes_of_log_files"
    assert {**again, packed: 0} == {**truth, packed: 0}


def test_script_refuses_a_folder_with_logs(rewritten: Path) -> None:
    before = digest(rewritten)
    run = subprocess.run(
        [sys.executable, "-B", SAMPLE / "make_sample.py", rewritten], capture_output=True, text=True
    )
    assert run.returncode == 1
    assert "holds AWSLogs already" in run.stderr
    assert digest(rewritten) == before


def test_sample_is_small() -> None:
    # Byte code that Python leaves beside the scripts is not part of the sample.
    sizes = [p.stat().st_size for p in SAMPLE.rglob("*") if p.is_file() and p.suffix != ".pyc"]
    assert len(sizes) > 2_300
    assert sum(sizes) < MAX_BYTES


def test_truth_agrees_with_the_lines(truth: dict[str, Any], lines: list[str]) -> None:
    # Counted in the bluntest way: words in lines.
    assert len(lines) == truth["lines"] == truth["rows"] + truth["rejected"]
    assert sum(" Failed:" in line for line in lines) == truth["failures"]
    assert sum(" Failed:Unmapped" in line for line in lines) == truth["unmapped_failures"]
    listed = [line for line in lines if '"-" - - - ' in line or line.endswith('"-" - - -\n')]
    ports = [line.split()[3] for line in listed]
    assert ports.count("80") == truth["not_tls"]
    assert ports.count("443") == truth["unclassified"]
    assert len(ports) + truth["tls_connections"] == truth["rows"]


def test_incident_agrees_with_the_lines(truth: dict[str, Any], lines: list[str]) -> None:
    told = truth["incident"]
    inside = [
        line.split()
        for line in lines
        if "2026-09-23T10:00" <= line[:16] < "2026-09-23T10:40" and "app/shop" in line
    ]
    tls = [fields for fields in inside if fields[4] != "-"]
    fleet = [fields for fields in tls if fields[1].startswith("203.0.113.")]
    assert len(tls) == told["tls_connections"]
    assert sum("Failed:" in " ".join(fields) for fields in tls) == told["failures"]
    assert {"Failed:ClientCertExpired" in fields for fields in fleet} == {True}
    assert len(fleet) == told["fleet_failures"]
    assert len({fields[1] for fields in fleet}) == told["fleet_clients"]


def test_planted_files_are_as_told(truth: dict[str, Any]) -> None:
    multi = (SAMPLE / truth["multi_member_file"]["source_file"]).read_bytes()
    assert multi.count(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff") == 3
    assert gzip.decompress(multi).count(b"\n") == truth["multi_member_file"]["lines"]
    for told in truth["rejected_lines"]:
        text = gzip.decompress((SAMPLE / told["source_file"]).read_bytes()).decode().splitlines()
        assert text[told["line_number"] - 1] == told["text"]
    assert set(truth["midnight_file"]["rows_by_date"]) == {"2026-09-22", "2026-09-23"}
    assert truth["node_intervals_expected"] - 3 == truth["files"] == len(files_of(SAMPLE)) - 2


def test_readme_tells_the_truth(truth: dict[str, Any]) -> None:
    rows = README_ROW.findall((SAMPLE / "README.md").read_text(encoding="utf-8"))
    assert len(rows) == 25
    for number, place in rows:
        found: Any = truth
        for key in place.strip().split("."):
            found = found[key]
        assert int(number) == found, place


def test_first_case_is_seven_failures_and_one_success() -> None:
    statuses = [line.split()[-1] for line in (SAMPLE / "first_case.log").read_text().splitlines()]
    assert statuses == ["Failed:UnmappedConnectionError"] * 7 + ["Success"]
