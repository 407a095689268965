"""A commit record comes back from JSON as it was, or is refused by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from albconn import DatasetError
from albconn.dataset.commits.record import Record, RejectedFile
from tests.dataset.commits.records import API, SHOP, part, record, source


def test_json_there_and_back() -> None:
    whole = record(
        3,
        coverages=((API,), (API, SHOP)),
        sources=(source("ä.gz"), source("b", coverage=1)),
        parts=(part(3),),
        rejected=(RejectedFile("rejected/00000003.jsonl", 2, 100, "1" * 64),),
        replaces=("b",),
        removes=("rejected/00000001.jsonl",),
        folds=("00000001",),
    )
    assert Record.from_json(whole.to_json(), "here") == whole
    assert whole.files() == [part(3).path, "rejected/00000003.jsonl"]


def test_damaged_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="here: not a commit record"):
        Record.from_json(b"[]", "here")
    with pytest.raises(DatasetError, match="here: not a commit record"):
        Record.from_json(record(1).to_json().replace(b'"parts"', b'"pieces"'), "here")
