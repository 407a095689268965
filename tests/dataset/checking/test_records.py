"""Damage to the ledger's pages is found, and named."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

import albconn.dataset.converting.convert as converting
from albconn import DatasetError, convert, open_dataset
from albconn.dataset import check
from albconn.dataset.commits.chain import digest
from albconn.dataset.commits.pages import PARTS, SOURCES, Kind
from albconn.dataset.compacting import compact
from worlds.lines import line
from worlds.trees import log_path, write_log


@pytest.fixture
def folded(logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset whose only record is a checkpoint."""
    monkeypatch.setattr(converting, "FOLD_AT", 1)
    convert(logs, tmp_path / "out")
    assert len(list((tmp_path / "out/manifest").glob("*.json"))) == 1
    assert check(tmp_path / "out", logs).faults == ()
    return tmp_path / "out"


def pages(dest: Path, kind: str) -> list[Path]:
    return sorted(dest.glob(f"ledger/connections/{kind}-*"))


@pytest.mark.parametrize("kind", ["sources", "parts", "rejected"])
def test_a_page_that_is_missing_or_changed(kind: str, folded: Path, logs: Path) -> None:
    path = pages(folded, kind)[0]
    name, content = path.relative_to(folded).as_posix(), path.read_bytes()
    path.write_bytes(content[:-1] + b"x")
    assert check(folded).faults[0].startswith(f"{name} is not what was written (checksum differs)")
    path.unlink()
    assert check(folded).faults[0].startswith(f"{name} is missing, a page of the ledger")
    if kind == "parts":
        with pytest.raises(DatasetError, match="is missing, a page of the ledger; restore it"):
            open_dataset(folded)
    with pytest.raises(DatasetError, match="is missing, a page of the ledger; restore it"):
        convert(logs, folded) if kind == "sources" else compact(folded)
    path.write_bytes(content)
    write_log(log_path(logs, "20260925T1005Z"), [line("2026-09-25T10:00:00.000000Z")])
    assert convert(logs, folded).written == 1
    assert check(folded, logs).faults == ()


def forge(dest: Path, path: Path, kind: Kind[Any], ids: list[int]) -> None:
    """Write a page anew with some of its entries, and let record and head agree with it."""
    entries = kind.entries(kind.decode(path.read_bytes()))
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    content = kind.encode(kind.rows([entries[n] for n in ids]))
    path.write_bytes(content)
    (record,) = (dest / "manifest").glob("*.json")
    after = hashlib.sha256(content).hexdigest()
    record.write_text(record.read_text().replace(before, after))
    head = {"batch": record.stem, "sha256": digest(record.read_bytes())}
    (dest / "manifest/head").write_text(json.dumps(head))


def test_pages_that_do_not_add_up(folded: Path) -> None:
    path = pages(folded, "sources")[0]
    forge(folded, path, SOURCES, [])
    faults = check(folded).faults
    assert f"{path.relative_to(folded)}: 0 entries; recorded 1" in faults
    forge(folded, pages(folded, "parts")[0], PARTS, [0, 0])
    assert any("an entry stands there twice" in fault for fault in check(folded).faults)


def test_totals_that_do_not_add_up(folded: Path) -> None:
    (record,) = (folded / "manifest").glob("*.json")
    told = json.loads(record.read_text())
    told["checkpoint"]["connections"]["totals"][2] += 5
    record.write_text(json.dumps(told))
    head = {"batch": record.stem, "sha256": digest(record.read_bytes())}
    (folded / "manifest/head").write_text(json.dumps(head))
    expected = "connections: rows of all log files: 15 by the ledger; recorded 20"
    assert check(folded).faults == (expected,)
