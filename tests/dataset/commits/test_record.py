"""A commit record comes back from JSON as it was, or is refused by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from albconn import DatasetError
from albconn.dataset.commits.checkpoint import parse_commit
from albconn.dataset.commits.record import Part, RejectedFile, Totals
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
        previous="2" * 64,
        totals=Totals(2, 22, 20, 2, 0, 200),
    )
    assert parse_commit(whole.to_json(), "here") == whole
    assert whole.files() == [part(3).path, "rejected/00000003.jsonl"]


def test_damaged_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="here: not a commit record"):
        parse_commit(b"[]", "here")
    with pytest.raises(DatasetError, match="here: not a commit record"):
        parse_commit(record(1).to_json().replace(b'"parts"', b'"pieces"'), "here")


def test_an_absurd_record_is_refused_in_one_line() -> None:
    deep = b'{"format":' + b"[" * 200_000
    for content in (deep, b'{"format":3,"parts":' + b"9" * 5000 + b"}", b'{"format":[1]}', b"3"):
        with pytest.raises(DatasetError, match="here: not a commit record") as caught:
            parse_commit(content, "here")
        assert len(str(caught.value)) < 250


def test_totals_go_up_and_down() -> None:
    entry = source("a", rows=3)._replace(damage="cut")
    some = Totals().plus([source("b"), entry])
    assert some == Totals(files=2, lines=15, rows=13, rejected=2, damaged=1, size=200)
    assert some.plus([entry], -1).plus([source("b")], -1).plus([]) == Totals()


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../other/connections/date=2026-09-23/part-00000001-a.parquet",
        "connections/date=2026-09-23/../part-00000001-a.parquet",
        "requests/date=2026-09-23/part-00000001-a.parquet",  # another table's
        "connections/date=2026-02-30/part-00000001-a.parquet",
        "connections/date=\u0662\u0660\u0662\u0666-09-23/part-00000001-a.parquet",
        "connections/part-00000001-a.parquet",
        "connections/date=2026-09-23/part-00000001-a.parquet\n",
        "rejected/00000001.jsonl",
        "manifest/00000001.json",
        "lock.json",
    ],
)
def test_a_part_that_lies_elsewhere_is_told(path: str) -> None:
    good = part(3)
    whole = record(3, parts=(good, Part(path, 1, 1, "0" * 64, 0, 0)))
    assert whole.misplaced() == [path]
    if path != "rejected/00000001.jsonl":
        assert record(3, removes=(good.path, path)).misplaced() == [path]
        kept = RejectedFile(path, 1, 1, "0" * 64)
        assert record(3, rejected=(kept,)).misplaced() == [path]
