"""Commands about a dataset."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.cli.running import SAMPLE, albconn


def test_check_and_compact(dataset: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(dataset, copy)
    compacted = albconn("compact", str(copy), "--target-size", "64MB", "--format", "json")
    assert json.loads(compacted.stdout)["parts_after"] == 1
    done = albconn("check", str(copy), SAMPLE)
    assert done.returncode == 0, done.stderr
    next((copy / "connections").rglob("*.parquet")).unlink()
    broken = albconn("check", str(copy))
    assert broken.returncode == 1
    assert "part-" in broken.stderr


def test_schema_and_ddl_print(dataset: str) -> None:
    assert albconn("schema").stdout.startswith("| column |")
    assert json.loads(albconn("schema", "--format", "json").stdout)["schema_version"] == 1
    assert "`date`" in albconn("ddl", dataset, "--dialect", "athena").stdout
